package authserver_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/service/audit"
	"sallyport/service/environment"
)

func machine(changes ...string) url.Values {
	return change(url.Values{"grant_type": {"client_credentials"}}, changes...)
}

func TestAMachineGetsATokenForItself(t *testing.T) {
	s := newSite(t)
	secret := s.Secret("payright")
	got := s.post(partners, machine(), basic("payright", secret))
	if got.Status != http.StatusOK || got.Scope != "usage.read.interval" || got.RefreshToken != "" || got.IDToken != "" || got.ExpiresIn != 900 {
		t.Fatalf("%+v", got)
	}
	claims := payload(t, got.AccessToken)
	// RFC 9068 §2.2 and §5: the subject is the client, and no customer's id looks so.
	if claims["sub"] != "app:payright" || claims["client_id"] != "payright" || claims["iss"] != partners || claims["acr"] != nil || claims["sid"] != nil {
		t.Errorf("claims %v", claims)
	}
	for _, test := range []struct {
		name    string
		changes []string
		want    string
	}{
		{"every scope", []string{"scope", "payments.write.posting usage.read.interval"}, ""},
		{"an unknown scope", []string{"scope", "made.up.scope"}, "invalid_scope"},
		{"OIDC's scopes are no machine's", []string{"scope", "openid"}, "invalid_scope"},
		{"a scope of 100 kB", []string{"scope", strings.Repeat("a", 50<<10)}, "invalid_scope"},
		{"its audience (RFC 8707)", []string{"resource", "https://api.harbourlight.test/enterprise"}, ""},
		{"another audience", []string{"resource", "https://api.harbourlight.test/apps"}, "invalid_target"},
		{"the password grant (RFC 9700 §2.4)", []string{"grant_type", "password", "username", "a", "password", "b"}, "unsupported_grant_type"},
		{"an unknown grant", []string{"grant_type", "urn:x"}, "unsupported_grant_type"},
		{"no grant", []string{"grant_type", ""}, "invalid_request"},
		{"a code without the grant", []string{"grant_type", "authorization_code", "code", "x"}, "unauthorized_client"},
		{"a refresh without the grant", []string{"grant_type", "refresh_token", "refresh_token", "x"}, "unauthorized_client"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := s.post(partners, machine(test.changes...), basic("payright", secret)); got.Error != test.want || got.Error != "" && (got.Status != 400 || got.Reference == "") {
				t.Errorf("%+v", got)
			}
		})
	}
	if got := s.post(apps, machine(), basic("payright", secret)); got.Error != "unauthorized_client" {
		t.Errorf("a server that does not serve it: %+v", got)
	}
	if got := s.post(apps, machine("client_id", "spa")); got.Error != "unauthorized_client" {
		t.Errorf("a public client got a token for itself: %+v", got)
	}
}

