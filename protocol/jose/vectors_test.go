package jose

import (
	"crypto/ed25519"
	"crypto/x509"
	"strings"
	"testing"
)

// The keys and tokens of RFC 7515 appendix A.2 and A.3, RFC 7638 §3.1 and RFC 8037 appendix A.
const (
	rfc7515RSA = `{"kty":"RSA","kid":"a2","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}`
	rfc7515EC  = `{"kty":"EC","kid":"a3","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`
	rfc8037OKP = `{"kty":"OKP","kid":"ed","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`
	rfc7638RSA = `{"kty":"RSA","alg":"RS256","kid":"2011-04-29","e":"AQAB","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"}`

	rfc7515Payload = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	rfc7515RS256   = "eyJhbGciOiJSUzI1NiJ9." + rfc7515Payload + ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
	rfc7515ES256   = "eyJhbGciOiJFUzI1NiJ9." + rfc7515Payload + ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
	rfc8037EdDSA   = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
	rfc8037Seed    = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
)

func mustParseKeys(t testing.TB, jwks ...string) KeySet {
	t.Helper()
	keys, err := ParseKeySet([]byte(`{"keys":[` + strings.Join(jwks, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestRFC7515_A_PublishedTokensVerify(t *testing.T) {
	verifier, err := NewForeignVerifier(Foreign{
		Keys:       mustParseKeys(t, rfc7515RSA, rfc7515EC, rfc8037OKP),
		Algorithms: []Algorithm{RS256, ES256, EdDSA},
		Types:      []string{""},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		token, start string
		kid          KeyID
	}{
		"RFC 7515 A.2": {rfc7515RS256, `{"iss":"joe"`, "a2"},
		"RFC 7515 A.3": {rfc7515ES256, `{"iss":"joe"`, "a3"},
		"RFC 8037 A.4": {rfc8037EdDSA, "Example of Ed25519 signing", "ed"},
	} {
		t.Run(name, func(t *testing.T) {
			payload, kid, err := verifier.Verify(test.token)
			if err != nil || kid != test.kid || !strings.HasPrefix(string(payload), test.start) {
				t.Errorf("got %q, %q, %v", payload, kid, err)
			}
		})
	}
	// The same signatures through our own verification, which those headers, having no
	// kid, do not reach.
	for i, token := range []string{rfc7515RS256, rfc7515ES256, rfc8037EdDSA} {
		last := strings.LastIndexByte(token, '.')
		signature, err := decodeBase64url(token[last+1:])
		if err != nil || !verifier.config.Keys[i].verify([]byte(token[:last]), signature) {
			t.Errorf("token %d does not verify: %v", i, err)
		}
	}
}

func TestRFC8037_A_4_SignatureIsTheRFCs(t *testing.T) {
	seed, err := decodeBase64url(rfc8037Seed)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(ed25519.NewKeyFromSeed(seed))
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParsePKCS8(EdDSA, der)
	if err != nil {
		t.Fatal(err)
	}
	last := strings.LastIndexByte(rfc8037EdDSA, '.')
	signature, err := key.sign(nil, []byte(rfc8037EdDSA[:last]), nil)
	if err != nil || base64url.EncodeToString(signature) != rfc8037EdDSA[last+1:] {
		t.Errorf("got %x, %v", signature, err)
	}
}

func TestRFC7638_3_1_And_RFC8037_A_3_Thumbprints(t *testing.T) {
	for name, test := range map[string]struct {
		jwk  string
		want KeyID
	}{
		"RFC 7638 §3.1": {rfc7638RSA, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
		"RFC 8037 A.3":  {rfc8037OKP, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := mustParseKeys(t, test.jwk)[0].Thumbprint(); err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}
