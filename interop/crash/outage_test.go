package crash

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/interop/harness"
)

// get asks for a page and gives its status and text, with where it leads, if it does.
func (c caller) get(t testing.TB, address string) (int, string) {
	t.Helper()
	res, err := c.http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text) + res.Header.Get("Location")
}

// bearable is how long a caller may wait to hear that the database is away.
const bearable = 10 * time.Second

// While its database is away a server says so and no more; when that comes back, it
// goes on by itself, and what it had acknowledged is there.
func TestADatabaseThatGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	database := newCluster(t)
	h := furnish(t, database)
	h.people(t, customers)
	n := h.start(t, newAddress(t))
	c := n.caller(h)
	dana := c.signIn(t)
	l := n.begin(t, h)
	l.warm(t)

	database.stop()
	l.over.Store(true)
	l.all.Wait()
	for _, text := range l.odd {
		unavailable(t, answer{status: http.StatusServiceUnavailable, Error: "temporarily_unavailable", text: text})
	}
	if l.cutOff > 0 {
		t.Errorf("%d requests were not answered", l.cutOff)
	}
	c.without(t, dana)

	database.start(t)
	await(t, "the server is well again", func() bool {
		status, _ := c.get(t, n.URL+"/healthz")
		return status == http.StatusOK
	})
	a, err := c.redeem(t, dana) // signed in before, and nothing was spent meanwhile
	if err != nil {
		t.Fatal(err)
	}
	granted(t, a)
	c.signIn(t)
	h.run(t, "env", "create", "harbourlight/preview")
	if lost := missing(l.received, h.issued(t)); len(lost) > 0 {
		t.Errorf("of %d tokens that were received, %d stand in no ledger", len(l.received), len(lost))
	}
	n.leave(t)
	h.soundLedger(t)
}

// without looks at every face of a server whose database is away.
func (c caller) without(t testing.TB, dana permit) {
	t.Helper()
	await(t, "the server says that it is not well", func() bool {
		status, text := c.get(t, c.node.URL+"/healthz")
		return status == http.StatusServiceUnavailable && !internals.MatchString(text)
	})
	c.bearably(t, "a machine's token", func() {
		unavailable(t, c.must(t, "enterprise", "payright", machineForm()))
	})
	c.bearably(t, "a code", func() {
		a, err := c.redeem(t, dana)
		if err != nil {
			t.Fatal(err)
		}
		unavailable(t, a)
	})
	c.bearably(t, "a customer", func() {
		status, text := c.get(t, c.node.Issuers[harness.ServerApps]+"/authorize?"+url.Values{
			"client_id": {harness.MyAccount}, "response_type": {"code"}, "redirect_uri": {dana.redirect}, "scope": {"openid"},
			"code_challenge": {strings.Repeat("A", 43)}, "code_challenge_method": {"S256"},
		}.Encode())
		if status/100 == 5 && status != http.StatusServiceUnavailable || internals.MatchString(text) {
			t.Errorf("a customer was shown %d\n%s", status, text)
		}
	})
	c.bearably(t, "a call of the gateway", func() {
		status, text := c.get(t, c.node.Gateway+"/billing/bills/current")
		if status < 400 || status == http.StatusInternalServerError || internals.MatchString(text) {
			t.Errorf("the gateway answered %d %s", status, text)
		}
	})
	c.bearably(t, "a command", func() {
		c.home.plainly(t, c.home.try(t, "", "env", "create", "harbourlight/preview"))
	})
}

func (c caller) bearably(t testing.TB, what string, do func()) {
	t.Helper()
	began := time.Now()
	if do(); time.Since(began) > bearable {
		t.Errorf("%s was answered after %v", what, time.Since(began))
	}
}
