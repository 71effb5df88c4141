package authserver_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/service/audit"
)

// inactive is all that may be said (RFC 7662 §2.2).
const inactive = `{"active":false}`

// introspect asks about a token at a server.
func (s *site) introspect(server, token string, options ...func(*http.Request)) string {
	s.T.Helper()
	r := s.send(http.MethodPost, server+"/introspect", url.Values{"token": {token}}.Encode(), options...)
	text := body(r)
	if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Cache-Control") != "no-store" {
		s.T.Fatalf("introspection: %d %v %s", r.StatusCode, r.Header, text)
	}
	return text
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// mine asks as my-account.
func (s *site) mine() func(*http.Request) { return basic("my-account", s.secret) }

func TestRFC7662_2_2_AnActiveTokenTellsWhatItHolds(t *testing.T) {
	s := newSite(t)
	owner := s.resident()
	got := s.flow()
	text := s.introspect(apps, got.AccessToken, s.mine())
	var said map[string]any
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		t.Fatal(err)
	}
	want := payload(t, got.AccessToken)
	want["active"], want["token_type"] = true, "Bearer"
	for _, name := range []string{"active", "token_type", "sub", "scope", "client_id", "exp", "iat", "iss", "aud", "jti", "acr", "auth_time"} {
		if said[name] == nil || said[name] != want[name] {
			t.Errorf("%s is %v, want %v", name, said[name], want[name])
		}
	}
	if said["sub"] != owner.ID.String() || said["aud"] != "https://api.harbourlight.test/apps" {
		t.Errorf("%v", said)
	}
	if strings.Count(text, `"active"`) != 1 || strings.Count(text, `"token_type"`) != 1 {
		t.Errorf("a member stands there twice: %s", text)
	}
	clear(said)
	if err := json.Unmarshal([]byte(s.introspect(apps, got.RefreshToken, s.mine())), &said); err != nil {
		t.Fatal(err)
	}
	if said["active"] != true || said["sub"] != owner.ID.String() || said["client_id"] != "my-account" || said["scope"] != "openid billing.read.bill" ||
		said["exp"] != float64(s.Now().Add(12*time.Hour).Unix()) || said["aud"] != nil || said["token_type"] != nil {
		t.Errorf("of a refresh token: %v", said)
	}
}

func TestRFC7662_2_1_TheCallerMustBeAuthorised(t *testing.T) {
	s := newSite(t)
	s.resident()
	token := s.flow().AccessToken
	for _, test := range []struct {
		name    string
		form    url.Values
		options []func(*http.Request)
		status  int
		code    string
	}{
		{"no authentication", url.Values{"token": {token}}, nil, 401, "invalid_client"},
		{"a wrong secret", url.Values{"token": {token}}, []func(*http.Request){basic("my-account", "x")}, 401, "invalid_client"},
		{"an unknown client", url.Values{"token": {token}}, []func(*http.Request){basic("stranger", "x")}, 401, "invalid_client"},
		{"a public client, whose name is no secret", url.Values{"token": {token}, "client_id": {"spa"}}, nil, 401, "invalid_client"},
		{"the token itself as a bearer token", url.Values{"token": {token}}, []func(*http.Request){with("Authorization", "Bearer "+token)}, 401, "invalid_client"},
		{"no token", url.Values{"token_type_hint": {"access_token"}}, []func(*http.Request){s.mine()}, 400, "invalid_request"},
		{"two tokens", url.Values{"token": {token, token}}, []func(*http.Request){s.mine()}, 400, "invalid_request"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := s.send(http.MethodPost, apps+"/introspect", test.form.Encode(), test.options...)
			text := body(r)
			if r.StatusCode != test.status || !strings.Contains(text, `"error":"`+test.code+`"`) || r.Header.Get("Trace-Reference") == "" {
				t.Errorf("%d %s", r.StatusCode, text)
			}
			if (r.StatusCode == 401) != strings.HasPrefix(r.Header.Get("WWW-Authenticate"), "Basic ") {
				t.Errorf("WWW-Authenticate: %q", r.Header.Get("WWW-Authenticate"))
			}
		})
	}
	if n := len(s.Events(audit.TokenRefused)); n != 7 {
		t.Errorf("%d events of 7 refusals", n)
	}
	// RFC 7662 §2.1: a token in a URL would be in logs.
	for _, r := range []*http.Response{
		s.send(http.MethodGet, apps+"/introspect?token="+token, "", s.mine()),
		s.send(http.MethodPost, apps+"/introspect?token="+token, "", s.mine()),
	} {
		if r.StatusCode != http.StatusMethodNotAllowed && r.StatusCode != http.StatusBadRequest {
			t.Errorf("a query is answered: %d", r.StatusCode)
		}
	}
}