func TestAClientAuthenticatesAsItIsRegisteredAndNotOtherwise(t *testing.T) {
	s := newSite(t)
	secret, posted := s.Secret("payright"), s.Secret("other")
	for _, test := range []struct {
		name    string
		form    url.Values
		options []func(*http.Request)
		status  int
		code    string
	}{
		{"the right secret", machine(), []func(*http.Request){basic("payright", secret)}, 200, ""},
		{"a wrong secret", machine(), []func(*http.Request){basic("payright", "sps_wrong")}, 401, "invalid_client"},
		{"another client's secret", machine(), []func(*http.Request){basic("payright", posted)}, 401, "invalid_client"},
		{"an unknown client", machine(), []func(*http.Request){basic("stranger", secret)}, 401, "invalid_client"},
		{"no authentication", machine(), nil, 401, "invalid_client"},
		{"its name alone", machine("client_id", "payright"), nil, 401, "invalid_client"},
		{"the secret in the body instead of the header", machine("client_id", "payright", "client_secret", secret), nil, 401, "invalid_client"},
		{"the secret in the header instead of the body", machine(), []func(*http.Request){basic("other", posted)}, 401, "invalid_client"},
		{"both ways at once (RFC 6749 §2.3)", machine("client_id", "payright", "client_secret", secret), []func(*http.Request){basic("payright", secret)}, 400, "invalid_request"},
		{"an empty secret", machine(), []func(*http.Request){basic("payright", "")}, 401, "invalid_client"},
		{"a bearer token", machine(), []func(*http.Request){with("Authorization", "Bearer x")}, 401, "invalid_client"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := s.post(partners, test.form, test.options...)
			if got.Status != test.status || got.Error != test.code {
				t.Errorf("%+v", got)
			}
			if challenge := got.header.Get("WWW-Authenticate"); (got.Status == 401) != strings.HasPrefix(challenge, "Basic ") {
				t.Errorf("WWW-Authenticate: %q", challenge)
			}
		})
	}
	unknown := s.post(partners, machine(), basic("stranger", "x"))
	wrong := s.post(partners, machine(), basic("payright", "x"))
	if unknown.Error != wrong.Error || unknown.Description != wrong.Description {
		t.Error("an answer tells an unknown client from a wrong secret")
	}
}

func TestSecretsOverlapAndEnd(t *testing.T) {
	s := newSite(t)
	first := s.Secret("payright")
	second := s.Secret("payright")
	for name, secret := range map[string]string{"first": first, "second": second} {
		if got := s.post(partners, machine(), basic("payright", secret)); got.Status != 200 {
			t.Errorf("%s of two secrets: %+v", name, got)
		}
	}
	rows, err := s.Secrets.ListSecrets(t.Context(), s.Live.ID, "payright")
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	if _, _, err := s.Secrets.CreateSecret(t.Context(), s.Live.ID, "payright", audit.System); err == nil {
		t.Error("a third secret")
	}
	for _, row := range rows {
		if err := s.Secrets.DeleteSecret(t.Context(), s.Live.ID, "payright", row.ID, audit.System); err != nil {
			t.Fatal(err)
		}
	}
	for name, secret := range map[string]string{"first": first, "second": second} {
		if got := s.post(partners, machine(), basic("payright", secret)); got.Error != "invalid_client" {
			t.Errorf("%s secret after its end: %+v", name, got)
		}
	}
}

func TestFailuresAreLimitedBySourceAndSuccessesAreNot(t *testing.T) {
	s := newSite(t)
	secret := s.Secret("payright")
	limited := tokens{}
	for range 12 {
		limited = s.post(partners, machine(), basic("payright", "wrong"))
	}
	if limited.Status != http.StatusTooManyRequests || limited.header.Get("Retry-After") == "" {
		t.Fatalf("after twelve failures: %+v", limited)
	}
	if got := s.post(partners, machine(), basic("payright", secret)); got.Status != http.StatusTooManyRequests {
		t.Errorf("the limit tells the right secret: %+v", got)
	}
	// authentik CVE-2024-47070: headers moved the counter.
	if got := s.post(partners, machine(), basic("payright", secret), with("X-Forwarded-For", "198.51.100.1")); got.Status != http.StatusTooManyRequests {
		t.Errorf("X-Forwarded-For moved the limit: %+v", got)
	}
	s.address = "198.51.100.1:99"
	for range 200 {
		if got := s.post(partners, machine(), basic("payright", secret)); got.Status != 200 {
			t.Fatalf("another source with the right secret: %+v", got)
		}
	}
	if n := len(s.Events(audit.TokenRefused)); n > 10 {
		t.Errorf("%d events of one source's failures", n)
	}
	s.address = "192.0.2.7:99"
	s.Pass(time.Minute)
	if got := s.post(partners, machine(), basic("payright", secret)); got.Status != 200 {
		t.Errorf("after a minute: %+v", got)
	}
}

