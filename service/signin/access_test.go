package signin_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

// messages keeps what customers are told.
type messages struct{ told []notify.Notice }

func (*messages) Queue(context.Context, store.Tx, *environment.Live, notify.Message) error {
	return nil
}

func (m *messages) Tell(_ context.Context, _ store.Tx, _ *environment.Live, n notify.Notice) error {
	m.told = append(m.told, n)
	return nil
}

// prepared is a world whose sign-in waits until Dana is a member, and the directory of
// another node.
func prepared(t *testing.T) (*signintest.World, customer.ID, *directory.Directory, *messages) {
	t.Helper()
	w := world(t, nil)
	const password = "  - {name: password, ask: password}\n"
	tree := strings.Replace(signintest.Tree, "environments:\n", "groups:\n  - {name: members}\n  - {name: payers}\nenvironments:\n", 1)
	w.Apply(w.Live, strings.Replace(tree, password, password+"  - {name: access, ask: access, groups: [members, payers]}\n", 1))
	m := &messages{}
	elsewhere := directory.New(directory.Config{Store: w.Store, Audit: w.Audit, Feed: w.Registry, Now: w.Now, Notify: m})
	return w, w.Customer("dana", w.Hash("tractor")), elsewhere, m
}

// put puts a customer into groups.
func put(t *testing.T, w *signintest.World, d *directory.Directory, id customer.ID, groups ...string) {
	t.Helper()
	if _, err := d.Change(t.Context(), w.Live, id, directory.Patch{Groups: &groups}, audit.System); err != nil {
		t.Fatal(err)
	}
}

func TestThePageGoesOnOnceAccessIsGivenElsewhere(t *testing.T) {
	w, dana, elsewhere, m := prepared(t)
	b := w.Browser()
	ticket, a := first(b)
	shows(t, a, journey.AccessPage, "")
	if p := a.Shown.(signin.Preparing); p.Again != 2*time.Second || p.Patient {
		t.Errorf("at first it shows %+v", p)
	}
	put(t, w, elsewhere, dana, "members")
	w.Pass(30 * time.Second)
	a = b.Open(ticket)
	shows(t, a, journey.AccessPage, "")
	if p := a.Shown.(signin.Preparing); p.Again != 5*time.Second || p.Patient {
		t.Errorf("later it shows %+v", p)
	}
	shows(t, b.Answer(ticket, "access", nil), journey.AccessPage, journey.Interrupted)
	if got, _ := signedIn(t, b); got != "" {
		t.Fatal("a session before there is access")
	}
	put(t, w, elsewhere, dana, "members", "payers")
	goesOn(t, b.Open(ticket))
	if len(m.told) != 0 || len(w.Events(audit.AccessAwaited)) != 0 {
		t.Errorf("who waited at the page is told %+v", m.told)
	}
}

func TestWhoGoesOnWithoutAccessHearsOfItOnce(t *testing.T) {
	w, dana, elsewhere, m := prepared(t)
	b := w.Browser()
	ticket, _ := first(b)
	w.Pass(2 * time.Minute)
	a := b.Open(ticket)
	if p := a.Shown.(signin.Preparing); !p.Patient {
		t.Errorf("after its patience it shows %+v", p)
	}
	goesOn(t, b.Answer(ticket, "access", nil))
	if got := w.Events(audit.AccessAwaited); len(got) != 1 || got[0].Customer != dana.String() {
		t.Errorf("the ledger has %+v", got)
	}
	_, a = first(w.Browser())
	goesOn(t, a) // no page waits for it any more

	put(t, w, elsewhere, dana, "members")
	if len(m.told) != 0 {
		t.Fatalf("half of it is told: %+v", m.told)
	}
	put(t, w, elsewhere, dana, "members", "payers")
	put(t, w, elsewhere, dana)
	put(t, w, elsewhere, dana, "members", "payers")
	if len(m.told) != 1 || m.told[0].What != message.AccessReady || m.told[0].Customer.ID != dana {
		t.Errorf("told is %+v", m.told)
	}
	if factors, err := w.Store.Factors(t.Context(), w.Live.ID, dana); err != nil || len(factors) != 0 {
		t.Errorf("the mark is still there: %+v, %v", factors, err)
	}
}

// Whoever closes the page comes back to it; a later one waits anew.
func TestWhoClosesThePageComesBackToIt(t *testing.T) {
	w, dana, elsewhere, _ := prepared(t)
	first(w.Browser())
	w.Pass(time.Hour)
	b := w.Browser()
	ticket, a := first(b)
	shows(t, a, journey.AccessPage, "")
	if p := a.Shown.(signin.Preparing); p.Patient {
		t.Error("the page of another day counts for this one")
	}
	put(t, w, elsewhere, dana, "members", "payers")
	goesOn(t, b.Open(ticket))
}
