package signin_test

import (
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

const hallPhone = "+12125550142"

// callable is a world in which Dana recovers by a phone that she proved.
func callable(t *testing.T, change func(*signin.Config)) *signintest.World {
	t.Helper()
	w := world(t, change)
	w.AllJourneys()
	dana := w.Customer("dana", w.Hash("tractor"))
	if err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		return tx.PutIdentifier(t.Context(), dana, customer.Identifier{Kind: customer.Phone, Value: hallPhone, Display: hallPhone, Verified: true})
	}); err != nil {
		t.Fatal(err)
	}
	return w
}

// another asks for another code by a way.
func another(b *signintest.Browser, ticket string, way journey.Proof) *signin.Answer {
	b.World.T.Helper()
	return giveAll(b, ticket, signin.Given{Step: "address", Act: signin.ActAgain, Way: way})
}

func giveAll(b *signintest.Browser, ticket string, given signin.Given) *signin.Answer {
	b.World.T.Helper()
	answer, err := b.World.SignIn.Give(b.World.T.Context(), b.Live, b.Visit(ticket), given)
	if err != nil {
		b.World.T.Fatal(err)
	}
	for _, c := range answer.Cookies {
		b.Cookies[c.Name] = c.Value
	}
	return answer
}

// A phone that is sent texts can be called instead, whether or not anybody has it; and
// guesses at either code are guesses at one.
func TestACodeCanBeToldInsteadOfSent(t *testing.T) {
	for _, name := range []string{hallPhone, "+12125550199"} {
		w := callable(t, nil)
		b := w.Browser()
		ticket := b.Ticket(recovering)
		a := b.Name(ticket, name)
		if shows(t, a, journey.VerifyPage, ""); a.Sent.Channel != code.SMS || a.Sent.Other != code.Voice {
			t.Fatalf("%s: the page tells of %+v", name, a.Sent)
		}
		b.Answer(ticket, "address", map[string]string{"code": "000000"})
		b.Answer(ticket, "address", map[string]string{"code": "000001"})
		a = another(b, ticket, journey.ByCall)
		if shows(t, a, journey.VerifyPage, ""); a.Sent.Channel != code.Voice || a.Sent.Other != code.SMS {
			t.Errorf("%s: the page tells of %+v", name, a.Sent)
		}
		if a = b.Open(ticket); a.Sent.Channel != code.Voice {
			t.Errorf("%s: reloaded, it tells of %+v", name, a.Sent)
		}
		if a = another(b, ticket, ""); a.Sent.Channel != code.Voice {
			t.Errorf("%s: another code comes by %+v", name, a.Sent)
		}
		if m := w.Outbox.Last(); name == hallPhone && (m.Channel != code.Voice || m.Address != hallPhone) {
			t.Errorf("the last code went by %q to %q", m.Channel, m.Address)
		}
		for _, guess := range []string{"000002", "000003", "000004"} {
			shows(t, b.Answer(ticket, "address", map[string]string{"code": guess}), journey.VerifyPage, signin.CodeWrong)
		}
		a = b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code})
		if a.Page == nil || a.Page.Page != journey.VerifyPage || a.Page.Problem == "" {
			t.Errorf("%s: the sixth guess of a line is looked at: %+v", name, a.Page)
		}
	}
}

func TestAToldCodeIsATelephoneInTheSession(t *testing.T) {
	w := callable(t, nil)
	b := w.Browser()
	ticket := b.Ticket(recovering)
	b.Name(ticket, hallPhone)
	another(b, ticket, journey.ByCall)
	shows(t, b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code}), journey.NewPasswordPage, "")
	goesOn(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}))
	if got, methods := signedIn(t, b); got != "pwd" || methods != "pwd tel" {
		t.Errorf("the session is %q by %q", got, methods)
	}
}

func TestNoOtherWayIsOfferedWhereThereIsNone(t *testing.T) {
	w := callable(t, func(c *signin.Config) {
		c.Delivers = func(_ *environment.Live, by code.Channel) bool { return by != code.Voice }
	})
	b := w.Browser()
	ticket := b.Ticket(recovering)
	if a := b.Name(ticket, hallPhone); a.Sent.Other != "" {
		t.Errorf("without anybody who calls: %+v", a.Sent)
	}
	if a := another(b, ticket, journey.ByCall); a.Sent.Channel != code.SMS || w.Outbox.Last().Channel != code.SMS {
		t.Errorf("a call that nobody makes: %+v", a.Sent)
	}
	ticket = b.Ticket(recovering)
	if a := b.Name(ticket, "dana@mail.test"); a.Sent.Other != "" {
		t.Errorf("of a mailbox: %+v", a.Sent)
	}
}