func TestTheTokenEndpointTakesOnlyAPostedForm(t *testing.T) {
	s := newSite(t)
	secret := s.Secret("payright")
	for _, test := range []struct {
		name, method, query, body string
		options                   []func(*http.Request)
		status                    int
	}{
		{"a GET", http.MethodGet, "", "", nil, 405},
		{"a query (secrets never in query)", http.MethodPost, "?grant_type=client_credentials", machine().Encode(), nil, 400},
		{"JSON", http.MethodPost, "", `{"grant_type":"client_credentials"}`, []func(*http.Request){with("Content-Type", "application/json")}, 400},
		{"no media type", http.MethodPost, "", machine().Encode(), []func(*http.Request){with("Content-Type", "")}, 400},
		{"a form with a charset", http.MethodPost, "", machine().Encode(), []func(*http.Request){with("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")}, 200},
		{"a parameter twice (RFC 6749 §3.2)", http.MethodPost, "", machine().Encode() + "&grant_type=client_credentials", nil, 400},
		{"a body of 100 kB", http.MethodPost, "", "grant_type=client_credentials&scope=" + strings.Repeat("a", 100<<10), nil, 400},
		{"ten thousand parameters", http.MethodPost, "", "grant_type=client_credentials" + strings.Repeat("&a=b", 10_000), nil, 400},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := s.send(test.method, partners+"/token"+test.query, test.body, append([]func(*http.Request){basic("payright", secret)}, test.options...)...)
			if r.StatusCode != test.status || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%d %s", r.StatusCode, body(r))
			}
		})
	}
}

func TestACodeIsGoodForItsClientRedirectAndVerifierOnly(t *testing.T) {
	s := newSite(t)
	s.resident()
	for _, test := range []struct {
		name            string
		request, redeem []string
	}{
		// authentik CVE-2024-23647 and RFC 9700 §4.8.2: both downgrades.
		{"a challenge without a verifier", nil, []string{"code_verifier", ""}},
		{"a wrong verifier", nil, []string{"code_verifier", strings.Repeat("x", 43)}},
		{"the challenge as verifier, as plain would have it", nil, []string{"code_verifier", oauth.ChallengeOf(verifier).Value}},
		{"another redirect_uri of the client", nil, []string{"redirect_uri", "https://my.harbourlight.test/cb?tab=1"}},
		{"no redirect_uri", nil, []string{"redirect_uri", ""}},
		{"a code that is cut short", nil, []string{"code", "cut"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			code := s.code(test.request...)
			changes := test.redeem
			if changes[0] == "code" {
				changes = []string{"code", code[:len(code)-1]}
			}
			if got := s.redeem(code, changes...); got.Status != 400 || got.Error != "invalid_grant" || got.Reference == "" {
				t.Errorf("%+v", got)
			}
			if got := s.redeem(code); got.Status != 200 {
				t.Errorf("the client itself, afterwards: %+v", got)
			}
		})
	}
	code := s.code("client_id", "other", "redirect_uri", "https://other.harbourlight.test/callback", "code_challenge", "", "code_challenge_method", "")
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"other"}, "client_secret": {s.Secret("other")},
		"redirect_uri": {"https://other.harbourlight.test/callback"}, "code_verifier": {verifier},
	}
	if got := s.post(apps, form); got.Error != "invalid_grant" {
		t.Errorf("RFC 9700 §2.1.1: a verifier without a challenge was taken: %+v", got)
	}
	form.Del("code_verifier")
	if got := s.post(apps, form); got.Status != 200 {
		t.Errorf("PKCE is optional for it: %+v", got)
	}
	late := s.code()
	s.Pass(time.Minute)
	if got := s.redeem(late); got.Error != "invalid_grant" {
		t.Errorf("a code of a minute ago: %+v", got)
	}
}

