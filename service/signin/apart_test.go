package signin_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"sallyport/protocol/otp"
	"sallyport/protocol/passkey/passkeytest"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/code"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

const (
	hers   = "+12125550123"
	others = "+12125550144"
)

// phoneFactor makes a number a second factor of a customer.
func phoneFactor(w *signintest.World, id customer.ID, slot int, number string) {
	w.T.Helper()
	f := store.Factor{ID: store.FactorID{byte(slot)}, Customer: id, Kind: store.FactorPhone, Slot: slot, Created: w.Now(), Confirmed: w.Now()}
	var err error
	f.Sealed, err = w.Master.Seal(w.T.Context(), w.Live.ID, "factor/"+hex.EncodeToString(f.ID[:]), otp.Address{Address: number, Verified: true}.Encode())
	if err != nil {
		w.T.Fatal(err)
	}
	if err := w.Store.Write(w.T.Context(), w.Live.ID, func(tx store.Tx) error { return tx.PutFactor(w.T.Context(), f) }); err != nil {
		w.T.Fatal(err)
	}
}

// verified makes an address of any kind a customer's.
func verified(w *signintest.World, id customer.ID, kind customer.IdentifierKind, address string) {
	w.T.Helper()
	err := w.Store.Write(w.T.Context(), w.Live.ID, func(tx store.Tx) error {
		return tx.PutIdentifier(w.T.Context(), id, customer.Identifier{Kind: kind, Value: address, Display: address, Verified: true, Source: "customer"})
	})
	if err != nil {
		w.T.Fatal(err)
	}
}

// phonesAsked is a world where a code does instead of the password, or is all there is,
// and whoever has a second factor gives it.
func phonesAsked(t *testing.T, first string) *signintest.World {
	t.Helper()
	w := world(t, nil)
	const password = "  - {name: password, ask: password}\n"
	w.Apply(w.Live, strings.Replace(signintest.Tree, password, "  - "+first+"\n  - {name: second, ask: totp, when: enrolled, factors: [text, call]}\n", 1))
	return w
}

const (
	passwordOrCode = "{name: first, ask: password, or: code}"
	codeAlone      = "{name: first, ask: verify}"
)

// byCode gives the code that a first step sends to name, and the answer to it.
func byCode(b *signintest.Browser, ticket, name string) *signin.Answer {
	b.World.T.Helper()
	if a := b.Name(ticket, name); a.Page != nil && a.Page.Page == journey.PasswordPage {
		b.Do(ticket, signin.Given{Identifier: name, Act: signin.ActCode})
	}
	return b.Answer(ticket, "first", map[string]string{"code": b.World.Outbox.Last().Code})
}

// Whoever took Dana's phone has one thing of hers, however often it rings.
func TestOnePhoneIsNotBothFactors(t *testing.T) {
	for _, c := range []struct {
		name, first, tells string
		slot               int
		page               journey.Page
	}{
		{"of a code instead of the password", passwordOrCode, "a text", 14, journey.PasswordPage},
		{"of a code alone", codeAlone, "a text", 14, journey.IdentifierPage},
		{"that is called the second time", passwordOrCode, "a call", 15, journey.PasswordPage},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := phonesAsked(t, c.first)
			dana := w.Customer("dana", w.Hash("tractor"))
			verified(w, dana, customer.Phone, hers)
			verified(w, dana, customer.Email, "dana@mail.test")
			phoneFactor(w, dana, c.slot, hers)

			thief := w.Browser()
			ticket := thief.Ticket()
			shows(t, byCode(thief, ticket, hers), c.page, journey.PhoneTwice)
			if sent, _ := w.Outbox.Counts(); sent != 1 {
				t.Errorf("%d codes were sent to that phone", sent)
			}
			shows(t, thief.Code(ticket, w.Outbox.Last().Code), c.page, "")
			if got, _ := signedIn(t, thief); got != "" {
				t.Fatal("one phone signed in")
			}
			if c.first == passwordOrCode {
				// On the page where the thief stands she gives her password, and then her phone.
				b := w.Browser()
				ticket := b.Ticket()
				byCode(b, ticket, hers)
				b.Password(ticket, hers, "tractor")
				goesOn(t, kept(b, ticket, b.Code(ticket, w.Outbox.Last().Code)))
				if got, _ := signedIn(t, b); got != "mfa" {
					t.Errorf("password and phone are %q", got)
				}
			}
			// Her mailbox and her phone are two places.
			b := w.Browser()
			ticket = b.Ticket()
			byCode(b, ticket, "dana@mail.test")
			if m := w.Outbox.Last(); m.Address != hers || m.Purpose != code.Factor {
				t.Fatalf("the second code went to %q for %q", m.Address, m.Purpose)
			}
			goesOn(t, kept(b, ticket, b.Code(ticket, w.Outbox.Last().Code)))
			if got, methods := signedIn(t, b); got != "pwd" || !strings.HasPrefix(methods, "email ") {
				t.Errorf("mailbox and phone are %q by %q", got, methods)
			}
		})
	}
}

