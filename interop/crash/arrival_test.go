package crash

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/oauth2"

	"sallyport/interop/harness"
)

// asked is a migration whose people come one by one, when they sign in.
const asked = `kind: migration
name: %s
source: {format: csv}
key: id
groups: [residential]
map:
  - {from: login, to: username, required: true}
  - {from: email, to: email, verified: email_ok}
  - {from: name, to: name}
  - {from: status, to: state, values: {A: active}}
connection:
  kind: oauth
  url: %s/token
  userinfo: %[2]s/userinfo
  client: sallyport
  authenticate: none
  network: ["%[3]s"]
jit: {}
`

// cutArrival cuts a server while somebody comes by the password that they have at the
// earlier system. They come in at the second try, and are one customer.
func cutArrival(t testing.TB, w world, cut string) (reached bool) {
	h, at := w.bare.copy(t), newAddress(t)
	old := newEarlier(t)
	runa := &soaked{id: "R1", login: "runa", email: "runa@letterbox.test", verified: "true", name: "Runa Holt", status: "A", password: "ferry over the narrows"}
	old.knows([]*soaked{runa})
	if err := os.WriteFile(filepath.Join(h.tree(), "meterman.yaml"), fmt.Appendf(nil, asked, migration, old.URL, old.host()), 0o600); err != nil {
		t.Fatal(err)
	}
	h.run(t, "apply", h.tree(), "--yes")
	if !h.during(t, at, cut, func(t testing.TB, n *node) { n.caller(h).comes(t, runa) }) {
		return false
	}
	h.copy(t).arrivedAtMostOnce(t)
	again := h.start(t, at)
	again.caller(h).comes(t, runa)
	again.leave(t)
	if people := h.arrivedAtMostOnce(t); people != 1 {
		t.Errorf("%d customers came", people)
	}
	return true
}

// arrivedAtMostOnce checks that whoever came is whole: a customer, a record and an event,
// or none of them.
func (h home) arrivedAtMostOnce(t testing.TB) (people int) {
	t.Helper()
	people = len(h.directory(t))
	s := ask[standing](t, h, "migrate", "status", migration)
	told := len(h.events(t, "type:migration.admitted"))
	if people > 1 || s.Records["imported"] != int64(people) || told != people {
		t.Errorf("it left %d customers, records %v and %d events", people, s.Records, told)
	}
	h.soundLedger(t)
	return people
}

// comes signs somebody in.
func (c caller) comes(t testing.TB, who *soaked) bool {
	t.Helper()
	redirect := c.home.redirect(t)
	config := oauth2.Config{
		ClientID: harness.MyAccount, RedirectURL: redirect, Scopes: []string{"openid"},
		Endpoint: oauth2.Endpoint{AuthURL: c.node.Issuers[harness.ServerApps] + "/authorize"},
	}
	request := config.AuthCodeURL(rand.Text(), oauth2.S256ChallengeOption(oauth2.GenerateVerifier()))
	sent := harness.NewVisitor(t).SignIn(request, redirect, harness.Person{Username: who.login, Password: who.password})
	if sent.Get("code") == "" {
		t.Fatalf("signing in led to %v", sent)
	}
	return true
}
