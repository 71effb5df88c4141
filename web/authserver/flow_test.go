package authserver_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/jose"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
)

func copyTo(w io.Writer, r *http.Response) (int64, error) { return io.Copy(w, r.Body) }

// verified checks a token with nothing but the published keys.
func (s *site) verified(token, typ string) map[string]any {
	s.T.Helper()
	keys, err := jose.ParseKeySet([]byte(body(s.send(http.MethodGet, apps+"/jwks", ""))))
	if err != nil {
		s.T.Fatal(err)
	}
	v, err := jose.NewVerifier(keys, typ)
	if err != nil {
		s.T.Fatal(err)
	}
	if _, _, err := v.Verify(token); err != nil {
		s.T.Fatalf("token does not verify with the published keys: %v", err)
	}
	return payload(s.T, token)
}

func TestACodeFlowGivesEverythingThatTheStandardsAskFor(t *testing.T) {
	s := newSite(t)
	c := s.resident()
	s.Pass(30 * time.Second)
	answer := s.answer(s.authorize("scope", "openid profile billing.read.bill billing.write.payment"))
	if answer.Get("state") != "st4te" || answer.Get("iss") != apps {
		t.Errorf("answer %v lacks state, or iss of RFC 9207 §2", answer)
	}
	got := s.redeem(answer.Get("code"))
	if got.Status != http.StatusOK || got.TokenType != "Bearer" || got.ExpiresIn != 600 || got.RefreshToken == "" ||
		got.Scope != "openid profile billing.read.bill billing.write.payment" {
		t.Fatalf("answer %+v", got)
	}
	if got.header.Get("Cache-Control") != "no-store" {
		t.Error("OAuth 2.1 §3.2.3: the answer may be cached")
	}
	now, signedIn := float64(s.Now().Unix()), float64(s.Now().Add(-30*time.Second).Unix())
	claims := s.verified(got.AccessToken, "at+jwt") // RFC 9068 §2.1
	sid, jti := claims["sid"], claims["jti"].(string)
	if raw, err := base64.RawURLEncoding.DecodeString(jti); err != nil || len(raw) != 24 {
		t.Errorf("jti %q does not name its grant", jti)
	}
	want := map[string]any{ // RFC 9068 §2.2
		"iss": apps, "sub": c.ID.String(), "aud": "https://api.harbourlight.test/apps", "client_id": "my-account",
		"iat": now, "exp": now + 600, "jti": jti, "scope": got.Scope, "auth_time": signedIn, "acr": "pwd",
		"amr": []any{"pwd"}, "sid": sid, "rev": 1.0, "account_number": "HL-004711",
	}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Errorf("access token (-want +got):\n%s", diff)
	}
	sum := sha256.Sum256([]byte(got.AccessToken))
	want = map[string]any{ // OIDC Core §2 and §3.1.3.6
		"iss": apps, "sub": c.ID.String(), "aud": "my-account", "iat": now, "exp": now + 600, "auth_time": signedIn,
		"acr": "pwd", "amr": []any{"pwd"}, "sid": sid, "nonce": "n0nce", "account_number": "HL-004711",
		"at_hash": base64.RawURLEncoding.EncodeToString(sum[:16]),
	}
	if diff := cmp.Diff(want, s.verified(got.IDToken, "JWT")); diff != "" {
		t.Errorf("ID token (-want +got):\n%s", diff)
	}
}

func TestTheAlgorithmOfAnIDTokenIsTheApplicationsOwn(t *testing.T) {
	s := newSiteOf(t, strings.Replace(issuetest.Tree, "name: other\n", "name: other\nid_token_algorithm: RS256\n", 1))
	s.resident()
	secret := s.Secret("other")
	code := s.code("client_id", "other", "redirect_uri", "https://other.harbourlight.test/callback")
	form := change(request(), "grant_type", "authorization_code", "code", code, "client_id", "other", "client_secret", secret,
		"redirect_uri", "https://other.harbourlight.test/callback", "code_verifier", verifier)
	got := s.post(apps, form)
	if got.Status != http.StatusOK {
		t.Fatalf("%+v", got)
	}
	header := decodeSegment(t, strings.Split(got.IDToken, ".")[0])
	if header["alg"] != "RS256" || decodeSegment(t, strings.Split(got.AccessToken, ".")[0])["alg"] != "ES256" {
		t.Errorf("ID token header %v", header)
	}
	s.verified(got.IDToken, "JWT")
	if got.RefreshToken != "" {
		t.Error("an application without the refresh_token grant got a refresh token")
	}
}

