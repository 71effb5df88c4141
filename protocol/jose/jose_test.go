package jose

import (
	"crypto/rand"
	"errors"
	"testing"
)

var algorithms = []Algorithm{ES256, RS256, PS256, EdDSA}

// newKey makes a key for alg, or ends the test.
func newKey(t testing.TB, alg Algorithm) *PrivateKey {
	t.Helper()
	key, err := GenerateKey(rand.Reader, alg)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func mustSign(t testing.TB, key *PrivateKey, typ, payload string) string {
	t.Helper()
	signer, err := NewSigner(key, typ)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signer.Sign(rand.Reader, []byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func mustVerifier(t testing.TB, typ string, keys ...*PrivateKey) *Verifier {
	t.Helper()
	var set KeySet
	for _, key := range keys {
		set = append(set, key.Public())
	}
	verifier, err := NewVerifier(set, typ)
	if err != nil {
		t.Fatal(err)
	}
	return verifier
}

func TestEachAlgorithmVerifiesWhatItSigned(t *testing.T) {
	for _, alg := range algorithms {
		t.Run(string(alg), func(t *testing.T) {
			key := newKey(t, alg)
			token := mustSign(t, key, "at+jwt", `{"sub":"amelie"}`)
			payload, kid, err := mustVerifier(t, "at+jwt", newKey(t, EdDSA), key).Verify(token)
			if err != nil || string(payload) != `{"sub":"amelie"}` || kid != key.KeyID() {
				t.Fatalf("got %q, %q, %v", payload, kid, err)
			}
			other := mustVerifier(t, "at+jwt", newKey(t, EdDSA))
			if _, _, err := other.Verify(token); !errors.Is(err, ErrUnknownKey) {
				t.Fatalf("another key set: got %v, want ErrUnknownKey", err)
			}
		})
	}
}

func TestES256SignaturesAreDeterministicWithoutRandomness(t *testing.T) {
	key := newKey(t, ES256)
	signer, err := NewSigner(key, "JWT")
	if err != nil {
		t.Fatal(err)
	}
	one, err1 := signer.Sign(nil, []byte("{}"))
	two, err2 := signer.Sign(nil, []byte("{}"))
	if err1 != nil || err2 != nil || one != two {
		t.Errorf("deterministic signatures differ: %v, %v", err1, err2)
	}
	three, err := signer.Sign(rand.Reader, []byte("{}"))
	if err != nil || one == three {
		t.Errorf("hedged signature equals the deterministic one: %v", err)
	}
}
