package authserver_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"

	"sallyport/protocol/oauth"
	"sallyport/pure/customer"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
	"sallyport/service/signin"
	"sallyport/service/verify"
	"sallyport/web/authserver"
)

const (
	base     = "https://" + issuetest.Host + "/hl"
	apps     = base + "/apps"
	partners = base + "/enterprise"
	callback = "https://my.harbourlight.test/callback"
	verifier = "a-verifier-of-forty-three-characters-or-more"
)

// site is the handler in its world, with a sign-in that only remembers what it
// was asked.
type site struct {
	*issuetest.World
	handler http.Handler
	signIn  *rememberingSignIn
	secret  string // of my-account
	cookie  string // of whoever is signed in
	person  issue.Person
	address string
}

func newSite(t testing.TB) *site { return newSiteOf(t, issuetest.Tree) }

func newSiteOf(t testing.TB, tree string) *site {
	t.Helper()
	w := issuetest.New(t, tree)
	s := &site{World: w, address: "192.0.2.7:4711", signIn: &rememberingSignIn{Service: signin.New(signin.Config{
		Store: w.Store, Keys: w.Ring, Audit: w.Audit, Feed: w.Feed, Now: w.Now, Rand: rand.Reader,
	})}}
	verifier := verify.New(verify.Config{Ring: w.Ring, Registry: w.Feed, Now: w.Now})
	s.handler = authserver.New(authserver.Config{
		Registry: w.Registry, Issue: w.Issue, SignIn: s.signIn, Verifier: verifier, Now: w.Now,
		Address: func(r *http.Request) netip.Addr { return netip.MustParseAddrPort(r.RemoteAddr).Addr() },
		Log:     slog.New(slog.NewTextHandler(w.Log, nil)),
	})
	s.secret = w.Secret("my-account")
	return s
}

// rememberingSignIn finds real sessions and shows no pages.
type rememberingSignIn struct {
	*signin.Service
	mu      sync.Mutex
	tickets []signin.Ticket
}

func (s *rememberingSignIn) Begin(_ context.Context, _ *environment.Live, t signin.Ticket) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tickets = append(s.tickets, t)
	return "/signin?t=ticket", nil
}

func (s *rememberingSignIn) last(t testing.TB) signin.Ticket {
	t.Helper()
	if len(s.tickets) == 0 {
		t.Fatal("nobody was asked to sign in")
	}
	return s.tickets[len(s.tickets)-1]
}

// resident signs in a customer who may have everything.
func (s *site) resident() customer.Customer {
	s.T.Helper()
	c := s.Customer("Rosa Resident", "residential")
	s.person, s.cookie = s.SignIn(c)
	return c
}

// send sends a request. options change it.
func (s *site) send(method, target, body string, options ...func(*http.Request)) *http.Response {
	s.T.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.RemoteAddr = s.address
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if s.cookie != "" {
		r.AddCookie(&http.Cookie{Name: signin.CookieName(s.Live.ID, true), Value: s.cookie})
	}
	for _, option := range options {
		option(r)
	}
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, r)
	return recorder.Result()
}

func with(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

func basic(client, secret string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(client, secret) }
}

// request is a good authorization request of my-account, changed by pairs of
// name and value; an empty value removes the parameter.
func request(changes ...string) url.Values {
	v := url.Values{
		"client_id": {"my-account"}, "redirect_uri": {callback}, "response_type": {"code"}, "state": {"st4te"},
		"scope": {"openid billing.read.bill"}, "nonce": {"n0nce"},
		"code_challenge": {oauth.ChallengeOf(verifier).Value}, "code_challenge_method": {"S256"},
	}
	return change(v, changes...)
}

func change(v url.Values, changes ...string) url.Values {
	for i := 0; i < len(changes); i += 2 {
		if v.Set(changes[i], changes[i+1]); changes[i+1] == "" {
			v.Del(changes[i])
		}
	}
	return v
}

func (s *site) authorize(changes ...string) *http.Response {
	s.T.Helper()
	return s.send(http.MethodGet, apps+"/authorize?"+request(changes...).Encode(), "")
}

// answer is what an authorization response says.
func (s *site) answer(r *http.Response) url.Values {
	s.T.Helper()
	location, err := r.Location()
	if r.StatusCode != http.StatusSeeOther || err != nil {
		s.T.Fatalf("status %d, location %v: not a redirect: %s", r.StatusCode, err, body(r))
	}
	return location.Query()
}

// code runs an authorization that must succeed.
func (s *site) code(changes ...string) string {
	s.T.Helper()
	answer := s.answer(s.authorize(changes...))
	if answer.Get("code") == "" {
		s.T.Fatalf("no code: %v", answer)
	}
	return answer.Get("code")
}

// tokens is a token endpoint's answer, good or not.
type tokens struct {
	Status       int    `json:"-"`
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`
	IDToken      string `json:"id_token"`
	Scope        string `json:"scope"`
	Error        string `json:"error"`
	Description  string `json:"error_description"`
	Reference    string `json:"reference"`
	header       http.Header
}

func (s *site) post(server string, form url.Values, options ...func(*http.Request)) tokens {
	s.T.Helper()
	r := s.send(http.MethodPost, server+"/token", form.Encode(), options...)
	t := tokens{Status: r.StatusCode, header: r.Header}
	if err := json.NewDecoder(r.Body).Decode(&t); err != nil {
		s.T.Errorf("token endpoint answered no JSON: %v", err)
	}
	return t
}

// redeem redeems a code of my-account.
func (s *site) redeem(code string, changes ...string) tokens {
	s.T.Helper()
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier},
	}
	return s.post(apps, change(form, changes...), basic("my-account", s.secret))
}

// refresh refreshes as my-account.
func (s *site) refresh(token string, changes ...string) tokens {
	s.T.Helper()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
	return s.post(apps, change(form, changes...), basic("my-account", s.secret))
}

// flow goes from a signed-in browser to tokens.
func (s *site) flow(changes ...string) tokens {
	s.T.Helper()
	t := s.redeem(s.code(changes...))
	if t.Status != http.StatusOK {
		s.T.Fatalf("redeeming: %d %s %s", t.Status, t.Error, t.Description)
	}
	return t
}

func (s *site) userinfo(token string) *http.Response {
	s.T.Helper()
	return s.send(http.MethodGet, apps+"/userinfo", "", with("Authorization", "Bearer "+token))
}

// payload reads a token's claims without verifying it.
func payload(t testing.TB, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no token", token)
	}
	return decodeSegment(t, parts[1])
}

func decodeSegment(t testing.TB, segment string) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(segment)
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func body(r *http.Response) string {
	var b strings.Builder
	_, _ = copyTo(&b, r)
	return b.String()
}
