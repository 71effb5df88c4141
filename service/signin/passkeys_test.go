package signin_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/protocol/passkey/passkeytest"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

const party = "harbourlight.test" // a domain above the host of the pages

// hine is a world whose Hine has a passkey that an earlier system brought.
func hine(t *testing.T, change func(*store.Passkey)) (*signintest.World, *passkeytest.Credential, customer.ID) {
	t.Helper()
	w := world(t, nil)
	id := w.Customer("dana", w.Hash("tractor"))
	c := passkeytest.New(t, passkeytest.ES256, party)
	w.Passkey(id, c, change)
	return w, c, id
}

// asked is the challenge of a page.
func asked(t *testing.T, a *signin.Answer) []byte {
	t.Helper()
	if a.Passkey == nil || len(a.Passkey.Requests) == 0 {
		t.Fatalf("no passkey is asked for: %+v", a)
	}
	return a.Passkey.Requests[0].Challenge
}

func reasonOf(t *testing.T, w *signintest.World, want string) {
	t.Helper()
	events := w.Events(audit.FactorRefused)
	if len(events) == 0 || events[0].Result != want {
		t.Errorf("the ledger says %+v, want %s", events, want)
	}
}

func TestHineSignsInByHerPasskeyAlone(t *testing.T) {
	for _, when := range []string{"", "enrolled", "always"} {
		t.Run("where a code is asked for: "+when, func(t *testing.T) {
			w, c, id := hine(t, nil)
			if when != "" {
				w.AskForCodes(when)
			}
			c.Flags |= passkeytest.BackupEligible | passkeytest.BackedUp
			b := w.Browser()
			ticket := b.Ticket(func(t *signin.Ticket) { t.TwoFactors = true })
			page := b.Open(ticket)
			shows(t, page, journey.IdentifierPage, "")
			q := page.Passkey.Requests
			if len(q) != 1 || q[0].RPID != party || !q[0].Verify || len(q[0].Allow) != 0 || !page.Passkey.Fills {
				t.Errorf("asked is %+v", q)
			}
			goesOn(t, b.Passkey(ticket, "", c.Assert(t, asked(t, page), signintest.URL)))
			if a, m := signedIn(t, b); a != "mfa" || m != "swk user mfa" {
				t.Errorf("the session is at %q by %q", a, m)
			}
			kept, err := w.Store.Passkey(t.Context(), w.Live.ID, store.PasskeyIDOf(c.ID))
			if err != nil || !kept.BackupKnown || !kept.BackedUp || !kept.Used.Equal(w.Now()) {
				t.Errorf("kept is %+v, %v", kept, err)
			}
			used := w.Events(audit.FactorUsed)
			if len(used) != 1 || used[0].Customer != id.String() || !strings.Contains(string(used[0].Body), `"kind":"passkey"`) {
				t.Errorf("the ledger says %+v", used)
			}
		})
	}
}

func TestAnAssertionCountsOnce(t *testing.T) {
	w, c, _ := hine(t, nil)
	b := w.Browser()
	ticket := b.Ticket()
	sent := c.Assert(t, asked(t, b.Open(ticket)), signintest.URL)
	thief := w.Browser()
	for name, value := range b.Cookies {
		thief.Cookies[name] = value
	}
	goesOn(t, b.Passkey(ticket, "", sent))
	shows(t, thief.Passkey(ticket, "", sent), journey.IdentifierPage, journey.PasskeyRefused)
	reasonOf(t, w, "challenge-used")
}

func TestOfManyWhoSendOneAssertionOneIsLetIn(t *testing.T) {
	w, c, _ := hine(t, nil)
	first := w.Browser()
	ticket := first.Ticket()
	sent := c.Assert(t, asked(t, first.Open(ticket)), signintest.URL)
	var in atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		b := w.Browser()
		for name, value := range first.Cookies {
			b.Cookies[name] = value
		}
		all.Go(func() {
			answer, err := w.SignIn.Give(t.Context(), w.Live, b.Visit(ticket), signin.Given{Passkey: string(sent)})
			if err != nil {
				t.Error(err)
			} else if answer.Page == nil {
				in.Add(1)
			}
		})
	}
	all.Wait()
	if in.Load() != 1 {
		t.Errorf("%d were let in", in.Load())
	}
}

