package interop

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"sallyport/interop/harness"
)

// relyingParty is an application that signs people in with go-oidc and x/oauth2.
type relyingParty struct {
	server   *harness.Server
	app      harness.Application
	person   harness.Person    // who signs in
	way      http.RoundTripper // how the server is reached
	provider *oidc.Provider
	oauth    oauth2.Config
}

// newRelyingParty is My Account, where Dana signs in.
func newRelyingParty(t *testing.T, demo *harness.Server) relyingParty {
	t.Helper()
	return relyingParty{
		server: demo, app: demo.Applications[harness.MyAccount], person: demo.People[harness.Dana], way: http.DefaultTransport,
	}.discover(t)
}

// discover learns where the issuer's endpoints are.
func (rp relyingParty) discover(t *testing.T) relyingParty {
	t.Helper()
	provider, err := oidc.NewProvider(rp.context(t), rp.app.Issuer) // refuses an issuer that differs by a byte
	if err != nil {
		t.Fatal(err)
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // guessing would hide the first refusal behind a second
	rp.provider, rp.oauth = provider, oauth2.Config{
		ClientID: rp.app.ClientID, ClientSecret: rp.app.ClientSecret, Endpoint: endpoint,
		RedirectURL: rp.app.RedirectURIs[0], Scopes: []string{oidc.ScopeOpenID, oidc.ScopeOfflineAccess, harness.ScopeReadBill},
	}
	return rp
}

// context makes the libraries take the way to the server.
func (rp relyingParty) context(t *testing.T) context.Context {
	return oidc.ClientContext(t.Context(), &http.Client{Transport: rp.way, Timeout: 30 * time.Second})
}

// code signs the person in and returns a fresh code that is bound to verifier.
func (rp relyingParty) code(t *testing.T, verifier, nonce string) string {
	t.Helper()
	request := rp.oauth.AuthCodeURL("state-1", oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))
	sent := harness.NewVisitorOver(t, rp.way).SignIn(request, rp.oauth.RedirectURL, rp.person)
	if sent.Get("error") != "" {
		t.Fatalf("the authorization server sent back %v", sent)
	}
	if sent.Get("state") != "state-1" {
		t.Errorf("state came back as %q", sent.Get("state"))
	}
	if sent.Get("iss") != rp.app.Issuer { // RFC 9207
		t.Errorf("iss came back as %q, want %q", sent.Get("iss"), rp.app.Issuer)
	}
	rp.server.Keep(sent.Get("code"))
	return sent.Get("code")
}

func (rp relyingParty) redeem(t *testing.T, code, verifier string) *oauth2.Token {
	t.Helper()
	token, err := rp.oauth.Exchange(rp.context(t), code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	rp.keep(token)
	return token
}

func (rp relyingParty) keep(token *oauth2.Token) {
	idToken, _ := token.Extra("id_token").(string)
	rp.server.Keep(token.AccessToken, token.RefreshToken, idToken)
}

func TestDiscoveryRepeatsTheIssuerByteForByteInBothForms(t *testing.T) {
	demo := harness.StartDemo(t, harness.Launch{})
	for name, issuer := range demo.Issuers {
		base, path := demo.URL, strings.TrimPrefix(issuer, demo.URL)
		for _, address := range []string{
			issuer + "/.well-known/openid-configuration",            // OpenID Connect Discovery §4
			base + "/.well-known/oauth-authorization-server" + path, // RFC 8414 §3.1
		} {
			var document struct {
				Issuer string `json:"issuer"`
			}
			getJSON(t, address, &document)
			if document.Issuer != issuer {
				t.Errorf("%s calls itself %q at %s", name, document.Issuer, address)
			}
		}
		if _, err := oidc.NewProvider(t.Context(), issuer+"/"); err == nil {
			t.Errorf("%s answers to its name with a slash too many", name)
		}
	}
}

func getJSON(t *testing.T, address string, v any) {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", address, res.Status)
	}
	if err := json.NewDecoder(res.Body).Decode(v); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
}

