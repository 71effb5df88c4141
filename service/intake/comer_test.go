package intake_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/pure/rival"
	"sallyport/service/intake"
	"sallyport/store"
)

func with(field, value string) func(map[string]string) {
	return func(f map[string]string) { f[field] = value }
}

// emailOf tells whose an address is; zero: nobody's.
func emailOf(t *testing.T, s store.Store, value string) customer.ID {
	t.Helper()
	person, err := s.PersonByIdentifier(t.Context(), env, customer.Email, value)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return person.Customer.ID
}

func group(t *testing.T, svc *intake.Service, value string) (found intake.RivalGroup) {
	t.Helper()
	groups, _, err := svc.Rivals(t.Context(), env, "meterman", "", 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range groups {
		if g.Claimants[0].Spelled == value {
			return g
		}
	}
	t.Fatalf("nobody contests %s in %+v", value, groups)
	return found
}

// x3 and x4 claim shared@x.test, and neither proved it; x6 alone proved rival@x.test.
func TestWhoComesAloneIsJudgedBesideThoseWhoWait(t *testing.T) {
	for name, c := range map[string]struct {
		arrival []func(map[string]string)
		want    string
	}{
		"nobody proved it, and two more claim it": {[]func(map[string]string){with("email", "shared@x.test"), with("ok", "N")}, "held"},
		"of all of them, they alone proved it":    {[]func(map[string]string){with("email", "shared@x.test"), with("ok", "Y")}, "imported"},
		"somebody who proved it is here":          {[]func(map[string]string){with("email", "rival@x.test"), with("ok", "Y")}, "held"},
		"nobody else claims it":                   {[]func(map[string]string){with("email", "own@x.test"), with("ok", "N")}, "imported"},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			svc := service(s)
			importing(t, svc, export(3))
			_, err := svc.Admit(t.Context(), arrival(t, "new", c.arrival...))
			if got := state(t, s, "new"); got[:len(c.want)] != c.want {
				t.Fatalf("%s, %v; want %s", got, err, c.want)
			}
			if c.want == "imported" {
				return
			}
			said := fields("new")
			c.arrival[0](said)
			if g := group(t, svc, said["email"]); len(g.Claimants) != 3 || !g.Open() {
				t.Errorf("whoever decides finds %+v", g)
			}
		})
	}
}

// While a run moves people, one whose row is still to come gets nothing that the run
// would not give them.
func TestWhoComesAheadOfTheirRowGetsNoMoreThanByIt(t *testing.T) {
	for key, want := range map[string]string{"x3": "held", "x5": "held", "x6": "imported"} {
		t.Run(key, func(t *testing.T) {
			s := open(t)
			svc := service(s)
			who := map[string]func(map[string]string){
				"x3": func(f map[string]string) { f["login"], f["email"], f["ok"] = "shared.a", "shared@x.test", "N" },
				"x5": func(f map[string]string) { f["login"], f["email"], f["ok"] = "rival.a", "rival@x.test", "N" },
				"x6": func(f map[string]string) { f["login"], f["email"], f["ok"] = "rival.b", "rival@x.test", "Y" },
			}[key]
			came := false
			_, err := svc.Import(t.Context(), intake.Request{
				Env: env, Plan: plan(t), Source: source(export(600)), Progress: func(p intake.Progress) {
					if p.Phase == intake.Moving && !came {
						came = true
						_, err := svc.Admit(t.Context(), arrival(t, key, who))
						if got := state(t, s, key); got[:len(want)] != want {
							t.Errorf("%s by itself, %v", got, err)
						}
					}
				},
			})
			if got := state(t, s, key); err != nil || got[:len(want)] != want {
				t.Errorf("%s in the end, %v", got, err)
			}
			counts, err := s.RecordCounts(t.Context(), env, "meterman")
			if err != nil || counts[store.RecordPending] != 0 || counts[store.RecordImported] != 601 || counts[store.RecordHeld] != 7 {
				t.Errorf("the states are %v, %v", counts, err)
			}
		})
	}
}