func TestAChallengeIsOfOneBrowserOneTicketAndFiveMinutes(t *testing.T) {
	w, c, _ := hine(t, nil)
	b := w.Browser()
	ticket, other := b.Ticket(), b.Ticket()
	sent := c.Assert(t, asked(t, b.Open(ticket)), signintest.URL)
	stranger := w.Browser()
	stranger.Open(ticket) // has a name of its own by that
	for name, send := range map[string]func() *signin.Answer{
		"another browser":      func() *signin.Answer { return stranger.Passkey(ticket, "", sent) },
		"a browser without it": func() *signin.Answer { return w.Browser().Passkey(ticket, "", sent) },
		"another ticket":       func() *signin.Answer { return b.Passkey(other, "", sent) },
		"a challenge made up":  func() *signin.Answer { return b.Passkey(ticket, "", c.Assert(t, make([]byte, 56), signintest.URL)) },
		"a shorter one":        func() *signin.Answer { return b.Passkey(ticket, "", c.Assert(t, make([]byte, 32), signintest.URL)) },
	} {
		t.Run(name, func(t *testing.T) {
			shows(t, send(), journey.IdentifierPage, journey.PasskeyRefused)
			reasonOf(t, w, "challenge-unknown")
		})
	}
	w.Pass(5*time.Minute + time.Second)
	shows(t, b.Passkey(ticket, "", sent), journey.IdentifierPage, journey.PasskeyRefused)
	reasonOf(t, w, "challenge-unknown")
	goesOn(t, b.Passkey(ticket, "", c.Assert(t, asked(t, b.Open(ticket)), signintest.URL)))
}

func TestWhatIsNoPasskeyOfThisPlaceIsRefused(t *testing.T) {
	w, c, id := hine(t, nil)
	elsewhere := passkeytest.New(t, passkeytest.ES256, "other.test")
	w.Passkey(id, elsewhere, nil)
	unknown := passkeytest.New(t, passkeytest.ES256, party)
	renamed := *c
	renamed.RPID = "other.test"
	copied := *c
	copied.Signer = unknown.Signer
	theirs := *c
	theirs.UserHandle = []byte("somebody else")
	tests := []struct {
		name, want string
		send       func(challenge []byte) []byte
	}{
		{"no assertion at all", "no-assertion", func([]byte) []byte { return []byte(`{"id":"x"}`) }},
		{"an unknown passkey", "unknown-passkey", func(ch []byte) []byte { return unknown.Assert(t, ch, signintest.URL) }},
		{"of a party that no page here asks for", "other-relying-party", func(ch []byte) []byte { return elsewhere.Assert(t, ch, signintest.URL) }},
		{"signed for another party", "wrong-signature", func(ch []byte) []byte { return renamed.Assert(t, ch, signintest.URL) }},
		{"signed by another key", "wrong-signature", func(ch []byte) []byte { return copied.Assert(t, ch, signintest.URL) }},
		{"signed on another page", "wrong-signature", func(ch []byte) []byte { return c.Assert(t, ch, "https://evil.test") }},
		{"signed on a page of the same party", "wrong-signature", func(ch []byte) []byte { return c.Assert(t, ch, "https://"+party) }},
		{"of another person by its handle", "wrong-signature", func(ch []byte) []byte { return theirs.Assert(t, ch, signintest.URL) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := w.Browser()
			ticket := b.Ticket()
			shows(t, b.Passkey(ticket, "", test.send(asked(t, b.Open(ticket)))), journey.IdentifierPage, journey.PasskeyRefused)
			reasonOf(t, w, test.want)
			if a, _ := signedIn(t, b); a != "" {
				t.Error("there is a session")
			}
		})
	}
}

func TestAPasskeyOfAnotherEnvironmentIsUnknown(t *testing.T) {
	w, c, _ := hine(t, nil)
	b := w.Browser()
	b.Live = w.Preview
	ticket := b.Ticket()
	if page := b.Open(ticket); page.Passkey != nil {
		t.Error("a page asks for passkeys that its environment does not have")
	}
	shows(t, b.Passkey(ticket, "", c.Assert(t, make([]byte, 56), signintest.URL)), journey.IdentifierPage, journey.PasskeyRefused)
}

