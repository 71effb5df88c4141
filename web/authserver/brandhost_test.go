package authserver_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sallyport/service/issue/issuetest"
	"sallyport/service/signin"
)

const orchard = "https://my.orchard.test/hl"

// branded is the site with a second brand, which has a host of its own, and an
// application of it.
func branded(t *testing.T) *site {
	return newSiteOf(t, issuetest.Tree+`
---
{kind: brand, name: harbourlight, default: true}
---
{kind: brand, name: orchard, title: Orchard Valley Power, hosts: [my.orchard.test, old.orchard.test]}
---
{kind: application, name: harvest, type: browser, brand: orchard, consent: required, redirects: ["https://www.orchard.test/back"], post_logout_redirects: ["https://www.orchard.test/"], assigned: {apps: [billing.read.bill]}}
`)
}

func harvest(changes ...string) url.Values {
	return request(append([]string{"client_id", "harvest", "redirect_uri", "https://www.orchard.test/back", "response_mode", ""}, changes...)...)
}

func location(t *testing.T, r *http.Response) string {
	t.Helper()
	if r.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %s", r.Status)
	}
	return r.Header.Get("Location")
}

func TestCustomersOfABrandSignInAtItsHost(t *testing.T) {
	s := branded(t)
	query := harvest().Encode()
	for name, ask := range map[string]*http.Response{
		"by GET":  s.send(http.MethodGet, apps+"/authorize?"+query, ""),
		"by POST": s.send(http.MethodPost, apps+"/authorize", query),
	} {
		at, err := url.Parse(location(t, ask))
		if err != nil || at.Scheme+"://"+at.Host+at.Path != orchard+"/apps/authorize" || at.Query().Encode() != query {
			t.Errorf("%s: sent to %s", name, at)
		}
	}
	for _, host := range []string{orchard, "https://old.orchard.test/hl"} {
		if at := location(t, s.send(http.MethodGet, host+"/apps/authorize?"+query, "")); at != host+"/signin?t=ticket" {
			t.Errorf("at %s they sign in at %s", host, at)
		}
	}
	if got := s.signIn.last(t).Return; !strings.HasPrefix(got, "/apps/authorize/continue?r=") {
		t.Errorf("and then go to %s", got)
	}
}

func TestCustomersOfAnotherBrandAreSentToTheirOwnHost(t *testing.T) {
	s := branded(t)
	if at := location(t, s.send(http.MethodGet, orchard+"/apps/authorize?"+request().Encode(), "")); !strings.HasPrefix(at, apps+"/authorize?") {
		t.Errorf("sent to %s", at)
	}
}

// Nobody is sent anywhere for a request that names no application of ours, or an
// address that is not the application's.
func TestARequestThatNobodyMadeIsNotSentOn(t *testing.T) {
	s := branded(t)
	for _, query := range []url.Values{harvest("client_id", "nobody"), harvest("redirect_uri", "https://evil.test/")} {
		if r := s.send(http.MethodGet, apps+"/authorize?"+query.Encode(), ""); r.StatusCode != http.StatusBadRequest {
			t.Errorf("status %s", r.Status)
		}
	}
	if r := s.send(http.MethodPost, apps+"/authorize", harvest("nonce", strings.Repeat("n", 9000)).Encode()); r.StatusCode == http.StatusSeeOther && strings.HasPrefix(r.Header.Get("Location"), orchard) {
		t.Error("what no browser carries in an address is sent on")
	}
}

func TestOnlyBrowsersEndpointsAnswerAtABrandsHost(t *testing.T) {
	s := branded(t)
	for _, path := range []string{"/apps/token", "/apps/jwks", "/apps/userinfo", "/apps/introspect", "/apps/revoke", "/apps/.well-known/openid-configuration"} {
		method := http.MethodGet
		if strings.Contains("/apps/token /apps/introspect /apps/revoke", path) {
			method = http.MethodPost
		}
		if r := s.send(method, orchard+path, ""); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, r.Status)
		}
	}
	if r := s.send(http.MethodGet, "https://my.orchard.test/.well-known/oauth-authorization-server/hl/apps", ""); r.StatusCode != http.StatusNotFound {
		t.Errorf("metadata at a host that is no issuer's: %s", r.Status)
	}
}

func TestSigningOutOfABrandsApplicationHappensAtItsHost(t *testing.T) {
	s := branded(t)
	query := url.Values{"client_id": {"harvest"}, "post_logout_redirect_uri": {"https://www.orchard.test/"}}.Encode()
	if at := location(t, s.send(http.MethodGet, apps+"/logout?"+query, "")); at != orchard+"/apps/logout?"+query {
		t.Errorf("sent to %s", at)
	}
	if at := location(t, s.send(http.MethodPost, apps+"/logout", query)); !strings.HasPrefix(at, orchard+"/apps/logout/continue?r=") {
		t.Errorf("sent to %s", at)
	}
	if at := location(t, s.send(http.MethodGet, orchard+"/apps/logout?"+query, "")); at != "https://www.orchard.test/" {
		t.Errorf("and then to %s", at)
	}
}

// The world's session was begun at the environment's own address.
func TestASessionOfAnotherHostIsNone(t *testing.T) {
	s := branded(t)
	s.resident()
	cookie := &http.Cookie{Name: signin.CookieName(s.Live.ID, true), Value: s.cookie}
	if at := location(t, s.send(http.MethodGet, orchard+"/apps/authorize?"+harvest().Encode(), "", func(r *http.Request) { r.AddCookie(cookie) })); at != orchard+"/signin?t=ticket" {
		t.Errorf("sent to %s", at)
	}
}
