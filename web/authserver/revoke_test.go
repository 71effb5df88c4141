package authserver_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/store"
)

// revoke revokes a token at a server; an empty code is success.
func (s *site) revoke(server string, form url.Values, options ...func(*http.Request)) (status int, code string) {
	s.T.Helper()
	r := s.send(http.MethodPost, server+"/revoke", form.Encode(), options...)
	var said struct{ Error string }
	text := body(r)
	if r.StatusCode == http.StatusOK && text != "" || r.StatusCode != http.StatusOK && json.Unmarshal([]byte(text), &said) != nil {
		s.T.Errorf("revocation answers %d %q", r.StatusCode, text)
	}
	return r.StatusCode, said.Error
}

func about(token string, changes ...string) url.Values {
	return change(url.Values{"token": {token}}, changes...)
}

func TestRFC7009_2_1_RevokingARefreshTokenEndsItsAccessTokens(t *testing.T) {
	for _, hint := range []string{"", "refresh_token", "access_token", "saml_assertion"} { // a wrong hint: all types are searched
		t.Run("hint "+hint, func(t *testing.T) {
			s := newSite(t)
			s.resident()
			first, bystander := s.flow(), s.flow()
			second := s.refresh(first.RefreshToken)
			if status, code := s.revoke(apps, about(second.RefreshToken, "token_type_hint", hint), s.mine()); status != 200 {
				t.Fatal(status, code)
			}
			for _, dead := range []string{first.AccessToken, second.AccessToken, second.RefreshToken} {
				if got := s.introspect(apps, dead, s.mine()); got != inactive {
					t.Errorf("lives: %s", got)
				}
			}
			s.dead(t, second)
			if s.introspect(apps, bystander.AccessToken, s.mine()) == inactive || s.refresh(bystander.RefreshToken).Status != 200 {
				t.Error("another grant of the same session ended too")
			}
			events := s.Events(audit.TokenRevoked)
			if len(events) != 1 || events[0].Application != "my-account" || events[0].Customer != s.person.Customer.ID.String() ||
				!strings.Contains(string(events[0].Body), `"grant":`) {
				t.Errorf("events %v", events)
			}
		})
	}
}

func TestAnOldRefreshTokenOfTheFamilyRevokesItToo(t *testing.T) {
	s := newSite(t)
	s.resident()
	first := s.flow()
	second := s.refresh(first.RefreshToken)
	if status, _ := s.revoke(apps, about(first.RefreshToken), s.mine()); status != 200 {
		t.Fatal(status)
	}
	s.dead(t, second)
}

// RFC 7009 §2.1 lets the server decide whether the refresh token goes too.
func TestAnAccessTokenIsRevokedAlone(t *testing.T) {
	for _, hint := range []string{"", "refresh_token", "access_token"} {
		t.Run("hint "+hint, func(t *testing.T) {
			s := newSite(t)
			s.resident()
			first := s.flow()
			second := s.refresh(first.RefreshToken)
			if status, _ := s.revoke(apps, about(first.AccessToken, "token_type_hint", hint), s.mine()); status != 200 {
				t.Fatal(status)
			}
			if got := s.introspect(apps, first.AccessToken, s.mine()); got != inactive {
				t.Errorf("it lives: %s", got)
			}
			if r := s.userinfo(first.AccessToken); r.StatusCode != http.StatusUnauthorized {
				t.Errorf("userinfo takes it: %d", r.StatusCode)
			}
			if s.introspect(apps, second.AccessToken, s.mine()) == inactive || s.refresh(second.RefreshToken).Status != 200 {
				t.Error("its family ended")
			}
		})
	}
}

func TestAMachineRevokesItsToken(t *testing.T) {
	s := newSite(t)
	as := basic("payright", s.Secret("payright"))
	one, two := s.post(partners, machine(), as).AccessToken, s.post(partners, machine(), as).AccessToken
	if status, _ := s.revoke(partners, about(one), as); status != 200 {
		t.Fatal(status)
	}
	if s.introspect(partners, one, as) != inactive || s.introspect(partners, two, as) == inactive {
		t.Error("the one lives, or the other does not")
	}
	events := s.Events(audit.TokenRevoked)
	if len(events) != 1 || events[0].Customer != "" || !strings.Contains(string(events[0].Body), `"token":`) {
		t.Errorf("events %v", events)
	}
	// Every node hears of it, until the token is dead by itself.
	entries, err := s.Store.FeedAfter(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	told := slices.IndexFunc(entries, func(e store.FeedEntry) bool { return e.Kind == store.TokenRevoked })
	if told < 0 {
		t.Fatalf("the feed does not tell it: %+v", entries)
	}
	last := entries[told]
	if last.Subject != "payright/"+payload(t, one)["jti"].(string) || last.Until.Before(s.Now().Add(15*time.Minute)) {
		t.Errorf("%+v", last)
	}
}

func TestRFC7009_2_APublicClientRevokesItsTokens(t *testing.T) {
	s := newSite(t)
	s.resident()
	redirect := "https://spa.harbourlight.test/"
	code := s.code("client_id", "spa", "redirect_uri", redirect)
	got := s.post(apps, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"spa"}, "redirect_uri": {redirect}, "code_verifier": {verifier},
	})
	if got.Status != 200 {
		t.Fatalf("%+v", got)
	}
	r := s.send(http.MethodPost, apps+"/revoke", about(got.RefreshToken, "client_id", "spa").Encode(), with("Origin", "https://spa.harbourlight.test"))
	if r.StatusCode != 200 || r.Header.Get("Access-Control-Allow-Origin") != "https://spa.harbourlight.test" {
		t.Fatalf("%d %v", r.StatusCode, r.Header)
	}
	if r := s.userinfo(got.AccessToken); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("the access token lives: %d", r.StatusCode)
	}
}

