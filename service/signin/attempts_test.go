package signin_test

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
)

// roomy lets a test look at one limit alone.
var roomy = signin.Limit{Burst: 100_000, Interval: time.Second}

func limited(account, device, source signin.Limit) func(*signin.Config) {
	return func(cfg *signin.Config) {
		cfg.Limits = signin.Limits{Account: account, Device: device, Source: source}
	}
}

var three = signin.Limit{Burst: 3, Interval: time.Minute}

// Two hundred guesses at once, each from another address, look at no more
// passwords than the account's limit.
func TestParallelGuessesFromEverywhereAreCountedTogether(t *testing.T) {
	for _, name := range []string{"dana", "nobody"} {
		t.Run(name, func(t *testing.T) {
			w := world(t, limited(three, three, roomy))
			w.Customer("dana", w.Hash("correct horse"))
			// An alias counts for itself, whoever has it: nothing tells whose it is.
			names := []string{name, strings.ToUpper(name), "  " + name, name + "@mail.test", strings.ToUpper(name) + "@mail.TEST"}
			var evaluated, refused atomic.Int32
			var group sync.WaitGroup
			for i := range 200 {
				group.Go(func() {
					b := w.Browser()
					b.Address = netip.AddrFrom4([4]byte{198, 51, byte(i / 250), byte(i)})
					answer := b.SignIn(names[i%len(names)], fmt.Sprint("guess ", i))
					switch answer.Page.Problem {
					case journey.NotRecognised:
						evaluated.Add(1)
					case journey.TooManyAttempts:
						refused.Add(1)
					}
				})
			}
			group.Wait()
			if evaluated.Load() != 6 || refused.Load() != 194 {
				t.Errorf("%d guesses were evaluated and %d refused, want 3 by each name and 194", evaluated.Load(), refused.Load())
			}
			if n := len(w.Events(audit.SignInRefused)); n != 6 {
				t.Errorf("the ledger tells of %d refusals, want 6", n)
			}
			if n := len(w.Events(audit.SignInLimited)); n != 2 {
				t.Errorf("the ledger tells %d times of the limit, want once in ten seconds for each name", n)
			}
		})
	}
}

func TestOneSourceIsLimitedOverAllAccounts(t *testing.T) {
	w := world(t, limited(roomy, roomy, three))
	guess := func(address string, i int) journey.Problem {
		b := w.Browser()
		b.Address = netip.MustParseAddr(address)
		return b.SignIn(fmt.Sprint("customer", i), "guess").Page.Problem
	}
	for i := range 3 { // neighbours in one /64 are one source
		if got := guess(fmt.Sprintf("2001:db8:1:2::%d", i), i); got != journey.NotRecognised {
			t.Fatalf("guess %d: %q", i, got)
		}
	}
	if got := guess("2001:db8:1:2:ffff::9", 9); got != journey.TooManyAttempts {
		t.Errorf("a fourth guess from the /64: %q, want it limited", got)
	}
	if got := guess("2001:db8:1:3::1", 9); got != journey.NotRecognised {
		t.Errorf("another /64: %q, want it free", got)
	}
	for i := range 3 {
		guess([]string{"192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"}[i], i)
	}
	if got := guess("192.0.2.1", 9); got != journey.TooManyAttempts {
		t.Errorf("an IPv4 address mapped into IPv6 is another source: %q", got)
	}
}

