package signin_test

import (
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
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
