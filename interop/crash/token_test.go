package crash

import (
	"net/http"
	"slices"
	"testing"

	"sallyport/interop/harness"
)

// holdings are what applications hold of a server's answers. They outlive it.
type holdings struct {
	tokens  []string // ids of the access tokens that were received
	permit  permit   // zero: Dana has not signed in
	last    answer   // zero: the code was not exchanged
	waiting bool     // an exchange or a refresh was begun and not answered

	past map[string]bool // ids of tokens that were issued before this story
}

// work is what applications do all day, from a token for a machine to the second
// refresh of a customer's. It ends where the server does.
func (hold *holdings) work(t testing.TB, c caller) {
	t.Helper()
	hold.tokens = append(hold.tokens, c.machine(t).jti(t))
	hold.permit = c.signIn(t)
	hold.receive(t, func() (answer, error) { return c.redeem(t, hold.permit) })
	for range 2 {
		hold.receive(t, func() (answer, error) { return c.refresh(t, hold.last.RefreshToken) })
	}
	hold.tokens = append(hold.tokens, c.machine(t).jti(t))
}

func (hold *holdings) receive(t testing.TB, send func() (answer, error)) {
	t.Helper()
	hold.waiting = true
	a, err := send()
	if err != nil {
		t.Fatal(err)
	}
	hold.waiting = false
	granted(t, a)
	hold.last = a
	hold.tokens = append(hold.tokens, a.jti(t))
}

func granted(t testing.TB, a answer) {
	t.Helper()
	if a.status != http.StatusOK {
		t.Fatalf("an application was answered %d %s", a.status, a.text)
	}
}

func refused(t testing.TB, what string, a answer) {
	t.Helper()
	if a.status != http.StatusBadRequest || a.Error != "invalid_grant" {
		t.Errorf("%s was answered %d %s, want 400 invalid_grant", what, a.status, a.Error)
	}
}

// cutFirstTokens cuts a server that nobody has used before: keys, secrets and better
// hashes are made as they are needed.
func cutFirstTokens(t testing.TB, w world, cut string) (reached bool) {
	return cutWork(t, w.peopled.copy(t), cut)
}

// cutTokens cuts a server while applications get tokens.
func cutTokens(t testing.TB, w world, cut string) (reached bool) {
	return cutWork(t, w.worked.copy(t), cut)
}

func cutWork(t testing.TB, h home, cut string) (reached bool) {
	at := newAddress(t)
	hold := holdings{past: map[string]bool{}}
	for _, e := range h.events(t, "type:token.") {
		hold.past[e.Detail.Token] = true
	}
	if !h.during(t, at, cut, func(t testing.TB, n *node) { hold.work(t, n.caller(h)) }) {
		return false
	}
	h.copy(t).soundLedger(t)
	hold.survived(t, h.start(t, at).caller(h))
	return true
}

// survived checks, with a server that was started again, that what applications hold
// is still worth what it was, and that what they did not hear of gives nobody two.
func (hold *holdings) survived(t testing.TB, c caller) {
	t.Helper()
	ledger := hold.ledger(t, c.home)
	for _, id := range hold.tokens {
		if n := count(ledger, func(e event) bool { return e.Detail.Token == id }); n != 1 {
			t.Errorf("a token that was received stands in the ledger %d times", n)
		}
	}
	switch {
	case hold.permit.code == "": // there is nothing to lose
	case hold.last.RefreshToken == "":
		hold.redeemAgain(t, c, ledger)
	default:
		hold.refreshAgain(t, c, ledger)
	}
	var anew holdings
	anew.work(t, c)
	c.home.soundLedger(t)
}

// redeemAgain presents a code for which no answer came. If the ledger says that it was
// spent, it must be refused, else it must be good, once.
func (hold *holdings) redeemAgain(t testing.TB, c caller, ledger []event) {
	t.Helper()
	spent := count(ledger, func(e event) bool { return e.Application == harness.MyAccount }) > 0
	a, err := c.redeem(t, hold.permit)
	if err != nil {
		t.Fatal(err)
	}
	if spent {
		refused(t, "a code that was spent unheard", a)
	} else {
		granted(t, a)
		again, err := c.redeem(t, hold.permit)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, "a code that was spent", again)
		hold.ended(t, c, a)
	}
	c.home.tells(t, "code.reused", 1)
	hold.oneFamily(t, c.home)
}

// refreshAgain presents the newest refresh token that was received. If the ledger says
// that it was rotated unheard, its family must end, else it must be good, once.
func (hold *holdings) refreshAgain(t testing.TB, c caller, ledger []event) {
	t.Helper()
	unheard := count(ledger, func(e event) bool {
		return e.Type == "token.refreshed" && !slices.Contains(hold.tokens, e.Detail.Token)
	})
	if unheard > 1 || unheard == 1 && !hold.waiting {
		t.Errorf("the ledger tells of %d refreshes that nobody asked for", unheard)
	}
	if status := c.userinfo(t, hold.last.AccessToken); status != http.StatusOK {
		t.Errorf("an access token that was received is answered with %d", status)
	}
	a, err := c.refresh(t, hold.last.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	if unheard > 0 {
		refused(t, "a refresh token that was rotated unheard", a)
		hold.ended(t, c, hold.last)
	} else {
		granted(t, a)
		again, err := c.refresh(t, hold.last.RefreshToken)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, "a refresh token that was rotated", again)
		hold.ended(t, c, a)
	}
	c.home.tells(t, "refresh.reused", 1)
	hold.oneFamily(t, c.home)
}

// ended checks that nothing of an answer is worth anything any more.
func (hold *holdings) ended(t testing.TB, c caller, a answer) {
	t.Helper()
	again, err := c.refresh(t, a.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "a refresh token of a family that ended", again)
	await(t, "the access token of a family that ended is refused", func() bool {
		return c.userinfo(t, a.AccessToken) == http.StatusUnauthorized
	})
}

// ledger is what the audit ledger tells of this story's tokens.
func (hold *holdings) ledger(t testing.TB, h home) []event {
	t.Helper()
	return slices.DeleteFunc(h.events(t, "type:token."), func(e event) bool { return hold.past[e.Detail.Token] })
}

// oneFamily checks that My Account was given one grant for its one code.
func (hold *holdings) oneFamily(t testing.TB, h home) {
	t.Helper()
	families := map[string]bool{}
	for _, e := range hold.ledger(t, h) {
		if e.Application == harness.MyAccount && e.Detail.Token != "" {
			families[e.Detail.Grant] = true
		}
	}
	if len(families) != 1 {
		t.Errorf("one code became %d families", len(families))
	}
}

// tells checks how often the ledger has an event of a kind.
func (h home) tells(t testing.TB, kind string, times int) {
	t.Helper()
	if got := len(h.events(t, "type:"+kind)); got != times {
		t.Errorf("the ledger has %s %d times, want %d", kind, got, times)
	}
}

func count(events []event, fits func(event) bool) (n int) {
	for _, e := range events {
		if fits(e) {
			n++
		}
	}
	return n
}