func TestGoClientSignsInVerifiesAndRefreshes(t *testing.T) {
	rp := newRelyingParty(t, harness.StartDemo(t, harness.Launch{}))
	verifier, nonce := oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	token := rp.redeem(t, rp.code(t, verifier, nonce), verifier)
	idToken := rp.verify(t, token)
	if idToken.Nonce != nonce {
		t.Errorf("nonce came back as %q, want %q", idToken.Nonce, nonce)
	}

	info, err := rp.provider.UserInfo(rp.context(t), oauth2.StaticTokenSource(token))
	if err != nil {
		t.Fatal(err)
	}
	if info.Subject != idToken.Subject {
		t.Errorf("userinfo speaks of %q, the ID token of %q", info.Subject, idToken.Subject)
	}

	refreshed := rp.refresh(t, token.RefreshToken)
	if refreshed.RefreshToken == token.RefreshToken || refreshed.AccessToken == token.AccessToken {
		t.Error("refreshing did not change the tokens")
	}
	if again := rp.verify(t, refreshed); again.Subject != idToken.Subject {
		t.Errorf("the refreshed ID token speaks of %q, the first of %q", again.Subject, idToken.Subject)
	}
}

func (rp relyingParty) verify(t *testing.T, token *oauth2.Token) *oidc.IDToken {
	t.Helper()
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		t.Fatal("there is no ID token")
	}
	idToken, err := rp.provider.Verifier(&oidc.Config{ClientID: rp.oauth.ClientID}).Verify(rp.context(t), raw)
	if err != nil {
		t.Fatal(err)
	}
	if idToken.AccessTokenHash != "" {
		if err := idToken.VerifyAccessToken(token.AccessToken); err != nil {
			t.Error(err)
		}
	}
	return idToken
}

func (rp relyingParty) refresh(t *testing.T, refreshToken string) *oauth2.Token {
	t.Helper()
	token, err := rp.oauth.TokenSource(rp.context(t), &oauth2.Token{RefreshToken: refreshToken}).Token()
	if err != nil {
		t.Fatal(err)
	}
	rp.keep(token)
	return token
}

// RFC 9700 §4.14.2: a refresh token that comes twice was stolen from one of the two,
// so neither keeps anything.
func TestAReusedRefreshTokenEndsItsFamily(t *testing.T) {
	rp := newRelyingParty(t, harness.StartDemo(t, harness.Launch{}))
	verifier := oauth2.GenerateVerifier()
	first := rp.redeem(t, rp.code(t, verifier, "n"), verifier).RefreshToken
	second := rp.refresh(t, first).RefreshToken
	for _, stolen := range []string{first, second} {
		_, err := rp.oauth.TokenSource(rp.context(t), &oauth2.Token{RefreshToken: stolen}).Token()
		wantError(t, err, "invalid_grant")
	}
}

func TestACodeIsBoundToItsVerifier(t *testing.T) {
	rp := newRelyingParty(t, harness.StartDemo(t, harness.Launch{}))
	verifier := oauth2.GenerateVerifier()
	code := rp.code(t, verifier, "n")
	_, err := rp.oauth.Exchange(rp.context(t), code, oauth2.VerifierOption(oauth2.GenerateVerifier()))
	wantError(t, err, "invalid_grant")
	_, err = rp.oauth.Exchange(rp.context(t), rp.code(t, verifier, "n"))
	wantError(t, err, "invalid_grant")
}