// RFC 7662 §2.2: inactive, unknown and not yours are one answer, byte for byte.
func TestRFC7662_2_2_WhatIsNotTheCallersIsInactiveWithoutReason(t *testing.T) {
	s := newSite(t)
	s.resident()
	got, machineSecret := s.flow(), s.Secret("payright")
	machineToken := s.post(partners, machine(), basic("payright", machineSecret)).AccessToken
	resource := basic("billing-api", s.Secret("billing-api"))
	other := func(r *http.Request) {
		r.Header.Del("Authorization")
		r.SetBasicAuth("payright", machineSecret)
	}
	old := s.flow()
	s.refresh(old.RefreshToken)
	dead := s.flow()
	s.refresh(s.refresh(dead.RefreshToken).RefreshToken)
	s.refresh(dead.RefreshToken)
	for _, test := range []struct {
		name, server, token string
		as                  func(*http.Request)
	}{
		{"nothing like a token", apps, "hello", s.mine()},
		{"a million dots", apps, strings.Repeat(".", 60_000), s.mine()},
		{"a code", apps, s.code(), s.mine()},
		{"an ID token", apps, got.IDToken, s.mine()},
		{"an access token of another application", apps, got.AccessToken, other},
		{"a refresh token of another application", apps, got.RefreshToken, other},
		{"a refresh token, for a resource server", apps, got.RefreshToken, resource},
		{"an access token at another server (audience)", partners, got.AccessToken, s.mine()},
		{"a refresh token at another server", partners, got.RefreshToken, s.mine()},
		{"a machine's token, for another server's resource server", partners, machineToken, resource},
		{"a refresh token that was rotated", apps, old.RefreshToken, s.mine()},
		{"a refresh token of a dead family", apps, dead.RefreshToken, s.mine()},
		{"an access token of a dead family", apps, dead.AccessToken, s.mine()},
	} {
		t.Run(test.name, func(t *testing.T) {
			if text := s.introspect(test.server, test.token, test.as); text != inactive {
				t.Errorf("got %s", text)
			}
		})
	}
	for name, text := range map[string]string{
		"its own":                      s.introspect(apps, got.AccessToken, s.mine()),
		"a resource server's":          s.introspect(apps, got.AccessToken, resource),
		"a machine's own":              s.introspect(partners, machineToken, other),
		"a rotated family's successor": s.introspect(apps, old.AccessToken, s.mine()),
	} {
		if !strings.HasPrefix(text, `{"active":true,`) {
			t.Errorf("%s: %s", name, text)
		}
	}
	// Looking at a rotated refresh token is no theft: the family lives.
	if text := s.introspect(apps, old.AccessToken, s.mine()); text == inactive {
		t.Error("introspection ended a family")
	}
}

// testing.md §3, 8 and 9: no changed, unsigned or otherwise signed token is active.
func TestRFC7662_4_NoChangedTokenIsActive(t *testing.T) {
	s := newSite(t)
	s.resident()
	got := s.flow()
	for _, token := range []string{got.AccessToken, got.RefreshToken} {
		for at := 0; at < len(token); at += 29 {
			changed := []byte(token)
			changed[at] ^= 3
			for _, bad := range []string{string(changed), token[:at] + token[at+1:], token[:at] + "A" + token[at:]} {
				if text := s.introspect(apps, bad, s.mine()); text != inactive {
					t.Fatalf("changed at %d: %s", at, text)
				}
			}
		}
	}
	parts := strings.Split(got.AccessToken, ".")
	for _, header := range []string{`{"alg":"none","typ":"at+jwt"}`, `{"alg":"HS256","typ":"at+jwt"}`, `{"alg":"ES256","typ":"at+jwt","crit":["x"],"x":1}`} {
		if text := s.introspect(apps, encode(header)+"."+parts[1]+"."+parts[2], s.mine()); text != inactive {
			t.Errorf("header %s: %s", header, text)
		}
	}
}

// testing.md §3, 7: whatever is switched off shows here.
func TestRFC7662_4_ExpiryAndRevocationAreChecked(t *testing.T) {
	for name, off := range map[string]func(*site, tokens){
		"the customer signed out":  func(s *site, _ tokens) { s.SignOut(s.person) },
		"the customer is disabled": func(s *site, _ tokens) { s.Disable(s.person.Customer) },
		"signed out everywhere":    func(s *site, _ tokens) { s.SignOutEverywhere(s.person.Customer) },
		"everything has expired":   func(s *site, _ tokens) { s.Pass(8 * 24 * time.Hour) },
		"the application is gone": func(s *site, _ tokens) {
			s.Change("assigned: {apps: [billing.read.bill, billing.write.payment]}\n---\nkind: application\nname: other", "assigned: {}\n---\nkind: application\nname: other")
		},
		"its refresh token reused": func(s *site, of tokens) { s.refresh(of.RefreshToken); s.refresh(of.RefreshToken) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.resident()
			got := s.flow()
			for _, token := range []string{got.AccessToken, got.RefreshToken} {
				if text := s.introspect(apps, token, s.mine()); text == inactive {
					t.Fatal("not active at first")
				}
			}
			s.Pass(time.Second)
			off(s, got)
			for _, token := range []string{got.AccessToken, got.RefreshToken} {
				if text := s.introspect(apps, token, s.mine()); text != inactive {
					t.Errorf("afterwards: %s", text)
				}
			}
		})
	}
	s := newSite(t)
	s.resident()
	token := s.flow().AccessToken
	s.Pass(10 * time.Minute)
	if text := s.introspect(apps, token, s.mine()); text != inactive {
		t.Errorf("at its exp: %s", text)
	}
	// A node that may have missed a revocation knows nothing.
	s.Feed.Stale = errors.New("stale")
	if r := s.send(http.MethodPost, apps+"/introspect", url.Values{"token": {token}}.Encode(), s.mine()); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a deaf node answers %d", r.StatusCode)
	}
}

func TestDiscoveryTellsHowToIntrospect(t *testing.T) {
	s := newSite(t)
	var m struct {
		Endpoint string   `json:"introspection_endpoint"`
		Methods  []string `json:"introspection_endpoint_auth_methods_supported"`
	}
	if err := json.NewDecoder(s.send(http.MethodGet, apps+"/.well-known/openid-configuration", "").Body).Decode(&m); err != nil {
		t.Fatal(err)
	}
	if m.Endpoint != apps+"/introspect" || slices.Contains(m.Methods, "none") || len(m.Methods) == 0 {
		t.Errorf("%+v", m)
	}
}
