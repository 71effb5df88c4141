package sallyport_test

import (
	"crypto/ed25519"
	"fmt"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/sallyport"
)

func Example() {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)) // of the place that is left
	signer := sallyport.SignerOf(key.Public().(ed25519.PublicKey))
	line := sallyport.Sign(key, []byte(`{"id":"cus_00000000000000000000000004","state":"active","name":"Dana Reyes","created":"2024-03-01T09:00:00Z",`+
		`"identifiers":[{"kind":"email","value":"dana@a.example","verified":true}]}`))

	reader, err := sallyport.Format().New(legacy.Settings{Options: map[string]string{"signer": string(signer)}})
	if err != nil {
		panic(err)
	}
	p, err := reader.Person(legacy.Element{Raw: line})
	fmt.Println(p.Key, p.State, p.Kept.Customer.Name, p.Value("email"), err)

	line[50] ^= 1
	_, err = reader.Person(legacy.Element{Raw: line})
	fmt.Println(err)
	// Output:
	// cus_00000000000000000000000004 active Dana Reyes dana@a.example <nil>
	// signature: the signer that the migration names has not written this
}
