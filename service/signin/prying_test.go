package signin_test

import (
	"strings"
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

// One who spells a number in another way is told no more of whether it is known: limits on
// what is sent count both alike, whoever has it or nobody.
func TestSpellingAnAddressOtherwiseTellsNothing(t *testing.T) {
	w := open(t)
	dana := w.Customer("dana", w.Hash("tractor"))
	number, err := customer.Normalise(customer.Phone, "+12125550142", "US")
	if err != nil {
		t.Fatal(err)
	}
	number.Verified = true
	if err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error { return tx.PutIdentifier(t.Context(), dana, number) }); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct{ plain, spaced string }{{"+12125550142", "(212) 555-0142"}, {"+12125559142", "(212) 555-9142"}, {"emma@mail.test", " Emma@MAIL.test"}} {
		limited := 0
		for range 8 {
			b := w.Browser()
			if a := b.Name(b.Ticket(recovering), one.plain); a.Page.Problem == journey.TooManyAttempts {
				limited++
			}
		}
		b := w.Browser()
		a := b.Name(b.Ticket(recovering), one.spaced)
		if limited == 0 || a.Page.Problem != journey.TooManyAttempts {
			t.Errorf("%s: %d were limited, and of another spelling the page says %q", one.plain, limited, a.Page.Problem)
		}
	}
}

func TestWhatCostsNoGuessDoesNotFillTheLedger(t *testing.T) {
	w := open(t)
	b := w.Browser()
	ticket := b.Ticket(recovering)
	b.Name(ticket, "emma@mail.test")
	for range 50 {
		shows(t, b.Answer(ticket, "address", map[string]string{"code": "not a code"}), journey.VerifyPage, signin.CodeWrong)
	}
	if n := len(w.Events(audit.FactorRefused)); n == 0 || n > 5 {
		t.Errorf("50 answers that were no codes left %d events", n)
	}
}

// Whoever took a phone must not get in by its messages alone: not by the code of the
// recovery, and then that of the second factor.
func TestOnePhoneIsNotBothFactorsOfARecovery(t *testing.T) {
	w := world(t, nil)
	const password, number = "  - {name: password, ask: password}\n", "+12125550142"
	w.Apply(w.Live, strings.Replace(signintest.Tree, password, password+"  - {name: code, ask: totp, factors: [text, call]}\n", 1)+signintest.Journeys[strings.Index(signintest.Journeys, "---\nkind: journey\nname: recovery"):])
	dana := w.Customer("dana", w.Hash("tractor"))
	verify(w, dana, "dana@mail.test")
	if err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		return tx.PutIdentifier(t.Context(), dana, customer.Identifier{Kind: customer.Phone, Value: number, Display: number, Verified: true})
	}); err != nil {
		t.Fatal(err)
	}
	recover := func(name string) (*signintest.Browser, string) {
		b := w.Browser()
		ticket := b.Ticket(recovering)
		shows(t, b.Name(ticket, name), journey.VerifyPage, "")
		return b, ticket
	}
	if recover(number); w.Outbox.Last().Address != number {
		t.Fatalf("as long as it is no second factor: %+v", w.Outbox.Last())
	}
	b := w.Browser()
	ticket, a := first(b)
	shows(t, a, journey.EnrolPage, "")
	shows(t, b.Act(ticket, "", signin.ActPhone), journey.PhonePage, "")
	a, err := w.SignIn.Give(t.Context(), b.Live, b.Visit(ticket), signin.Given{Act: signin.ActPhone, Code: number, Way: journey.ByText})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range a.Cookies {
		b.Cookies[c.Name] = c.Value
	}
	shows(t, b.Code(ticket, w.Outbox.Last().Code), journey.CodesPage, "")
	goesOn(t, b.Kept(ticket))

	sent, decoys := w.Outbox.Counts()
	recover(number)
	if now, nobody := w.Outbox.Counts(); now != sent || nobody != decoys+1 {
		t.Errorf("the phone that is the second factor gets the first one, too: %+v", w.Outbox.Last())
	}
	b, ticket = recover("dana@mail.test")
	shows(t, b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code}), journey.TextPage, "")
}
