package otp_test

import (
	"fmt"
	"strings"
	"time"

	"sallyport/protocol/otp"
)

// A code is good for its step, and the step for one use.
func ExampleKey_Match() {
	secret, _ := otp.ParseSecret("gezd gnbv gy3t qojq gezd gnbv gy3t qojq")
	key := otp.Key{Secret: secret, Algorithm: otp.SHA1, Digits: 6, Period: 30 * time.Second}
	now := time.Unix(59, 0) // RFC 6238, Appendix B
	step, ok := key.Match("287 082", now, 0)
	fmt.Println(step, ok)
	_, ok = key.Match("287 082", now, step)
	fmt.Println("again:", ok)
	// Output:
	// 1 true
	// again: false
}

func ExampleKey_URI() {
	key := otp.Key{Secret: []byte("12345678901234567890"), Algorithm: otp.SHA1, Digits: 6, Period: 30 * time.Second}
	fmt.Println(key.URI(otp.Label{Issuer: "Harbourlight Energy", Account: "dana@mail.test"}))
	fmt.Println(otp.FormatSecret(key.Secret))
	// Output:
	// otpauth://totp/Harbourlight%20Energy%3Adana%40mail.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Harbourlight%20Energy
	// GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ
}

func ExampleRecoverySet_Take() {
	codes, set, _ := otp.NewRecovery(strings.NewReader(strings.Repeat("not at random ", 20)))
	rest, ok := set.Take(strings.ToUpper(codes[3]))
	fmt.Println(ok, rest.Left())
	_, ok = rest.Take(codes[3])
	fmt.Println("again:", ok)
	// Output:
	// true 9
	// again: false
}
