package authserver_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/protocol/jose"
	"sallyport/protocol/oauth"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
	"sallyport/service/keyring"
	"sallyport/service/verify"
	"sallyport/web/authserver"
)

// signingSite is a site with an application "signer", which authenticates by
// assertions that keys sign.
type signingSite struct {
	*site
	keys []*jose.PrivateKey
	jti  int
}

func newSigningSite(t testing.TB, algorithms ...jose.Algorithm) *signingSite {
	t.Helper()
	if algorithms == nil {
		algorithms = []jose.Algorithm{jose.ES256}
	}
	s := &signingSite{}
	for _, alg := range algorithms {
		key, err := jose.GenerateKey(rand.Reader, alg)
		if err != nil {
			t.Fatal(err)
		}
		s.keys = append(s.keys, key)
	}
	s.site = newSiteOf(t, s.tree(t, s.keys...))
	return s
}

// tree is the usual one with the signer, who has the public halves of keys.
func (s *signingSite) tree(t testing.TB, keys ...*jose.PrivateKey) string {
	t.Helper()
	set := jose.KeySet{}
	for _, key := range keys {
		set = append(set, key.Public())
	}
	jwks, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Replace(issuetest.Tree, "applications: [payright]", "applications: [payright, signer]", 1) + `
---
kind: application
name: signer
type: machine
authentication: private_key_jwt
introspects: [enterprise]
assigned: {enterprise: [usage.read.interval]}
jwks: ` + string(jwks) + "\n"
}

// assertion signs a fresh one, changed by pairs of name and value; nil removes.
func (s *signingSite) assertion(changes ...any) string { return s.assertionBy(s.keys[0], changes...) }

func (s *signingSite) assertionBy(key *jose.PrivateKey, changes ...any) string {
	s.T.Helper()
	s.jti++
	claims := map[string]any{
		"iss": "signer", "sub": "signer", "aud": partners, "jti": fmt.Sprint("jti-", s.jti),
		"iat": s.Now().Unix(), "exp": s.Now().Add(time.Minute).Unix(),
	}
	for i := 0; i < len(changes); i += 2 {
		claims[changes[i].(string)] = changes[i+1]
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		s.T.Fatal(err)
	}
	signer, err := jose.NewSigner(key, "JWT")
	if err != nil {
		s.T.Fatal(err)
	}
	token, err := signer.Sign(rand.Reader, payload)
	if err != nil {
		s.T.Fatal(err)
	}
	return token
}

const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// asserting adds an assertion to a form.
func asserting(form url.Values, assertion string) url.Values {
	return change(form, "client_assertion_type", jwtBearer, "client_assertion", assertion)
}

func TestAnApplicationAuthenticatesByAnAssertion(t *testing.T) {
	s := newSigningSite(t, jose.ES256, jose.EdDSA, jose.RS256)
	for _, key := range s.keys {
		got := s.post(partners, asserting(machine(), s.assertionBy(key)))
		if got.Status != http.StatusOK || payload(t, got.AccessToken)["client_id"] != "signer" {
			t.Errorf("%s: %+v", key.Algorithm(), got)
		}
	}
	if got := s.post(partners, asserting(machine("client_id", "signer"), s.assertion())); got.Status != http.StatusOK {
		t.Errorf("with its client_id: %+v", got)
	}
	ps256, err := jose.GenerateKey(rand.Reader, jose.PS256)
	if err != nil {
		t.Fatal(err)
	}
	s.Apply(s.tree(t, ps256))
	if got := s.post(partners, asserting(machine(), s.assertionBy(ps256))); got.Status != http.StatusOK {
		t.Errorf("the key that replaced the others: %+v", got)
	}
	if got := s.post(partners, asserting(machine(), s.assertion())); got.Error != "invalid_client" {
		t.Errorf("a key that was taken away: %+v", got)
	}
}

