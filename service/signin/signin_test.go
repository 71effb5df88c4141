package signin_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
)

func world(t *testing.T, change func(*signin.Config)) *signintest.World {
	t.Helper()
	return worldOf(t, change)
}

func worldOf(t testing.TB, change func(*signin.Config)) *signintest.World {
	t.Helper()
	return signintest.New(t, signintest.URL, change)
}

// shows fails unless the answer is a page with a problem.
func shows(t *testing.T, a *signin.Answer, page journey.Page, problem journey.Problem) {
	t.Helper()
	if a.Page == nil || a.Page.Page != page || a.Page.Problem != problem {
		t.Fatalf("got %+v leading to %q, want the %s page with problem %q", a.Page, a.Next, page, problem)
	}
}

// goesOn fails unless the answer leads to where the ticket came from.
func goesOn(t *testing.T, a *signin.Answer) {
	t.Helper()
	if a.Page != nil || a.Next != signintest.URL+"/customers/authorize/continue?r=abc" {
		t.Fatalf("got %+v leading to %q, want to go on", a.Page, a.Next)
	}
}

func TestDanaSignsInAndIsKnown(t *testing.T) {
	w := world(t, nil)
	dana := w.Customer("dana", w.Hash("correct horse"))
	b := w.Browser()
	ticket := b.Ticket()

	shows(t, b.Open(ticket), journey.IdentifierPage, "")
	if len(b.Cookies) != 0 {
		t.Error("opening the page left a cookie")
	}
	shows(t, b.Name(ticket, " Dana "), journey.PasswordPage, "")
	goesOn(t, b.Password(ticket, "Dana", "correct horse"))

	current, err := w.SignIn.Current(t.Context(), w.Live, b.Session())
	if err != nil {
		t.Fatal(err)
	}
	s := current.Session
	if current.Customer.ID != dana || s.Assurance != "pwd" || !s.SignedIn.Equal(w.Now()) || s.Expires.Sub(w.Now()) != 8*time.Hour {
		t.Errorf("the session is %+v of %v", s, current.Customer.ID)
	}
	if e := w.Events(audit.SignedIn); len(e) != 1 || e[0].Customer != dana.String() || !strings.Contains(string(e[0].Personal), "192.0.2.7") {
		t.Errorf("the ledger says %+v", e)
	}
	for name := range b.Cookies {
		if strings.Contains(name, "-flow-") {
			t.Error("the journey's cookie is still there")
		}
	}
}

func TestWhoIsSignedInGoesOnUnlessAskedAgain(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("correct horse"))
	b := w.Browser()
	goesOn(t, b.SignIn("dana", "correct horse"))
	goesOn(t, b.Open(b.Ticket()))

	w.Pass(time.Minute)
	again := b.Ticket(func(t *signin.Ticket) { t.Reauthenticate = true })
	shows(t, b.Open(again), journey.IdentifierPage, "")
	before := b.Session()
	b.Name(again, "dana")
	goesOn(t, b.Password(again, "dana", "correct horse"))
	goesOn(t, b.Open(again)) // the back button: it has been done
	if b.Session() == before {
		t.Error("the cookie did not change")
	}
}

func TestTheSessionOfTheSameCustomerLivesOnUnderANewSecret(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("correct horse"))
	b := w.Browser()
	b.SignIn("dana", "correct horse")
	old := b.Session()
	first, _ := w.SignIn.Current(t.Context(), w.Live, old)

	w.Pass(time.Minute)
	again := b.Ticket(func(t *signin.Ticket) { t.Reauthenticate = true })
	b.Name(again, "dana")
	goesOn(t, b.Password(again, "dana", "correct horse"))
	second, err := w.SignIn.Current(t.Context(), w.Live, b.Session())
	if err != nil || second.Session.ID != first.Session.ID || !second.Session.SignedIn.Equal(w.Now()) {
		t.Errorf("got %+v, %v; want session %x, signed in now", second, err, first.Session.ID)
	}
	if _, err := w.SignIn.Current(t.Context(), w.Live, old); !errors.Is(err, signin.ErrNoSession) {
		t.Errorf("the old cookie gives %v, want ErrNoSession", err)
	}
}