func TestUserinfoGivesWhatScopesAndClaimsAskFor(t *testing.T) {
	s := newSite(t)
	c := s.resident()
	for _, test := range []struct {
		name, scope, claims string
		want                []string
	}{
		{"sub is always there (OIDC Core §5.3.2)", "openid", "", []string{"sub"}},
		{"profile", "openid profile", "", []string{"sub", "name", "preferred_username", "updated_at", "groups"}},
		{"email and phone", "openid email phone", "", []string{"sub", "email", "email_verified", "phone_number", "phone_number_verified"}},
		{"the claims parameter (OIDC Core §5.5)", "openid", `{"userinfo":{"email":{"essential":true},"name":null,"nothing":null}}`, []string{"sub", "email", "name"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := s.flow("scope", test.scope, "claims", test.claims)
			r := s.userinfo(got.AccessToken)
			var claims map[string]any
			if err := json.NewDecoder(r.Body).Decode(&claims); err != nil || r.StatusCode != http.StatusOK {
				t.Fatal(r.StatusCode, err)
			}
			if claims["sub"] != c.ID.String() || len(claims) != len(test.want) {
				t.Errorf("claims %v, want %v", claims, test.want)
			}
			for _, name := range test.want {
				if claims[name] == nil {
					t.Errorf("%s is missing in %v", name, claims)
				}
			}
			if r.Header.Get("Cache-Control") != "no-store" {
				t.Error("userinfo may be cached")
			}
		})
	}
	got := s.flow("claims", `{"id_token":{"email":null,"phone_number_verified":null}}`)
	claims := payload(t, got.IDToken)
	if claims["email"] != "rosa.resident@mail.test" || claims["phone_number_verified"] != false {
		t.Errorf("ID token %v lacks what the claims parameter asked for", claims)
	}
}

func TestUserinfoRefusesAsAProtectedResource(t *testing.T) {
	s := newSite(t)
	c := s.resident()
	good := s.flow()
	withoutOpenID := s.flow("scope", "billing.read.bill")
	if withoutOpenID.IDToken != "" {
		t.Error("an ID token without the openid scope")
	}
	for _, test := range []struct {
		name, authorization string
		status              int
		challenge           string
	}{
		{"no token is challenged without an error (RFC 6750 §3.1)", "", 401, `Bearer realm="` + apps + `"`},
		{"a changed token", "Bearer " + good.AccessToken[:len(good.AccessToken)-2] + "AA", 401, `error="invalid_token"`},
		{"an ID token is no access token (RFC 9068 §4: typ)", "Bearer " + good.IDToken, 401, `error="invalid_token"`},
		{"a token without openid", "Bearer " + withoutOpenID.AccessToken, 403, `error="insufficient_scope"`},
		{"two headers' worth", "Bearer a b", 400, `error="invalid_request"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := s.send(http.MethodGet, apps+"/userinfo", "", func(r *http.Request) {
				if test.authorization != "" {
					r.Header.Set("Authorization", test.authorization)
				}
			})
			if got := r.Header.Get("WWW-Authenticate"); r.StatusCode != test.status || !strings.Contains(got, test.challenge) {
				t.Errorf("%d %s", r.StatusCode, got)
			}
			// A refused token may be a stolen one: whoever looks for it must find it.
			reference, events := r.Header.Get("Trace-Reference"), s.Events(audit.CallRefused)
			if test.authorization != "" && (len(events) == 0 || reference == "" || events[0].Trace != reference) {
				t.Errorf("reference %q, newest events %+v", reference, events)
			}
		})
	}
	// OAuth 2.1 §5.1.1: a token in the query is no token.
	if r := s.send(http.MethodGet, apps+"/userinfo?access_token="+good.AccessToken, ""); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a token in the query was taken: %d", r.StatusCode)
	}
	s.Disable(c)
	if r := s.userinfo(good.AccessToken); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a disabled customer's token still opens userinfo: %d", r.StatusCode)
	}
}

func TestSixteenFlowsOfOneCustomerAtOnceAllSucceed(t *testing.T) {
	s := newSite(t)
	s.resident()
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			code := s.answer(s.authorize()).Get("code")
			got := s.redeem(code)
			if got.Status != http.StatusOK {
				t.Errorf("redeeming: %+v", got)
				return
			}
			if again := s.refresh(got.RefreshToken); again.Status != http.StatusOK {
				t.Errorf("refreshing: %+v", again)
			}
		})
	}
	wg.Wait()
	if n := len(s.Events(audit.TokenIssued)) + len(s.Events(audit.TokenRefreshed)); n != 32 {
		t.Errorf("%d events of 32 tokens", n)
	}
}

func TestEveryTokenCanBeDecidedAgainFromItsEvent(t *testing.T) {
	s := newSite(t)
	s.resident()
	s.flow("scope", "openid billing.read.bill")
	s.authorize("scope", "openid unknown.read.thing")
	for kind, n := range map[audit.Type]int{audit.Authorized: 1, audit.TokenIssued: 1, audit.AuthRefused: 1} {
		events := s.Events(kind)
		if len(events) != n {
			t.Fatalf("%d events %s", len(events), kind)
		}
		record, err := issue.ReadRecord(events[0].Event)
		if err != nil {
			t.Fatal(err)
		}
		server := s.View().Snapshot.Servers[record.Server]
		if diff := cmp.Diff(record.Outcome, decide(server, record)); diff != "" {
			t.Errorf("%s: decided again (-then +now):\n%s", kind, diff)
		}
		if record.Request.Address.String() != "192.0.2.7" || record.Revision != 1 {
			t.Errorf("%s: address %v, revision %d", kind, record.Request.Address, record.Revision)
		}
		if strings.Contains(string(events[0].Body), "192.0.2.7") {
			t.Errorf("%s: the address is in the part that cannot be erased", kind)
		}
	}
}