// Rows 9, 10, 11 and 13 of the attacks that bit others.
func TestAnAssertionIsForThisServerFromThisClientAndForNow(t *testing.T) {
	s := newSigningSite(t)
	stranger, err := jose.GenerateKey(rand.Reader, jose.ES256)
	if err != nil {
		t.Fatal(err)
	}
	secret := s.Secret("payright")
	good := s.assertion()
	parts := strings.Split(good, ".")
	b64 := base64.RawURLEncoding.EncodeToString
	in := func(d time.Duration) int64 { return s.Now().Add(d).Unix() }
	for i, test := range []struct {
		name      string
		form      url.Values
		options   []func(*http.Request)
		code, why string
	}{
		{"a stranger's key", asserting(machine(), s.assertionBy(stranger)), nil, "invalid_client", "wrong-client"},
		{"none", asserting(machine(), b64([]byte(`{"alg":"none"}`))+"."+parts[1]+"."), nil, "invalid_client", "wrong-client"},
		{"HS256 with the public key", asserting(machine(), b64([]byte(`{"alg":"HS256"}`))+"."+parts[1]+"."+parts[2]), nil, "invalid_client", "wrong-client"},
		{"a key inside the token", asserting(machine(), b64([]byte(`{"alg":"ES256","jwk":{"kty":"EC"}}`))+"."+parts[1]+"."+parts[2]), nil, "invalid_client", "wrong-client"},
		{"a key elsewhere", asserting(machine(), b64([]byte(`{"alg":"ES256","jku":"https://evil.example/k","kid":"../../k"}`))+"."+parts[1]+"."+parts[2]), nil, "invalid_client", "wrong-client"},
		{"the token endpoint as audience (CVE-2025-27370)", asserting(machine(), s.assertion("aud", partners+"/token")), nil, "invalid_client", "assertion-audience"},
		{"two audiences (RFC 10070)", asserting(machine(), s.assertion("aud", []string{partners, "https://evil.example"})), nil, "invalid_client", "assertion-audience"},
		{"the issuer alone, but in a list", asserting(machine(), s.assertion("aud", []string{partners})), nil, "invalid_client", "assertion-audience"},
		{"another server of the environment", asserting(machine(), s.assertion("aud", apps)), nil, "invalid_client", "assertion-audience"},
		{"issued by another", asserting(machine(), s.assertion("iss", "payright")), nil, "invalid_client", "assertion-subject"},
		{"about another, who has no keys", asserting(machine(), s.assertion("iss", "payright", "sub", "payright")), nil, "invalid_client", "wrong-client"},
		{"about nobody", asserting(machine(), s.assertion("sub", "stranger")), nil, "invalid_client", "wrong-client"},
		{"expired", asserting(machine(), s.assertion("exp", in(-time.Second))), nil, "invalid_client", "assertion-time"},
		{"without end", asserting(machine(), s.assertion("exp", nil)), nil, "invalid_client", "invalid_client"},
		{"good for an hour", asserting(machine(), s.assertion("exp", in(time.Hour))), nil, "invalid_client", "assertion-time"},
		{"of tomorrow", asserting(machine(), s.assertion("nbf", in(24*time.Hour))), nil, "invalid_client", "assertion-time"},
		{"without jti", asserting(machine(), s.assertion("jti", "")), nil, "invalid_client", "assertion-jti"},
		{"with another client_id", asserting(machine("client_id", "payright"), s.assertion()), nil, "invalid_client", "invalid_client"},
		{"and a secret beside it (RFC 6749 §2.3)", asserting(machine("client_id", "signer", "client_secret", "x"), s.assertion()), nil, "invalid_request", "invalid_request"},
		{"and a header beside it", asserting(machine(), s.assertion()), []func(*http.Request){basic("signer", "x")}, "invalid_request", "invalid_request"},
		{"without its type", change(asserting(machine(), s.assertion()), "client_assertion_type", ""), nil, "invalid_request", "invalid_request"},
		{"of another type", change(asserting(machine(), s.assertion()), "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"), nil, "invalid_client", "invalid_client"},
		{"of 20 kB", asserting(machine(), s.assertion("pad", strings.Repeat("a", 9<<10))+strings.Repeat("a", 9<<10)), nil, "invalid_client", "invalid_client"},
		{"a million dots", asserting(machine(), strings.Repeat(".", 60<<10)), nil, "invalid_client", "invalid_client"},
		{"encrypted, and compressed a thousandfold", asserting(machine(), b64([]byte(`{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","zip":"DEF","p2c":10000000}`))+".a.b.c.d"), nil, "invalid_client", "invalid_client"},
		{"by an application that has a secret", asserting(machine(), s.assertion("sub", "payright", "iss", "payright")), nil, "invalid_client", "wrong-client"},
		{"a secret of the application that has keys", machine(), []func(*http.Request){basic("signer", secret)}, "invalid_client", "wrong-client"},
		{"its name alone", machine("client_id", "signer"), nil, "invalid_client", "wrong-client"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.address = netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), 1).String()
			began := time.Now()
			got := s.post(partners, test.form, test.options...)
			if got.Error != test.code || got.AccessToken != "" {
				t.Errorf("%+v", got)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("it took %v", took)
			}
			if got := s.Events(audit.TokenRefused)[0].Result; got != test.why {
				t.Errorf("recorded as %q, want %q", got, test.why)
			}
		})
	}
	if got := s.post(partners, asserting(machine(), good)); got.Status != http.StatusOK {
		t.Errorf("refused ones cost the client the good one: %+v", got)
	}
	wrong := s.post(partners, asserting(machine(), s.assertionBy(stranger)))
	unknown := s.post(partners, asserting(machine(), s.assertionBy(stranger, "sub", "stranger", "iss", "stranger")))
	if wrong.Description != unknown.Description || wrong.Status != http.StatusUnauthorized || unknown.Status != wrong.Status {
		t.Errorf("an answer tells an unknown client from a wrong key: %+v, %+v", wrong, unknown)
	}
}

