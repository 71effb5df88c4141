package signin_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
)

// withPhones lets customers have phones as second factors, where when is "always" or "enrolled".
func withPhones(w *signintest.World, when, factors string) {
	const password = "  - {name: password, ask: password}\n"
	w.Apply(w.Live, strings.Replace(signintest.Tree, password, password+"  - {name: code, ask: totp, when: "+when+", factors: ["+factors+"]}\n", 1))
}

// phoned is a Dana who is signed in and may set up phones.
func phoned(t *testing.T) (*signintest.World, *signintest.Browser) {
	t.Helper()
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	withPhones(w, "enrolled", "text, call")
	return w, browsers(t, w, 1)[0]
}

func offerPhone(t *testing.T, b *signintest.Browser, asked signin.PhoneAsked) signin.PhoneOffer {
	t.Helper()
	offer, err := b.World.SignIn.OfferPhone(t.Context(), b.Live, who(t, b), b.Visit(""), asked)
	if err != nil {
		t.Fatal(err)
	}
	return offer
}

func addPhone(t *testing.T, b *signintest.Browser, sealed, typed string) ([]string, error) {
	t.Helper()
	return b.World.SignIn.AddPhone(t.Context(), b.Live, who(t, b), b.Visit(""), sealed, typed)
}

func TestAPhoneIsSetUpByTheCodeThatItGot(t *testing.T) {
	w, b := phoned(t)
	other := browsers(t, w, 1)[0]
	offer := offerPhone(t, b, signin.PhoneAsked{Number: "(212) 555-0123"})
	if m := w.Outbox.Last(); m.Channel != code.SMS || m.Address != "+12125550123" || m.Purpose != code.Factor || offer.To != "…0123" {
		t.Fatalf("sent %+v for %+v", m, offer)
	}
	right := w.Outbox.Last().Code
	refusedFor(t, second(addPhone(t, b, offer.Sealed, wrong(right))), journey.CodeRefused)
	refusedFor(t, second(addPhone(t, b, offer.Sealed, "not a code")), journey.CodeRefused)
	for name, sealed := range map[string]string{"nothing": "", "a forged offer": offer.Sealed[1:], "an app's": offer.Sealed + "A"} {
		if err := second(addPhone(t, b, sealed, right)); !errors.Is(err, signin.ErrOffer) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := second(addPhone(t, other, offer.Sealed, right)); !errors.Is(err, signin.ErrOffer) {
		t.Errorf("in another session: %v", err)
	}
	codes, err := addPhone(t, b, offer.Sealed, right)
	if err != nil || len(codes) != 10 {
		t.Fatalf("got %v, %v", codes, err)
	}
	ways, err := w.SignIn.Ways(t.Context(), w.Live, who(t, b))
	if err != nil || len(ways.Phones) != 1 || ways.Phones[0].Number != "…0123" || ways.Phones[0].Call || ways.Recovery != 10 {
		t.Errorf("her ways are %+v, %v", ways, err)
	}
	// It is asked for from now on, and the session of a password alone changes nothing more.
	if err := second(addPhone(t, b, offer.Sealed, right)); !errors.Is(err, signin.ErrNotFresh) {
		t.Errorf("once more: %v", err)
	}
	_, answer := first(w.Browser())
	shows(t, answer, journey.TextPage, "")
	if n := len(w.Events(audit.FactorRefused)); n != 1 {
		t.Errorf("the ledger tells %d times of a wrong code", n)
	}
}

func TestGuessesAtThePhoneOfAPortalAreLimitedAsAtSignIn(t *testing.T) {
	w, b := phoned(t)
	offer := offerPhone(t, b, signin.PhoneAsked{Number: "+12125550123"})
	right := w.Outbox.Last().Code
	for range 5 {
		refusedFor(t, second(addPhone(t, b, offer.Sealed, wrong(right))), journey.CodeRefused)
	}
	if err := second(addPhone(t, b, offer.Sealed, right)); !errors.Is(err, signin.ErrOffer) {
		t.Errorf("the sixth guess: %v", err)
	}
	// Another code in its place is no fresh start, and a line begun anew has the day's limit.
	_, err := w.SignIn.OfferPhone(t.Context(), w.Live, who(t, b), b.Visit(""), signin.PhoneAsked{Number: "+12125550123", Sealed: offer.Sealed})
	refusedFor(t, err, journey.TooManyAttempts)
	offer = offerPhone(t, b, signin.PhoneAsked{Number: "+12125550199"})
	right = w.Outbox.Last().Code
	for range 5 {
		refusedFor(t, second(addPhone(t, b, offer.Sealed, wrong(right))), journey.CodeRefused)
	}
	offer = offerPhone(t, b, signin.PhoneAsked{Number: "+12125550188"})
	refusedFor(t, second(addPhone(t, b, offer.Sealed, w.Outbox.Last().Code)), journey.TooManyAttempts)
	refused := 0
	for range 8 {
		_, err := w.SignIn.OfferPhone(t.Context(), w.Live, who(t, b), b.Visit(""), signin.PhoneAsked{Number: "+12125550177"})
		var limited *signin.Refusal
		if errors.As(err, &limited) && limited.RetryAfter > 0 {
			refused++
		}
	}
	if refused == 0 {
		t.Error("a number gets as many texts as anybody likes")
	}
}

func TestAPhoneTakesThePlaceOfTheOneBefore(t *testing.T) {
	w, b := phoned(t)
	add := func(b *signintest.Browser, asked signin.PhoneAsked) {
		t.Helper()
		offer := offerPhone(t, b, asked)
		if _, err := addPhone(t, b, offer.Sealed, w.Outbox.Last().Code); err != nil {
			t.Fatal(err)
		}
	}
	add(b, signin.PhoneAsked{Number: "+12125550123"})
	in := func() *signintest.Browser {
		w.Pass(time.Hour)
		b := w.Browser()
		ticket, _ := first(b)
		goesOn(t, b.Code(ticket, w.Outbox.Last().Code))
		return b
	}
	b = in()
	add(b, signin.PhoneAsked{Number: "+12125550199"})
	add(b, signin.PhoneAsked{Number: "+12125550188", Call: true})
	ways, err := w.SignIn.Ways(t.Context(), w.Live, who(t, b))
	if err != nil || len(ways.Phones) != 2 || ways.Phones[0].Number != "…0199" || ways.Phones[1].Number != "…0188" || !ways.Phones[1].Call {
		t.Fatalf("her phones are %+v, %v", ways.Phones, err)
	}
	if err := w.SignIn.RemovePhone(t.Context(), w.Live, who(t, b), b.Visit(""), "00"); !errors.Is(err, signin.ErrNoPhone) {
		t.Errorf("a phone of nobody: %v", err)
	}
	withPhones(w, "always", "text, call")
	remove := func(i int) error {
		return w.SignIn.RemovePhone(t.Context(), w.Live, who(t, b), b.Visit(""), ways.Phones[i].ID)
	}
	if err := remove(0); err != nil {
		t.Fatal(err)
	}
	if err := remove(1); !errors.Is(err, signin.ErrLastFactor) {
		t.Errorf("the last where everybody needs one: %v", err)
	}
	withPhones(w, "enrolled", "text, call")
	if err := remove(1); err != nil {
		t.Fatal(err)
	}
	ways, err = w.SignIn.Ways(t.Context(), w.Live, who(t, b))
	if err != nil || len(ways.Phones) != 0 || ways.Recovery != 0 {
		t.Errorf("left are %+v, %v", ways, err)
	}
}

func TestOnlyPhonesThatTheJourneyAsksForAreSetUp(t *testing.T) {
	w, b := phoned(t)
	withPhones(w, "enrolled", "call")
	for name, asked := range map[string]signin.PhoneAsked{
		"a text":               {Number: "+12125550123"},
		"no number":            {Number: "twelve", Call: true},
		"nothing":              {Call: true},
		"a number without end": {Number: strings.Repeat("2", 1000), Call: true},
	} {
		_, err := w.SignIn.OfferPhone(t.Context(), w.Live, who(t, b), b.Visit(""), asked)
		if !errors.Is(err, signin.ErrNumber) {
			t.Errorf("%s: %v", name, err)
		}
	}
	offer := offerPhone(t, b, signin.PhoneAsked{Number: "+12125550123", Call: true})
	withPhones(w, "enrolled", "")
	if err := second(addPhone(t, b, offer.Sealed, w.Outbox.Last().Code)); !errors.Is(err, signin.ErrNumber) {
		t.Errorf("a call that is asked for no more: %v", err)
	}
}

// Two at once, as on two nodes, do not take the last two away.
func TestTwoRemovalsAtOnceLeaveASecondFactor(t *testing.T) {
	w, b := phoned(t)
	for i, asked := range []signin.PhoneAsked{{Number: "+12125550123"}, {Number: "+12125550188", Call: true}} {
		if i > 0 {
			w.Pass(time.Hour)
			b = w.Browser()
			ticket, _ := first(b)
			goesOn(t, b.Code(ticket, w.Outbox.Last().Code))
		}
		offer := offerPhone(t, b, asked)
		if _, err := addPhone(t, b, offer.Sealed, w.Outbox.Last().Code); err != nil {
			t.Fatal(err)
		}
	}
	withPhones(w, "always", "text, call")
	current := who(t, b)
	ways, err := w.SignIn.Ways(t.Context(), w.Live, current)
	if err != nil || len(ways.Phones) != 2 {
		t.Fatalf("%+v, %v", ways.Phones, err)
	}
	var all sync.WaitGroup
	for _, p := range ways.Phones {
		all.Go(func() { _ = w.SignIn.RemovePhone(t.Context(), w.Live, current, b.Visit(""), p.ID) })
	}
	all.Wait()
	if ways, err = w.SignIn.Ways(t.Context(), w.Live, who(t, b)); err != nil || len(ways.Phones) == 0 {
		t.Errorf("left are %+v, %v", ways.Phones, err)
	}
}
