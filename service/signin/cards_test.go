package signin_test

import (
	"context"
	"errors"
	"testing"

	"sallyport/pure/journey"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

// letters keeps the codes of the card that was posted last.
type letters struct{ codes []string }

func (l *letters) Card(_ context.Context, _ store.Tx, _ *environment.Live, letter code.Letter) error {
	l.codes = letter.Codes
	return nil
}

// Otis has no mobile phone and wants none: his second factor is a card that was posted.
func TestACardThatWasPostedIsASecondFactor(t *testing.T) {
	var cards *code.Cards
	post := &letters{}
	w := world(t, func(c *signin.Config) {
		cards = code.NewCards(code.CardsConfig{Store: c.Store.(code.CardStore), Sealer: c.Sealer, Letters: post, Audit: c.Audit, Now: c.Now, Rand: c.Rand})
		c.Cards = cards
	})
	w.AskForCodes("enrolled")
	otis := w.Customer("otis", w.Hash("tractor"))
	issue := func() {
		t.Helper()
		if err := cards.Issue(t.Context(), w.Live, otis, code.CardOrder{Address: "12 Wharf Lane\nPort Harbour", By: "operator/rita", Reason: "asked for it"}); err != nil {
			t.Fatal(err)
		}
	}
	first := func(b *signintest.Browser) (string, *signin.Answer) {
		ticket := b.Ticket()
		b.Name(ticket, "otis")
		return ticket, b.Password(ticket, "otis", "tractor")
	}
	issue()
	early := w.Browser()
	if _, a := first(early); a.Page != nil {
		t.Fatalf("while the card is on its way he is kept out by %+v", a.Page)
	}

	if _, err := cards.Take(t.Context(), w.Live, otis, post.codes[0]); err != nil { // such as on the phone with the desk
		t.Fatal(err)
	}
	now, err := w.SignIn.Current(t.Context(), w.Live, early.Session())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.SignIn.Fresh(t.Context(), w.Live, now, signin.FreshFor); !errors.Is(err, signin.ErrNotFresh) {
		t.Errorf("who has a card is trusted by a password alone: %v", err)
	}
	b := w.Browser()
	ticket, a := first(b)
	shows(t, a, journey.CardPage, "")
	shows(t, b.Code(ticket, post.codes[0]), journey.CardPage, signin.CardWrong)
	shows(t, b.Code(ticket, ""), journey.CardPage, journey.CodeMissing)
	shows(t, b.Code(ticket, post.codes[1]), journey.CodesPage, "")
	goesOn(t, b.Kept(ticket))
	if got, methods := signedIn(t, b); got != "mfa" || methods != "pwd otp" {
		t.Errorf("the session is %q by %q", got, methods)
	}

	stranger := w.Browser()
	ticket, _ = first(stranger)
	for i := 0; ; i++ {
		a = stranger.Code(ticket, "12345678")
		if a.Page.Problem == journey.TooManyAttempts {
			break
		}
		if shows(t, a, journey.CardPage, signin.CardWrong); i > 20 {
			t.Fatal("guesses at a card are not counted")
		}
	}
}

// Otis left his card on the bus.
func TestACardIsEndedByWhoeverHasItUnlessItIsTheLastFactorThatARuleAsksFor(t *testing.T) {
	var cards *code.Cards
	post := &letters{}
	w := world(t, func(c *signin.Config) {
		cards = code.NewCards(code.CardsConfig{Store: c.Store.(code.CardStore), Sealer: c.Sealer, Letters: post, Audit: c.Audit, Now: c.Now, Rand: c.Rand})
		c.Cards = cards
	})
	w.AskForCodes("always")
	otis := w.Customer("otis", w.Hash("tractor"))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	issue := func() {
		t.Helper()
		must(cards.Issue(t.Context(), w.Live, otis, code.CardOrder{Address: "12 Wharf Lane\nPort Harbour", By: "operator/rita", Reason: "asked for it"}))
	}
	has := func(want string) {
		t.Helper()
		state, err := cards.State(t.Context(), w.Live, otis)
		must(err)
		got := ""
		if state.InUse {
			got = "used"
		}
		if !state.Waiting.IsZero() {
			got += " posted"
		}
		if got != want {
			t.Errorf("he has %q, want %q", got, want)
		}
	}
	issue()
	b := w.Browser()
	ticket := b.Ticket()
	b.Name(ticket, "otis")
	b.Password(ticket, "otis", "tractor")
	shows(t, b.Code(ticket, post.codes[0]), journey.CodesPage, "")
	goesOn(t, b.Kept(ticket))
	old := post.codes
	issue()
	has("used posted")
	end := func(waiting bool) error {
		return w.SignIn.EndCard(t.Context(), w.Live, who(t, b), b.Visit(""), waiting)
	}
	if err := end(false); !errors.Is(err, signin.ErrLastFactor) {
		t.Errorf("the last one, which everybody needs: %v", err)
	}
	must(end(true))
	has("used")
	if taken, err := cards.Take(t.Context(), w.Live, otis, post.codes[0]); err != nil || taken.Match {
		t.Errorf("a code of the one that was posted: %+v, %v", taken, err)
	}
	if err := end(true); !errors.Is(err, signin.ErrNoCard) {
		t.Errorf("what is ended already: %v", err)
	}
	w.AskForCodes("enrolled")
	must(end(false))
	has("")
	if _, err := cards.Take(t.Context(), w.Live, otis, old[1]); !errors.Is(err, code.ErrNoCard) {
		t.Errorf("a code of the one that he lost: %v", err)
	}
	all, err := w.Store.Factors(t.Context(), w.Live.ID, otis)
	if err != nil || len(all) != 0 {
		t.Errorf("left is %+v, %v", all, err)
	}
	w.Pass(signin.FreshFor + 1)
	if err := end(false); !errors.Is(err, signin.ErrNotFresh) {
		t.Errorf("by a sign-in of long ago: %v", err)
	}
}