// kept goes past the codes for an emergency, if a is their page.
func kept(b *signintest.Browser, ticket string, a *signin.Answer) *signin.Answer {
	if a.Page != nil && a.Page.Page == journey.CodesPage {
		return b.Kept(ticket)
	}
	return a
}

func TestBesideThatPhoneAnythingElseIsASecondFactor(t *testing.T) {
	w := phonesAsked(t, codeAlone)
	dana := w.Customer("dana", "")
	verified(w, dana, customer.Phone, hers)
	phoneFactor(w, dana, 14, hers)
	phoneFactor(w, dana, 15, others)
	b := w.Browser()
	ticket := b.Ticket()
	shows(t, byCode(b, ticket, hers), journey.CallPage, "")
	if m := w.Outbox.Last(); m.Address != others || m.Channel != code.Voice {
		t.Errorf("the second code went to %q by %q", m.Address, m.Channel)
	}

	w = phonesAsked(t, codeAlone)
	dana = w.Customer("dana", "")
	verified(w, dana, customer.Phone, hers)
	phoneFactor(w, dana, 14, hers)
	w.Passkey(dana, passkeytest.New(t, passkeytest.ES256, party), nil)
	b = w.Browser()
	shows(t, byCode(b, b.Ticket(), hers), journey.PasskeyPage, "")
}

// The first code came to the phone, so setting that phone up adds nothing to it; a number
// that nobody called yet does.
func TestAPhoneIsNotSetUpBesideItself(t *testing.T) {
	w := world(t, nil)
	const password = "  - {name: password, ask: password}\n"
	w.Apply(w.Live, strings.Replace(signintest.Tree, password, "  - "+codeAlone+"\n  - {name: second, ask: totp, factors: [text, call]}\n", 1))
	dana := w.Customer("dana", "")
	verified(w, dana, customer.Phone, hers)
	b := w.Browser()
	ticket := b.Ticket()
	shows(t, byCode(b, ticket, hers), journey.EnrolPage, "")
	shows(t, b.Do(ticket, signin.Given{Act: signin.ActPhone, Code: hers, Way: journey.ByCall}), journey.PhonePage, signin.PhoneFirst)
	shows(t, b.Do(ticket, signin.Given{Act: signin.ActPhone, Code: others, Way: journey.ByText}), journey.TextPage, "")
	goesOn(t, kept(b, ticket, b.Code(ticket, w.Outbox.Last().Code)))
}

