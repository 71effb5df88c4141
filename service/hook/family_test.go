package hook

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// A token with a scope has what the scope's children open: a hook that could take
// the child away and not the parent would take nothing away.
func TestAHookJudgesAScopesFamily(t *testing.T) {
	model, problems := access.Compile(access.Spec{Server: "apps", Scopes: []access.ScopeSpec{
		{Name: "billing.read.all", Kind: access.CustomerRead},
		{Name: "billing.read.bill", Kind: access.CustomerRead, Parent: "billing.read.all"},
		{Name: "billing.read.line", Kind: access.CustomerRead, Parent: "billing.read.bill"},
		{Name: "billing.read.plan", Kind: access.CustomerRead, Parent: "billing.read.all"},
		{Name: "outage.read.report", Kind: access.CustomerRead},
	}})
	if model == nil {
		t.Fatal(problems)
	}
	every := []access.Scope{"openid", "billing.read.all", "billing.read.bill", "billing.read.line", "billing.read.plan", "outage.read.report"}
	tests := map[string]struct {
		lists         []string
		removed       access.Scope
		judged, taken []access.Scope
	}{
		"a parent judges below, and goes alone": {
			[]string{"billing.read.all"},
			"billing.read.all",
			every[1:5], every[1:2],
		},
		"what is in between judges above and below, and takes along what is above": {
			[]string{"billing.read.bill"},
			"billing.read.bill",
			every[1:4], every[1:3],
		},
		"a child takes all that opens it along": {
			[]string{"billing.read.line"},
			"billing.read.line",
			every[1:4], every[1:4],
		},
		"who judges a parent may take a child": {
			[]string{"billing.read.all"},
			"billing.read.plan",
			every[1:5],
			[]access.Scope{"billing.read.all", "billing.read.plan"},
		},
		"who has no family stands alone": {
			[]string{"outage.read.report"},
			"outage.read.report",
			every[5:], every[5:],
		},
		"a star is everything": {[]string{"*"}, "openid", every, every[:1]},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			q := Question{Scopes: every, Model: model}
			judged := q.JudgedBy(&config.Hook{Judges: test.lists})
			if diff := cmp.Diff(test.judged, judged); diff != "" {
				t.Errorf("judged: %s", diff)
			}
			got := taken(q, []access.Scope{test.removed})
			if diff := cmp.Diff(test.taken, got); diff != "" {
				t.Errorf("taken: %s", diff)
			}
			for _, scope := range got {
				if !slices.Contains(judged, scope) {
					t.Errorf("%s is taken, and was not the hook's to judge", scope)
				}
			}
		})
	}
}
