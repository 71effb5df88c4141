package signin_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/otp"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

const putOff = "  - {name: code, ask: totp, factors: [text], defer: 3}\n"

// setsUp has somebody who signs in set up an app at another browser.
func setsUp(t *testing.T, w *signintest.World) phone {
	t.Helper()
	b := w.Browser()
	ticket, a := first(b)
	shows(t, a, journey.EnrolPage, "")
	p := scan(t, w, a)
	shows(t, b.Code(ticket, p.code()), journey.CodesPage, "")
	goesOn(t, b.Kept(ticket))
	w.Pass(time.Minute)
	return p
}

// Whoever reads Dana's mail and waits in front of a new password gains nothing by it once
// she has an app.
func TestAPasswordIsRecoveredPastNoFactorThatWasSetUpMeanwhile(t *testing.T) {
	w := world(t, nil)
	w.AllJourneysAsking(putOff)
	verify(w, w.Customer("dana", w.Hash("tractor")), "dana@mail.test")
	b := w.Browser()
	ticket := b.Ticket(recovering)
	b.Name(ticket, "dana@mail.test")
	shows(t, b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code}), journey.NewPasswordPage, "")
	w.Pass(time.Second)
	p := setsUp(t, w)
	shows(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}), journey.CodePage, "")
	if e := w.Events(audit.PasswordRecovered); len(e) > 0 {
		t.Fatalf("the ledger says %+v", e)
	}
	shows(t, b.Code(ticket, p.code()), journey.NewPasswordPage, "")
	shows(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}), signin.RecentPage, "")
	if e := w.Events(audit.PasswordRecovered); len(e) != 1 {
		t.Errorf("the ledger says %+v", e)
	}
}

// Two know her password, and are asked to set something up. The second of them is asked for
// what the first set up.
func TestNobodySetsAFactorUpBesideOneThatWasSetUpMeanwhile(t *testing.T) {
	w := world(t, nil)
	w.AllJourneysAsking(putOff)
	w.Customer("dana", w.Hash("tractor"))
	b := w.Browser()
	ticket, a := first(b)
	shows(t, a, journey.EnrolPage, "")
	shows(t, b.Act(ticket, "", signin.ActPhone), journey.PhonePage, "")
	w.Pass(time.Second)
	p := setsUp(t, w)
	given := signin.Given{Act: signin.ActPhone, Code: "(212) 555-0123", Way: journey.ByText}
	shows(t, b.Do(ticket, given), journey.CodePage, "")
	if sent, _ := w.Outbox.Counts(); sent > 0 {
		t.Error("a code was sent to another phone")
	}
	goesOn(t, b.Code(ticket, p.code()))
}

// Ana registered as far as her address, and then set up an app without ever choosing a
// password. Whoever went on with that registration past her app would choose one.
func TestNobodyWhoRegistersChoosesAPasswordPastAFactor(t *testing.T) {
	w := world(t, nil)
	w.AllJourneysAsking(putOff)
	tree := strings.Replace(signintest.Tree, "  - {name: password, ask: password}\n", "  - {name: password, ask: password, or: code}\n"+putOff, 1)
	w.Apply(w.Live, strings.Replace(tree, "environments:\n", "groups:\n  - {name: newcomers}\nenvironments:\n", 1)+strings.Replace(signintest.Journeys, ", household], most: 2", "]", 1))
	b := w.Browser()
	ticket, a := proved(b, "ana@mail.test")
	shows(t, a, journey.NewPasswordPage, "")
	w.Pass(time.Minute)

	other := w.Browser()
	theirs := other.Ticket()
	other.Name(theirs, "ana@mail.test")
	other.Do(theirs, signin.Given{Identifier: "ana@mail.test", Act: signin.ActCode})
	a = other.Answer(theirs, "password", map[string]string{"code": w.Outbox.Last().Code})
	shows(t, a, journey.EnrolPage, "")
	key, _, err := otp.ParseURI(a.Enrolment.URI)
	if err != nil {
		t.Fatal(err)
	}
	shows(t, other.Code(theirs, key.Code(key.Step(w.Now()))), journey.CodesPage, "")
	other.Kept(theirs)
	w.Pass(time.Minute)

	shows(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}), journey.ProfilePage, "")
	if e := w.Events(audit.PasswordSet); len(e) > 0 {
		t.Errorf("the ledger says %+v", e)
	}
}

// moving is a store in which somebody else was faster, once.
type moving struct {
	signin.Store
	next *bool
}

func (m moving) Write(ctx context.Context, env store.EnvironmentID, do func(store.Tx) error) error {
	if *m.next {
		*m.next = false
		return store.ErrConflict
	}
	return m.Store.Write(ctx, env, do)
}

// A journey that asks for less than it did lets Dana in, also where another tab was faster.
func TestWhoIsOvertakenAndHasNothingLeftToDoIsSignedIn(t *testing.T) {
	next := false
	w := world(t, func(c *signin.Config) { c.Store = moving{c.Store, &next} })
	w.AllJourneysAsking(putOff)
	w.Customer("dana", w.Hash("tractor"))
	b := w.Browser()
	ticket, a := first(b)
	shows(t, a, journey.EnrolPage, "")
	w.AllJourneysAsking("")
	next = true
	goesOn(t, b.Code(ticket, "000000"))
}