func TestRFC7009_2_1_TheClientAuthenticatesAndTheTokenIsItsOwn(t *testing.T) {
	s := newSite(t)
	s.resident()
	got := s.flow()
	other := s.Secret("other")
	for _, test := range []struct {
		name    string
		form    url.Values
		options []func(*http.Request)
		status  int
		code    string
	}{
		{"no authentication", about(got.RefreshToken), nil, 401, "invalid_client"},
		{"a wrong secret", about(got.RefreshToken), []func(*http.Request){basic("my-account", "x")}, 401, "invalid_client"},
		{"its name without its secret", about(got.RefreshToken, "client_id", "my-account"), nil, 401, "invalid_client"},
		{"another client, a refresh token", about(got.RefreshToken, "client_id", "other", "client_secret", other), nil, 400, "invalid_grant"},
		{"another client, an access token", about(got.AccessToken, "client_id", "other", "client_secret", other), nil, 400, "invalid_grant"},
		{"a public client, a refresh token", about(got.RefreshToken, "client_id", "spa"), nil, 400, "invalid_grant"},
		{"a resource server that may introspect it", about(got.AccessToken), []func(*http.Request){basic("billing-api", s.Secret("billing-api"))}, 400, "invalid_grant"},
		{"no token", about("", "x", "y"), []func(*http.Request){s.mine()}, 400, "invalid_request"},
		{"two tokens", url.Values{"token": {"a", "b"}}, []func(*http.Request){s.mine()}, 400, "invalid_request"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if status, code := s.revoke(apps, test.form, test.options...); status != test.status || code != test.code {
				t.Errorf("%d %s", status, code)
			}
		})
	}
	if s.introspect(apps, got.AccessToken, s.mine()) == inactive || s.refresh(got.RefreshToken).Status != 200 {
		t.Error("a refused revocation ended something")
	}
	if n := len(s.Events(audit.TokenRevoked)); n != 0 {
		t.Errorf("%d revocations are told of", n)
	}
}

// RFC 7009 §2.2: the client wanted the token dead, and dead it is.
func TestRFC7009_2_2_WhatIsNotAliveIsRevokedAlready(t *testing.T) {
	s := newSite(t)
	s.resident()
	got, revoked := s.flow(), s.flow()
	s.revoke(apps, about(revoked.RefreshToken), s.mine())
	s.revoke(apps, about(got.AccessToken), s.mine())
	before := len(s.Events(audit.TokenRevoked))
	for name, value := range map[string]string{
		"nothing like a token":               "hello",
		"a refresh token, again":             revoked.RefreshToken,
		"an access token, again":             got.AccessToken,
		"an access token of a revoked grant": revoked.AccessToken,
		"a changed token":                    got.AccessToken[:len(got.AccessToken)-8] + "AAAAAAAA",
		"a changed refresh token":            got.RefreshToken[:len(got.RefreshToken)-8] + "AAAAAAAA",
		"a code":                             s.code(),
		"an ID token":                        got.IDToken,
		"60 kB (testing.md 13)":              strings.Repeat("a", 60_000),
		"60 000 dots (testing.md 12)":        strings.Repeat(".", 60_000),
		"ten million rounds of PBES2 (12)":   encode(`{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":10000000,"p2s":"AAAA"}`) + ".a.b.c.d",
	} {
		if status, code := s.revoke(apps, about(value), s.mine()); status != 200 {
			t.Errorf("%s: %d %s", name, status, code)
		}
	}
	if status, _ := s.revoke(partners, about(got.RefreshToken), s.mine()); status != 200 || s.refresh(got.RefreshToken).Status != 200 {
		t.Error("a server revoked another one's token")
	}
	if n := len(s.Events(audit.TokenRevoked)); n != before {
		t.Errorf("%d events of nothing", n-before)
	}
}

// RFC 7009 §2.2.1: 503 means that the token is still there.
func TestRFC7009_2_2_1_ADeafNodeSaysSo(t *testing.T) {
	s := newSite(t)
	s.resident()
	got := s.flow()
	s.Feed.Stale = errors.New("stale")
	if status, code := s.revoke(apps, about(got.RefreshToken), s.mine()); status != http.StatusServiceUnavailable || code != "temporarily_unavailable" {
		t.Errorf("%d %s", status, code)
	}
}

// A refresh that races its revocation may win, but what it wins is dead.
func TestARevocationWinsOverAParallelRefresh(t *testing.T) {
	s := newSite(t)
	s.resident()
	first := s.flow()
	var won tokens
	var wg sync.WaitGroup
	wg.Go(func() { s.revoke(apps, about(first.RefreshToken), s.mine()) })
	wg.Go(func() { won = s.refresh(first.RefreshToken) })
	wg.Wait()
	s.dead(t, first)
	if won.Status == 200 {
		s.dead(t, won)
	}
}
