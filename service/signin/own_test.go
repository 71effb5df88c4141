package signin_test

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/protocol/otp"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/pure/password"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

const better = "a tractor in the rain"

// who is signed in in a browser, who must be somebody.
func who(t *testing.T, b *signintest.Browser) *signin.Current {
	t.Helper()
	current, err := b.World.SignIn.Current(t.Context(), b.Live, b.Session())
	if err != nil {
		t.Fatal(err)
	}
	return current
}

// name is what a session is called on pages.
func name(c *signin.Current) string { return hex.EncodeToString(c.Session.ID[:]) }

func signedOut(t *testing.T, b *signintest.Browser) bool {
	t.Helper()
	_, err := b.World.SignIn.Current(t.Context(), b.Live, b.Session())
	if err != nil && !errors.Is(err, signin.ErrNoSession) {
		t.Fatal(err)
	}
	return err != nil
}

// browsers are n in which Dana is signed in, one after the other.
func browsers(t *testing.T, w *signintest.World, n int) (all []*signintest.Browser) {
	t.Helper()
	for range n {
		b := w.Browser()
		goesOn(t, b.SignIn("dana", "tractor"))
		all = append(all, b)
		w.Pass(time.Second)
	}
	return all
}

func refusedFor(t *testing.T, err error, want journey.Problem) *signin.Refusal {
	t.Helper()
	var refusal *signin.Refusal
	if !errors.As(err, &refusal) || refusal.Why != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	return refusal
}

func TestDanaSeesHerOwnSessionsAndEndsThem(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	w.Customer("mallory", w.Hash("tractor"))
	all := browsers(t, w, 3)
	mallory := w.Browser()
	goesOn(t, mallory.SignIn("mallory", "tractor"))

	me := who(t, all[2])
	page, next, err := w.SignIn.Sessions(t.Context(), w.Live, me, "", 2)
	if err != nil || len(page) != 2 || next == "" || page[0].Session != name(me) || !page[0].This || page[0].Address != "192.0.2.7" || page[0].Agent != "Test/1.0" {
		t.Fatalf("got %+v, %q, %v", page, next, err)
	}
	rest, next, err := w.SignIn.Sessions(t.Context(), w.Live, me, next, 2)
	if err != nil || len(rest) != 1 || next != "" || rest[0].Session != name(who(t, all[0])) || rest[0].This {
		t.Fatalf("got %+v, %q, %v", rest, next, err)
	}

	end := func(of *signintest.Browser, id string) error {
		return w.SignIn.EndOne(t.Context(), w.Live, who(t, of), of.Visit(""), id)
	}
	oldest := name(who(t, all[0]))
	for name, test := range map[string]struct {
		by *signintest.Browser
		id string
	}{
		"somebody else's": {mallory, oldest},
		"nobody's":        {all[2], strings.Repeat("01", 16)},
		"too short":       {all[2], "0102"},
		"too long":        {all[2], name(me) + "00"},
		"no name":         {all[2], "tractor"},
		"nothing":         {all[2], ""},
	} {
		if err := end(test.by, test.id); !errors.Is(err, signin.ErrNoSession) {
			t.Errorf("%s: %v, want ErrNoSession", name, err)
		}
	}
	// A session of one environment is none of another.
	if err := w.SignIn.EndOne(t.Context(), w.Preview, me, all[2].Visit(""), oldest); !errors.Is(err, signin.ErrNoSession) {
		t.Errorf("in another environment: %v", err)
	}
	if signedOut(t, all[0]) {
		t.Fatal("somebody else ended it")
	}
	if err := end(all[2], oldest); err != nil || !signedOut(t, all[0]) || signedOut(t, all[1]) {
		t.Fatalf("ending one: %v", err)
	}
	if err := end(all[2], oldest); !errors.Is(err, signin.ErrNoSession) {
		t.Errorf("ending it again: %v", err)
	}
	ended := w.Events(audit.SignedOut)
	if len(ended) != 1 || ended[0].Actor != "customer/"+me.Customer.ID.String() || !strings.Contains(string(ended[0].Personal), "192.0.2.7") {
		t.Errorf("the ledger says %+v", ended)
	}
}

