package passhash_test

import (
	"crypto/rand"
	"fmt"

	"sallyport/protocol/passhash"
)

func Example() {
	// A hash from an LDAP export: recognised, verified, and wrapped until its
	// owner next signs in.
	h, err := passhash.Parse("{SSHA}+gKo1ujBaGX2F+lsj6F5llPJq2P99bOAKLr4jg==")
	if err != nil {
		fmt.Println(err)
		return
	}
	ok, err := h.Verify([]byte("rope-quay-Tide59"))
	fmt.Println(h, ok, err, h.Weak())

	stored, err := passhash.Wrap(rand.Reader, h, passhash.DefaultCost)
	if err != nil {
		fmt.Println(err)
		return
	}
	wrapped, err := passhash.Parse(stored)
	fmt.Println(wrapped, err, passhash.NeedsRehash(stored, passhash.DefaultCost))
	// Output:
	// salted-sha1 true <nil> true
	// wrapped-salted-sha1 v=19 m=19456 t=2 p=1 <nil> true
}

func ExampleParseAs() {
	// A column of sha256(password‖salt), as many home-made sign-ins have it.
	h, err := passhash.ParseAs("salted-sha256",
		"72d4d2637039c62585bdb2f4412e85f6f0380ad8b40a246ef46c6e34add42244",
		passhash.Params{Salt: []byte("gull"), Order: passhash.Suffix})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(h.Verify([]byte("harbour")))
	// Output: true <nil>
}
