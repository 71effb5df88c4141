package signin_test

import (
	"errors"
	"testing"

	"sallyport/pure/journey"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

// withApp is Dana with an app, in a session of two factors.
func withApp(t *testing.T, w *signintest.World) *signintest.Browser {
	t.Helper()
	b := w.Browser()
	ticket, a := first(b, func(t *signin.Ticket) { t.TwoFactors = true })
	shows(t, b.Code(ticket, scan(t, w, a).code()), journey.CodesPage, "")
	goesOn(t, b.Kept(ticket))
	return b
}

func removeApp(t *testing.T, b *signintest.Browser) error {
	t.Helper()
	return b.World.SignIn.RemoveApp(t.Context(), b.Live, who(t, b), b.Visit(""), "")
}

// What a rule asks of a customer's segment, they cannot take away from themselves.
func TestTheLastFactorStaysWhereARuleAsksForOneInAnyCase(t *testing.T) {
	w, dana := ruled(t, "when: enrolled", "{for: {tags: [solar]}, when: always}")
	b := withApp(t, w)
	desk := func(do func(tx store.Tx) error) {
		t.Helper()
		if err := w.Store.Write(t.Context(), w.Live.ID, do); err != nil {
			t.Fatal(err)
		}
	}
	required := func(want bool) {
		t.Helper()
		if ways, err := w.SignIn.Ways(t.Context(), w.Live, who(t, b)); err != nil || ways.Required != want {
			t.Errorf("the page says required: %v, %v; want %v", ways.Required, err, want)
		}
	}
	desk(func(tx store.Tx) error { return tx.PutTags(t.Context(), dana, []string{"solar"}) })
	required(true)
	if err := removeApp(t, b); !errors.Is(err, signin.ErrLastFactor) {
		t.Errorf("the last factor of somebody whose segment needs one: %v", err)
	}
	desk(func(tx store.Tx) error { return tx.DeleteTags(t.Context(), dana, []string{"solar"}) })
	required(false)
	if err := removeApp(t, b); err != nil {
		t.Errorf("where no rule asks for it: %v", err)
	}
}

// A rule about risks asks at some sign-ins and not at others: it keeps nobody from removing
// a factor, and leads to another where it asks.
func TestBehindARemovalARuleOfRisksLeadsToAnotherFactor(t *testing.T) {
	w, _ := ruled(t, "when: enrolled", onNewDevice)
	b := withApp(t, w)
	if err := removeApp(t, b); err != nil {
		t.Fatal(err)
	}
	_, a := first(w.Browser())
	shows(t, a, journey.EnrolPage, "")
}