func TestNoChangedCodeIsTaken(t *testing.T) {
	s := newSite(t)
	s.resident()
	code := s.code()
	for at := 0; at < len(code); at += 41 {
		changed := []byte(code)
		changed[at] ^= 3
		s.address = "10." + strings.Repeat("1", at%3+1) + ".0." + string(rune('0'+at%10)) + ":1"
		if got := s.redeem(string(changed)); got.Error != "invalid_grant" {
			t.Fatalf("changed at %d: %+v", at, got)
		}
	}
}

// Pocket ID CVE-2026-28513 and ZITADEL CVE-2026-55672: B redeemed A's code.
func TestACodeThatAnotherClientPresentsIsDead(t *testing.T) {
	s := newSite(t)
	s.resident()
	stolen := func(code string) tokens {
		return s.post(apps, url.Values{
			"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"spa"}, "redirect_uri": {callback}, "code_verifier": {verifier},
		})
	}
	code := s.code()
	if got := stolen(code); got.Error != "invalid_grant" {
		t.Fatalf("B redeemed A's code: %+v", got)
	}
	if got := s.redeem(code); got.Error != "invalid_grant" {
		t.Errorf("a code that was in other hands is still good: %+v", got)
	}
	code = s.code()
	first := s.redeem(code)
	if got := stolen(code); got.Error != "invalid_grant" {
		t.Fatalf("B redeemed A's spent code: %+v", got)
	}
	s.dead(t, first)
}

// dead checks that neither token of an answer works any more.
func (s *site) dead(t *testing.T, of tokens) {
	t.Helper()
	if got := s.refresh(of.RefreshToken); got.Error != "invalid_grant" {
		t.Errorf("the refresh token lives: %+v", got)
	}
	if r := s.userinfo(of.AccessToken); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("the access token lives: %d", r.StatusCode)
	}
}

// OAuth 2.1 §4.1.3: one token per code, second use denied and the family revoked.
func TestACodeUsedTwiceTakesItsTokensWithIt(t *testing.T) {
	s := newSite(t)
	s.resident()
	code := s.code()
	first := s.redeem(code)
	if got := s.redeem(code, "code_verifier", strings.Repeat("x", 43)); got.Error != "invalid_grant" {
		t.Errorf("%+v", got)
	}
	if r := s.userinfo(first.AccessToken); r.StatusCode != http.StatusOK {
		t.Errorf("whoever saw the code but has no verifier could end the grant: %d", r.StatusCode)
	}
	if got := s.redeem(code); got.Error != "invalid_grant" || got.AccessToken != "" {
		t.Fatalf("a second use: %+v", got)
	}
	s.dead(t, first)
	if len(s.Events(audit.CodeReused)) != 1 {
		t.Error("no event tells of the second use")
	}
}

func TestParallelRedemptionsOfACodeHaveOneWinner(t *testing.T) {
	s := newSite(t)
	s.resident()
	code := s.code()
	var mu sync.Mutex
	var won []tokens
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if got := s.redeem(code); got.Status == 200 {
				mu.Lock()
				defer mu.Unlock()
				won = append(won, got)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Fatalf("%d winners", len(won))
	}
	s.dead(t, won[0])
}