// Who registers by the one phone that they have chooses a password besides. What they did
// not finish they finish.
func TestWhoHasOnePhoneRegistersWithIt(t *testing.T) {
	w := world(t, nil)
	w.Apply(w.Live, signintest.Tree+`
---
kind: journey
name: registration
purpose: registration
steps:
  - {name: identifier, ask: identifier}
  - {name: first, ask: verify}
  - {name: second, ask: totp, factors: [text]}
  - {name: password, ask: new-password}
`)
	for i := range 2 { // the second time they come back
		b := w.Browser()
		ticket := b.Ticket(registering)
		a := byCode(b, ticket, hers)
		if i == 0 {
			shows(t, a, journey.EnrolPage, "")
			a = b.Do(ticket, signin.Given{Act: signin.ActPhone, Code: hers, Way: journey.ByText})
		}
		shows(t, a, journey.TextPage, "")
		a = b.Code(ticket, w.Outbox.Last().Code)
		shows(t, a, journey.CodesPage, "")
		if i == 1 {
			shows(t, b.Kept(ticket), journey.NewPasswordPage, "")
			goesOn(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}))
			if got, _ := signedIn(t, b); got != "pwd" {
				t.Errorf("one phone and a password of just now are %q", got)
			}
		}
	}
}

// A ticket that demands two factors asks for the password of whoever has one, and lets
// those who have none go on with what they proved: the application hears what it was.
func TestWhatDemandsTwoFactorsAlwaysEnds(t *testing.T) {
	two := func(t *signin.Ticket) { t.TwoFactors = true }
	w := phonesAsked(t, passwordOrCode)
	dana := w.Customer("dana", w.Hash("tractor"))
	verified(w, dana, customer.Email, "dana@mail.test")
	phoneFactor(w, dana, 14, hers)
	b := w.Browser()
	ticket := b.Ticket(two)
	a := byCode(b, ticket, "dana@mail.test")
	shows(t, a, journey.PasswordPage, journey.PasswordNeeded)
	if a.Page.Codes {
		t.Error("the page offers what is not enough")
	}
	shows(t, b.Password(ticket, "dana@mail.test", "tractor"), journey.TextPage, "")
	goesOn(t, kept(b, ticket, b.Code(ticket, w.Outbox.Last().Code)))
	if got, _ := signedIn(t, b); got != "mfa" {
		t.Errorf("the session is at %q", got)
	}

	otis := w.Customer("otis", "")
	verified(w, otis, customer.Email, "otis@mail.test")
	w.Passkey(otis, passkeytest.New(t, passkeytest.ES256, party), nil)
	f := store.Factor{ID: store.FactorID{77}, Customer: otis, Kind: store.FactorPhone, Slot: 14, Created: w.Now(), Confirmed: w.Now()}
	f.Sealed, _ = w.Master.Seal(t.Context(), w.Live.ID, "factor/"+hex.EncodeToString(f.ID[:]), otp.Address{Address: others, Verified: true}.Encode())
	if err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error { return tx.PutFactor(t.Context(), f) }); err != nil {
		t.Fatal(err)
	}
	b = w.Browser()
	ticket = b.Ticket(two)
	a = byCode(b, ticket, "otis@mail.test")
	if a.Page != nil && a.Page.Page == journey.PasskeyPage {
		a = b.Do(ticket, signin.Given{Act: signin.ActChoose, Way: journey.ByText})
	}
	shows(t, a, journey.TextPage, "")
	goesOn(t, kept(b, ticket, b.Code(ticket, w.Outbox.Last().Code)))
	if got, _ := signedIn(t, b); got != "pwd" {
		t.Errorf("the session is at %q", got)
	}
	// And what is risky is not asked of them again and again: they proved all that they have.
	if err := w.SignIn.Fresh(t.Context(), w.Live, who(t, b), signin.FreshPage); err != nil {
		t.Errorf("they are asked once more: %v", err)
	}
	// Whoever has a password and gave a mailbox alone is asked.
	b = w.Browser()
	ticket = b.Ticket()
	byCode(b, ticket, "dana@mail.test")
	goesOn(t, kept(b, ticket, b.Code(ticket, w.Outbox.Last().Code)))
	if err := w.SignIn.Fresh(t.Context(), w.Live, who(t, b), signin.FreshPage); err == nil {
		t.Error("a mailbox and a phone are as good as a password and a phone")
	}
}