func TestAnAssertionIsGoodOnceAtAllEndpointsTogether(t *testing.T) {
	s := newSigningSite(t)
	assertion := s.assertion()
	token := s.post(partners, asserting(machine(), assertion))
	if token.Status != http.StatusOK {
		t.Fatalf("%+v", token)
	}
	again := s.post(partners, asserting(machine(), assertion))
	if again.Error != "invalid_client" || again.Status != http.StatusUnauthorized || s.Events(audit.TokenRefused)[0].Result != "assertion-reused" {
		t.Errorf("a second time: %+v", again)
	}
	about := url.Values{"token": {token.AccessToken}}
	if r := s.send(http.MethodPost, partners+"/introspect", asserting(about, assertion).Encode()); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a spent one at the introspection endpoint: %d", r.StatusCode)
	}
	if r := s.send(http.MethodPost, partners+"/revoke", asserting(about, assertion).Encode()); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a spent one at the revocation endpoint: %d", r.StatusCode)
	}
	if r := s.send(http.MethodPost, partners+"/introspect", asserting(about, s.assertion()).Encode()); !strings.Contains(body(r), `"active":true`) {
		t.Errorf("introspection with a fresh one: %d", r.StatusCode)
	}
	if r := s.send(http.MethodPost, partners+"/revoke", asserting(about, s.assertion()).Encode()); r.StatusCode != http.StatusOK {
		t.Errorf("revocation with a fresh one: %d", r.StatusCode)
	}
	// A name is the client's own: what another client spent is not spent here,
	// and a second life of the same jti needs the first to be over everywhere.
	same := s.assertion("jti", "again")
	if got := s.post(partners, asserting(machine(), same)); got.Status != http.StatusOK {
		t.Fatalf("%+v", got)
	}
	s.Pass(2 * time.Minute)
	if got := s.post(partners, asserting(machine(), s.assertion("jti", "again"))); got.Error != "invalid_client" {
		t.Errorf("a jti again after its assertion ended, within what clocks may be apart: %+v", got)
	}
	s.Pass(15 * time.Minute)
	if got := s.post(partners, asserting(machine(), s.assertion("jti", "again"))); got.Status != http.StatusOK {
		t.Errorf("a jti again after a quarter of an hour: %+v", got)
	}
}

