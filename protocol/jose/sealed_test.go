package jose_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	gojose "github.com/go-jose/go-jose/v4"

	"sallyport/protocol/jose"
)

func TestOnlyTheReceiverOpensWhatWasSealedToThem(t *testing.T) {
	ec, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	other, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	rsaKey, _ := rsa.GenerateKey(rand.Reader, 2048)
	for name, keys := range map[string][3]any{"EC": {&ec.PublicKey, ec, other}, "RSA": {&rsaKey.PublicKey, rsaKey, ec}} {
		public, _ := json.Marshal(gojose.JSONWebKey{Key: keys[0], KeyID: "k1", Use: "enc"})
		r, err := jose.NewRecipient(public)
		if err != nil {
			t.Fatal(name, err)
		}
		text, err := r.Seal([]byte("tractor"))
		if err != nil || strings.Contains(text, "tractor") || strings.Count(text, ".") != 4 {
			t.Fatal(name, text, err)
		}
		sealed, err := gojose.ParseEncryptedCompact(text, []gojose.KeyAlgorithm{gojose.ECDH_ES, gojose.RSA_OAEP_256}, []gojose.ContentEncryption{gojose.A256GCM})
		if err != nil {
			t.Fatal(name, err)
		}
		if plain, err := sealed.Decrypt(keys[1]); err != nil || string(plain) != "tractor" || sealed.Header.KeyID != "k1" {
			t.Errorf("%s: %q, %v", name, plain, err)
		}
		if _, err := sealed.Decrypt(keys[2]); err == nil {
			t.Errorf("%s: another key opens it", name)
		}
	}
}

func TestNobodySealsToAKeyThatIsNotForThat(t *testing.T) {
	p384, _ := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	p256, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	small := `{"kty":"RSA","n":"` + strings.Repeat("9", 171) + `","e":"AQAB"}`
	written := func(k gojose.JSONWebKey) string {
		text, _ := json.Marshal(k)
		return string(text)
	}
	for name, text := range map[string]string{
		"a private key": written(gojose.JSONWebKey{Key: p256}), "another curve": written(gojose.JSONWebKey{Key: &p384.PublicKey}),
		"a key for signatures": written(gojose.JSONWebKey{Key: &p256.PublicKey, Use: "sig"}), "another algorithm": written(gojose.JSONWebKey{Key: &p256.PublicKey, Algorithm: "ES256"}),
		"a secret": `{"kty":"oct","k":"AAAA"}`, "a short RSA key": small, "nothing": "", "no JWK": "{}",
	} {
		if _, err := jose.NewRecipient([]byte(text)); !errors.Is(err, jose.ErrKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
