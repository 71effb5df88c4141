package oauth

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/jose"
)

const (
	testIssuer = "https://id.example/apps"
	testClient = ClientID("payright")
)

var testNow = time.Date(2026, 11, 22, 10, 0, 0, 500_000_000, time.UTC)

// holder is a client with a key.
type holder struct {
	t   testing.TB
	key *jose.PrivateKey
}

func newHolder(t testing.TB, alg jose.Algorithm) holder {
	t.Helper()
	key, err := jose.GenerateKey(rand.Reader, alg)
	if err != nil {
		t.Fatal(err)
	}
	return holder{t, key}
}

// sign signs claims under a header's type.
func (h holder) sign(typ string, claims map[string]any) Secret {
	h.t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.signBytes(typ, payload)
}

func (h holder) signBytes(typ string, payload []byte) Secret {
	h.t.Helper()
	signer, err := jose.NewSigner(h.key, typ)
	if err != nil {
		h.t.Fatal(err)
	}
	token, err := signer.Sign(rand.Reader, payload)
	if err != nil {
		h.t.Fatal(err)
	}
	return NewSecret(token)
}

func (h holder) check() AssertionCheck {
	return AssertionCheck{Client: testClient, Keys: jose.KeySet{h.key.Public()}, Issuer: testIssuer, Now: testNow}
}

// claims are those of a good assertion, changed by pairs of name and value; a
// nil value removes the claim.
func claims(changes ...any) map[string]any {
	c := map[string]any{
		"iss": testClient, "sub": testClient, "aud": testIssuer, "jti": "one",
		"iat": testNow.Unix(), "exp": testNow.Add(AssertionLife).Unix(),
	}
	for i := 0; i < len(changes); i += 2 {
		if name := changes[i].(string); changes[i+1] == nil {
			delete(c, name)
		} else {
			c[name] = changes[i+1]
		}
	}
	return c
}

func TestEveryAlgorithmOfAClientsKeyIsTaken(t *testing.T) {
	for _, alg := range AssertionAlgorithms() {
		t.Run(string(alg), func(t *testing.T) {
			h := newHolder(t, alg)
			for _, typ := range []string{"", "JWT", "client-authentication+jwt", "application/client-authentication+jwt"} {
				got, err := h.check().Verify(h.sign(typ, claims()))
				if err != nil || got.JTI != "one" || got.KeyID != h.key.KeyID() || !got.Expires.Equal(testNow.Add(AssertionLife).Truncate(time.Second)) {
					t.Errorf("typ %q: %+v, %v", typ, got, err)
				}
			}
		})
	}
}