func TestBehindANameThePasskeyMustBeOfWhoIsNamed(t *testing.T) {
	w, c, _ := hine(t, nil)
	mallory := passkeytest.New(t, passkeytest.EdDSA, party)
	w.Passkey(w.Customer("mallory", w.Hash("evil")), mallory, nil)
	for _, name := range []string{"dana", "nobody-of-that-name"} {
		b := w.Browser()
		ticket := b.Ticket()
		b.Open(ticket)
		page := b.Name(ticket, name)
		shows(t, page, journey.PasswordPage, "")
		if q := page.Passkey.Requests; len(q) != 1 || len(q[0].Allow) != 0 || page.Passkey.Fills {
			t.Errorf("of %s is asked %+v", name, q)
		}
		shows(t, b.Passkey(ticket, name, mallory.Assert(t, asked(t, page), signintest.URL)), journey.PasswordPage, journey.PasskeyRefused)
		reasonOf(t, w, "another-customer")
		again := b.Open(ticket)
		shows(t, b.Passkey(ticket, "mallory", mallory.Assert(t, asked(t, again), signintest.URL)), journey.PasswordPage, journey.Interrupted)
	}
	b := w.Browser()
	ticket := b.Ticket()
	b.Open(ticket)
	goesOn(t, b.Passkey(ticket, "dana", c.Assert(t, asked(t, b.Name(ticket, "dana")), signintest.URL)))
}

func TestAKeyThatDoesNotKnowItsOwnerIsNotEnoughAlone(t *testing.T) {
	w, c, _ := hine(t, func(p *store.Passkey) { p.Discoverable = false })
	w.AskForCodes("enrolled")
	c.Flags = passkeytest.Present
	b := w.Browser()
	ticket := b.Ticket()
	page := b.Open(ticket)
	shows(t, b.Passkey(ticket, "", c.Assert(t, asked(t, page), signintest.URL)), journey.IdentifierPage, journey.PasskeyUnverified)
	reasonOf(t, w, "owner-not-verified")
	b.Name(ticket, "dana")
	shows(t, b.Password(ticket, "dana", "tractor"), journey.PasskeyPage, "")
	page = b.Open(ticket)
	q := page.Passkey.Requests
	if len(q) != 1 || len(q[0].Allow) != 1 || !bytes.Equal(q[0].Allow[0].ID, c.ID) || q[0].Verify {
		t.Errorf("asked is %+v", q)
	}
	// That it is asked for in this way is no other browser's.
	shows(t, b.Code(ticket, "123456"), journey.PasskeyPage, "")
	goesOn(t, b.Passkey(ticket, "dana", c.Assert(t, asked(t, page), signintest.URL)))
	if a, m := signedIn(t, b); a != "mfa" || m != "pwd hwk user" {
		t.Errorf("the session is at %q by %q", a, m)
	}
}

func TestAChallengeOfTheFirstFactorIsNoneOfTheSecond(t *testing.T) {
	w, c, _ := hine(t, func(p *store.Passkey) { p.Discoverable = false })
	w.AskForCodes("enrolled")
	b := w.Browser()
	ticket := b.Ticket()
	before := asked(t, b.Open(ticket))
	b.Name(ticket, "dana")
	b.Password(ticket, "dana", "tractor")
	shows(t, b.Passkey(ticket, "dana", c.Assert(t, before, signintest.URL)), journey.PasskeyPage, journey.PasskeyRefused)
	reasonOf(t, w, "challenge-unknown")
}

func TestTheSecondFactorOfAnotherCustomerIsRefused(t *testing.T) {
	w, _, _ := hine(t, func(p *store.Passkey) { p.Discoverable = false })
	w.AskForCodes("enrolled")
	mallory := passkeytest.New(t, passkeytest.ES256, party)
	w.Passkey(w.Customer("mallory", w.Hash("evil")), mallory, nil)
	b := w.Browser()
	ticket := b.Ticket()
	b.Name(ticket, "dana")
	b.Password(ticket, "dana", "tractor")
	shows(t, b.Passkey(ticket, "dana", mallory.Assert(t, asked(t, b.Open(ticket)), signintest.URL)), journey.PasskeyPage, journey.PasskeyRefused)
	reasonOf(t, w, "another-customer")
}