func TestARefreshRotatesAndKeepsWhatWasTrueAtTheSignIn(t *testing.T) {
	s := newSite(t)
	s.resident()
	first := s.flow("scope", "openid billing.read.bill billing.write.payment")
	before := payload(t, first.IDToken)
	s.Pass(time.Hour)
	second := s.refresh(first.RefreshToken)
	// OAuth 2.1 §4.3.3: a new refresh token keeps identical scope.
	if second.Status != 200 || second.RefreshToken == first.RefreshToken || second.Scope != first.Scope {
		t.Fatalf("%+v", second)
	}
	after := payload(t, second.IDToken)
	for _, name := range []string{"iss", "sub", "aud", "auth_time", "acr", "sid"} { // OIDC Core §12.2
		if before[name] != after[name] {
			t.Errorf("%s was %v and is %v", name, before[name], after[name])
		}
	}
	if after["nonce"] != nil || after["iat"] == before["iat"] {
		t.Errorf("refreshed ID token %v", after)
	}
	if a, b := payload(t, first.AccessToken), payload(t, second.AccessToken); a["auth_time"] != b["auth_time"] || a["acr"] != b["acr"] { // RFC 9068 §2.2.1
		t.Errorf("access token of the sign-in %v and of the refresh %v", a, b)
	}
	narrow := s.refresh(second.RefreshToken, "scope", "billing.read.bill")
	if narrow.Scope != "billing.read.bill" {
		t.Fatalf("%+v", narrow)
	}
	// Narrowing one answer does not narrow the grant.
	wide := s.refresh(narrow.RefreshToken)
	if wide.Scope != first.Scope {
		t.Errorf("an omitted scope means the original one: %+v", wide)
	}
	// OAuth 2.1 §4.3.1: a refresh may not widen.
	if got := s.refresh(wide.RefreshToken, "scope", "billing.read.bill outage.write.report"); got.Error != "invalid_scope" {
		t.Errorf("widened: %+v", got)
	}
	if got := s.refresh(wide.RefreshToken); got.Status != 200 {
		t.Errorf("a refused request spent the token: %+v", got)
	}
	if len(s.Events(audit.TokenRefreshed)) != 4 {
		t.Error("a refresh without an event")
	}
}

// RFC 9700 §2.2.2 and §4.14.
func TestARefreshTokenUsedTwiceEndsItsFamily(t *testing.T) {
	s := newSite(t)
	s.resident()
	other := s.flow()
	first := s.flow()
	second := s.refresh(first.RefreshToken)
	if got := s.refresh(first.RefreshToken); got.Error != "invalid_grant" {
		t.Fatalf("%+v", got)
	}
	s.dead(t, second)
	if got := s.refresh(other.RefreshToken); got.Status != 200 {
		t.Errorf("another family of the same customer died with it: %+v", got)
	}
	if len(s.Events(audit.RefreshReused)) != 1 {
		t.Error("no event tells of the reuse")
	}
}

// Whoever presents what was stolen does not wait for the answer.
func TestATheftCountsThoughNobodyWaitsForTheAnswer(t *testing.T) {
	s := newSite(t)
	s.resident()
	first := s.flow()
	second := s.refresh(first.RefreshToken)
	left := func(r *http.Request) {
		ctx, leave := context.WithCancel(r.Context())
		leave()
		*r = *r.WithContext(ctx)
	}
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.RefreshToken}}
	s.send(http.MethodPost, apps+"/token", form.Encode(), basic("my-account", s.secret), left)
	s.dead(t, second)
	if len(s.Events(audit.RefreshReused)) != 1 {
		t.Error("no event tells of the reuse")
	}
}

// fosite CVE-2020-15222 and Keycloak #45647: races around rotation.
func TestFiftyParallelRefreshesHaveOneWinnerAtMost(t *testing.T) {
	s := newSite(t)
	s.resident()
	first := s.flow()
	var mu sync.Mutex
	var won []tokens
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			got := s.refresh(first.RefreshToken)
			mu.Lock()
			defer mu.Unlock()
			if got.Status == 200 {
				won = append(won, got)
			} else if got.Error != "invalid_grant" {
				t.Errorf("%+v", got)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Fatalf("%d winners", len(won))
	}
	s.dead(t, won[0])
}

func TestARefreshTokenOfAnotherClientIsRefusedAndDead(t *testing.T) {
	s := newSite(t)
	s.resident()
	first := s.flow()
	if got := s.post(apps, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first.RefreshToken}, "client_id": {"spa"}}); got.Error != "invalid_grant" {
		t.Fatalf("B refreshed A's token: %+v", got)
	}
	s.dead(t, first)
}