// A stranger who guesses at Dana's password locks nobody out who has signed in
// on this device before, not even Dana on a new session.
func TestAKnownDeviceIsNotLockedOutByStrangers(t *testing.T) {
	w := world(t, limited(three, three, roomy))
	w.Customer("dana", w.Hash("correct horse"))
	w.Customer("otis", w.Hash("tractor"))
	home := w.Browser()
	goesOn(t, home.SignIn("dana", "correct horse"))
	delete(home.Cookies, signin.CookieName(w.Live.ID, true))

	for range 4 {
		w.Browser().SignIn("dana", "guess")
	}
	shows(t, w.Browser().SignIn("dana", "correct horse"), journey.PasswordPage, journey.TooManyAttempts)
	goesOn(t, home.SignIn("dana", "correct horse"))

	// The device has a bucket of its own, and it is no larger.
	delete(home.Cookies, signin.CookieName(w.Live.ID, true))
	for range 3 {
		shows(t, home.SignIn("dana", "guess"), journey.PasswordPage, journey.NotRecognised)
	}
	shows(t, home.SignIn("dana@mail.test", "correct horse"), journey.PasswordPage, journey.TooManyAttempts)

	// It is Dana's device, not Otis's.
	for range 3 {
		w.Browser().SignIn("otis", "guess")
	}
	shows(t, home.SignIn("otis", "tractor"), journey.PasswordPage, journey.TooManyAttempts)
}

// An office or a mobile network is one address for many. Whoever guesses from
// there uses up what strangers have, not what Dana's own device has.
func TestAKnownDeviceIsNotLockedOutByItsNeighbours(t *testing.T) {
	w := world(t, limited(roomy, roomy, three))
	w.Customer("dana", w.Hash("correct horse"))
	w.Customer("otis", w.Hash("tractor"))
	home := w.Browser()
	goesOn(t, home.SignIn("dana", "correct horse"))
	delete(home.Cookies, signin.CookieName(w.Live.ID, true))
	for i := range 3 {
		w.Browser().SignIn(fmt.Sprint("customer", i), "guess")
	}
	shows(t, w.Browser().SignIn("dana", "correct horse"), journey.PasswordPage, journey.TooManyAttempts)
	goesOn(t, home.SignIn("dana", "correct horse"))

	// The device buys no guesses at others, and is itself a source with a limit.
	delete(home.Cookies, signin.CookieName(w.Live.ID, true))
	shows(t, home.SignIn("otis", "guess"), journey.PasswordPage, journey.TooManyAttempts)
	for range 2 {
		shows(t, home.SignIn("dana", "guess"), journey.PasswordPage, journey.NotRecognised)
	}
	shows(t, home.SignIn("dana", "correct horse"), journey.PasswordPage, journey.TooManyAttempts)
}

func TestADeviceCookieOfAnotherEnvironmentOrForgedIsWorthNothing(t *testing.T) {
	w := world(t, limited(three, three, roomy))
	w.Customer("dana", w.Hash("correct horse"))
	home := w.Browser()
	home.SignIn("dana", "correct horse")
	name := signin.CookieName(w.Live.ID, true) + "-device"
	good := home.Cookies[name]
	for range 3 {
		w.Browser().SignIn("dana", "guess")
	}
	for what, value := range map[string]string{"changed": strings.Map(swapA, good), "cut": good[:len(good)-4], "endless": strings.Repeat("A", 9000)} {
		b := w.Browser()
		b.Cookies[name] = value
		if answer := b.SignIn("dana", "correct horse"); answer.Page == nil || answer.Page.Problem != journey.TooManyAttempts {
			t.Errorf("%s: got %+v, want it limited", what, answer)
		}
	}
}

func TestSuccessForgetsTheAccountsAttemptsAndTimeRefillsThem(t *testing.T) {
	w := world(t, limited(three, three, roomy))
	w.Customer("dana", w.Hash("correct horse"))
	for range 2 {
		w.Browser().SignIn("dana", "guess")
	}
	goesOn(t, w.Browser().SignIn("dana", "correct horse"))
	for range 3 {
		shows(t, w.Browser().SignIn("dana", "guess"), journey.PasswordPage, journey.NotRecognised)
	}
	answer := w.Browser().SignIn("dana", "correct horse")
	shows(t, answer, journey.PasswordPage, journey.TooManyAttempts)
	if answer.Page.RetryAfter != time.Minute {
		t.Errorf("it says to wait %v, want a minute", answer.Page.RetryAfter)
	}
	w.Pass(time.Minute)
	goesOn(t, w.Browser().SignIn("dana", "correct horse"))
}

