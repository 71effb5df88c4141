package jose

import (
	"errors"
	"strings"
	"testing"
)

func TestAForeignTokenIsHeldToItsList(t *testing.T) {
	key, other, okp := newKey(t, ES256), newKey(t, ES256), newKey(t, EdDSA)
	verifier, err := NewForeignVerifier(Foreign{
		Keys:       KeySet{other.Public(), key.Public(), okp.Public()},
		Algorithms: []Algorithm{ES256},
		Types:      []string{"", "JWT"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		key    *PrivateKey
		header string
		want   error
	}{
		"with kid and type":                     {key, `{"alg":"ES256","kid":"KID","typ":"JWT"}`, nil},
		"without type":                          {key, `{"alg":"ES256","kid":"KID"}`, nil},
		"a type in small letters":               {key, `{"alg":"ES256","kid":"KID","typ":"jwt"}`, nil},
		"without kid, by the second key":        {key, `{"alg":"ES256"}`, nil},
		"unknown members are ignored":           {key, `{"alg":"ES256","kid":"KID","x5t":"AA","jku":"https://evil.example"}`, nil},
		"a key in the header is ignored":        {newKey(t, ES256), `{"alg":"ES256","jwk":` + rfc7515EC + `}`, ErrSignature},
		"an access token is no assertion":       {key, `{"alg":"ES256","kid":"KID","typ":"at+jwt"}`, ErrType},
		"an algorithm that is not listed":       {okp, `{"alg":"EdDSA","kid":"KID"}`, ErrAlgorithm},
		"none":                                  {key, `{"alg":"none"}`, ErrAlgorithm},
		"the kid of a key of another algorithm": {key, `{"alg":"ES256","kid":"` + string(okp.KeyID()) + `"}`, ErrAlgorithm},
		"an unknown kid is not tried":           {key, `{"alg":"ES256","kid":"new"}`, ErrUnknownKey},
		"another's key":                         {newKey(t, ES256), `{"alg":"ES256"}`, ErrSignature},
		"crit":                                  {key, `{"alg":"ES256","crit":["b64"],"b64":true}`, ErrMalformed},
		"b64 alone":                             {key, `{"alg":"ES256","b64":false}`, ErrMalformed},
		"alg twice":                             {key, `{"alg":"ES256","alg":"ES256"}`, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			token := signed(t, test.key, strings.ReplaceAll(test.header, "KID", string(test.key.KeyID())))
			if _, _, err := verifier.Verify(token); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestAForeignVerifierHasNoDefaults(t *testing.T) {
	for name, config := range map[string]Foreign{
		"no algorithms":        {Types: []string{"JWT"}},
		"no types":             {Algorithms: []Algorithm{ES256}},
		"an unknown algorithm": {Algorithms: []Algorithm{"HS256"}, Types: []string{"JWT"}},
		"a broken key":         {Algorithms: []Algorithm{ES256}, Types: []string{"JWT"}, Keys: KeySet{{}}},
	} {
		if _, err := NewForeignVerifier(config); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzAForeignTokenHasOneSpelling(f *testing.F) {
	key := newKey(f, ES256)
	verifier, err := NewForeignVerifier(Foreign{Keys: KeySet{key.Public()}, Algorithms: []Algorithm{ES256}, Types: []string{"JWT"}})
	if err != nil {
		f.Fatal(err)
	}
	token := mustSign(f, key, "JWT", `{"sub":"a"}`)
	f.Add(token)
	f.Add(token + "=")
	f.Add(`{"payload":"","signatures":[]}`)
	f.Fuzz(func(t *testing.T, candidate string) {
		if _, _, err := verifier.Verify(candidate); err == nil && candidate != token {
			t.Fatalf("verifies: %q", candidate)
		}
	})
}