// A decision that came before any record counts for who comes alone too: it takes
// away, and gives nothing that nobody could check.
func TestWhoComesAloneComesAsItWasDecided(t *testing.T) {
	keys := []string{"a", "b"}
	for name, c := range map[string]struct {
		decision rival.Decision
		verified string
		want     string // state
		has      bool   // the address
	}{
		"split off without it":            {rival.Decision{Do: rival.Split, Keeps: "b"}, "Y", "imported split", false},
		"asked later":                     {rival.Decision{Do: rival.Ask}, "N", "imported asked", false},
		"it stays theirs, who proved it":  {rival.Decision{Do: rival.Split, Keeps: "a"}, "Y", "imported", true},
		"who proved nothing waits for it": {rival.Decision{Do: rival.Split, Keeps: "a"}, "N", "held duplicate-identifier", false},
		"ends in another":                 {rival.Decision{Do: rival.Merge, Into: "b"}, "Y", "held duplicate-identifier", false},
		"becomes nobody":                  {rival.Decision{Do: rival.Drop, Reason: "spam"}, "Y", "held duplicate-identifier", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			svc := service(s)
			c.decision.Kind, c.decision.Claimants = customer.Email, keys
			if n, err := svc.ImportDecisions(t.Context(), env, "meterman", []rival.Decision{c.decision}, "operator/ana"); n != 1 || err != nil {
				t.Fatal(n, err)
			}
			_, err := svc.Admit(t.Context(), arrival(t, "a", with("ok", c.verified)))
			if got := state(t, s, "a"); got != c.want {
				t.Errorf("%s, %v; want %s", got, err, c.want)
			}
			if has := !emailOf(t, s, "ca@harbourlight.test").IsZero(); has != c.has {
				t.Errorf("somebody has the address: %v", has)
			}
		})
	}
}

// Whoever waited as a duplicate comes in once it was decided, without another export.
func TestWhoWaitedComesOnceItWasDecided(t *testing.T) {
	s := open(t)
	svc := service(s)
	importing(t, svc, export(3))
	came := func() (migrate.Reason, error) {
		_, err := svc.Admit(t.Context(), arrival(t, "x3", with("login", "shared.a"), with("email", "shared@x.test"), with("ok", "N"), with("name", "")))
		var held *intake.HeldError
		if errors.As(err, &held) {
			return held.Reason, nil
		}
		return "", err
	}
	if reason, err := came(); reason != migrate.DuplicateIdentifier || err != nil {
		t.Fatalf("%q, %v", reason, err)
	}
	g := group(t, svc, "shared@x.test")
	_, err := svc.Decide(t.Context(), intake.RivalChange{
		Env: env, Migration: "meterman", Group: g.ID, Actor: "operator/ana", Decision: &rival.Decision{Do: rival.Split},
	})
	if err != nil {
		t.Fatal(err)
	}
	if reason, err := came(); reason != "" || err != nil {
		t.Fatalf("%q, %v", reason, err)
	}
	if got := state(t, s, "x3"); got != "imported split" || !emailOf(t, s, "shared@x.test").IsZero() {
		t.Errorf("%s, and the address is somebody's", got)
	}
	again := importing(t, svc, export(3)) // and the import does the same to the other
	if got := state(t, s, "x4"); got != "imported no-password" || state(t, s, "x3") != "imported split" || again.Updated != 0 {
		t.Errorf("%s and %s, report %+v", got, state(t, s, "x3"), again)
	}
}

func TestWhoWasErasedComesUnderNoOtherKey(t *testing.T) {
	s := open(t)
	svc := service(s)
	gone := admitting(t, svc, arrival(t, "5"))
	if n, err := svc.Erase(t.Context(), env, gone.Customer); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	one, err := s.PersonByIdentifier(t.Context(), env, customer.Email, "c5@harbourlight.test")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Write(t.Context(), env, func(tx store.Tx) error {
		return tx.RemoveCustomer(t.Context(), one.Customer.ID, one.Customer.Version)
	}); err != nil {
		t.Fatal(err)
	}
	if reason := heldFor(t, svc, arrival(t, "5")); reason != intake.Erased {
		t.Errorf("by the same key: %q", reason)
	}
	if reason := heldFor(t, svc, arrival(t, "55", with("login", "other"), with("email", "C5@harbourlight.test"))); reason != intake.ErasedPerson {
		t.Errorf("by another key: %q", reason)
	}
	report := importing(t, svc, header+line(4)+"six,other.six,c5@harbourlight.test,Y,,A,,\n"+"seven,customer.5,,,,A,,\n")
	importing(t, svc, header+line(5))
	for key, want := range map[string]string{"4": "imported", "5": "erased erased", "six": "held erased-person", "seven": "held erased-person", "55": "held erased-person"} {
		if got := state(t, s, key); got != want {
			t.Errorf("%s is %s, want %s; %s", key, got, want, report.String())
		}
	}
	dry, err := svc.Import(t.Context(), intake.Request{
		Env: env, Plan: plan(t), Source: source(header + "eight,customer.5,,,,A,,\n"), DryRun: true,
	})
	if err != nil || dry.Summary.Verdicts[migrate.Hold] != 1 {
		t.Errorf("a dry run says %v, %v", dry.Summary, err)
	}
}

