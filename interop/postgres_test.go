package interop

import (
	"net/http"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"sallyport/interop/harness"
	"sallyport/store/postgres/pgtest"
)

// twoNodes are nodes of one company on one database, which has one master key.
func twoNodes(t *testing.T, a acme) (first, second node) {
	t.Helper()
	database := pgtest.StartTCP(t)
	first = a.start(t, harness.Launch{Store: database, Flags: []string{"--config", a.tree}})
	second = a.start(t, harness.Launch{Store: database, Env: []string{"SALLYPORT_MASTER_KEY_FILE=" + masterKey(t, first)}})
	return first, second
}

// masterKey is the file that a node made for a database server's store.
func masterKey(t *testing.T, n node) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(n.Dir, "state", "sallyport", "*", "sallyport.key"))
	if err != nil || len(found) != 1 {
		t.Fatalf("master keys: %v, %v", found, err)
	}
	return found[0]
}

// feedWithin is how soon a node knows what another did: each polls once a second, or
// is told before.
const feedWithin = time.Second

func TestTwoNodesAreOneIssuer(t *testing.T) {
	a := newAcme(t)
	first, second := twoNodes(t, a)
	app := a.moveIn(t, first, "web-app")
	here, there := a.at(t, first, app), a.at(t, second, app)

	verifier := oauth2.GenerateVerifier()
	code := here.code(t, verifier, "n")
	token := there.redeem(t, code, verifier) // a code is good at every node
	here.verify(t, token)                    // and so are the keys
	_, err := here.oauth.Exchange(here.context(t), code, oauth2.VerifierOption(verifier))
	wantError(t, err, "invalid_grant")
	await(t, offWithin, "the reused code has ended its tokens at the other node", func() bool {
		_, err := there.provider.UserInfo(there.context(t), oauth2.StaticTokenSource(token))
		return err != nil
	})
}

func TestARefreshTokenUsedAtOneNodeIsRefusedAtTheOther(t *testing.T) {
	a := newAcme(t)
	first, second := twoNodes(t, a)
	app := a.moveIn(t, first, "web-app")
	here, there := a.at(t, first, app), a.at(t, second, app)

	verifier := oauth2.GenerateVerifier()
	spent := here.redeem(t, here.code(t, verifier, "n"), verifier).RefreshToken
	live := here.refresh(t, spent).RefreshToken
	for _, stolen := range []string{spent, live} { // the reuse ends the family, for both
		_, err := there.oauth.TokenSource(there.context(t), &oauth2.Token{RefreshToken: stolen}).Token()
		wantError(t, err, "invalid_grant")
	}
}

func TestARevisionAppliedAtOneNodeIsLiveOnTheOtherWithinASecond(t *testing.T) {
	a := newAcme(t)
	first, second := twoNodes(t, a)
	app := a.moveIn(t, first, "reporting")
	lifetime := func(n node) time.Duration { return time.Until(reportToken(t, a, n, app).Expiry).Round(time.Minute) }
	if got := lifetime(second); got != 10*time.Minute {
		t.Fatalf("a token lives for %v, want 10m", got)
	}
	a.edit(t, "servers.yaml", "access: 10m", "access: 5m")
	first.Run(t, "apply", a.tree, "--yes")
	await(t, feedWithin, "the other node knows the revision", func() bool { return lifetime(second) == 5*time.Minute })
	if got := lifetime(first); got != 5*time.Minute {
		t.Errorf("at the first node a token lives for %v, want 5m", got)
	}
}

func reportToken(t *testing.T, a acme, n node, app harness.Application) *oauth2.Token {
	t.Helper()
	token, err := askReportToken(t, a, n, app)
	if err != nil {
		t.Fatal(err)
	}
	n.Keep(token.AccessToken)
	return token
}

func askReportToken(t *testing.T, a acme, n node, app harness.Application) (*oauth2.Token, error) {
	t.Helper()
	config := clientcredentials.Config{
		ClientID: app.ClientID, ClientSecret: app.ClientSecret, AuthStyle: oauth2.AuthStyleInHeader,
		TokenURL: app.Issuer + "/token",
	}
	return config.Token(relyingParty{way: n.way}.context(t))
}

func TestADatabaseThatIsAwayIsSaidSoAndWorksAgainWhenItIsBack(t *testing.T) {
	database, err := url.Parse(pgtest.StartTCP(t))
	if err != nil {
		t.Fatal(err)
	}
	line := newCable(t, database.Host)
	database.Host = line.address()
	a := newAcme(t)
	n := a.start(t, harness.Launch{Store: database.String(), Flags: []string{"--config", a.tree}})
	app := a.moveIn(t, n, "reporting")
	reportToken(t, a, n, app)
	password, _ := database.User.Password()
	n.Keep(password)

	line.pull()
	_, err = askReportToken(t, a, n, app)
	refused, ok := err.(*oauth2.RetrieveError)
	if !ok || refused.Response.StatusCode != http.StatusServiceUnavailable || refused.ErrorCode != "temporarily_unavailable" {
		t.Errorf("without its database the token endpoint said %v, want 503 temporarily_unavailable", err)
	}
	page, sent := harness.NewVisitorOver(t, n.way).Visit(a.signInRequest(n), "http://localhost:3000/")
	if page != nil || sent.Get("error") != "temporarily_unavailable" {
		t.Errorf("without its database a visitor was shown %+v and sent back with %v, want temporarily_unavailable", page, sent)
	}

	line.plugIn()
	await(t, 15*time.Second, "tokens are given again", func() bool {
		_, err := askReportToken(t, a, n, app)
		return err == nil
	})
}

// signInRequest is how the web application sends a browser to sign in.
func (a acme) signInRequest(n node) string {
	query := url.Values{
		"client_id": {"web-app"}, "response_type": {"code"}, "scope": {"openid"}, "state": {"s"},
		"redirect_uri": {"http://localhost:3000/callback"}, "code_challenge_method": {"S256"},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(oauth2.GenerateVerifier())},
	}
	return n.Issuers["main"] + "/authorize?" + query.Encode()
}