// A cookie that somebody planted is worth nothing once the victim has signed in
// (session fixation).
func TestAPlantedSessionIsNotTheVictims(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("correct horse"))
	w.Customer("mallory", w.Hash("evil"))
	attacker := w.Browser()
	goesOn(t, attacker.SignIn("mallory", "evil"))

	victim := w.Browser()
	ticket := victim.Ticket()
	victim.Name(ticket, "dana")
	victim.Cookies[signin.CookieName(w.Live.ID, true)] = attacker.Session()
	goesOn(t, victim.Password(ticket, "dana", "correct horse"))

	if _, err := w.SignIn.Current(t.Context(), w.Live, attacker.Session()); !errors.Is(err, signin.ErrNoSession) {
		t.Errorf("the planted cookie gives %v, want ErrNoSession", err)
	}
	current, err := w.SignIn.Current(t.Context(), w.Live, victim.Session())
	if err != nil || current.Customer.Name != "dana" {
		t.Errorf("the victim is %+v, %v", current, err)
	}
	if e := w.Events(audit.SignedOut); len(e) != 1 || !strings.Contains(string(e[0].Body), "another customer") {
		t.Errorf("the ledger says %+v", e)
	}
}

func TestASessionEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(*signintest.World, *signin.Current) error
	}{
		{"when its time is over", func(w *signintest.World, _ *signin.Current) error { w.Pass(8 * time.Hour); return nil }},
		{"when the customer signs out", func(w *signintest.World, c *signin.Current) error {
			return w.SignIn.End(context.Background(), w.Live, c, audit.Customer(c.Customer.ID.String()))
		}},
		{"when the customer is disabled", func(w *signintest.World, c *signin.Current) error {
			return w.Directory.Disable(context.Background(), w.Live.ID, c.Customer.ID, audit.Operator("rita"))
		}},
		{"when the customer was disabled and enabled again", func(w *signintest.World, c *signin.Current) error {
			w.Pass(time.Microsecond)
			return errors.Join(
				w.Directory.Disable(context.Background(), w.Live.ID, c.Customer.ID, audit.Operator("rita")),
				w.Directory.Enable(context.Background(), w.Live.ID, c.Customer.ID, audit.Operator("rita")))
		}},
		{"when the customer is signed out everywhere", func(w *signintest.World, c *signin.Current) error {
			w.Pass(time.Microsecond)
			return w.Directory.SignOut(context.Background(), w.Live.ID, c.Customer.ID, audit.Operator("rita"))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := world(t, nil)
			w.Customer("dana", w.Hash("correct horse"))
			b := w.Browser()
			b.SignIn("dana", "correct horse")
			current, err := w.SignIn.Current(t.Context(), w.Live, b.Session())
			if err != nil {
				t.Fatal(err)
			}
			if err := test.end(w, current); err != nil {
				t.Fatal(err)
			}
			if _, err := w.SignIn.Current(t.Context(), w.Live, b.Session()); !errors.Is(err, signin.ErrNoSession) {
				t.Errorf("got %v, want ErrNoSession", err)
			}
		})
	}
}

// Whoever signed a customer out did not lock them out, not for a second.
func TestASignInAfterASignOutEverywhereCountsAtOnce(t *testing.T) {
	w := world(t, nil)
	dana := w.Customer("dana", w.Hash("correct horse"))
	b := w.Browser()
	b.SignIn("dana", "correct horse")
	w.Pass(time.Microsecond)
	if err := w.Directory.SignOut(t.Context(), w.Live.ID, dana, audit.Operator("rita")); err != nil {
		t.Fatal(err)
	}
	goesOn(t, b.SignIn("dana", "correct horse"))
	if _, err := w.SignIn.Current(t.Context(), w.Live, b.Session()); err != nil {
		t.Errorf("the new session gives %v", err)
	}
}

func TestACookieThatIsNotOursIsNoSession(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("correct horse"))
	b := w.Browser()
	b.SignIn("dana", "correct horse")
	good := b.Session()
	flipped := "A"
	if good[60] == 'A' {
		flipped = "B"
	}
	for name, cookie := range map[string]string{
		"nothing": "", "one more": good + "A", "one less": good[:len(good)-1], "a changed secret": good[:60] + flipped + good[61:],
		"not base64": strings.Repeat("!", len(good)), "somebody else's id": strings.Repeat("A", len(good)),
	} {
		if _, err := w.SignIn.Current(t.Context(), w.Live, cookie); !errors.Is(err, signin.ErrNoSession) {
			t.Errorf("%s: got %v, want ErrNoSession", name, err)
		}
	}
	if _, err := w.SignIn.Current(t.Context(), w.Preview, good); !errors.Is(err, signin.ErrNoSession) {
		t.Errorf("another environment: got %v, want ErrNoSession", err)
	}
}