func TestNoChangedRefreshTokenIsTaken(t *testing.T) {
	s := newSite(t)
	s.resident()
	token := s.flow().RefreshToken
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, "rt_"))
	if err != nil {
		t.Fatal(err)
	}
	again := func(raw []byte) string { return "rt_" + base64.RawURLEncoding.EncodeToString(raw) }
	bad := []string{"", "rt_", token + "A", token[:len(token)-1], strings.TrimPrefix(token, "rt_"), again(raw[:24]), again(append(raw, 0))}
	for at := range raw {
		changed := append([]byte(nil), raw...)
		changed[at] ^= 0x80
		bad = append(bad, again(changed))
	}
	for _, changed := range bad {
		if changed == "" {
			continue
		}
		if got := s.refresh(changed); got.Error != "invalid_grant" {
			t.Fatalf("%q: %+v", changed, got)
		}
	}
	if got := s.refresh(token); got.Status != 200 {
		t.Errorf("the token itself: %+v", got)
	}
}

func TestWhatEndsAGrant(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*site)
		want string // of a refresh
		code bool   // a code from before is not good any more either
	}{
		{"the customer signs out", func(s *site) { s.SignOut(s.person) }, "invalid_grant", true},
		{"the customer is disabled", func(s *site) { s.Disable(s.person.Customer) }, "invalid_grant", true},
		{"the customer is disabled, whoever enables them later", func(s *site) {
			s.Disable(s.person.Customer)
			s.Enable(s.person.Customer)
		}, "invalid_grant", true},
		{"the customer is signed out everywhere", func(s *site) { s.SignOutEverywhere(s.person.Customer) }, "invalid_grant", true},
		{"the session is over", func(s *site) { s.Pass(12 * time.Hour) }, "invalid_grant", true},
		{"it lies idle", func(s *site) { s.Pass(8 * 24 * time.Hour) }, "invalid_grant", true},
		{"the application may not refresh any more", func(s *site) {
			s.Change("name: my-account\n", "name: my-account\ngrants: [authorization_code]\n")
		}, "unauthorized_client", false},
		{"no rule allows it any more", func(s *site) { s.Change("groups: {any: [residential]}", "groups: {any: [landlords]}") }, "invalid_grant", true},
		{"the policy is for others", func(s *site) { s.Change(`applications: ["*"]`, "applications: [spa]") }, "invalid_grant", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t)
			s.resident()
			first, unspent := s.flow("scope", "openid billing.write.payment"), s.code("scope", "openid billing.write.payment")
			s.Pass(time.Millisecond)
			test.end(s)
			if got := s.refresh(first.RefreshToken); got.Error != test.want {
				t.Errorf("refreshing: %+v, want %s", got, test.want)
			}
			if got := s.redeem(unspent); test.code && got.Error != "invalid_grant" {
				t.Errorf("redeeming a code from before: %+v", got)
			}
		})
	}
}

// A cut ends what was there, for good, and nothing that comes after it: a
// sign-in within the same second works.
func TestACutCustomerStartsAfresh(t *testing.T) {
	for name, end := range map[string]func(*site){
		"disabled and enabled": func(s *site) {
			s.Disable(s.person.Customer)
			s.Pass(time.Minute)
			s.Enable(s.person.Customer)
		},
		"signed out everywhere": func(s *site) { s.SignOutEverywhere(s.person.Customer) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			s.resident()
			before := s.flow("scope", "openid offline_access")
			s.Pass(time.Millisecond)
			end(s)
			if r := s.userinfo(before.AccessToken); r.StatusCode != http.StatusUnauthorized {
				t.Errorf("the old access token: %d", r.StatusCode)
			}
			if got := s.refresh(before.RefreshToken); got.Error != "invalid_grant" {
				t.Errorf("the old refresh token: %+v", got)
			}
			if answer := s.answer(s.authorize("prompt", "none")); answer.Get("error") != "login_required" {
				t.Errorf("the old session: %v", answer)
			}
			s.person, s.cookie = s.SignIn(s.person.Customer)
			after := s.flow("scope", "openid offline_access")
			if s.Pass(time.Second); s.refresh(after.RefreshToken).Status != http.StatusOK {
				t.Error("a refresh token of the new sign-in is refused")
			}
			if r := s.userinfo(s.flow().AccessToken); r.StatusCode != http.StatusOK {
				t.Errorf("a new access token: %d", r.StatusCode)
			}
			if got := s.refresh(before.RefreshToken); got.Error != "invalid_grant" {
				t.Errorf("the old refresh token after the new sign-in: %+v", got)
			}
		})
	}
}

