package jose_test

import (
	"crypto/rand"
	"errors"
	"fmt"

	"sallyport/protocol/jose"
)

func Example() {
	key, err := jose.GenerateKey(rand.Reader, jose.ES256)
	if err != nil {
		panic(err)
	}
	signer, err := jose.NewSigner(key, "at+jwt")
	if err != nil {
		panic(err)
	}
	token, err := signer.Sign(rand.Reader, []byte(`{"sub":"amelie"}`))
	if err != nil {
		panic(err)
	}

	verifier, err := jose.NewVerifier(jose.KeySet{key.Public()}, "at+jwt")
	if err != nil {
		panic(err)
	}
	payload, kid, err := verifier.Verify(token)
	fmt.Println(string(payload), kid == key.KeyID(), err)

	_, _, err = verifier.Verify(token + "A")
	fmt.Println(errors.Is(err, jose.ErrSignature) || errors.Is(err, jose.ErrMalformed))
	// Output:
	// {"sub":"amelie"} true <nil>
	// true
}

func ExampleParseKeySet() {
	keys, err := jose.ParseKeySet([]byte(`{"keys":[
		{"kty":"OKP","crv":"Ed25519","kid":"2026","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
		{"kty":"AKP","alg":"ML-DSA-65","kid":"2030","pub":"AA"}]}`))
	if err != nil {
		panic(err)
	}
	for _, key := range keys {
		fmt.Println(key.KeyID, key.Algorithm)
	}
	// Output:
	// 2026 EdDSA
}
