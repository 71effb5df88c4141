package interop

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"sallyport/interop/harness"
)

// machine is an application that acts for itself.
type machine struct {
	demo *harness.Server
	harness.Application
}

func newMachine(demo *harness.Server, name string) machine {
	return machine{demo, demo.Applications[name]}
}

// token asks for an access token with scopes.
func (m machine) token(t *testing.T, scopes ...string) (*oauth2.Token, error) {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), m.Issuer)
	if err != nil {
		t.Fatal(err)
	}
	config := clientcredentials.Config{
		ClientID: m.ClientID, ClientSecret: m.ClientSecret, Scopes: scopes,
		TokenURL: provider.Endpoint().TokenURL, AuthStyle: oauth2.AuthStyleInHeader,
	}
	token, err := config.Token(t.Context())
	if err == nil {
		m.demo.Keep(token.AccessToken)
	}
	return token, err
}

// mustToken is token where a refusal fails the test.
func (m machine) mustToken(t *testing.T, scopes ...string) string {
	t.Helper()
	token, err := m.token(t, scopes...)
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken
}

// refusal is what a caller is told.
type refusal struct {
	status int
	kind   string // Content-Type
	check  string
}

// pay posts a payment with a key and a token; either may be empty.
func pay(t *testing.T, demo *harness.Server, key, token string) refusal {
	t.Helper()
	body := strings.NewReader(`{"account":"` + harness.DanasAccount + `","amount_cents":4250,"reference":"counter 7"}`)
	return call(t, demo, http.MethodPost, harness.PathPayments, body, key, token)
}

// call makes a call through the gateway.
func call(t *testing.T, demo *harness.Server, method, path string, body io.Reader, key, token string) refusal {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, demo.Gateway+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set(harness.HeaderKey, key)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer := refusal{status: res.StatusCode, kind: res.Header.Get("Content-Type")}
	if res.StatusCode >= 400 {
		var members map[string]any
		if err := json.NewDecoder(res.Body).Decode(&members); err != nil {
			t.Fatalf("refusal with %d: %v", res.StatusCode, err)
		}
		answer.check, _ = members[harness.MemberCheck].(string)
	}
	return answer
}

func TestBothGatesAreAskedForAPayment(t *testing.T) {
	demo := harness.StartDemo(t, harness.Launch{})
	payRight, sunShare := newMachine(demo, harness.PayRight), newMachine(demo, harness.SunShare)
	paying := payRight.mustToken(t, harness.ScopeWritePosting)
	sharing := sunShare.mustToken(t) // its default scopes

	if got := pay(t, demo, payRight.SubscriptionKey, paying); got.status/100 != 2 {
		t.Errorf("PayRight with its own key and token got %+v", got)
	}
	refused := []struct {
		name       string
		key, token string
		status     int
		check      string // "" for any, but there must be one
	}{
		{"SunShare Solar has no scope to write payments", sunShare.SubscriptionKey, sharing, http.StatusForbidden, harness.CheckScope},
		{"a token of one application with the key of another", sunShare.SubscriptionKey, paying, http.StatusForbidden, harness.CheckBinding},
		{"and the other way round", payRight.SubscriptionKey, sharing, http.StatusForbidden, harness.CheckBinding},
		{"a token without a key", "", paying, http.StatusUnauthorized, ""},
		{"a key without a token", payRight.SubscriptionKey, "", http.StatusUnauthorized, ""},
		{"a key that was never issued", "not-a-key-of-anyone", paying, http.StatusUnauthorized, ""},
		{"a token with one character changed", payRight.SubscriptionKey, changed(paying), http.StatusUnauthorized, ""},
	}
	for _, r := range refused {
		t.Run(r.name, func(t *testing.T) {
			got := pay(t, demo, r.key, r.token)
			if got.status != r.status || got.kind != "application/problem+json" {
				t.Errorf("got %+v, want %d as a problem document", got, r.status)
			}
			if got.check == "" || r.check != "" && got.check != r.check {
				t.Errorf("the refusal names the check %q, want %q", got.check, r.check)
			}
		})
	}
}

// changed is token with a character in the middle of its signature changed.
func changed(token string) string {
	i := strings.LastIndexByte(token, '.') + 10
	other := byte('A')
	if token[i] == other {
		other = 'B'
	}
	return token[:i] + string(other) + token[i+1:]
}

func TestSunShareCannotEvenAskForTheScope(t *testing.T) {
	demo := harness.StartDemo(t, harness.Launch{})
	_, err := newMachine(demo, harness.SunShare).token(t, harness.ScopeWritePosting)
	wantError(t, err, "invalid_scope")
}
