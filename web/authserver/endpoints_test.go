package authserver_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"sallyport/protocol/oauth"
	"sallyport/service/issue/issuetest"
)

func TestDiscoveryIsTheSameAtEveryPlaceAndItsIssuerByteExact(t *testing.T) {
	s := newSite(t)
	places := []string{
		apps + "/.well-known/openid-configuration",                                      // OpenID Connect Discovery §4
		"https://" + issuetest.Host + "/.well-known/oauth-authorization-server/hl/apps", // RFC 8414 §3.1
		"https://" + issuetest.Host + "/.well-known/openid-configuration/hl/apps",       // RFC 8414 §5
	}
	first := body(s.send(http.MethodGet, places[0], ""))
	for _, place := range places {
		r := s.send(http.MethodGet, place, "")
		text := body(r)
		if r.StatusCode != 200 || text != first || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %s", place, r.StatusCode, text)
		}
		if r.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(r.Header.Get("Cache-Control"), "public") {
			t.Errorf("%s: headers %v", place, r.Header)
		}
		again := s.send(http.MethodGet, place, "", with("If-None-Match", `"x", `+r.Header.Get("ETag")))
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: with its own tag: %d", place, again.StatusCode)
		}
		if head := s.send(http.MethodHead, place, ""); head.StatusCode != 200 {
			t.Errorf("%s: HEAD %d", place, head.StatusCode)
		}
	}
	var m oauth.Metadata
	if err := json.Unmarshal([]byte(first), &m); err != nil {
		t.Fatal(err)
	}
	if err := m.Validate(); err != nil {
		t.Error(err)
	}
	if m.Issuer != apps { // RFC 8414 §3.3
		t.Errorf("issuer %q, want %q", m.Issuer, apps)
	}
	if !m.AuthorizationResponseIssParameterSupported { // RFC 9207 §3
		t.Error("iss is not advertised")
	}
	if len(m.CodeChallengeMethodsSupported) != 1 || m.CodeChallengeMethodsSupported[0] != oauth.MethodS256 { // RFC 9700 §2.1.1
		t.Errorf("methods %v", m.CodeChallengeMethodsSupported)
	}
	if strings.Contains(first, "null") || strings.Contains(first, "[]") { // RFC 8414 §3.2
		t.Errorf("an empty member: %s", first)
	}
	if strings.Contains(first, "payments.write.posting") {
		t.Error("another server's scopes")
	}
	// Every endpoint that is named answers.
	for _, place := range []string{m.AuthorizationEndpoint, m.TokenEndpoint, m.UserinfoEndpoint, m.JWKSURI, m.IntrospectionEndpoint, m.RevocationEndpoint} {
		if r := s.send(http.MethodOptions, place, ""); r.StatusCode != http.StatusNoContent {
			t.Errorf("%s: %d", place, r.StatusCode)
		}
	}
}

// ZITADEL CVE-2023-49097 and CVE-2025-64101: headers built URLs.
func TestNoHeaderReachesAURL(t *testing.T) {
	s := newSite(t)
	s.resident()
	plain := body(s.send(http.MethodGet, apps+"/.well-known/openid-configuration", ""))
	forged := func(r *http.Request) {
		for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded", "X-Original-URL", "X-Rewrite-URL"} {
			r.Header.Set(name, "evil.test")
		}
	}
	if got := body(s.send(http.MethodGet, apps+"/.well-known/openid-configuration", "", forged)); got != plain {
		t.Errorf("discovery moved: %s", got)
	}
	if answer := s.answer(s.send(http.MethodGet, apps+"/authorize?"+request().Encode(), "", forged)); answer.Get("iss") != apps {
		t.Errorf("iss moved: %v", answer)
	}
	for _, host := range []string{"evil.test", "id.harbourlight.test.evil.test", "id.harbourlight.test:8443", ""} {
		r := s.send(http.MethodGet, apps+"/jwks", "", func(r *http.Request) { r.Host = host })
		if r.StatusCode != http.StatusNotFound {
			t.Errorf("Host %q is served: %d", host, r.StatusCode)
		}
	}
}

