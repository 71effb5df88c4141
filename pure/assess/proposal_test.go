package assess_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sallyport/pure/assess"
	"sallyport/pure/migrate"
)

func TestTheProposalFollowsTheFigures(t *testing.T) {
	const hash = "$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu."
	spec := people
	spec.Drops = []migrate.Drop{{Field: "LAST", Equals: []string{"never is nobody"}, Reason: "none"}}
	rows := func(n int, row func(i int) string) string {
		var all strings.Builder
		all.WriteString("ID,LOGIN,MAIL,OK,PHONE,NAME,SINCE,HASH,LAST\n")
		for i := range n {
			all.WriteString(row(i))
		}
		return all.String()
	}
	for name, test := range map[string]struct {
		file     string
		approach assess.Approach
		window   int
		rules    []string
	}{
		"a few people with good hashes move at once": {
			rows(50, func(i int) string { return fmt.Sprintf("%d,u%d,,,,,,%s,\n", i, i, hash) }), assess.BigBang, 0, []string{"small-and-clean"},
		},
		"many move in waves": {
			rows(2500, func(i int) string { return fmt.Sprintf("%d,u%d,,,,,,%s,\n", i, i, hash) }), assess.Phased, 0, []string{"hashes-portable", "many-people"},
		},
		"without hashes people cross at sign-in, for as long as the curve says": {
			rows(1000, func(i int) string {
				last := "2026-11-01"
				switch {
				case i%20 == 0:
					last = "2020-01-01"
				case i%5 == 0:
					last = "2026-09-30"
				}
				return fmt.Sprintf("%d,u%d,m%d@x.test,yes,,,,,%s\n", i, i, i, last)
			}), assess.JITBulk, 60, []string{"hashes-missing", "dormancy-curve", "sleepers", "must-reset"},
		},
		"where nobody knows the last sign-in, nothing is computed from it": {
			rows(100, func(i int) string { return fmt.Sprintf("%d,u%d,,,,,,,\n", i, i) }), assess.JITBulk, 0, []string{"hashes-missing", "dormancy-unknown", "must-claim"},
		},
		"where nobody fits, that comes first": {
			rows(3, func(int) string { return "1,u,,,,,,,\n" }), assess.Phased, 0, []string{"nobody-fits", "held-first"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			facts := assess.Facts{}
			if test.window > 0 {
				facts.LastSignIn = "LAST"
			}
			p := look(t, spec, test.file, facts).Proposal
			var rules []string
			for _, r := range p.Reasons {
				rules = append(rules, r.Rule)
			}
			if p.Approach != test.approach || p.Window != test.window || !slices.Equal(rules, test.rules) {
				t.Errorf("%s for %d days, by %v; not %s for %d, by %v", p.Approach, p.Window, rules, test.approach, test.window, test.rules)
			}
		})
	}
}