func TestRFC7523_3_WhatAnAssertionMustSay(t *testing.T) {
	h := newHolder(t, jose.ES256)
	at := func(d time.Duration) int64 { return testNow.Add(d).Unix() }
	for name, test := range map[string]struct {
		changes []any
		want    error
	}{
		"all that is asked for":              {nil, nil},
		"no iat":                             {[]any{"iat", nil}, nil},
		"nbf now":                            {[]any{"nbf", at(0)}, nil},
		"a clock half a minute ahead":        {[]any{"iat", at(30 * time.Second), "nbf", at(30 * time.Second), "exp", at(5*time.Minute + 30*time.Second)}, nil},
		"exp with a fraction":                {[]any{"exp", float64(at(time.Minute)) + 0.25}, nil},
		"claims that nobody asked for":       {[]any{"scope", "x", "nested", map[string]any{"iss": "x"}}, nil},
		"another issuer":                     {[]any{"iss", "other"}, ErrAssertionSubject},
		"no issuer":                          {[]any{"iss", nil}, ErrAssertionSubject},
		"another subject":                    {[]any{"sub", "other"}, ErrAssertionSubject},
		"no subject":                         {[]any{"sub", nil}, ErrAssertionSubject},
		"no audience":                        {[]any{"aud", nil}, ErrAssertionAudience},
		"the token endpoint":                 {[]any{"aud", testIssuer + "/token"}, ErrAssertionAudience},
		"another server of ours":             {[]any{"aud", "https://id.example/other"}, ErrAssertionAudience},
		"the issuer with a slash":            {[]any{"aud", testIssuer + "/"}, ErrAssertionAudience},
		"a list with the issuer":             {[]any{"aud", []string{testIssuer}}, ErrAssertionAudience},
		"a list with the issuer and another": {[]any{"aud", []string{testIssuer, "https://evil.example"}}, ErrAssertionAudience},
		"an object as audience":              {[]any{"aud", map[string]any{"is": testIssuer}}, ErrAssertionAudience},
		"an empty audience":                  {[]any{"aud", ""}, ErrAssertionAudience},
		"no end":                             {[]any{"exp", nil}, ErrAssertionTime},
		"just ended":                         {[]any{"exp", at(0)}, ErrAssertionTime},
		"good for six minutes and a second":  {[]any{"iat", nil, "exp", at(6*time.Minute + time.Second)}, ErrAssertionTime},
		"good for longer than it says it was made to": {[]any{"exp", at(5*time.Minute + 10*time.Second)}, ErrAssertionTime},
		"made in two minutes":                         {[]any{"iat", at(2 * time.Minute)}, ErrAssertionTime},
		"not before two minutes from now":             {[]any{"nbf", at(2 * time.Minute)}, ErrAssertionTime},
		"an end in the year 292277026596":             {[]any{"exp", int64(1) << 62}, ErrAssertion},
		"an end as text":                              {[]any{"exp", "2026"}, ErrAssertion},
		"an end before time":                          {[]any{"exp", -1}, ErrAssertion},
		"no jti":                                      {[]any{"jti", nil}, ErrAssertionID},
		"an empty jti":                                {[]any{"jti", ""}, ErrAssertionID},
		"a jti of 300 bytes":                          {[]any{"jti", strings.Repeat("j", 300)}, ErrAssertionID},
		"a number as jti":                             {[]any{"jti", 1}, ErrAssertion},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := h.check().Verify(h.sign("JWT", claims(test.changes...))); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// authlib CVE-2024-37568, Keycloak CVE-2026-11800 and their kin.
func TestNoAssertionIsTakenThatTheClientDidNotSign(t *testing.T) {
	h, stranger := newHolder(t, jose.ES256), newHolder(t, jose.ES256)
	good := h.sign("JWT", claims()).Reveal()
	head, rest, _ := strings.Cut(good, ".")
	b64 := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	forged := stranger.sign("JWT", claims()).Reveal()
	_, body, _ := strings.Cut(forged, ".")
	for name, token := range map[string]string{
		"a stranger's signature":               forged,
		"a stranger's, under the client's kid": head + "." + body,
		"none":                                 b64(`{"alg":"none"}`) + "." + strings.Split(good, ".")[1] + ".",
		"none, in another case":                b64(`{"alg":"nOnE"}`) + "." + strings.Split(good, ".")[1] + ".",
		"HS256 with the public key":            b64(`{"alg":"HS256","kid":"`+string(h.key.KeyID())+`"}`) + "." + rest,
		"another algorithm than the key's":     b64(`{"alg":"RS256","kid":"`+string(h.key.KeyID())+`"}`) + "." + rest,
		"crit":                                 b64(`{"alg":"ES256","crit":["b64"],"b64":false}`) + "." + rest,
		"an access token":                      h.sign("at+jwt", claims()).Reveal(),
		"a proof of possession":                h.sign("dpop+jwt", claims()).Reveal(),
		"a request object":                     h.sign("oauth-authz-req+jwt", claims()).Reveal(),
		"changed":                              good[:len(good)-6] + "AAAAAA",
		"with a stray part":                    good + ".",
		"encrypted":                            "a.b.c.d.e",
		"a million dots":                       strings.Repeat(".", 1<<20),
		"empty":                                "",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := h.check().Verify(NewSecret(token)); !errors.Is(err, ErrAssertion) {
				t.Errorf("got %v", err)
			}
		})
	}
	for name, change := range map[string]func(*AssertionCheck){
		"of a client without keys": func(c *AssertionCheck) { c.Keys = nil },
		"of nobody":                func(c *AssertionCheck) { c.Client = "" },
	} {
		check := h.check()
		if change(&check); check.Client == "" {
			good = h.sign("JWT", claims("iss", "", "sub", "")).Reveal()
		}
		if _, err := check.Verify(NewSecret(good)); !errors.Is(err, ErrAssertion) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAClaimCountsOnceAndByItsExactName(t *testing.T) {
	h := newHolder(t, jose.ES256)
	for name, payload := range map[string]string{
		"twice":              `{"iss":"payright","sub":"payright","aud":"x","aud":"https://id.example/apps","jti":"1","exp":1795341700}`,
		"in capitals":        `{"ISS":"payright","SUB":"payright","AUD":"https://id.example/apps","JTI":"1","EXP":1795341700}`,
		"null":               `{"iss":"payright","sub":"payright","aud":"https://id.example/apps","jti":"1","exp":null}`,
		"an array":           `["iss"]`,
		"something behind":   `{"iss":"payright"} {}`,
		"cut":                `{"iss":"payright"`,
		"nested beyond hope": `{"a":` + strings.Repeat("[", 11_000) + strings.Repeat("]", 11_000) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			if len(payload) > 11<<10 {
				payload = payload[:11<<10] // what fits into an assertion
			}
			if _, err := h.check().Verify(h.signBytes("JWT", []byte(payload))); err == nil {
				t.Error("taken")
			}
		})
	}
}

func TestAClientIsFoundByItsAssertion(t *testing.T) {
	h := newHolder(t, jose.ES256)
	if got, err := AssertionClient(h.sign("JWT", claims())); got != testClient || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	for name, assertion := range map[string]Secret{
		"no sub":              h.sign("JWT", claims("sub", nil)),
		"a control character": h.sign("JWT", claims("sub", "a\nb")),
		"a sub of 600 bytes":  h.sign("JWT", claims("sub", strings.Repeat("a", 600))),
		"nothing":             {},
		"one part":            NewSecret("abc"),
		"no base64":           NewSecret("a.!.c"),
		"line breaks":         NewSecret("a." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"a"}`))[:4] + "\n.c"),
	} {
		if got, err := AssertionClient(assertion); got != "" || CodeOf(err) != CodeInvalidClient {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// Whatever is taken says what it must, read by another reader.
func FuzzAssertion(f *testing.F) {
	h := newHolder(f, jose.EdDSA)
	good, _ := json.Marshal(claims())
	f.Add(good)
	f.Add([]byte(`{"iss":"payright","sub":"payright","aud":["https://id.example/apps"],"jti":"1","exp":1795341700}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if len(payload) == 0 || len(payload) > 8<<10 {
			return
		}
		h.t = t
		got, err := h.check().Verify(h.signBytes("JWT", payload))
		if err != nil {
			return
		}
		said := map[string]any{}
		if err := json.Unmarshal(payload, &said); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"iss": "payright", "sub": "payright", "aud": testIssuer, "jti": got.JTI}
		maps.DeleteFunc(said, func(name string, _ any) bool { _, asked := want[name]; return !asked })
		if !maps.Equal(said, want) || got.JTI == "" || !got.Expires.After(testNow) {
			t.Errorf("%s became %+v", payload, got)
		}
	})
}
