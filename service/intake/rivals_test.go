package intake_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/rival"
	"sallyport/service/intake"
	"sallyport/store"
)

// duplicates are 61 groups of every kind, as rows of an export: no, login, email,
// ok, name. The rows of group n have the keys n.a, n.b and n.c.
func duplicates() string {
	var file strings.Builder
	file.WriteString(header)
	row := func(key, login, email, ok, name string) {
		fmt.Fprintf(&file, "%s,%s,%s,%s,%s,A,,\n", key, login, email, ok, name)
	}
	for n := range 61 {
		a, b, c := fmt.Sprintf("%d.a", n), fmt.Sprintf("%d.b", n), fmt.Sprintf("%d.c", n)
		mail := fmt.Sprintf("d%d@x.test", n)
		switch n % 6 {
		case 0: // one person, in capitals and not, who proved it both times
			row(a, "ua"+a, mail, "Y", "Ana Reyes")
			row(b, "ub"+b, strings.ToUpper(mail), "Y", "Ana Reyes")
		case 1: // a family, nobody proved it
			row(a, "ua"+a, mail, "N", "Ana Reyes")
			row(b, "ub"+b, mail, "N", "Ben Reyes")
		case 2: // one proved it
			row(a, "ua"+a, mail, "N", "Mallory")
			row(b, "ub"+b, mail, "Y", "Ana Reyes")
		case 3: // three, and only they can tell
			row(a, "ua"+a, mail, "N", "Ana Reyes")
			row(b, "ub"+b, mail, "N", "Ana Reyes")
			row(c, "uc"+c, mail, "N", "Ana Reyes")
		case 4: // one username in two ways
			row(a, "twin"+fmt.Sprint(n), "a"+mail, "Y", "Ana")
			row(b, "TWIN"+fmt.Sprint(n), "b"+mail, "Y", "Ben")
		case 5: // a customer who is here has it; and a tag, which is another address
			row(a, "ua"+a, fmt.Sprintf("here%d@x.test", n), "Y", "Ana")
			row(b, "ub"+b, fmt.Sprintf("here%d+tag@x.test", n), "Y", "Ana")
		}
	}
	return file.String()
}

