package jose

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAPrivateKeySurvivesPKCS8(t *testing.T) {
	for _, alg := range algorithms {
		key := newKey(t, alg)
		der, err := key.MarshalPKCS8()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParsePKCS8(alg, der)
		if err != nil || again.KeyID() != key.KeyID() || again.Algorithm() != alg {
			t.Fatalf("%s: %v", alg, err)
		}
		if _, _, err := mustVerifier(t, "JWT", key).Verify(mustSign(t, again, "JWT", "{}")); err != nil {
			t.Errorf("%s: %v", alg, err)
		}
	}
}

func TestAKeyThatDoesNotFitItsAlgorithmIsRefused(t *testing.T) {
	ec, okp := newKey(t, ES256), newKey(t, EdDSA)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der := func(key any) []byte {
		encoded, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	for name, test := range map[string]struct {
		alg  Algorithm
		der  []byte
		want error
	}{
		"an EC key for EdDSA":      {EdDSA, der(ec.private.Signer), ErrKey},
		"an EC key for RS256":      {RS256, der(ec.private.Signer), ErrKey},
		"an Ed25519 key for ES256": {ES256, der(okp.private.Signer), ErrKey},
		"a P-384 key for ES256":    {ES256, der(p384), ErrKey},
		"an unknown algorithm":     {"ES384", der(p384), ErrUnsupportedAlgorithm},
		"no algorithm":             {"", der(ec.private.Signer), ErrUnsupportedAlgorithm},
		"none":                     {"none", der(ec.private.Signer), ErrUnsupportedAlgorithm},
		"no key":                   {ES256, nil, ErrKey},
		"half a key":               {ES256, der(ec.private.Signer)[:40], ErrKey},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ParsePKCS8(test.alg, test.der); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
	small := &rsa.PublicKey{N: new(big.Int).SetBit(big.NewInt(1), 1023, 1), E: 65537}
	if _, err := NewPublicKey(RS256, small); !errors.Is(err, ErrKey) {
		t.Errorf("an RSA key of 1024 bits: %v", err)
	}
	if _, err := GenerateKey(rand.Reader, "HS256"); !errors.Is(err, ErrUnsupportedAlgorithm) {
		t.Errorf("generate HS256: %v", err)
	}
	if _, err := GenerateKey(nil, ES256); err == nil {
		t.Error("a key is generated without randomness")
	}
}

func TestAPrivateKeyShowsItselfNowhere(t *testing.T) {
	key := newKey(t, EdDSA)
	holder := struct {
		Key   *PrivateKey
		Value PrivateKey
	}{key, *key}
	var logged bytes.Buffer
	slog.New(slog.NewJSONHandler(&logged, nil)).Info("key", "key", key, "holder", holder)
	slog.New(slog.NewTextHandler(&logged, nil)).Info("key", "key", *key, "holder", holder)
	encoded, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	shown := logged.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%p"} {
		shown += fmt.Sprintf(verb, key) + fmt.Sprintf(verb, *key) + fmt.Sprintf(verb, holder)
	}
	private := key.private.Signer.(ed25519.PrivateKey)
	for _, leak := range []string{fmt.Sprintf("%x", private.Seed()), fmt.Sprint(private.Seed())[1:12], base64url.EncodeToString(private.Seed())} {
		if strings.Contains(shown, leak) {
			t.Errorf("%q shows in %s", leak, shown)
		}
	}
	if !strings.Contains(shown, string(key.KeyID())) {
		t.Error("the key id is missing from the log")
	}
}

func TestAJWKHasExactlyThesePublicMembers(t *testing.T) {
	want := map[Algorithm][]string{
		ES256: {"alg", "crv", "kid", "kty", "use", "x", "y"},
		EdDSA: {"alg", "crv", "kid", "kty", "use", "x"},
		RS256: {"alg", "e", "kid", "kty", "n", "use"},
		PS256: {"alg", "e", "kid", "kty", "n", "use"},
	}
	for _, alg := range algorithms {
		encoded, err := json.Marshal(newKey(t, alg).Public())
		if err != nil {
			t.Fatal(err)
		}
		members := map[string]string{}
		if err := json.Unmarshal(encoded, &members); err != nil {
			t.Fatal(err)
		}
		wantMembers := map[string]bool{}
		for _, name := range want[alg] {
			wantMembers[name] = true
		}
		got := map[string]bool{}
		for name := range members {
			got[name] = true
		}
		if diff := cmp.Diff(wantMembers, got); diff != "" {
			t.Errorf("%s: %s", alg, diff)
		}
	}
}

func TestAnUnusablePublicKeyIsNotPublished(t *testing.T) {
	if _, err := json.Marshal(PublicKey{}); err == nil {
		t.Error("the zero key marshals")
	}
	if encoded, err := json.Marshal(KeySet(nil)); err != nil || string(encoded) != `{"keys":[]}` {
		t.Errorf("the empty set: %s, %v", encoded, err)
	}
}

func TestParseKeySetTakesWhatItKnowsAndRefusesWhatIsWrong(t *testing.T) {
	const good = rfc7515EC
	many := strings.TrimSuffix(strings.Repeat(`{"kty":"oct"},`, MaxKeySetKeys+1), ",")
	for name, test := range map[string]struct {
		set  string
		want []Algorithm // nil: refused
	}{
		"an empty set":                     {`{"keys":[]}`, []Algorithm{}},
		"one of each":                      {`{"keys":[` + good + `,` + rfc8037OKP + `,` + rfc7638RSA + `]}`, []Algorithm{ES256, EdDSA, RS256}},
		"an RSA key with its algorithm":    {`{"keys":[` + strings.Replace(rfc7515RSA, `"kid"`, `"alg":"PS256","kid"`, 1) + `]}`, []Algorithm{PS256}},
		"an RSA key for something unknown": {`{"keys":[` + strings.Replace(rfc7515RSA, `"kid"`, `"alg":"RSA-OAEP","kid"`, 1) + `]}`, []Algorithm{}},
		"an EC key that says RS256":        {`{"keys":[` + strings.Replace(good, `"kid"`, `"alg":"RS256","kid"`, 1) + `]}`, []Algorithm{}},
		"an encryption key":                {`{"keys":[` + strings.Replace(good, `"kid"`, `"use":"enc","kid"`, 1) + `]}`, []Algorithm{}},
		"an unknown type":                  {`{"keys":[{"kty":"AKP","alg":"ML-DSA-65","pub":"AA"},` + good + `]}`, []Algorithm{ES256}},
		"an unknown curve":                 {`{"keys":[{"kty":"EC","crv":"P-521","x":"AA","y":"AA"},{"kty":"OKP","crv":"Ed448","x":"AA"}]}`, []Algorithm{}},
		"unknown members":                  {`{"keys":[` + strings.Replace(good, `"kid"`, `"x5t":"AA","key_ops":["verify"],"kid"`, 1) + `],"more":1}`, []Algorithm{ES256}},
		"a private EC key":                 {`{"keys":[` + strings.Replace(good, `"kid"`, `"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI","kid"`, 1) + `]}`, nil},
		"a private RSA member":             {`{"keys":[` + strings.Replace(rfc7515RSA, `"kid"`, `"qi":"AA","kid"`, 1) + `]}`, nil},
		"a symmetric key":                  {`{"keys":[{"kty":"oct","k":"AA"},` + good + `]}`, nil},
		"a private key of unknown type":    {`{"keys":[{"kty":"OKP","crv":"Ed448","d":"AA"}]}`, nil},
		"a point off the curve":            {`{"keys":[` + strings.Replace(good, `"f83O`, `"f83P`, 1) + `]}`, nil},
		"a short coordinate":               {`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`, nil},
		"a padded coordinate":              {`{"keys":[` + strings.Replace(rfc8037OKP, `HURo"`, `HURo="`, 1) + `]}`, nil},
		"an RSA key of 8 bits":             {`{"keys":[{"kty":"RSA","n":"_w","e":"AQAB"}]}`, nil},
		"an even RSA exponent":             {`{"keys":[` + strings.Replace(rfc7515RSA, `"AQAB"`, `"AQAA"`, 1) + `]}`, nil},
		"an RSA exponent of one":           {`{"keys":[` + strings.Replace(rfc7515RSA, `"AQAB"`, `"AQ"`, 1) + `]}`, nil},
		"an RSA exponent of 9 bytes":       {`{"keys":[` + strings.Replace(rfc7515RSA, `"AQAB"`, `"AQAAAAAAAAAB"`, 1) + `]}`, nil},
		"a kid twice":                      {`{"keys":[` + good + `,` + good + `]}`, nil},
		"a member twice":                   {`{"keys":[` + strings.Replace(good, `"kid"`, `"kid":"b","kid"`, 1) + `]}`, nil},
		"keys twice":                       {`{"keys":[],"keys":[` + good + `]}`, nil},
		"a kid that is a number":           {`{"keys":[` + strings.Replace(good, `"a3"`, `3`, 1) + `]}`, nil},
		"a huge kid":                       {`{"keys":[` + strings.Replace(good, `"a3"`, `"`+strings.Repeat("a", 257)+`"`, 1) + `]}`, nil},
		"too many keys":                    {`{"keys":[` + many + `]}`, nil},
		"too many bytes":                   {`{"keys":[],"a":"` + strings.Repeat("a", MaxKeySetBytes) + `"}`, nil},
		"no keys":                          {`{}`, nil},
		"null keys":                        {`{"keys":null}`, nil},
		"a bare array":                     {`[` + good + `]`, nil},
		"a key that is a string":           {`{"keys":["a"]}`, nil},
		"something behind it":              {`{"keys":[]}x`, nil},
		"no JSON":                          {`<html>`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := ParseKeySet([]byte(test.set))
			if test.want == nil {
				if !errors.Is(err, ErrKeySet) {
					t.Errorf("got %v, want ErrKeySet", err)
				}
				return
			}
			got := []Algorithm{}
			for _, key := range keys {
				got = append(got, key.Algorithm)
			}
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

func TestAVerifierRefusesKeysThatItCannotTellApart(t *testing.T) {
	key := newKey(t, ES256).Public()
	nameless := key
	nameless.KeyID = ""
	broken := key
	broken.Algorithm = EdDSA
	for name, test := range map[string]struct {
		keys KeySet
		want error
	}{
		"the same id twice":    {KeySet{key, key}, ErrKeySet},
		"a key without id":     {KeySet{nameless}, ErrKeySet},
		"a key that is broken": {KeySet{broken}, ErrKey},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := NewVerifier(test.keys, "at+jwt"); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func FuzzAParsedKeySetSurvivesARoundTrip(f *testing.F) {
	f.Add([]byte(`{"keys":[` + rfc7515EC + `,` + rfc8037OKP + `,` + rfc7638RSA + `]}`))
	f.Add([]byte(`{"keys":[{"kty":"oct","k":"AA"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"","y":""}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := ParseKeySet(data)
		if err != nil {
			return
		}
		encoded, err := json.Marshal(keys)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseKeySet(encoded)
		if err != nil {
			t.Fatalf("%s: %v", encoded, err)
		}
		twice, err := json.Marshal(again)
		if err != nil || !bytes.Equal(encoded, twice) || len(keys) != len(again) {
			t.Fatalf("%s became %s: %v", encoded, twice, err)
		}
	})
}