// They may never have come by a migration, and every migration has a name of its own.
func TestWhoWasErasedComesByNoOtherMigration(t *testing.T) {
	s := open(t)
	svc := service(s)
	gone := admitting(t, svc, arrival(t, "5")).Customer
	own := customer.ID{7} // registered here, and in no ledger
	if err := s.Write(t.Context(), env, func(tx store.Tx) error {
		return tx.CreateCustomers(t.Context(), []store.NewCustomer{{
			Customer:    customer.Customer{ID: own, State: customer.Active},
			Identifiers: []customer.Identifier{{Kind: customer.Email, Value: "own@harbourlight.test", Verified: true}},
		}})
	}); err != nil {
		t.Fatal(err)
	}
	for id, records := range map[customer.ID]int{gone: 1, own: 0} {
		for range 2 { // whoever failed between the two does both again
			if n, err := svc.Erase(t.Context(), env, id); n != records || err != nil {
				t.Fatal(n, err)
			}
			records = 0
		}
		if err := s.Write(t.Context(), env, func(tx store.Tx) error {
			_, err := tx.EraseCustomer(t.Context(), id, 1, time.Now())
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	other := named(t, "elsewhere")
	comes := func(key string, change ...func(map[string]string)) intake.Arrival {
		a := arrival(t, key, change...)
		a.Plan = other
		return a
	}
	for name, a := range map[string]intake.Arrival{
		"with the same key":       comes("5"),
		"with another key":        comes("9", with("email", "C5@harbourlight.test")),
		"who registered here":     arrival(t, "10", with("email", "own@harbourlight.test")),
		"who registered, another": comes("11", with("email", "own@harbourlight.test")),
	} {
		if reason := heldFor(t, svc, a); reason != intake.ErasedPerson {
			t.Errorf("alone %s: %q", name, reason)
		}
	}
	file := header + line(5) + "six,other.six,c5@harbourlight.test,Y,,A,,\n" + "seven,other.seven,own@harbourlight.test,Y,,A,,\n" + line(4)
	report, err := svc.Import(t.Context(), intake.Request{Env: env, Plan: named(t, "third"), Source: source(file)})
	if diff := cmp.Diff(map[store.RecordState]int64{store.RecordImported: 1, store.RecordHeld: 3}, report.Ledger); diff != "" || err != nil {
		t.Error(diff, err)
	}
	for _, value := range []string{"c5@harbourlight.test", "own@harbourlight.test"} {
		if !emailOf(t, s, value).IsZero() {
			t.Errorf("%s is somebody's", value)
		}
	}
}

// What was decided is no drift.
func TestAReconciliationComparesRecordsAsTheyWereDecided(t *testing.T) {
	s := open(t)
	svc := service(s)
	importing(t, svc, export(3))
	g := group(t, svc, "shared@x.test")
	_, err := svc.Decide(t.Context(), intake.RivalChange{
		Env: env, Migration: "meterman", Group: g.ID, Actor: "operator/ana", Decision: &rival.Decision{Do: rival.Split},
	})
	if err != nil {
		t.Fatal(err)
	}
	importing(t, svc, export(3))
	report, err := svc.Reconcile(t.Context(), intake.Reconciliation{Request: intake.Request{Env: env, Plan: plan(t), Source: source(export(3))}})
	if err != nil || report.Differing != 0 {
		t.Errorf("%d differ: %+v, %v", report.Differing, report.Findings, err)
	}
}