func TestACounterThatDoesNotRiseIsRefused(t *testing.T) {
	w, c, _ := hine(t, func(p *store.Passkey) { p.SignCount = 41 })
	give := func(count uint32) *signin.Answer {
		c.Count = count
		b := w.Browser()
		ticket := b.Ticket()
		return b.Passkey(ticket, "", c.Assert(t, asked(t, b.Open(ticket)), signintest.URL))
	}
	shows(t, give(41), journey.IdentifierPage, journey.PasskeyRefused)
	reasonOf(t, w, "counter-behind")
	goesOn(t, give(42))
	shows(t, give(42), journey.IdentifierPage, journey.PasskeyRefused)
	shows(t, give(0), journey.IdentifierPage, journey.PasskeyRefused)
}

func TestWhoMayNotComeInDoesNotByAPasskey(t *testing.T) {
	w, c, id := hine(t, nil)
	who, err := w.Store.Customer(t.Context(), w.Live.ID, id)
	if err != nil {
		t.Fatal(err)
	}
	who.State = customer.Disabled
	if err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error { return tx.UpdateCustomer(t.Context(), who) }); err != nil {
		t.Fatal(err)
	}
	b := w.Browser()
	ticket := b.Ticket()
	shows(t, b.Passkey(ticket, "", c.Assert(t, asked(t, b.Open(ticket)), signintest.URL)), journey.IdentifierPage, journey.PasskeyRefused)
	reasonOf(t, w, "disabled")
}

// A session that a stranger planted is not taken for what the passkey says.
func TestAPasskeyCountsBeforeAPlantedSession(t *testing.T) {
	w, c, id := hine(t, nil)
	w.Customer("mallory", w.Hash("evil"))
	attacker := w.Browser()
	goesOn(t, attacker.SignIn("mallory", "evil"))
	b := w.Browser()
	ticket := b.Ticket()
	sent := c.Assert(t, asked(t, b.Open(ticket)), signintest.URL)
	b.Cookies[signin.CookieName(w.Live.ID, true)] = attacker.Session()
	goesOn(t, b.Passkey(ticket, "", sent))
	current, err := w.SignIn.Current(t.Context(), w.Live, b.Session())
	if err != nil || current.Customer.ID != id {
		t.Errorf("got %+v, %v", current, err)
	}
}

func TestTriesAreBoundedBySourceAndLockNobodyOut(t *testing.T) {
	w := world(t, func(c *signin.Config) { c.Limits.Source = signin.Limit{Burst: 3, Interval: time.Hour} })
	w.Passkey(w.Customer("dana", w.Hash("tractor")), passkeytest.New(t, passkeytest.ES256, party), nil)
	b := w.Browser()
	ticket := b.Ticket()
	b.Open(ticket)
	for range 3 {
		shows(t, b.Passkey(ticket, "", []byte("{}")), journey.IdentifierPage, journey.PasskeyRefused)
	}
	shows(t, b.Passkey(ticket, "", []byte("{}")), journey.IdentifierPage, journey.TooManyAttempts)
}

