package jit_test

import (
	"errors"
	"testing"

	"sallyport/pure/journey"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/jit"
	"sallyport/service/source"
)

func TestLookingTakesNobodyAlong(t *testing.T) {
	w := newWorld(t, "")
	w.knows("ana", "tractor")
	events := len(w.Events(""))
	o, found, err := w.jit.Look(t.Context(), w.Live, "old", "ana")
	if err != nil || !found || o.Key != "k-ana" || o.Verdict() != migrate.Accept || len(o.Identifiers) != 2 {
		t.Errorf("%+v, %v, %v", o, found, err)
	}
	if o, found, err := w.jit.Look(t.Context(), w.Live, "old", "nobody"); err != nil || found || o.Key != "" {
		t.Errorf("of nobody: %+v, %v, %v", o, found, err)
	}
	if _, _, err := w.jit.Look(t.Context(), w.Live, "older", "ana"); !errors.Is(err, jit.ErrMigration) {
		t.Errorf("at a system that is none: %v", err)
	}
	if after := len(w.Events("")); len(w.ledger(t)) != 0 || after != events {
		t.Errorf("the ledger has %v, and there are %d events after %d", w.ledger(t), after, events)
	}
}

func TestNobodyIsLookedUpWhereTheConnectionDoesNotSaySo(t *testing.T) {
	w := newWorld(t, "")
	w.old.finds = false
	_, _, err := w.jit.Look(t.Context(), w.Live, "old", "ana")
	var fault *source.Fault
	if !errors.As(err, &fault) || fault.Reason != source.NotConfigured {
		t.Errorf("got %v", err)
	}
}

// A check says what sign-in would say of somebody who came, and leaves nothing.
func TestACheckSaysWhatSignInWouldAndLeavesNothing(t *testing.T) {
	w := newWorld(t, "")
	w.knows("ana", "tractor")
	w.Customer("kim", w.Hash("own word"))
	if a := w.Browser().SignIn("ana", "tractor"); a.Next == "" {
		t.Fatalf("got %+v", a.Page)
	}
	events, asked := len(w.Events("")), w.old.times()
	for name, c := range map[string]struct {
		source, identifier, password string
		want                         journey.Verdict
		reason                       string
	}{
		"the right password":                  {"migration/old", "ana", "tractor", journey.Match, ""},
		"by their address":                    {"migration/old", "ana@old.example", "tractor", journey.Match, ""},
		"another password":                    {"migration/old", "ana", "other", journey.NoMatch, "wrong-password"},
		"nobody is called that":               {"migration/old", "zoe", "tractor", journey.NoMatch, "unknown-identifier"},
		"somebody of another migration":       {"migration/other", "ana", "tractor", journey.Unavailable, "not-of-this-migration"},
		"somebody who registered here, right": {"migration/old", "kim", "own word", journey.Unavailable, "not-of-this-migration"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := w.SignIn.Check(t.Context(), w.Live, c.source, c.identifier, []byte(c.password))
			if err != nil || got.Verdict != c.want || c.reason != "" && got.Reason != c.reason || c.reason == "" && got.Reason != "" {
				t.Errorf("got %+v, %v; want %v %s", got, err, c.want, c.reason)
			}
		})
	}
	if after := len(w.Events("")); after != events || w.old.times() != asked {
		t.Errorf("%d events after %d, and the earlier system was asked %d times more", after, events, w.old.times()-asked)
	}
	for range 50 { // nothing is counted: whoever it is still signs in
		if _, err := w.SignIn.Check(t.Context(), w.Live, "migration/old", "ana", []byte("guess")); err != nil {
			t.Fatal(err)
		}
	}
	if a := w.Browser().SignIn("ana", "tractor"); a.Next == "" || len(w.Events(audit.SignedIn)) != 2 {
		t.Errorf("got %+v", a.Page)
	}
}
