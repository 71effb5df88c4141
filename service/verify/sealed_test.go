package verify_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/service/verify"
	"sallyport/service/verify/verifytest"
	"sallyport/store"
)

func TestAnOpaqueTokenSaysWhatAJWTSays(t *testing.T) {
	w := newWorld(t)
	claims := w.Claims("partners", "payright", "payments.write.posting payments.read.posting")
	both := []*config.LiveServer{w.Server("apps"), w.Server("partners")}
	jwt, err := w.Verify.VerifyAny(t.Context(), w.Live, both, w.Sign("partners", claims))
	if err != nil {
		t.Fatal(err)
	}
	token := w.Seal("partners", claims)
	for range 2 { // the second time it is remembered
		got, err := w.Verify.VerifyAny(t.Context(), w.Live, both, token)
		if err != nil {
			t.Fatal(err)
		}
		if got.Server != "partners" || got.Subject != jwt.Subject || got.JTI != jwt.JTI || !slices.Equal(got.Scopes, jwt.Scopes) ||
			!got.Expires.Equal(jwt.Expires) || string(got.Claims) != string(jwt.Claims) {
			t.Errorf("got %+v, want %+v", got, jwt)
		}
	}
}

func TestAnOpaqueTokenIsRefusedForWhatAJWTIsRefusedFor(t *testing.T) {
	w := newWorld(t)
	good := w.Claims("partners", "payright", "")
	now := w.Now().Unix()
	for name, test := range map[string]struct {
		token string
		want  verify.Check
	}{
		"expired":                          {w.Seal("partners", with(good, "exp", now)), verify.Expiry},
		"issued tomorrow":                  {w.Seal("partners", with(good, "iat", now+86400)), verify.Future},
		"for somebody else":                {w.Seal("partners", with(good, "aud", "https://elsewhere.example")), verify.Audience},
		"by somebody else":                 {w.Seal("partners", with(good, "iss", w.Server("apps").Issuer)), verify.Issuer},
		"of an application that is gone":   {w.Seal("partners", with(good, "client_id", "stranger")), verify.Application},
		"without a name":                   {w.Seal("partners", with(good, "jti", "")), verify.Form},
		"of another authorization server":  {w.Seal("apps", good), verify.Key},
		"a JWT under the prefix":           {keyring.OpaquePrefix + w.Sign("partners", good), verify.Key},
		"the prefix alone":                 {keyring.OpaquePrefix, verify.Key},
		"half a megabyte under the prefix": {keyring.OpaquePrefix + strings.Repeat("A", 1<<19), verify.Key},
		"a refresh token":                  {"rt_" + strings.TrimPrefix(w.Seal("partners", good), keyring.OpaquePrefix), verify.Form},
	} {
		t.Run(name, func(t *testing.T) { wantCheck(t, w, "partners", test.token, test.want) })
	}
}

func TestNoChangedOpaqueTokenIsTaken(t *testing.T) {
	w := newWorld(t)
	token := w.Seal("partners", w.Claims("partners", "payright", ""))
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, keyring.OpaquePrefix))
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		changed := slices.Clone(raw)
		changed[i] ^= 1
		wantCheck(t, w, "partners", keyring.OpaquePrefix+base64.RawURLEncoding.EncodeToString(changed), verify.Key)
		wantCheck(t, w, "partners", keyring.OpaquePrefix+base64.RawURLEncoding.EncodeToString(raw[:i]), verify.Key)
	}
	for _, other := range []string{token + "A", token + "=", token + "\n", " " + token, strings.ToUpper(token)} {
		if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("partners"), other); err == nil {
			t.Errorf("another spelling is taken: %q", other)
		}
	}
}

func TestOpaqueTokensAreRevokedAsJWTsAre(t *testing.T) {
	grant, session := store.GrantID{7}, store.SessionID{8}
	for name, test := range map[string]struct {
		kind    store.FeedKind
		subject string
	}{
		"its grant":    {store.GrantRevoked, hex.EncodeToString(grant[:])},
		"its session":  {store.SessionEnded, hex.EncodeToString(session[:])},
		"its customer": {store.CustomerRevoked, "cus_1"},
		"it alone":     {store.TokenRevoked, "portal/" + base64.RawURLEncoding.EncodeToString(append(grant[:], 1, 2, 3, 4, 5, 6, 7, 8))},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			claims := verifytest.Person(w.Claims("apps", "portal", ""), "cus_1", grant, session)
			claims["jti"] = base64.RawURLEncoding.EncodeToString(append(grant[:], 1, 2, 3, 4, 5, 6, 7, 8))
			token := w.Seal("apps", claims)
			other := w.Seal("apps", verifytest.Person(w.Claims("apps", "portal", ""), "cus_2", store.GrantID{9}, store.SessionID{9}))
			for _, token := range []string{token, other} {
				if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("apps"), token); err != nil {
					t.Fatal(err)
				}
			}
			w.Publish(test.kind, test.subject)
			wantCheck(t, w, "apps", token, verify.Revocation)
			if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("apps"), other); err != nil {
				t.Errorf("a bystander: %v", err)
			}
		})
	}
}

// Off and expired are asked each time, also of what is remembered.
func TestAnOpaqueTokenSeenBeforeStillExpires(t *testing.T) {
	w := newWorld(t)
	token := w.Seal("partners", w.Claims("partners", "payright", ""))
	if _, err := w.Verify.Verify(t.Context(), w.Live, w.Server("partners"), token); err != nil {
		t.Fatal(err)
	}
	w.Pass(11 * time.Minute)
	w.Hear()
	wantCheck(t, w, "partners", token, verify.Expiry)
}

// Tokens of either form: the same one again and again, or more than are remembered.
func BenchmarkTokens(b *testing.B) {
	w := newWorld(b)
	servers := []*config.LiveServer{w.Server("apps"), w.Server("partners")}
	small := verify.New(verify.Config{Ring: w.Ring, Registry: w.Registry, Now: w.Now, Remembered: 16})
	for name, form := range map[string]func(string, map[string]any) string{"jwt": w.Sign, "opaque": w.Seal} {
		tokens := make([]string, 512)
		for i := range tokens {
			tokens[i] = form("partners", w.Claims("partners", "payright", "payments.read.posting"))
		}
		for kind, different := range map[string]int{"seen": 1, "new": len(tokens)} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if _, err := small.VerifyAny(b.Context(), w.Live, servers, tokens[i%different]); err != nil {
						if w.Hear(); !errors.Is(err, environment.ErrStale) {
							b.Fatal(err)
						}
					}
				}
			})
		}
	}
}