// RFC 6749 §4.1.2: a code that comes twice revokes what it was exchanged for, and off
// is off within five seconds at the gateway too.
func TestACodeThatComesTwiceEndsItsTokens(t *testing.T) {
	rp := newRelyingParty(t, harness.StartDemo(t, harness.Launch{}))
	verifier := oauth2.GenerateVerifier()
	code := rp.code(t, verifier, "n")
	token := rp.redeem(t, code, verifier)
	bill := func() refusal {
		return call(t, rp.server, http.MethodGet, harness.PathBill, nil, rp.app.SubscriptionKey, token.AccessToken)
	}
	if got := bill(); got.status != http.StatusOK {
		t.Fatalf("before, the bill was answered with %+v", got)
	}

	_, err := rp.oauth.Exchange(rp.context(t), code, oauth2.VerifierOption(verifier))
	wantError(t, err, "invalid_grant")
	_, err = rp.oauth.TokenSource(rp.context(t), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	wantError(t, err, "invalid_grant")
	await(t, offWithin, "the gateway refuses the access token", func() bool {
		got := bill()
		return got.status == http.StatusUnauthorized && got.check == harness.CheckToken
	})
	if _, err := rp.provider.UserInfo(rp.context(t), oauth2.StaticTokenSource(token)); err == nil {
		t.Error("userinfo still answers the access token")
	}
}

// offWithin is how soon what was revoked must be refused everywhere.
const offWithin = 5 * time.Second

// await asks again and again until the answer is yes, and fails t after limit.
func await(t *testing.T, limit time.Duration, what string, yes func() bool) {
	t.Helper()
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !yes() {
		select {
		case <-deadline.C:
			t.Fatalf("not within %v: %s", limit, what)
		case <-again.C:
		}
	}
}

func TestAScopeOfAHundredKilobytesIsRefusedAndNothingElseIsHurt(t *testing.T) {
	demo := harness.StartDemo(t, harness.Launch{})
	payRight := newMachine(demo, harness.PayRight)
	huge := strings.Repeat("payments.write.posting ", 100<<10/len("payments.write.posting "))
	for name, scope := range map[string]string{"one long word": strings.Repeat("a", 100<<10), "one word many times": huge} {
		_, err := payRight.token(t, scope)
		var refused *oauth2.RetrieveError
		if !errors.As(err, &refused) || refused.Response.StatusCode/100 != 4 || refused.ErrorCode == "" {
			t.Errorf("%s got %v, want a refusal", name, err)
		}
	}
	payRight.mustToken(t, harness.ScopeWritePosting)

	rp := newRelyingParty(t, demo)
	request := rp.oauth.AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier()), oauth2.SetAuthURLParam("scope", huge))
	page, sent := harness.NewVisitor(t).Visit(request, rp.oauth.RedirectURL)
	switch {
	case page != nil && page.Status/100 != 4:
		t.Errorf("asked for with a browser, it led to a page with %d", page.Status)
	case page == nil && sent.Get("error") == "":
		t.Errorf("asked for with a browser, it was granted: %v", sent)
	}
}

func TestAnUnregisteredRedirectStaysAtHome(t *testing.T) {
	rp := newRelyingParty(t, harness.StartDemo(t, harness.Launch{}))
	registered := rp.oauth.RedirectURL
	for _, wrong := range []string{
		registered + "/", registered + "?x=1", registered + "#f", strings.Replace(registered, "://", "://user@", 1),
		registered + "/../x", "https://attacker.example/", "javascript:alert(1)", "",
	} {
		request := rp.oauth.AuthCodeURL("s", oauth2.S256ChallengeOption(oauth2.GenerateVerifier()),
			oauth2.SetAuthURLParam("redirect_uri", wrong))
		page, sent := harness.NewVisitor(t).Visit(request, wrong)
		if page == nil {
			t.Errorf("%q was sent %v", wrong, sent)
			continue
		}
		if page.Status < 400 || page.Status > 499 || host(t, page.URL.String()) != host(t, rp.app.Issuer) {
			t.Errorf("%q led to %s with %d", wrong, page.URL, page.Status)
		}
	}
}

func host(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

// wantError checks that err is a refusal of the token endpoint with this code.
func wantError(t *testing.T, err error, code string) {
	t.Helper()
	var refusal *oauth2.RetrieveError
	switch {
	case errors.Is(err, context.Canceled) || !errors.As(err, &refusal):
		t.Errorf("got %v, want the refusal %s", err, code)
	case refusal.ErrorCode != code || refusal.Response.StatusCode != http.StatusBadRequest:
		t.Errorf("got %d %s, want 400 %s", refusal.Response.StatusCode, refusal.ErrorCode, code)
	}
}

// claim reads a claim of a JWT that another test verifies.
func claim[T any](t *testing.T, token, name string) T {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("this is no JWT: %d parts", len(parts))
	}
	encoded, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]json.RawMessage{}
	if err := json.Unmarshal(encoded, &claims); err != nil {
		t.Fatal(err)
	}
	var value T
	if err := json.Unmarshal(claims[name], &value); err != nil {
		t.Fatalf("claim %s: %v", name, err)
	}
	return value
}