func TestOfManyNodesOneTakesAnAssertion(t *testing.T) {
	s := newSigningSite(t)
	first, second := s.handler, s.node()
	assertion := s.assertion()
	var taken, refused int
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			one := *s.site
			one.handler = []http.Handler{first, second}[i%2]
			one.address = fmt.Sprintf("203.0.113.%d:1", i+1)
			got := one.post(partners, asserting(machine(), assertion))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case got.Status == http.StatusOK:
				taken++
			case got.Error == "invalid_client":
				refused++
			default:
				t.Errorf("%+v", got)
			}
		})
	}
	all.Wait()
	if taken != 1 || refused != 15 {
		t.Errorf("%d took it, %d refused it", taken, refused)
	}
}

// node is a second one over the same store, which shares nothing else.
func (s *signingSite) node() http.Handler {
	ring := keyring.New(keyring.Config{Store: s.Store, Master: s.Master, Audit: s.Audit, Now: s.Now, Rand: rand.Reader})
	secrets := directory.NewSecrets(directory.SecretsConfig{Store: s.Store, Audit: s.Audit, Feed: s.Feed, Now: s.Now, Rand: rand.Reader})
	return authserver.New(authserver.Config{
		Registry: s.Registry, SignIn: s.signIn, Now: s.Now, Log: slog.New(slog.DiscardHandler),
		Issue: issue.New(issue.Config{
			Store: s.Store, Keys: ring, Secrets: secrets, Feed: s.Feed, Audit: s.Audit, Now: s.Now, Rand: rand.Reader,
		}),
		Verifier: verify.New(verify.Config{Ring: ring, Registry: s.Feed, Now: s.Now}),
		Address:  func(r *http.Request) netip.Addr { return netip.MustParseAddrPort(r.RemoteAddr).Addr() },
	})
}

func TestFailedAssertionsAreLimitedAsSecretsAre(t *testing.T) {
	s := newSigningSite(t)
	var limited tokens
	for range 12 {
		limited = s.post(partners, asserting(machine(), s.assertion("aud", "elsewhere")))
	}
	if limited.Status != http.StatusTooManyRequests || limited.header.Get("Retry-After") == "" {
		t.Fatalf("after twelve failures: %+v", limited)
	}
	spare := s.assertion()
	if got := s.post(partners, asserting(machine(), spare)); got.Status != http.StatusTooManyRequests {
		t.Errorf("the limit tells a right assertion: %+v", got)
	}
	s.address = "198.51.100.9:1"
	if got := s.post(partners, asserting(machine(), spare)); got.Status != http.StatusOK {
		t.Errorf("another source: %+v", got)
	}
	for range 50 {
		if got := s.post(partners, asserting(machine(), s.assertion())); got.Status != http.StatusOK {
			t.Fatalf("right ones are counted: %+v", got)
		}
	}
}

func TestMetadataSaysHowAssertionsAreSigned(t *testing.T) {
	s := newSite(t)
	var m oauth.Metadata
	if err := json.NewDecoder(s.send(http.MethodGet, apps+"/.well-known/openid-configuration", "").Body).Decode(&m); err != nil {
		t.Fatal(err)
	}
	for name, methods := range map[string][]oauth.AuthMethod{
		"token": m.TokenEndpointAuthMethodsSupported, "revocation": m.RevocationEndpointAuthMethodsSupported, "introspection": m.IntrospectionEndpointAuthMethodsSupported,
	} {
		if !slices.Contains(methods, oauth.AuthPrivateKeyJWT) || slices.Contains(methods, oauth.AuthNone) != (name != "introspection") {
			t.Errorf("%s: %v", name, methods)
		}
	}
	want := []string{"ES256", "EdDSA", "PS256", "RS256"} // RFC 8414 §2: never none
	for name, algorithms := range map[string][]string{
		"token":         m.TokenEndpointAuthSigningAlgValuesSupported,
		"revocation":    m.RevocationEndpointAuthSigningAlgValuesSupported,
		"introspection": m.IntrospectionEndpointAuthSigningAlgValuesSupported,
	} {
		if !slices.Equal(algorithms, want) {
			t.Errorf("%s: %v", name, algorithms)
		}
	}
}