func TestAPasswordOpensNothingWhen(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("correct horse"))
	w.Customer("nopass", "")
	off := w.Customer("off", w.Hash("correct horse"))
	if err := w.Directory.Disable(t.Context(), w.Live.ID, off, audit.Operator("rita")); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, identifier, password, reason string }{
		{"it is wrong", "dana", "incorrect horse", "wrong-password"},
		{"it is right but for its case", "dana", "Correct horse", "wrong-password"},
		{"it is longer than any", "dana", strings.Repeat("x", 5000), "wrong-password"},
		{"nobody has that name", "nobody", "correct horse", "unknown-identifier"},
		{"what was typed is no name at all", "a@@b", "correct horse", "unknown-identifier"},
		{"the customer has none", "nopass", "correct horse", "no-password"},
		{"the customer is disabled", "off", "correct horse", "disabled"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := w.Browser()
			answer := b.SignIn(test.identifier, test.password)
			shows(t, answer, journey.PasswordPage, journey.NotRecognised)
			newest := w.Events(audit.SignInRefused)[0]
			if newest.Result != test.reason || newest.Trace != answer.Reference || newest.Trace == "" {
				t.Errorf("the ledger says %q with trace %q, want %q with %q", newest.Result, newest.Trace, test.reason, answer.Reference)
			}
			if strings.Contains(string(newest.Body)+string(newest.Personal), "nobody") {
				t.Error("the ledger holds what was typed")
			}
			if b.Session() != "" {
				t.Error("there is a session")
			}
		})
	}
}

func TestAnswersToASecretLeaveAtTheTick(t *testing.T) {
	slow := 0
	var w *signintest.World
	w = world(t, func(cfg *signin.Config) {
		cfg.Directory = findWrapper{cfg.Directory, func(string) { w.Pass(time.Duration(slow) * time.Millisecond) }}
	})
	w.Customer("dana", w.Hash("correct horse"))
	for _, test := range []struct {
		milliseconds int
		identifier   string
		want         time.Duration
	}{
		{0, "dana", 250 * time.Millisecond},
		{70, "dana", 180 * time.Millisecond},
		{70, "nobody", 180 * time.Millisecond},
		{260, "nobody", 240 * time.Millisecond},
		{250, "dana", 250 * time.Millisecond},
	} {
		slow = test.milliseconds
		w.Browser().SignIn(test.identifier, "wrong")
		if slept := w.Slept(); slept[len(slept)-1] != test.want {
			t.Errorf("after %d ms the answer about %s waits %v, want %v", test.milliseconds, test.identifier, slept[len(slept)-1], test.want)
		}
	}
	if got := len(w.Slept()); got != 5 {
		t.Errorf("%d answers were held back, want the 5 to a secret only", got)
	}
}

func TestTicketsLeadOnlyToOurOwnPaths(t *testing.T) {
	w := world(t, nil)
	for _, address := range []string{"", "x", "//evil.test", "/\\evil.test", "https://evil.test/", "/a\nb", "/a b", "/a\tb", `/a\b`, "/\x7f", "/" + strings.Repeat("x", 20_000)} {
		if _, err := w.SignIn.Begin(t.Context(), w.Live, signin.Ticket{Return: address}); !errors.Is(err, signin.ErrReturn) {
			t.Errorf("%.20q: got %v, want ErrReturn", address, err)
		}
	}
}

func TestATicketThatIsNotOursIsRefused(t *testing.T) {
	w := world(t, nil)
	b := w.Browser()
	good := b.Ticket()
	preview := w.Browser()
	preview.Live = w.Preview
	for name, ticket := range map[string]string{
		"nothing": "", "not base64": "%%%", "cut": good[:len(good)-3], "changed": strings.Map(swapA, good),
		"of another environment": preview.Ticket(), "endless": strings.Repeat("A", 1<<20),
	} {
		if _, err := w.SignIn.Show(t.Context(), w.Live, b.Visit(ticket), false); !errors.Is(err, signin.ErrTicket) {
			t.Errorf("%s: Show gives %v, want ErrTicket", name, err)
		}
		if _, err := w.SignIn.Give(t.Context(), w.Live, b.Visit(ticket), signin.Given{Identifier: "dana"}); !errors.Is(err, signin.ErrTicket) {
			t.Errorf("%s: Give gives %v, want ErrTicket", name, err)
		}
	}
}

// swapA changes whatever text has a letter in it, and keeps its length.
func swapA(r rune) rune {
	switch {
	case r >= 'a' && r <= 'z':
		return r - 'a' + 'A'
	case r >= 'A' && r <= 'Z':
		return r - 'A' + 'a'
	}
	return r
}

func TestAnExpiredTicketLeadsHome(t *testing.T) {
	w := world(t, nil)
	w.Customer("dana", w.Hash("correct horse"))
	b := w.Browser()
	ticket := b.Ticket()
	b.Name(ticket, "dana")
	w.Pass(31 * time.Minute)
	answer := b.Password(ticket, "dana", "correct horse")
	shows(t, answer, journey.OverPage, journey.TimeRanOut)
	if answer.Application != "my-account" || len(b.Cookies) != 0 {
		t.Errorf("it is about %q, and leaves %v", answer.Application, b.Cookies)
	}
}
