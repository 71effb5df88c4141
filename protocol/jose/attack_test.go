package jose

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"strings"
	"testing"
	"time"
)

// compact puts a token together from parts in clear.
func compact(header, payload string, signature []byte) string {
	return base64url.EncodeToString([]byte(header)) + "." + base64url.EncodeToString([]byte(payload)) + "." + base64url.EncodeToString(signature)
}

// signed is a token with any header and a genuine signature over it.
func signed(t testing.TB, key *PrivateKey, header string) string {
	t.Helper()
	input := base64url.EncodeToString([]byte(header)) + "." + base64url.EncodeToString([]byte(`{"sub":"a"}`))
	signature, err := key.sign(nil, []byte(input), nil)
	if err != nil {
		t.Fatal(err)
	}
	return input + "." + base64url.EncodeToString(signature)
}

func TestAHeaderIsAcceptedOnlyIfEveryMemberIsRight(t *testing.T) {
	key := newKey(t, ES256)
	kid := string(key.KeyID())
	verifier := mustVerifier(t, "at+jwt", key, newKey(t, EdDSA))
	for name, test := range map[string]struct {
		header string
		want   error
	}{
		"our own spelling":                     {`{"alg":"ES256","kid":"KID","typ":"at+jwt"}`, nil},
		"another order":                        {`{"typ":"at+jwt","kid":"KID","alg":"ES256"}`, nil},
		"spaces":                               {"{ \"alg\" : \"ES256\",\r\n\"kid\":\"KID\",\"typ\":\"at+jwt\"}\n", nil},
		"the long form of the type":            {`{"alg":"ES256","kid":"KID","typ":"application/at+jwt"}`, nil},
		"escapes that mean the same":           {`{"\u0061lg":"ES\u003256","kid":"KID","typ":"at+jwt"}`, nil},
		"a type in capitals":                   {`{"alg":"ES256","kid":"KID","typ":"AT+JWT"}`, ErrType},
		"an ID token's type":                   {`{"alg":"ES256","kid":"KID","typ":"JWT"}`, ErrType},
		"no type":                              {`{"alg":"ES256","kid":"KID"}`, ErrType},
		"a type with a parameter":              {`{"alg":"ES256","kid":"KID","typ":"at+jwt;a=b"}`, ErrType},
		"a null type":                          {`{"alg":"ES256","kid":"KID","typ":null}`, ErrMalformed},
		"alg none":                             {`{"alg":"none","kid":"KID","typ":"at+jwt"}`, ErrAlgorithm},
		"alg None":                             {`{"alg":"None","kid":"KID","typ":"at+jwt"}`, ErrAlgorithm},
		"alg HS256":                            {`{"alg":"HS256","kid":"KID","typ":"at+jwt"}`, ErrAlgorithm},
		"the algorithm of the set's other key": {`{"alg":"EdDSA","kid":"KID","typ":"at+jwt"}`, ErrAlgorithm},
		"alg in lower case":                    {`{"alg":"es256","kid":"KID","typ":"at+jwt"}`, ErrAlgorithm},
		"no alg":                               {`{"kid":"KID","typ":"at+jwt"}`, ErrAlgorithm},
		"alg as an array":                      {`{"alg":["ES256"],"kid":"KID","typ":"at+jwt"}`, ErrMalformed},
		"alg twice":                            {`{"alg":"none","alg":"ES256","kid":"KID","typ":"at+jwt"}`, ErrMalformed},
		"alg twice, once escaped":              {`{"alg":"ES256","\u0061lg":"ES256","kid":"KID","typ":"at+jwt"}`, ErrMalformed},
		"a second member in capitals":          {`{"alg":"ES256","ALG":"none","kid":"KID","typ":"at+jwt"}`, ErrMalformed},
		"members in capitals only":             {`{"ALG":"ES256","KID":"KID","TYP":"at+jwt"}`, ErrMalformed},
		"no kid":                               {`{"alg":"ES256","typ":"at+jwt"}`, ErrUnknownKey},
		"an unknown kid":                       {`{"alg":"ES256","kid":"nobody","typ":"at+jwt"}`, ErrUnknownKey},
		"a kid that is a path":                 {`{"alg":"ES256","kid":"../../etc/passwd","typ":"at+jwt"}`, ErrUnknownKey},
		"a kid that is SQL":                    {`{"alg":"ES256","kid":"x' UNION SELECT 'k","typ":"at+jwt"}`, ErrUnknownKey},
		"a kid and more":                       {`{"alg":"ES256","kid":"KID ","typ":"at+jwt"}`, ErrUnknownKey},
		"crit of nothing":                      {`{"alg":"ES256","kid":"KID","typ":"at+jwt","crit":[]}`, ErrMalformed},
		"crit of something unknown":            {`{"alg":"ES256","kid":"KID","typ":"at+jwt","crit":["exp"],"exp":1}`, ErrMalformed},
		"crit of something known":              {`{"alg":"ES256","kid":"KID","typ":"at+jwt","crit":["alg"]}`, ErrMalformed},
		"an unencoded payload (RFC 7797)":      {`{"alg":"ES256","kid":"KID","typ":"at+jwt","crit":["b64"],"b64":false}`, ErrMalformed},
		"its own key":                          {`{"alg":"ES256","kid":"KID","typ":"at+jwt","jwk":` + rfc7515EC + `}`, ErrMalformed},
		"the address of a key set":             {`{"alg":"ES256","kid":"KID","typ":"at+jwt","jku":"https://evil.example/keys"}`, ErrMalformed},
		"the address of a certificate":         {`{"alg":"ES256","kid":"KID","typ":"at+jwt","x5u":"https://evil.example/cert"}`, ErrMalformed},
		"a certificate":                        {`{"alg":"ES256","kid":"KID","typ":"at+jwt","x5c":["MII="]}`, ErrMalformed},
		"compression":                          {`{"alg":"ES256","kid":"KID","typ":"at+jwt","zip":"DEF"}`, ErrMalformed},
		"PBES2 with ten million rounds":        {`{"alg":"PBES2-HS256+A128KW","p2c":10000000,"p2s":"AA","enc":"A128GCM"}`, ErrMalformed},
		"no object":                            {`["ES256"]`, ErrMalformed},
		"nothing":                              {``, ErrMalformed},
		"two objects":                          {`{"alg":"ES256","kid":"KID","typ":"at+jwt"}{}`, ErrMalformed},
		"an object that does not end":          {`{"alg":"ES256","kid":"KID","typ":"at+jwt"`, ErrMalformed},
		"a trailing comma":                     {`{"alg":"ES256","kid":"KID","typ":"at+jwt",}`, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			// The signature is genuine: only the header decides.
			token := signed(t, key, strings.ReplaceAll(test.header, "KID", kid))
			if _, _, err := verifier.Verify(token); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestAPublicKeyIsNoHMACSecret(t *testing.T) {
	for _, alg := range algorithms {
		key := newKey(t, alg)
		jwk, err := json.Marshal(key.Public())
		if err != nil {
			t.Fatal(err)
		}
		der, err := x509.MarshalPKIXPublicKey(key.Public().Key)
		if err != nil {
			t.Fatal(err)
		}
		inPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
		for _, secret := range [][]byte{jwk, der, inPEM, {}} {
			for _, header := range []string{"HS256", string(alg)} {
				head := `{"alg":"` + header + `","kid":"` + string(key.KeyID()) + `","typ":"at+jwt"}`
				mac := hmac.New(sha256.New, secret)
				mac.Write([]byte(strings.TrimSuffix(compact(head, "{}", nil), ".")))
				if _, _, err := mustVerifier(t, "at+jwt", key).Verify(compact(head, "{}", mac.Sum(nil))); err == nil {
					t.Errorf("%s: an HMAC under the public key verifies", alg)
				}
			}
		}
	}
}

func TestNoByteOfATokenMayChange(t *testing.T) {
	const replacements = "A-_=.\n\r +/é"
	for _, alg := range []Algorithm{ES256, EdDSA} {
		t.Run(string(alg), func(t *testing.T) {
			key := newKey(t, alg)
			token := mustSign(t, key, "at+jwt", `{"sub":"amelie","scope":"a"}`)
			verifier := mustVerifier(t, "at+jwt", key)
			refuse := func(changed string) {
				t.Helper()
				if _, _, err := verifier.Verify(changed); changed != token && err == nil {
					t.Fatalf("verifies: %q", changed)
				}
			}
			for i := range token {
				refuse(token[:i])
				refuse(token[i:])
				refuse(token[:i] + token[i+1:])
				for bit := range 8 {
					refuse(token[:i] + string([]byte{token[i] ^ 1<<bit}) + token[i+1:])
				}
				for _, r := range replacements {
					refuse(token[:i] + string(r) + token[i:])
					refuse(token[:i] + string(r) + token[i+1:])
				}
			}
			for _, suffix := range []string{"=", "==", ".", ".AA", "\n", " ", "A", "AA", "\x00"} {
				refuse(token + suffix)
			}
		})
	}
}

func TestRSASignaturesDoNotBend(t *testing.T) {
	for _, alg := range []Algorithm{RS256, PS256} {
		key := newKey(t, alg)
		verifier := mustVerifier(t, "at+jwt", key)
		token := mustSign(t, key, "at+jwt", `{}`)
		start := strings.LastIndexByte(token, '.') + 1
		for i := start; i < len(token); i++ {
			for _, changed := range []string{token[:i], token[:i] + "A" + token[i:], token[:i] + string([]byte{token[i] ^ 1}) + token[i+1:]} {
				if _, _, err := verifier.Verify(changed); changed != token && err == nil {
					t.Fatalf("%s: verifies with byte %d changed", alg, i)
				}
			}
		}
	}
}

func TestES256RefusesSignaturesWithoutMeaning(t *testing.T) {
	key := newKey(t, ES256)
	verifier := mustVerifier(t, "at+jwt", key)
	token := mustSign(t, key, "at+jwt", `{}`)
	input, encoded := token[:strings.LastIndexByte(token, '.')+1], token[strings.LastIndexByte(token, '.')+1:]
	good, err := decodeBase64url(encoded)
	if err != nil {
		t.Fatal(err)
	}
	order, err := decodeBase64url("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE") // n of P-256
	if err != nil {
		t.Fatal(err)
	}
	zero := make([]byte, 32)
	der, _ := appendDER(nil, good)
	for name, signature := range map[string][]byte{
		"nothing":           {},
		"zeroes":            append(append([]byte{}, zero...), zero...), // CVE-2022-21449
		"r of zero":         append(append([]byte{}, zero...), good[32:]...),
		"s of zero":         append(append([]byte{}, good[:32]...), zero...),
		"r of the order":    append(append([]byte{}, order...), good[32:]...),
		"s of the order":    append(append([]byte{}, good[:32]...), order...),
		"ASN.1":             der,
		"a byte less":       good[:63],
		"a byte more":       append(append([]byte{}, good...), 0),
		"a leading zero":    append([]byte{0}, good...),
		"r and s exchanged": append(append([]byte{}, good[32:]...), good[:32]...),
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := verifier.Verify(input + base64url.EncodeToString(signature)); !errors.Is(err, ErrSignature) {
				t.Errorf("got %v, want ErrSignature", err)
			}
		})
	}
}

func TestHugeTokensCostNothing(t *testing.T) {
	key := newKey(t, ES256)
	kid := string(key.KeyID())
	set := Foreign{Keys: KeySet{key.Public()}, Algorithms: []Algorithm{ES256}, Types: []string{"at+jwt"}}
	foreign, err := NewForeignVerifier(set)
	if err != nil {
		t.Fatal(err)
	}
	const members = `"alg":"ES256","kid":"KID","typ":"at+jwt"`
	for name, token := range map[string]string{
		"a header of a megabyte":      signed(t, key, `{`+members+`,"a":"`+strings.Repeat("a", 1<<20)+`"}`),
		"a header of deep arrays":     signed(t, key, `{"a":`+strings.Repeat("[", 1<<20)),
		"deep arrays within the size": signed(t, key, `{"a":`+strings.Repeat("[", 5000)),
		"ten thousand members":        signed(t, key, `{`+strings.Repeat(`"a":1,`, 10000)+members+`}`),
		"a kid of 10 kB":              signed(t, key, `{"alg":"ES256","kid":"`+strings.Repeat("k", 10000)+`","typ":"at+jwt"}`),
		"a million dots":              strings.Repeat(".", 1<<20),
		"dots within the size":        strings.Repeat(".", MaxTokenBytes),
		"a megabyte of payload":       mustSign(t, key, "at+jwt", "{}") + strings.Repeat("A", 1<<20),
		"an RSA signature of 12 kB":   compact(`{`+strings.Replace(members, "KID", kid, 1)+`}`, "{}", make([]byte, 12000)),
	} {
		t.Run(name, func(t *testing.T) {
			verifier := mustVerifier(t, "at+jwt", key)
			// The best of three, so that a busy machine does not count.
			best := time.Hour
			for range 3 {
				start := time.Now()
				_, _, err := verifier.Verify(token)
				_, _, foreignErr := foreign.Verify(token)
				best = min(best, time.Since(start))
				if err == nil || foreignErr == nil {
					t.Fatal("it verifies")
				}
			}
			if best > 50*time.Millisecond {
				t.Errorf("it took %v", best)
			}
		})
	}
	signer, err := NewSigner(key, "at+jwt")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signer.Sign(nil, make([]byte, MaxTokenBytes)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("signing a huge payload: %v", err)
	}
}

func FuzzVerifyTakesOneSpellingOnly(f *testing.F) {
	key := newKey(f, ES256)
	verifier := mustVerifier(f, "at+jwt", key)
	token := mustSign(f, key, "at+jwt", `{"sub":"a"}`)
	f.Add(token)
	f.Add(token + "=")
	f.Add(strings.ReplaceAll(token, ".", ".\n"))
	f.Add("..")
	f.Fuzz(func(t *testing.T, candidate string) {
		_, _, err := verifier.Verify(candidate)
		// Another signature over the same bytes would need the private key.
		if err == nil && candidate != token {
			t.Fatalf("verifies: %q", candidate)
		}
	})
}
