package interop

import (
	"net/http"
	"testing"

	"golang.org/x/oauth2"

	"sallyport/interop/harness"
)

// juno is the customer whom the demo took over from Auth0.
const juno = "juno"

// Juno came with a bcrypt hash that was joined to her from a second file. Her old
// password opens it, once; from then on there is one of ours. Another password
// opens neither.
func TestJunoSignsInWithThePasswordThatAuth0Had(t *testing.T) {
	t.Parallel()
	demo := harness.StartDemo(t, harness.Launch{})
	person := demo.People[juno]
	if scheme := passwordOf(t, demo, person); scheme != "bcrypt" {
		t.Errorf("before she signs in, her password is %q", scheme)
	}
	rp := relyingParty{server: demo, app: demo.Applications[harness.MyAccount], person: person, way: http.DefaultTransport}.discover(t)
	wrong := person
	wrong.Password += "x"
	visitor := harness.NewVisitor(t)
	page, sent := visitor.Visit(rp.oauth.AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier())), rp.oauth.RedirectURL)
	for range 2 { // her name, and a password that is not hers
		page, sent = visitor.Answer(page, wrong, rp.oauth.RedirectURL)
	}
	if page == nil {
		t.Fatalf("a wrong password led back with %v", sent)
	}
	if scheme := passwordOf(t, demo, person); scheme != "bcrypt" {
		t.Errorf("after a wrong password, hers is %q", scheme)
	}
	verifier := oauth2.GenerateVerifier()
	token := rp.redeem(t, rp.code(t, verifier, "nonce-1"), verifier)
	if token.AccessToken == "" {
		t.Error("she got no token")
	}
	if scheme := passwordOf(t, demo, person); scheme != "argon2id" {
		t.Errorf("after she signed in, her password is %q", scheme)
	}
	again := oauth2.GenerateVerifier()
	rp.redeem(t, rp.code(t, again, "nonce-2"), again)
}

// passwordOf tells how somebody's password is kept.
func passwordOf(t *testing.T, demo *harness.Server, person harness.Person) string {
	t.Helper()
	var customer struct{ Password string }
	demo.RunJSON(t, &customer, "customers", "show", person.Username)
	return customer.Password
}