func TestLimitedVisitorsAreRememberedButDoNotFillTheLedger(t *testing.T) {
	w := world(t, limited(three, three, roomy))
	for range 3 {
		w.Browser().SignIn("nobody", "guess")
	}
	references := map[string]bool{}
	for range 10 {
		references[w.Browser().SignIn("nobody", "guess").Reference] = true
	}
	events := w.Events(audit.SignInLimited)
	if len(events) != 1 || len(references) != 1 || !references[events[0].Trace] {
		t.Errorf("%d events, references %v; want one event that all references lead to", len(events), references)
	}
	w.Pass(11 * time.Second)
	w.Browser().SignIn("nobody", "guess")
	if events := w.Events(audit.SignInLimited); len(events) != 2 || !strings.Contains(string(events[0].Body), `"silent":9`) {
		t.Errorf("later the ledger says %s, want 9 that were not written", events[0].Body)
	}
}

func TestTabsDoNotBreakEachOther(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("correct horse"))
	w.Customer("otis", w.Hash("tractor"))
	b := w.Browser()
	one, two := b.Ticket(), b.Ticket(func(t *signin.Ticket) { t.Return = "/other" })
	b.Name(one, "dana")
	b.Name(two, "otis")
	if a := b.Open(one); a.Page.Identifier != "dana" {
		t.Errorf("the first tab shows %q", a.Page.Identifier)
	}
	if a := b.Open(two); a.Page.Identifier != "otis" {
		t.Errorf("the second tab shows %q", a.Page.Identifier)
	}
	shows(t, b.Back(one), journey.IdentifierPage, "")
	// The same page in two tabs: the older one shows somebody else by now.
	b.Name(one, "mia")
	shows(t, b.Password(one, "dana", "correct horse"), journey.PasswordPage, journey.Interrupted)
	b.Name(one, "dana")
	goesOn(t, b.Password(one, "dana", "correct horse"))
	// Otis, who had typed his name before Dana signed in, is Otis.
	shows(t, b.Password(two, "otis", "guess"), journey.PasswordPage, journey.NotRecognised)
	if a := b.Password(two, "otis", "tractor"); a.Next != signintest.URL+"/other" {
		t.Errorf("the second tab goes on to %q, want to where it came from", a.Next)
	}
	if c, err := w.SignIn.Current(t.Context(), w.Live, b.Session()); err != nil || c.Customer.Name != "otis" {
		t.Errorf("the second tab goes on as %+v, %v", c, err)
	}
	// Sending a form again that has been answered asks nothing more.
	if a := b.Password(two, "otis", "tractor"); a.Next != signintest.URL+"/other" {
		t.Errorf("sent again, the form gives %+v", a)
	}
}

func TestManyTabsForgetTheOldest(t *testing.T) {
	w := world(t, nil)
	b := w.Browser()
	var tickets []string
	for range 12 {
		tickets = append(tickets, b.Ticket())
		b.Name(tickets[len(tickets)-1], "dana")
		w.Pass(time.Second)
	}
	if len(b.Cookies) > 6 {
		t.Errorf("the browser holds %d cookies", len(b.Cookies))
	}
	shows(t, b.Open(tickets[11]), journey.PasswordPage, "")
	shows(t, b.Open(tickets[0]), journey.IdentifierPage, "")
	shows(t, b.Password(tickets[0], "dana", "x"), journey.IdentifierPage, journey.Interrupted)
}

func TestAJourneysCookieOpensNoOtherJourney(t *testing.T) {
	w := world(t, nil)
	b := w.Browser()
	one, two := b.Ticket(), b.Ticket()
	b.Name(one, "dana")
	var value string
	for _, v := range b.Cookies {
		value = v
	}
	b.Name(two, "otis")
	for name, v := range b.Cookies {
		if v != value { // the second ticket's cookie gets the first one's value
			b.Cookies[name] = value
		}
	}
	shows(t, b.Open(two), journey.IdentifierPage, "")
	for name := range b.Cookies {
		b.Cookies[name] = strings.Map(swapA, value)
	}
	shows(t, b.Open(one), journey.IdentifierPage, "")
}
