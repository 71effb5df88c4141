package signin_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"sallyport/protocol/passkey/passkeytest"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/service/signin"
	"sallyport/store"
)

// reader keeps what customers are told.
type reader struct{ told []notify.Notice }

func (n *reader) Tell(_ context.Context, _ store.Tx, _ *environment.Live, what notify.Notice) error {
	n.told = append(n.told, what)
	return nil
}

// Somebody was in Dana's account: they signed in on their device, made a passkey, added a
// phone and an address, and have a journey half-way. She recovers.
func TestARecoveryLeavesAnIntruderNothingUnseen(t *testing.T) {
	told := &reader{}
	w := world(t, func(c *signin.Config) {
		c.Notices = told
		c.Limits = signin.Limits{Account: three, Device: three, Source: roomy}
	})
	w.AllJourneys()
	dana := w.Customer("dana", w.Hash("tractor"))
	verify(w, dana, "dana@mail.test")
	w.Pass(40 * 24 * time.Hour)
	intruder := w.Browser()
	goesOn(t, intruder.SignIn("dana", "tractor"))
	w.Pass(time.Hour)
	now := w.Now()
	w.Passkey(dana, passkeytest.New(t, passkeytest.ES256, party), func(p *store.Passkey) { p.Source, p.Created, p.Label = "", now, "Laptop" })
	w.Passkey(dana, passkeytest.New(t, passkeytest.ES256, "two."+party), nil) // which came along
	err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		return tx.PutIdentifier(t.Context(), dana, customer.Identifier{
			Kind: customer.Email, Value: "mallory@mail.test", Display: "mallory@mail.test", Verified: true, Source: "customer", Proof: customer.Proof{At: now, By: "code"},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	half := w.Browser()
	began := half.Ticket(recovering)
	half.Name(began, "mallory@mail.test")
	shows(t, half.Answer(began, "address", map[string]string{"code": w.Outbox.Last().Code}), journey.NewPasswordPage, "")
	w.Pass(time.Minute)

	b := w.Browser()
	ticket := b.Ticket(recovering)
	b.Name(ticket, "dana")
	shows(t, b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code}), journey.NewPasswordPage, "")
	a := b.Answer(ticket, "password", map[string]string{"new-password": longPassword})
	shows(t, a, signin.RecentPage, "")
	var what []signin.Added
	for _, one := range a.Recent {
		what = append(what, one.What)
	}
	slices.Sort(what)
	if !slices.Equal(what, []signin.Added{signin.AddedAddress, signin.AddedPasskey}) || a.Next == "" {
		t.Errorf("she is shown %+v, and goes on to %q", a.Recent, a.Next)
	}
	if got, _ := signedIn(t, b); got == "" {
		t.Error("she is not signed in")
	}
	values := told.told[len(told.told)-1].Values
	if values["passkeys"] != "1" || values["addresses"] != "1" || values["apps"] != "" {
		t.Errorf("the notice says %v", values)
	}

	if !signedOut(t, intruder) {
		t.Error("the intruder's session lives")
	}
	shows(t, half.Answer(began, "password", map[string]string{"new-password": longPassword + "!"}), journey.IdentifierPage, "")
	// Their device is a stranger's: what strangers spent is spent there, too.
	for range 3 {
		w.Browser().SignIn("dana", "guess")
	}
	shows(t, intruder.SignIn("dana", longPassword), journey.PasswordPage, journey.TooManyAttempts)
	delete(b.Cookies, signin.CookieName(w.Live.ID, true))
	goesOn(t, b.SignIn("dana", longPassword))
}

// Whoever changes their password stays known on the device at which they do.
func TestTheDeviceOfWhoeverChangesAPasswordStaysKnown(t *testing.T) {
	w := world(t, limited(three, three, roomy))
	w.Customer("dana", w.Hash("tractor"))
	all := browsers(t, w, 2)
	w.Pass(time.Second)
	changed, err := w.SignIn.ChangePassword(t.Context(), w.Live, who(t, all[0]), all[0].Visit(""), signin.PasswordChange{Old: "tractor", New: better})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changed.Cookies {
		all[0].Cookies[c.Name] = c.Value
	}
	for range 3 {
		w.Browser().SignIn("dana", "guess")
	}
	for i, b := range all {
		delete(b.Cookies, signin.CookieName(w.Live.ID, true))
		a := b.SignIn("dana", better)
		if known := a.Page == nil; known != (i == 0) {
			t.Errorf("browser %d: %+v", i, a.Page)
		}
	}
}