func TestEndingAllOthersLeavesThisOneAndTellsEveryNode(t *testing.T) {
	w := world(t, func(c *signin.Config) { c.Limits.Source = signin.Limit{Burst: 1000, Interval: time.Second} })
	w.Customer("dana", w.Hash("tractor"))
	all := browsers(t, w, 3)
	mallory := w.Browser()
	w.Customer("mallory", w.Hash("tractor"))
	goesOn(t, mallory.SignIn("mallory", "tractor"))
	me := all[1]
	more(t, w, who(t, me), 120) // more than one transaction ends
	n, err := w.SignIn.EndOthers(t.Context(), w.Live, who(t, me), me.Visit(""))
	if err != nil || n != 122 {
		t.Fatalf("ended %d, %v; want 122", n, err)
	}
	if signedOut(t, me) || signedOut(t, mallory) || !signedOut(t, all[0]) || !signedOut(t, all[2]) {
		t.Error("the wrong sessions ended")
	}
	feed, err := w.Store.FeedAfter(t.Context(), 0, 1000)
	told := 0
	for _, e := range feed {
		if e.Kind == store.SessionEnded {
			told++
		}
	}
	if err != nil || told != 122 || len(w.Events(audit.SignedOut)) != 122 {
		t.Errorf("%d are told of, %v", told, err)
	}
	// Whoever was thrown out meanwhile throws nobody out any more.
	if n, err := w.SignIn.EndOthers(t.Context(), w.Live, who(t, me), me.Visit("")); err != nil || n != 0 {
		t.Errorf("again: %d, %v", n, err)
	}
}

