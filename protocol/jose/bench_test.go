package jose

import (
	"crypto/rand"
	"testing"
)

// claims is a typical access token's payload, about 300 bytes.
const claims = `{"iss":"https://login.example/customers","sub":"c_01J9ZK3V5Q8T2M4N6P8R0S","aud":"https://api.example/billing","client_id":"billing-web","iat":1790000000,"exp":1790000600,"jti":"0123456789abcdef0123456789abcdef","scope":"billing.read.invoice billing.write.payment","auth_time":1789999000,"acr":"urn:example:two-factor"}`

func BenchmarkSign(b *testing.B) {
	for _, alg := range algorithms {
		b.Run(string(alg), func(b *testing.B) {
			signer, err := NewSigner(newKey(b, alg), "at+jwt")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := signer.Sign(rand.Reader, []byte(claims)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSignES256Deterministic(b *testing.B) {
	signer, err := NewSigner(newKey(b, ES256), "at+jwt")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := signer.Sign(nil, []byte(claims)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	for _, alg := range algorithms {
		b.Run(string(alg), func(b *testing.B) {
			key := newKey(b, alg)
			verifier, token := mustVerifier(b, "at+jwt", key), mustSign(b, key, "at+jwt", claims)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := verifier.Verify(token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRefuseUnknownKey(b *testing.B) {
	verifier, token := mustVerifier(b, "at+jwt", newKey(b, ES256)), mustSign(b, newKey(b, ES256), "at+jwt", claims)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := verifier.Verify(token); err == nil {
			b.Fatal("verifies")
		}
	}
}