// residents are the customers who are here before.
func residents(t *testing.T, s store.Store) {
	t.Helper()
	err := s.Write(t.Context(), env, func(tx store.Tx) error {
		var all []store.NewCustomer
		for n := 5; n < 61; n += 6 {
			mail := fmt.Sprintf("here%d@x.test", n)
			all = append(all, store.NewCustomer{
				Customer:    customer.Customer{ID: customer.ID{1, byte(n)}, State: customer.Active},
				Identifiers: []customer.Identifier{{Kind: customer.Email, Value: mail, Display: mail, Verified: true, Source: "customer"}},
			})
		}
		return tx.CreateCustomers(t.Context(), all)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// directory tells who is here by what they sign in with, their names and the
// record they came from, whatever their ids are.
func directory(t *testing.T, s store.Store) (all []string) {
	t.Helper()
	rows, err := s.FindCustomers(t.Context(), env, store.CustomerPage{Limit: 200})
	for err == nil && len(rows) > 0 {
		for _, r := range rows {
			all = append(all, fmt.Sprintf("%s %s %t %s", r.Identifier.Kind, r.Identifier.Value, r.Identifier.Verified, r.Customer.Name))
		}
		rows, err = s.FindCustomers(t.Context(), env, store.CustomerPage{Limit: 200, After: rows[len(rows)-1].Cursor})
	}
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

func groupsOf(t *testing.T, s *intake.Service) (all []intake.RivalGroup) {
	t.Helper()
	for after := ""; ; {
		page, next, err := s.Rivals(t.Context(), env, "meterman", after, 20)
		if err != nil {
			t.Fatal(err)
		}
		if all, after = append(all, page...), next; next == "" {
			return all
		}
	}
}

func openGroups(t *testing.T, s *intake.Service) (open []intake.RivalGroup) {
	for _, g := range groupsOf(t, s) {
		if g.Open() {
			open = append(open, g)
		}
	}
	return open
}

func sumsHold(t *testing.T, s store.Store, want int64) map[store.RecordState]int64 {
	t.Helper()
	counts, err := s.RecordCounts(t.Context(), env, "meterman")
	if err != nil {
		t.Fatal(err)
	}
	var sum int64
	for _, n := range counts {
		sum += n
	}
	if sum != want {
		t.Fatalf("the states sum to %d, not %d: %v", sum, want, counts)
	}
	return counts
}

// TestSeededDuplicatesAreDecidedAndReplayed decides on 61 groups, one after the
// other, and then brings the decisions to a fresh installation.
func TestSeededDuplicatesAreDecidedAndReplayed(t *testing.T) {
	kept := open(t)
	residents(t, kept)
	s := service(kept)
	file := duplicates()
	rows := int64(strings.Count(file, "\n") - 1)
	importing(t, s, file)
	sumsHold(t, kept, rows)
	if n := len(groupsOf(t, s)); n != 61 {
		t.Fatalf("%d groups", n)
	}
	for i, g := range openGroups(t, s) {
		d := g.Suggested
		if _, err := s.Decide(t.Context(), intake.RivalChange{Env: env, Migration: "meterman", Group: g.ID, Decision: &d, Actor: "operator/ana"}); err != nil {
			t.Fatalf("%s %s: %v", g.Class(), d.Do, err)
		}
		if i%20 == 0 {
			importing(t, s, file)
			sumsHold(t, kept, rows)
		}
	}
	importing(t, s, file)
	if counts := sumsHold(t, kept, rows); counts[store.RecordHeld] != 0 {
		t.Errorf("left: %v", counts)
	}
	if left := openGroups(t, s); len(left) != 0 {
		t.Errorf("%d groups are open", len(left))
	}
	before := directory(t, kept)
	if report := importing(t, s, file); report.Run != "" {
		t.Errorf("importing once more began run %s", report.Run)
	}
	decisions, err := s.ExportDecisions(t.Context(), env, "meterman")
	if err != nil {
		t.Fatal(err)
	}
	fresh := open(t)
	residents(t, fresh)
	other := service(fresh)
	if n, err := other.ImportDecisions(t.Context(), env, "meterman", decisions, "operator/ben"); err != nil || n != len(decisions) {
		t.Fatalf("%d of %d: %v", n, len(decisions), err)
	}
	importing(t, other, file)
	sumsHold(t, fresh, rows)
	if difference := cmp.Diff(before, directory(t, fresh)); difference != "" {
		t.Error(difference)
	}
	again, err := other.ExportDecisions(t.Context(), env, "meterman")
	if err != nil || cmp.Diff(decisions, again) != "" {
		t.Error(cmp.Diff(decisions, again), err)
	}
}

func TestWhoProvedNothingIsNotLetIn(t *testing.T) {
	kept := open(t)
	s := service(kept)
	importing(t, s, header+"v,victim,v@x.test,Y,Ana,A,,\nm,mallory,v@x.test,N,Ana,A,,\n")
	g := openGroups(t, s)[0]
	for name, d := range map[string]rival.Decision{
		"the unproven record would become the verified person": {Do: rival.Merge, Into: "m"},
		"the unproven record would end in the verified person": {Do: rival.Merge, Into: "v"},
		"the address would go to who did not prove it":         {Do: rival.Split, Keeps: "m"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := s.Decide(t.Context(), intake.RivalChange{Env: env, Migration: "meterman", Group: g.ID, Decision: &d})
			if !errors.Is(err, rival.ErrUnproven) {
				t.Error(err)
			}
		})
	}
}

func TestADecisionThatWasCarriedOutStays(t *testing.T) {
	kept := open(t)
	s := service(kept)
	file := header + "1,one,d@x.test,Y,Ana,A,,\n2,two,D@x.test,Y,Ana,A,,\n"
	importing(t, s, file)
	g := openGroups(t, s)[0]
	change := intake.RivalChange{Env: env, Migration: "meterman", Group: g.ID, Decision: &g.Suggested}
	g, err := s.Decide(t.Context(), change)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Decide(t.Context(), change); !errors.Is(err, intake.ErrDecidedMeanwhile) {
		t.Error("decided twice:", err)
	}
	importing(t, s, file)
	change.Version, change.Decision = g.Version, nil
	if _, err := s.Decide(t.Context(), change); !errors.Is(err, intake.ErrApplied) {
		t.Error("taken back:", err)
	}
	if m, err := kept.LedgerRecord(t.Context(), env, "meterman", "2"); err != nil || m.State != store.RecordDropped || m.Reason != "merged-into" {
		t.Errorf("%+v %v", m, err)
	}
	if got := strings.Join(directory(t, kept), "; "); got != "email d@x.test true Ana; username one false Ana; username two false Ana" {
		t.Error(got)
	}
}

func TestRulesDecideBeforePeopleAreAsked(t *testing.T) {
	kept := open(t)
	s := service(kept)
	rules := []rival.Rule{
		{Kind: customer.Email, Verified: "all", Equal: []string{"name"}, Do: rival.Merge, Take: []string{rival.TakeIdentifiers}},
		{Kind: customer.Email, Verified: "none", Differ: []string{"name"}, Do: rival.Split},
	}
	file := duplicates()
	_, err := s.Import(t.Context(), intake.Request{Env: env, Plan: plan(t), Source: source(file), Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	sumsHold(t, kept, int64(strings.Count(file, "\n")-1))
	for _, g := range groupsOf(t, s) {
		if (g.Class() == "email-all-verified" || g.Class() == "email-none-verified" && len(g.Claimants) == 2) == g.Open() {
			t.Errorf("a group of %s with %d: open %t", g.Class(), len(g.Claimants), g.Open())
		}
	}
}

func TestADecisionCountsForTheRecordsThatWereLookedAt(t *testing.T) {
	kept := open(t)
	s := service(kept)
	file := header + "1,one,d@x.test,N,Ana,A,,\n2,two,d@x.test,N,Ben,A,,\n"
	importing(t, s, file)
	g := openGroups(t, s)[0]
	d := rival.Decision{Do: rival.Split, Keeps: "1"}
	if _, err := s.Decide(t.Context(), intake.RivalChange{Env: env, Migration: "meterman", Group: g.ID, Decision: &d}); err != nil {
		t.Fatal(err)
	}
	importing(t, s, file+"3,three,d@x.test,N,Cho,A,,\n")
	if counts := sumsHold(t, kept, 3); counts[store.RecordHeld] != 3 {
		t.Errorf("%v", counts)
	}
}