// more are sessions like one, without their cookies.
func more(t *testing.T, w *signintest.World, like *signin.Current, n int) {
	t.Helper()
	err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		for i := range n {
			s := like.Session
			s.ID = store.SessionID{0xff, byte(i), byte(i >> 8)}
			if err := tx.CreateSession(t.Context(), s); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What was ended by a cut is not shown as if it lived.
func TestSessionsFromBeforeACutAreNotListed(t *testing.T) {
	w := world(t, nil)
	dana := w.Customer("dana", w.Hash("tractor"))
	browsers(t, w, 2)
	if err := w.Directory.SignOut(t.Context(), w.Live.ID, dana, audit.System); err != nil {
		t.Fatal(err)
	}
	me := browsers(t, w, 1)[0]
	page, next, err := w.SignIn.Sessions(t.Context(), w.Live, who(t, me), "", 50)
	if err != nil || len(page) != 1 || next != "" {
		t.Errorf("got %d, %q, %v; want hers alone", len(page), next, err)
	}
}

func TestAnActOfASessionThatWasJustEndedIsNotDone(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	all := browsers(t, w, 2)
	thief, dana := who(t, all[0]), all[1] // read before it was ended
	if _, err := w.SignIn.EndOthers(t.Context(), w.Live, who(t, dana), dana.Visit("")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.SignIn.EndOthers(t.Context(), w.Live, thief, all[0].Visit("")); !errors.Is(err, signin.ErrNoSession) {
		t.Errorf("ending hers: %v", err)
	}
	change := signin.PasswordChange{Old: "tractor", New: better}
	if _, err := w.SignIn.ChangePassword(t.Context(), w.Live, thief, all[0].Visit(""), change); !errors.Is(err, signin.ErrNoSession) {
		t.Errorf("changing the password: %v", err)
	}
	if signedOut(t, dana) {
		t.Error("she was thrown out")
	}
	goesOn(t, w.Browser().SignIn("dana", "tractor"))
}

// A cut ends no rows. What was begun before it, by a thief who waited with it, is
// not done either.
func TestAnActOfASessionThatWasCutIsNotDone(t *testing.T) {
	for name, cut := range map[string]func(*signintest.World, customer.ID) error{
		"signed out everywhere": func(w *signintest.World, id customer.ID) error {
			return w.Directory.SignOut(t.Context(), w.Live.ID, id, audit.System)
		},
		"switched off": func(w *signintest.World, id customer.ID) error {
			return w.Directory.Disable(t.Context(), w.Live.ID, id, audit.System)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := world(t, nil)
			id := w.Customer("dana", w.Hash("tractor"))
			w.AskForCodes("enrolled")
			thief := browsers(t, w, 1)[0]
			his := who(t, thief)
			offer, err := w.SignIn.OfferApp(t.Context(), w.Live, his, thief.Visit(""), "")
			if err != nil {
				t.Fatal(err)
			}
			w.Pass(time.Second)
			if err := cut(w, id); err != nil {
				t.Fatal(err)
			}
			code := phoneOf(t, w, offer).code()
			if _, err := w.SignIn.EnrolApp(t.Context(), w.Live, his, thief.Visit(""), offer.Sealed, code); !errors.Is(err, signin.ErrNoSession) {
				t.Errorf("setting up an app: %v", err)
			}
			if _, err := w.SignIn.RenewRecovery(t.Context(), w.Live, his, thief.Visit("")); !errors.Is(err, signin.ErrNoApp) {
				t.Errorf("she has an app: %v", err)
			}
		})
	}
}

func TestAPasswordIsChangedAndNothingOfBeforeLives(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	all := browsers(t, w, 3)
	me := all[1]
	before := who(t, me)
	w.Pass(time.Minute)
	visit := me.Visit("")
	visit.Agent = "Other/2.0"
	done, err := w.SignIn.ChangePassword(t.Context(), w.Live, before, visit, signin.PasswordChange{Old: "tractor", New: better})
	cookies := done.Cookies
	if err != nil || done.Over || len(cookies) != 2 || cookies[0].Name != signin.CookieName(w.Live.ID, true) {
		t.Fatalf("got %+v, %v", cookies, err)
	}
	for i, b := range all {
		if !signedOut(t, b) {
			t.Errorf("session %d lives by its old cookie", i)
		}
	}
	me.Cookies[cookies[0].Name] = cookies[0].Value
	after := who(t, me)
	if after.Session.ID == before.Session.ID || !after.Session.Expires.Equal(before.Session.Expires) || after.Session.Assurance != "pwd" || after.Session.Agent != "Other/2.0" {
		t.Errorf("the session is %+v", after.Session)
	}
	if cookies[0].Life != before.Session.Expires.Sub(w.Now()) {
		t.Errorf("the cookie lives for %v", cookies[0].Life)
	}
	shows(t, w.Browser().SignIn("dana", "tractor"), journey.PasswordPage, journey.NotRecognised)
	goesOn(t, w.Browser().SignIn("dana", better))
	changed := w.Events(audit.PasswordChanged)
	if len(changed) != 1 || changed[0].Actor != "customer/"+before.Customer.ID.String() || changed[0].Customer != before.Customer.ID.String() {
		t.Errorf("the ledger says %+v", changed)
	}
	for _, e := range w.Events("") {
		if strings.Contains(string(e.Body)+string(e.Personal), better) || strings.Contains(string(e.Body)+string(e.Personal), "tractor") {
			t.Errorf("%s holds a password", e.Type)
		}
	}
	feed, err := w.Store.FeedAfter(t.Context(), 0, 1000)
	told := false
	for _, e := range feed {
		told = told || e.Kind == store.CustomerRevoked && e.Subject == before.Customer.ID.String()
	}
	if err != nil || !told {
		t.Error("the nodes do not hear of it")
	}
	if w, err := w.SignIn.Ways(t.Context(), w.Live, after); err != nil || !w.Password.Equal(after.Session.Created) || w.Offered {
		t.Errorf("her ways are %+v, %v", w, err)
	}
}

// The password was proved just now, and the code some time ago: no session says
// that both were.
func TestWhoeverHasTwoFactorsSignsInAgainWithTheNewPassword(t *testing.T) {
	w, p, _ := enrolled(t, nil)
	b := w.Browser()
	ticket, _ := first(b)
	goesOn(t, b.Code(ticket, p.code()))
	w.Pass(9 * time.Minute)
	done, err := w.SignIn.ChangePassword(t.Context(), w.Live, who(t, b), b.Visit(""), signin.PasswordChange{Old: "tractor", New: "xK9#mQ2v"})
	if err != nil || !done.Over || len(done.Cookies) != 2 || done.Cookies[0].Value != "" {
		t.Fatalf("got %+v, %v", done, err)
	}
	if !signedOut(t, b) {
		t.Error("she is signed in")
	}
	ticket = b.Ticket()
	b.Name(ticket, "dana")
	shows(t, b.Password(ticket, "dana", "xK9#mQ2v"), journey.CodePage, "")
	goesOn(t, b.Code(ticket, p.code()))
}

func TestWhatIsWrongWithANewPasswordIsToldAndNothingChanges(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor tractor in"))
	b := w.Browser()
	goesOn(t, b.SignIn("dana", "tractor tractor in"))
	for name, test := range map[string]struct {
		old, new string
		want     error
	}{
		"short":             {"tractor tractor in", "tractor", password.ErrShort},
		"her own name":      {"tractor tractor in", "dana@mail.test 123", password.ErrGuessable},
		"the old one":       {"tractor tractor in", "tractor tractor in", signin.ErrSamePassword},
		"no text":           {"tractor tractor in", "tractor in the \x00rain", password.ErrText},
		"short, and old is": {"wrong", "x", password.ErrShort}, // so that it tells nothing of the old one
	} {
		_, err := w.SignIn.ChangePassword(t.Context(), w.Live, who(t, b), b.Visit(""), signin.PasswordChange{Old: test.old, New: test.new})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	if signedOut(t, b) || len(w.Events(audit.PasswordChanged)) != 0 {
		t.Error("something changed")
	}
}

// Whoever holds a stolen session may not guess at the password with it more often
// than anybody at the sign-in page, and the guesses of both are one count.
func TestGuessesAtTheOldPasswordAreLimitedLikeThoseAtSignIn(t *testing.T) {
	w := world(t, func(c *signin.Config) {
		c.Limits.Device = signin.Limit{Burst: 3, Interval: time.Minute}
		c.Limits.Account = signin.Limit{Burst: 3, Interval: time.Minute}
	})
	w.Customer("dana", w.Hash("tractor"))
	b := browsers(t, w, 1)[0]
	change := func(old string) error {
		_, err := w.SignIn.ChangePassword(t.Context(), w.Live, who(t, b), b.Visit(""), signin.PasswordChange{Old: old, New: better})
		return err
	}
	refusal := refusedFor(t, change("wrong"), journey.NotRecognised)
	if e := w.Events(audit.PasswordRefused); len(e) != 1 || e[0].Trace != refusal.Reference || e[0].Result != "wrong-password" {
		t.Errorf("the ledger says %+v", e)
	}
	var looked atomic.Int32
	var group sync.WaitGroup
	for range 12 {
		group.Go(func() {
			var refusal *signin.Refusal
			if errors.As(change("wrong"), &refusal) && refusal.Why == journey.NotRecognised {
				looked.Add(1)
			}
		})
	}
	group.Wait()
	if looked.Load() != 2 {
		t.Errorf("%d guesses were looked at, want 2 more", looked.Load())
	}
	if r := refusedFor(t, change("tractor"), journey.TooManyAttempts); r.RetryAfter <= 0 || r.Reference == "" {
		t.Errorf("got %+v", r)
	}
	shows(t, b.Password(again(b), "dana", "tractor"), journey.PasswordPage, journey.TooManyAttempts)
	w.Pass(time.Minute)
	if err := change("tractor"); err != nil {
		t.Errorf("after a minute: %v", err)
	}
}

// again is a ticket that wants the password of whoever is signed in.
func again(b *signintest.Browser) string {
	ticket := b.Ticket(func(t *signin.Ticket) { t.Reauthenticate, t.Created = true, b.World.Now().Add(time.Millisecond) })
	b.Name(ticket, "dana")
	return ticket
}

func TestOfTwoChangesAtOnceOneIsDone(t *testing.T) {
	w := world(t, func(c *signin.Config) { c.Limits.Device.Burst, c.Limits.Device.Interval = 100, time.Second })
	w.Customer("dana", w.Hash("tractor"))
	all := browsers(t, w, 8)
	var done atomic.Int32
	var group sync.WaitGroup
	for _, b := range all {
		current := who(t, b)
		group.Go(func() {
			_, err := w.SignIn.ChangePassword(context.Background(), w.Live, current, b.Visit(""), signin.PasswordChange{Old: "tractor", New: better})
			var refusal *signin.Refusal
			switch {
			case err == nil:
				done.Add(1)
			case !errors.As(err, &refusal) && !errors.Is(err, signin.ErrNoSession):
				t.Error(err)
			}
		})
	}
	group.Wait()
	if done.Load() != 1 || len(w.Events(audit.PasswordChanged)) != 1 {
		t.Errorf("%d changes were done", done.Load())
	}
}

// phoneOf is the app that was set up with an offer.
func phoneOf(t *testing.T, w *signintest.World, offer signin.Offer) phone {
	t.Helper()
	key, label, err := otp.ParseURI(offer.URI)
	if err != nil || label.Account != "dana@mail.test" || label.Issuer != "Harbourlight Energy" {
		t.Fatalf("the key is of %+v, %v", label, err)
	}
	return phone{w, key}
}

func TestAnAppIsSetUpUsedRenewedAndRemoved(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	w.AskForCodes("enrolled")
	b := browsers(t, w, 1)[0]
	me := who(t, b)
	offer, err := w.SignIn.OfferApp(t.Context(), w.Live, me, b.Visit(""), "")
	if err != nil {
		t.Fatal(err)
	}
	p := phoneOf(t, w, offer)
	if again, err := w.SignIn.OfferApp(t.Context(), w.Live, me, b.Visit(""), offer.Sealed); err != nil || again != offer {
		t.Errorf("the offer changes: %+v, %v", again, err)
	}
	enrol := func(sealed, code string) ([]string, error) {
		return w.SignIn.EnrolApp(t.Context(), w.Live, who(t, b), b.Visit(""), sealed, code)
	}
	_, err = enrol(offer.Sealed, p.wrong())
	refusedFor(t, err, journey.CodeRefused)
	if _, err := enrol(offer.Sealed[1:], p.code()); !errors.Is(err, signin.ErrOffer) {
		t.Errorf("a forged offer: %v", err)
	}
	codes, err := enrol(offer.Sealed, p.code())
	if err != nil || len(codes) != 10 {
		t.Fatalf("got %v, %v", codes, err)
	}
	ways, err := w.SignIn.Ways(t.Context(), w.Live, me)
	if err != nil || !ways.Offered || ways.Required || !ways.App.Equal(w.Now()) || ways.Recovery != 10 {
		t.Errorf("her ways are %+v, %v", ways, err)
	}
	// From now on a session of the password alone changes nothing of it.
	if _, err := enrol(offer.Sealed, p.code()); !errors.Is(err, signin.ErrNotFresh) {
		t.Errorf("a second app with one factor: %v", err)
	}
	for name, do := range map[string]func(*signin.Current) error{
		"new codes": func(c *signin.Current) error {
			return second(w.SignIn.RenewRecovery(t.Context(), w.Live, c, b.Visit("")))
		},
		"removing it": func(c *signin.Current) error { return w.SignIn.RemoveApp(t.Context(), w.Live, c, b.Visit(""), "") },
		"a password": func(c *signin.Current) error {
			return second(w.SignIn.ChangePassword(t.Context(), w.Live, c, b.Visit(""), signin.PasswordChange{Old: "tractor", New: better}))
		},
		"another offer": func(c *signin.Current) error {
			return second(w.SignIn.OfferApp(t.Context(), w.Live, c, b.Visit(""), ""))
		},
	} {
		if err := do(me); !errors.Is(err, signin.ErrNotFresh) {
			t.Errorf("%s with one factor: %v, want ErrNotFresh", name, err)
		}
	}

	w.Pass(time.Minute)
	b = w.Browser()
	ticket, answer := first(b)
	shows(t, answer, journey.CodePage, "")
	goesOn(t, b.Recovery(ticket, codes[0]))
	me = who(t, b)
	if err := second(w.SignIn.OfferApp(t.Context(), w.Live, me, b.Visit(""), "")); err != nil {
		t.Errorf("an offer to who has one: %v", err)
	}
	fresh, err := w.SignIn.RenewRecovery(t.Context(), w.Live, me, b.Visit(""))
	if err != nil || len(fresh) != 10 || fresh[0] == codes[0] {
		t.Fatalf("got %v, %v", fresh, err)
	}
	other := w.Browser()
	ticket, _ = first(other)
	shows(t, other.Recovery(ticket, codes[1]), journey.RecoveryPage, journey.RecoveryRefused)
	goesOn(t, other.Recovery(ticket, fresh[1]))

	if err := w.SignIn.RemoveApp(t.Context(), w.Live, me, b.Visit(""), ""); err != nil {
		t.Fatal(err)
	}
	if err := w.SignIn.RemoveApp(t.Context(), w.Live, me, b.Visit(""), ""); !errors.Is(err, signin.ErrNoApp) {
		t.Errorf("again: %v", err)
	}
	if err := second(w.SignIn.RenewRecovery(t.Context(), w.Live, me, b.Visit(""))); !errors.Is(err, signin.ErrNoApp) {
		t.Errorf("codes without an app: %v", err)
	}
	goesOn(t, w.Browser().SignIn("dana", "tractor"))
	for kind, want := range map[audit.Type]int{audit.FactorEnrolled: 3, audit.FactorRemoved: 2, audit.FactorRefused: 2} {
		if n := len(w.Events(kind)); n != want {
			t.Errorf("the ledger tells %d times of %s, want %d", n, kind, want)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestAnOfferIsGoodForItsSessionAndATimeAlone(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	w.AskForCodes("enrolled")
	all := browsers(t, w, 2)
	offer, err := w.SignIn.OfferApp(t.Context(), w.Live, who(t, all[0]), all[0].Visit(""), "")
	if err != nil {
		t.Fatal(err)
	}
	p := phoneOf(t, w, offer)
	enrol := func(b *signintest.Browser) error {
		return second(w.SignIn.EnrolApp(t.Context(), w.Live, who(t, b), b.Visit(""), offer.Sealed, p.code()))
	}
	if err := enrol(all[1]); !errors.Is(err, signin.ErrOffer) {
		t.Errorf("another session: %v", err)
	}
	w.Pass(31 * time.Minute)
	ticket := again(all[0])
	goesOn(t, all[0].Password(ticket, "dana", "tractor"))
	if err := enrol(all[0]); !errors.Is(err, signin.ErrOffer) {
		t.Errorf("half an hour later: %v", err)
	}
}

func TestCodesAtEnrolmentAreLimited(t *testing.T) {
	w := world(t, func(c *signin.Config) { c.Limits.Code = signin.Limit{Burst: 2, Interval: time.Minute} })
	w.Customer("dana", w.Hash("tractor"))
	w.AskForCodes("enrolled")
	b := browsers(t, w, 1)[0]
	offer, err := w.SignIn.OfferApp(t.Context(), w.Live, who(t, b), b.Visit(""), "")
	if err != nil {
		t.Fatal(err)
	}
	p := phoneOf(t, w, offer)
	for i, want := range []journey.Problem{journey.CodeRefused, journey.CodeRefused, journey.TooManyAttempts} {
		code := p.wrong()
		if i == 2 {
			code = p.code()
		}
		refusedFor(t, second(w.SignIn.EnrolApp(t.Context(), w.Live, who(t, b), b.Visit(""), offer.Sealed, code)), want)
	}
}

func TestWhereNoCodesAreAskedForNoAppIsSetUp(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	b := browsers(t, w, 1)[0]
	for name, err := range map[string]error{
		"offer":  second(w.SignIn.OfferApp(t.Context(), w.Live, who(t, b), b.Visit(""), "")),
		"enrol":  second(w.SignIn.EnrolApp(t.Context(), w.Live, who(t, b), b.Visit(""), "x", "123456")),
		"renew":  second(w.SignIn.RenewRecovery(t.Context(), w.Live, who(t, b), b.Visit(""))),
		"remove": w.SignIn.RemoveApp(t.Context(), w.Live, who(t, b), b.Visit(""), ""),
	} {
		if !errors.Is(err, signin.ErrNoApp) {
			t.Errorf("%s: %v, want ErrNoApp", name, err)
		}
	}
}

func TestWhatIsRiskyWantsASignInOfAMomentAgo(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	b := browsers(t, w, 1)[0]
	w.Pass(signin.FreshPage - time.Second)
	for within, want := range map[time.Duration]error{signin.FreshPage: nil, signin.FreshFor: nil} {
		if err := w.SignIn.Fresh(t.Context(), w.Live, who(t, b), within); !errors.Is(err, want) {
			t.Errorf("within %v: %v", within, err)
		}
	}
	w.Pass(signin.FreshPage + time.Second)
	change := func() error {
		return second(w.SignIn.ChangePassword(t.Context(), w.Live, who(t, b), b.Visit(""), signin.PasswordChange{Old: "tractor", New: better}))
	}
	if err := w.SignIn.Fresh(t.Context(), w.Live, who(t, b), signin.FreshPage); !errors.Is(err, signin.ErrNotFresh) {
		t.Errorf("ten minutes later the page is open: %v", err)
	}
	w.Pass(time.Second)
	if err := change(); !errors.Is(err, signin.ErrNotFresh) {
		t.Fatalf("more than ten minutes later: %v", err)
	}
	location, err := w.SignIn.BeginAgain(t.Context(), w.Live, who(t, b), signin.Ticket{Return: "/account/password"})
	if err != nil {
		t.Fatal(err)
	}
	ticket := strings.TrimPrefix(location, "/signin?t=")
	answer := b.Open(ticket)
	if answer.Page == nil || answer.Page.Identifier != "dana@mail.test" {
		t.Fatalf("got %+v; want the page with her name, though she is signed in", answer.Page)
	}
	b.Name(ticket, "dana@mail.test")
	if answer := b.Password(ticket, "dana@mail.test", "tractor"); answer.Next != signintest.URL+"/account/password" {
		t.Fatalf("it leads to %q", answer.Next)
	}
	if err := change(); err != nil {
		t.Errorf("fresh again: %v", err)
	}
}

func TestTheLastUseOfASessionIsNotedNowAndThen(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	b := browsers(t, w, 1)[0]
	began := who(t, b).Session.Used
	w.Pass(9 * time.Minute)
	if used := who(t, b).Session.Used; !used.Equal(began) {
		t.Errorf("after nine minutes it was used at %v", used)
	}
	w.Pass(time.Minute)
	who(t, b)
	stored, err := w.Store.Session(t.Context(), w.Live.ID, who(t, b).Session.ID)
	if err != nil || !stored.Used.Equal(w.Now()) {
		t.Errorf("it was used at %v, %v; want now", stored.Used, err)
	}
}

// A better hash of the same password is no new password.
func TestAnUpgradeDoesNotMakeAPasswordYounger(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", saltedSHA1(t, "tractor"))
	set := w.Now()
	w.Pass(time.Hour)
	b := browsers(t, w, 1)[0]
	if ways, err := w.SignIn.Ways(t.Context(), w.Live, who(t, b)); err != nil || !ways.Password.Equal(set) {
		t.Errorf("it is from %v, %v; want %v", ways.Password, err, set)
	}
}

func TestDetailsOfEventsAreObjects(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("tractor"))
	b := browsers(t, w, 1)[0]
	_ = second(w.SignIn.ChangePassword(t.Context(), w.Live, who(t, b), b.Visit(""), signin.PasswordChange{Old: "wrong", New: better}))
	var said struct {
		Detail struct{ Session, Proof string }
	}
	e := w.Events(audit.PasswordRefused)
	if len(e) != 1 || json.Unmarshal(e[0].Body, &said) != nil || said.Detail.Proof != "password" || len(said.Detail.Session) != 32 {
		t.Errorf("the ledger says %s", e[0].Body)
	}
}