func TestOfflineAccessOutlivesTheSessionAndNotTheSignOut(t *testing.T) {
	s := newSite(t)
	s.resident()
	kept := s.flow("scope", "openid offline_access billing.read.bill")
	s.Pass(13 * time.Hour)
	if _, err := s.Store.Sweep(t.Context(), s.Now(), 1000); err != nil {
		t.Fatal(err)
	}
	next := s.refresh(kept.RefreshToken)
	if next.Status != 200 {
		t.Fatalf("after the session's end: %+v", next)
	}
	// The end date is kept by every rotation: 30 days, however often it is used.
	for range 6 {
		s.Pass(5 * 24 * time.Hour)
		if next.Status == 200 {
			next = s.refresh(next.RefreshToken)
		}
	}
	if next.Error != "invalid_grant" {
		t.Errorf("rotation moved the end date: %+v", next)
	}
	s.person, s.cookie = s.SignIn(s.person.Customer)
	kept = s.flow("scope", "openid offline_access billing.read.bill")
	s.SignOut(s.person)
	if got := s.refresh(kept.RefreshToken); got.Error != "invalid_grant" {
		t.Errorf("after signing out: %+v", got)
	}
	// Nor when nothing is left of the session that was ended.
	s.Pass(13 * time.Hour)
	if _, err := s.Store.Sweep(t.Context(), s.Now(), 1000); err != nil {
		t.Fatal(err)
	}
	if got := s.refresh(kept.RefreshToken); got.Error != "invalid_grant" {
		t.Errorf("after signing out, once the session is swept: %+v", got)
	}
}

func TestANodeThatHearsNoChangesIssuesNothing(t *testing.T) {
	s := newSite(t)
	s.resident()
	secret := s.Secret("payright")
	first, code := s.flow(), s.code()
	s.Feed.Stale = environment.ErrStale
	for name, got := range map[string]tokens{
		"client credentials": s.post(partners, machine(), basic("payright", secret)),
		"redeeming":          s.redeem(code),
		"refreshing":         s.refresh(first.RefreshToken),
	} {
		if got.Status != http.StatusServiceUnavailable || got.Error != "temporarily_unavailable" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if answer := s.answer(s.authorize()); answer.Get("error") != "temporarily_unavailable" {
		t.Errorf("authorizing: %v", answer)
	}
	if r := s.userinfo(first.AccessToken); r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("userinfo: %d", r.StatusCode)
	}
}

func TestSecretsReachNoLogAndNoLedger(t *testing.T) {
	s := newSite(t)
	s.resident()
	code := s.code()
	first := s.redeem(code)
	second := s.refresh(first.RefreshToken)
	s.refresh(first.RefreshToken)
	s.redeem(code)
	canaries := []string{s.secret, code, first.RefreshToken, first.AccessToken, first.IDToken, second.RefreshToken, verifier, s.cookie}
	var ledger strings.Builder
	for _, e := range s.Events("") {
		ledger.Write(e.Body)
		ledger.Write(e.Personal)
	}
	for _, canary := range canaries {
		if strings.Contains(s.Log.String(), canary) || strings.Contains(ledger.String(), canary) {
			t.Errorf("%.12s… was written down", canary)
		}
	}
}
