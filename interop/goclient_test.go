package interop

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"sallyport/interop/harness"
)

// relyingParty is My Account seen through go-oidc and x/oauth2.
type relyingParty struct {
	demo     *harness.Demo
	issuer   string
	provider *oidc.Provider
	oauth    oauth2.Config
}

func newRelyingParty(t *testing.T, demo *harness.Demo) relyingParty {
	t.Helper()
	app := demo.Applications[harness.MyAccount]
	issuer := demo.Issuers[app.Issuer]
	provider, err := oidc.NewProvider(t.Context(), issuer) // refuses an issuer that differs by a byte
	if err != nil {
		t.Fatal(err)
	}
	return relyingParty{demo, issuer, provider, oauth2.Config{
		ClientID: app.ClientID, ClientSecret: app.ClientSecret, Endpoint: provider.Endpoint(),
		RedirectURL: app.RedirectURIs[0], Scopes: []string{oidc.ScopeOpenID, oidc.ScopeOfflineAccess},
	}}
}

// code signs Dana in and returns a fresh code that is bound to verifier.
func (rp relyingParty) code(t *testing.T, verifier, nonce string) string {
	t.Helper()
	request := rp.oauth.AuthCodeURL("state-1", oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))
	sent := harness.NewVisitor(t).SignIn(request, rp.oauth.RedirectURL, rp.demo.People[harness.Dana])
	if sent.Get("error") != "" {
		t.Fatalf("the authorization server sent back %v", sent)
	}
	if sent.Get("state") != "state-1" {
		t.Errorf("state came back as %q", sent.Get("state"))
	}
	if sent.Get("iss") != rp.issuer { // RFC 9207
		t.Errorf("iss came back as %q, want %q", sent.Get("iss"), rp.issuer)
	}
	rp.demo.Keep(sent.Get("code"))
	return sent.Get("code")
}

func (rp relyingParty) redeem(t *testing.T, code, verifier string) *oauth2.Token {
	t.Helper()
	token, err := rp.oauth.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	rp.keep(token)
	return token
}

func (rp relyingParty) keep(token *oauth2.Token) {
	idToken, _ := token.Extra("id_token").(string)
	rp.demo.Keep(token.AccessToken, token.RefreshToken, idToken)
}

func TestDiscoveryRepeatsTheIssuerByteForByte(t *testing.T) {
	demo := harness.Start(t, harness.Plain)
	for name, issuer := range demo.Issuers {
		res, err := http.Get(issuer + "/.well-known/openid-configuration")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		var document struct {
			Issuer string `json:"issuer"`
		}
		if err := json.Unmarshal(body, &document); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if document.Issuer != issuer {
			t.Errorf("%s calls itself %q at %q", name, document.Issuer, issuer)
		}
		if _, err := oidc.NewProvider(t.Context(), issuer+"/"); err == nil {
			t.Errorf("%s answers to its name with a slash too many", name)
		}
	}
}

func TestGoClientSignsInVerifiesAndRefreshes(t *testing.T) {
	rp := newRelyingParty(t, harness.Start(t, harness.Plain))
	verifier, nonce := oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	token := rp.redeem(t, rp.code(t, verifier, nonce), verifier)
	idToken := rp.verify(t, token)
	if idToken.Nonce != nonce {
		t.Errorf("nonce came back as %q, want %q", idToken.Nonce, nonce)
	}

	info, err := rp.provider.UserInfo(t.Context(), oauth2.StaticTokenSource(token))
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
	idToken, err := rp.provider.Verifier(&oidc.Config{ClientID: rp.oauth.ClientID}).Verify(t.Context(), raw)
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
	token, err := rp.oauth.TokenSource(t.Context(), &oauth2.Token{RefreshToken: refreshToken}).Token()
	if err != nil {
		t.Fatal(err)
	}
	rp.keep(token)
	return token
}

// RFC 9700 §4.14.2: a refresh token that comes twice was stolen from one of the two,
// so neither keeps anything.
func TestAReusedRefreshTokenEndsItsFamily(t *testing.T) {
	rp := newRelyingParty(t, harness.Start(t, harness.Plain))
	verifier := oauth2.GenerateVerifier()
	first := rp.redeem(t, rp.code(t, verifier, "n"), verifier).RefreshToken
	second := rp.refresh(t, first).RefreshToken
	for _, stolen := range []string{first, second} {
		_, err := rp.oauth.TokenSource(t.Context(), &oauth2.Token{RefreshToken: stolen}).Token()
		wantError(t, err, "invalid_grant")
	}
}

func TestACodeIsBoundToItsVerifier(t *testing.T) {
	rp := newRelyingParty(t, harness.Start(t, harness.Plain))
	verifier := oauth2.GenerateVerifier()
	code := rp.code(t, verifier, "n")
	_, err := rp.oauth.Exchange(t.Context(), code, oauth2.VerifierOption(oauth2.GenerateVerifier()))
	wantError(t, err, "invalid_grant")
	_, err = rp.oauth.Exchange(t.Context(), rp.code(t, verifier, "n"))
	wantError(t, err, "invalid_grant")
}

func TestAnUnregisteredRedirectStaysAtHome(t *testing.T) {
	rp := newRelyingParty(t, harness.Start(t, harness.Plain))
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
		if page.Status < 400 || page.Status > 499 || host(t, page.URL.String()) != host(t, rp.issuer) {
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