func TestSeveralAppsWorkSideBySide(t *testing.T) {
	w, app, _ := enrolled(t, nil)
	id := customerOf(t, w, "dana")
	second := phone{w, app.key}
	second.key.Secret = []byte("another secret of an app")
	var factor [16]byte
	factor[0] = 9
	sealed, err := w.Master.Seal(t.Context(), w.Live.ID, "factor/09000000000000000000000000000000", second.key.Encode())
	if err != nil {
		t.Fatal(err)
	}
	err = w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		return tx.PutFactor(t.Context(), store.Factor{
			ID: factor, Customer: id, Kind: store.FactorTOTP, Slot: 1, Label: "Tablet", Source: "migration/orchard",
			Sealed: sealed, Confirmed: w.Now(), Created: w.Now(),
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []phone{app, second} {
		b := w.Browser()
		ticket, _ := first(b)
		goesOn(t, b.Code(ticket, p.code()))
		again := w.Browser()
		ticket, _ = first(again)
		shows(t, again.Code(ticket, p.code()), journey.CodePage, journey.CodeRefused)
	}
	b := w.Browser()
	w.Pass(time.Minute)
	ticket, _ := first(b)
	goesOn(t, b.Code(ticket, second.code()))
	current, err := w.SignIn.Current(t.Context(), w.Live, b.Session())
	if err != nil {
		t.Fatal(err)
	}
	ways, err := w.SignIn.Ways(t.Context(), w.Live, current)
	if err != nil || len(ways.Apps) != 2 || ways.Apps[1].Label != "Tablet" || ways.Apps[1].Source != "migration/orchard" {
		t.Fatalf("got %+v, %v", ways, err)
	}
	for i, left := range []int{1, 0} {
		if left == 0 { // where everybody must have one, the last one stays
			if err := w.SignIn.RemoveApp(t.Context(), w.Live, current, b.Visit(""), ways.Apps[i].ID); !errors.Is(err, signin.ErrLastFactor) {
				t.Fatalf("removing the last one: %v", err)
			}
			w.AskForCodes("enrolled")
		}
		if err := w.SignIn.RemoveApp(t.Context(), w.Live, current, b.Visit(""), ways.Apps[i].ID); err != nil {
			t.Fatal(err)
		}
		now, err := w.SignIn.Ways(t.Context(), w.Live, current)
		if err != nil || len(now.Apps) != left || (now.Recovery > 0) != (left > 0) {
			t.Errorf("after %d: %+v, %v", i+1, now, err)
		}
	}
	if err := w.SignIn.RemoveApp(t.Context(), w.Live, current, b.Visit(""), ways.Apps[1].ID); !errors.Is(err, signin.ErrNoApp) {
		t.Errorf("removing it again: %v", err)
	}
}

func TestACustomerRemovesAPasskeyOfTheirOwn(t *testing.T) {
	w, c, id := hine(t, nil)
	other := passkeytest.New(t, passkeytest.ES256, party)
	theirs := w.Passkey(w.Customer("mallory", w.Hash("evil")), other, nil)
	b := w.Browser()
	ticket := b.Ticket()
	goesOn(t, b.Passkey(ticket, "", c.Assert(t, asked(t, b.Open(ticket)), signintest.URL)))
	current, err := w.SignIn.Current(t.Context(), w.Live, b.Session())
	if err != nil {
		t.Fatal(err)
	}
	ways, err := w.SignIn.Ways(t.Context(), w.Live, current)
	if err != nil || len(ways.Passkeys) != 1 || ways.Passkeys[0].Source != "migration/orchard" || !ways.Passkeys[0].Usable || ways.Passkeys[0].LastUsed.IsZero() {
		t.Fatalf("got %+v, %v", ways, err)
	}
	remove := func(key store.PasskeyID) error {
		return w.SignIn.RemovePasskey(t.Context(), w.Live, current, b.Visit(""), key)
	}
	if err := remove(theirs); !errors.Is(err, signin.ErrNoPasskey) {
		t.Errorf("another's: %v", err)
	}
	if err := remove(ways.Passkeys[0].ID); err != nil {
		t.Error(err)
	}
	if all, err := w.Store.Passkeys(t.Context(), w.Live.ID, id); err != nil || len(all) > 0 {
		t.Errorf("there are %+v, %v", all, err)
	}
	if e := w.Events(audit.FactorRemoved); len(e) != 1 {
		t.Errorf("the ledger says %+v", e)
	}
	w.Pass(signin.FreshFor + time.Second)
	if err := remove(theirs); !errors.Is(err, signin.ErrNotFresh) {
		t.Errorf("with an old sign-in: %v", err)
	}
}

func TestTheLastWayInIsNotRemoved(t *testing.T) {
	w := world(t, nil)
	c := passkeytest.New(t, passkeytest.ES256, party)
	id := w.Passkey(w.Customer("dana", ""), c, nil)
	b := w.Browser()
	ticket := b.Ticket()
	goesOn(t, b.Passkey(ticket, "", c.Assert(t, asked(t, b.Open(ticket)), signintest.URL)))
	current, err := w.SignIn.Current(t.Context(), w.Live, b.Session())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.SignIn.RemovePasskey(t.Context(), w.Live, current, b.Visit(""), id); !errors.Is(err, signin.ErrLastWay) {
		t.Errorf("got %v, want ErrLastWay", err)
	}
}

func customerOf(t *testing.T, w *signintest.World, name string) customer.ID {
	t.Helper()
	who, err := w.Directory.Find(t.Context(), w.Live.ID, name, "")
	if err != nil {
		t.Fatal(err)
	}
	return who.Customer.ID
}