func TestKeysArePublishedAndFollowARotation(t *testing.T) {
	s := newSite(t)
	before := s.send(http.MethodGet, apps+"/jwks", "")
	text := body(before)
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal([]byte(text), &set); err != nil || len(set.Keys) != 2 {
		t.Fatalf("a current and a next key, not %s", text)
	}
	for _, key := range set.Keys {
		if key["d"] != nil || key["use"] != "sig" || key["kid"] == "" || key["alg"] != "ES256" {
			t.Errorf("key %v", key)
		}
	}
	if again := body(s.send(http.MethodGet, apps+"/jwks", "")); again != text {
		t.Error("the same keys, other bytes")
	}
	s.Ring.Forget(s.Live.ID, "apps")
	if err := s.Ring.Rotate(t.Context(), s.Live.ID, "apps", "ES256", "system"); err != nil {
		t.Fatal(err)
	}
	s.Ring.Forget(s.Live.ID, "apps")
	after := s.send(http.MethodGet, apps+"/jwks", "")
	if after.Header.Get("ETag") == before.Header.Get("ETag") || !strings.Contains(body(after), set.Keys[0]["kid"].(string)) {
		t.Error("after a rotation the old keys are gone, or the tag is the same")
	}
}

func TestMethodsAreTheTables(t *testing.T) {
	s := newSite(t)
	for path, allow := range map[string]string{
		"/authorize": "GET, POST, OPTIONS", "/authorize/continue": "GET, OPTIONS", "/token": "POST, OPTIONS",
		"/userinfo": "GET, POST, OPTIONS", "/jwks": "GET, HEAD, OPTIONS", "/.well-known/openid-configuration": "GET, HEAD, OPTIONS",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "OPTIONS"} {
			r := s.send(method, apps+path, "")
			if allowed := strings.Contains(allow, method); (r.StatusCode == http.StatusMethodNotAllowed) == allowed {
				t.Errorf("%s %s: %d", method, path, r.StatusCode)
			}
			if r.StatusCode == http.StatusMethodNotAllowed && r.Header.Get("Allow") != allow {
				t.Errorf("%s %s: Allow %q, want %q", method, path, r.Header.Get("Allow"), allow)
			}
		}
	}
}

func TestOnlyRegisteredOriginsMayReadAnswers(t *testing.T) {
	s := newSite(t)
	preflight := with("Access-Control-Request-Method", "POST")
	for _, origin := range []string{
		"https://evil.test", "null", "https://spa.harbourlight.test.evil.test", "http://spa.harbourlight.test", "https://SPA.harbourlight.test",
		"https://spa.harbourlight.test:443", "https://spa.harbourlight.test/", "https://my.harbourlight.test", "",
	} {
		for _, path := range []string{"/token", "/userinfo"} {
			r := s.send(http.MethodOptions, apps+path, "", preflight, with("Origin", origin))
			if got := r.Header.Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("%s may be read by %q: %q", path, origin, got)
			}
			if !strings.Contains(r.Header.Get("Vary"), "Origin") {
				t.Errorf("%s: a cache would mix origins up", path)
			}
		}
	}
	for _, path := range []string{"/token", "/userinfo", "/revoke"} {
		r := s.send(http.MethodOptions, apps+path, "", preflight, with("Origin", "https://spa.harbourlight.test"))
		if r.Header.Get("Access-Control-Allow-Origin") != "https://spa.harbourlight.test" || !strings.Contains(r.Header.Get("Access-Control-Allow-Headers"), "Authorization") ||
			r.Header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%s: %v", path, r.Header)
		}
	}
	// Another authorization server, which does not serve the application, is not
	// for its pages.
	r := s.send(http.MethodOptions, partners+"/token", "", preflight, with("Origin", "https://spa.harbourlight.test"))
	if got := r.Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("a server that does not serve the application may be read by its pages: %q", got)
	}
	// RFC 9700 §2.6: no CORS on the authorization endpoint.
	for _, path := range []string{"/authorize", "/authorize/continue", "/introspect"} {
		r := s.send(http.MethodOptions, apps+path, "", preflight, with("Origin", "https://spa.harbourlight.test"))
		if got := r.Header.Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%s may be read by a script: %q", path, got)
		}
	}
}

func TestWhatIsNoServersGoesOn(t *testing.T) {
	s := newSite(t)
	for _, path := range []string{
		"", "/", "/apps", "/apps/", "/apps/nothing", "/nothing/token", "/apps/token/", "/apps//token", "/signin",
		"/apps/.well-known/oauth-authorization-server", "/%61pps/token", "/apps%2ftoken", "/apps/%74oken",
	} {
		if r := s.send(http.MethodGet, base+path, ""); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/openid-configuration/hl", "/.well-known/openid-configuration/hl/apps/token", "/.well-known/oauth-authorization-server/apps"} {
		if r := s.send(http.MethodGet, "https://"+issuetest.Host+path, ""); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}
