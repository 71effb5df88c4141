package passhash

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"
)

const (
	salt22 = "6ziMlbqD2wzNEyr1qLv5ie"
	sum31  = "3jgZr221HB2rzNRrTx/jD2TK0KVdeu."
	salt64 = "c2FsdHNhbHQ"
)

var sum64 = base64.RawStdEncoding.EncodeToString(make([]byte, 32))

func TestCostBombsAreRefusedBeforeAnyWork(t *testing.T) {
	v3 := append([]byte{1, 0, 0, 0, 2, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 16}, make([]byte, 48)...)
	for name, encoded := range map[string]string{
		"bcrypt of cost 16":                       "$2b$16$" + salt22 + sum31,
		"bcrypt of cost 31":                       "$2b$31$" + salt22 + sum31,
		"argon2id of a gibibyte":                  "$argon2id$v=19$m=1048576,t=1,p=1$" + salt64 + "$" + sum64,
		"argon2id of many passes":                 "$argon2id$v=19$m=1024,t=17,p=1$" + salt64 + "$" + sum64,
		"argon2id of many lanes":                  "$argon2id$v=19$m=65536,t=1,p=255$" + salt64 + "$" + sum64,
		"argon2id whose lanes would wrap to one":  "$argon2id$v=19$m=65536,t=1,p=257$" + salt64 + "$" + sum64,
		"argon2 wrapped twice as dear as allowed": "$sallyport$v=1$digest,h=sha1,i=1;argon2id,v=19,m=524288,t=1,p=1,s=AA,l=32$" + strings.Repeat("A", 43),
		"pbkdf2 of eleven million rounds":         "$pbkdf2-sha256$11000000$" + salt64 + "$" + sum64,
		"pbkdf2 whose blocks multiply the rounds": "$pbkdf2-sha1$9000000$" + salt64 + "$" + sum64,
		"scrypt of half a gibibyte":               "$scrypt$ln=19,r=8,p=1$" + salt64 + "$" + sum64,
		"scrypt of a huge block":                  "$scrypt$ln=1,r=999999999,p=1$" + salt64 + "$" + sum64,
		"scrypt whose product would overflow":     "$scrypt$ln=30,r=65536,p=16$" + salt64 + "$" + sum64,
		"scrypt of many lanes":                    "$scrypt$ln=10,r=8,p=999$" + salt64 + "$" + sum64,
		"scrypt of lanes times memory":            "$scrypt$ln=18,r=8,p=16$" + salt64 + "$" + sum64,
		"firebase scrypt":                         "$fbscrypt$v=1,n=25,r=8,p=1,ss=Bw==,sk=" + sum64 + "$" + salt64 + "$" + sum64,
		"sha-crypt of a billion rounds":           "$6$rounds=999999999$salt$" + strings.Repeat("a", 86),
		"phpass of 2^30":                          "$P$S" + strings.Repeat("a", 30),
		"a digest repeated":                       `{"encryptionScheme":"salted-sha256","factor":2000000,"salt":"AAAA","password":"` + sum64 + `"}`,
		"a long salt hashed in every round":       "$sallyport$v=1$suffix,b=" + strings.Repeat("A", 1000) + ";digest,h=sha256,i=60000,f=1$" + strings.Repeat("A", 43),
		"ASP.NET Identity":                        base64.StdEncoding.EncodeToString(v3),
		"yescrypt":                                "$y$jTT$" + "DRvlKl805vuZdgJhKl0Xl0" + "$" + strings.Repeat(".", 43),
		"a mebibyte of text":                      "$argon2id$" + strings.Repeat("a", 1<<20),
		"a long salt":                             "{SSHA}" + base64.StdEncoding.EncodeToString(make([]byte, 20+2000)),
	} {
		t.Run(name, func(t *testing.T) {
			best := time.Hour // the best of some, so that a busy machine cannot fail it
			for range 5 {
				start := time.Now()
				h, err := Parse(encoded)
				best = min(best, time.Since(start))
				if !errors.Is(err, ErrTooCostly) || h != nil {
					t.Fatalf("%v, %v", h, err)
				}
			}
			if best > time.Millisecond {
				t.Errorf("took %v", best)
			}
		})
	}
}

func TestCostsAtTheLimitAreRead(t *testing.T) {
	for name, encoded := range map[string]string{
		"bcrypt":    "$2y$15$" + salt22 + sum31,
		"argon2id":  "$argon2id$v=19$m=262144,t=16,p=16$" + salt64 + "$" + sum64,
		"pbkdf2":    "$pbkdf2-sha256$10000000$" + salt64 + "$" + sum64,
		"scrypt":    "$scrypt$ln=18,r=8,p=4$" + salt64 + "$" + sum64,
		"sha-crypt": "$6$rounds=1000000$salt$" + strings.Repeat("a", 86),
		// Ory Kratos writes N where all others write its logarithm.
		"scrypt with N under ln": "$scrypt$ln=16384,r=8,p=1$" + salt64 + "$" + sum64,
	} {
		if _, err := Parse(encoded); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMalformedHashesAreToldApartFromUnknownOnes(t *testing.T) {
	for name, row := range map[string]struct {
		encoded string
		want    error
	}{
		"nothing":                           {"", ErrUnknownScheme},
		"a password":                        {"correct horse battery", ErrUnknownScheme},
		"Django's unusable password":        {"!aslkdj", ErrUnknownScheme},
		"an unknown crypt kind":             {"$zz$abc", ErrUnknownScheme},
		"an unknown LDAP scheme":            {"{ROT13}abc", ErrUnknownScheme},
		"an open brace":                     {"{SSHA", ErrUnknownScheme},
		"JSON of an unknown kind":           {`{"a":1}`, ErrUnknownScheme},
		"broken JSON":                       {`{"a":`, ErrMalformed},
		"bcrypt 2x, which had a bug":        {"$2x$10$" + salt22 + sum31, ErrMalformed},
		"bcrypt cut short":                  {"$2b$10$" + salt22 + sum31[1:], ErrMalformed},
		"bcrypt of cost 3":                  {"$2b$03$" + salt22 + sum31, ErrMalformed},
		"bcrypt with a line break":          {"$2b$10$" + salt22 + "\n" + sum31[1:], ErrMalformed},
		"argon2id with m twice":             {"$argon2id$v=19$m=1024,m=1024,p=1$" + salt64 + "$" + sum64, ErrMalformed},
		"argon2id of version 20":            {"$argon2id$v=20$m=1024,t=1,p=1$" + salt64 + "$" + sum64, ErrMalformed},
		"argon2id with too little memory":   {"$argon2id$v=19$m=15,t=1,p=2$" + salt64 + "$" + sum64, ErrMalformed},
		"argon2id without sum":              {"$argon2id$v=19$m=1024,t=1,p=1$" + salt64 + "$", ErrMalformed},
		"pbkdf2 with an empty sum":          {"$pbkdf2-sha256$1000$" + salt64 + "$", ErrMalformed},
		"pbkdf2 of four guessable bytes":    {"$pbkdf2-sha256$1000$" + salt64 + "$AAAAAA", ErrMalformed},
		"pbkdf2 of no rounds":               {"$pbkdf2-sha256$0$" + salt64 + "$" + sum64, ErrMalformed},
		"pbkdf2 over crc32":                 {"$pbkdf2-crc32$1000$" + salt64 + "$" + sum64, ErrMalformed},
		"pbkdf2 that lies about its length": {"$pbkdf2-sha256$i=1000,l=64$" + salt64 + "$" + sum64, ErrMalformed},
		"scrypt with a signed cost":         {"$scrypt$ln=-1,r=8,p=1$" + salt64 + "$" + sum64, ErrMalformed},
		"Werkzeug scrypt with N of 1000":    {"scrypt:1000:8:1$salt$" + strings.Repeat("00", 64), ErrMalformed},
		"{SSHA} without salt":               {"{SSHA}zevMgEHeMOijsIEhVGKQCrUeSRA=", ErrMalformed},
		"{SHA} with salt":                   {"{SHA}+gKo1ujBaGX2F+lsj6F5llPJq2P99bOAKLr4jg==", ErrMalformed},
		"a digest cut short":                {"sha1$salt$21534cc3", ErrMalformed},
		"DES of twelve characters":          {"{CRYPT}dg1RQ/mUomGJ", ErrMalformed},
		"our form without sum":              {"$sallyport$v=1$digest,h=sha1,i=1", ErrMalformed},
		"our form with an unknown step":     {"$sallyport$v=1$rot13$" + strings.Repeat("A", 43), ErrMalformed},
		"our form without an algorithm":     {"$sallyport$v=1$trim$" + strings.Repeat("A", 43), ErrMalformed},
		"our form with a step behind it":    {"$sallyport$v=1$digest,h=sha256,i=1;trim$" + strings.Repeat("A", 43), ErrMalformed},
		"our form with a foreign wrap":      {"$sallyport$v=1$digest,h=sha256,i=1;digest,h=sha256,i=1$" + strings.Repeat("A", 43), ErrMalformed},
		"our form spelt otherwise":          {"$sallyport$v=1$digest,i=1,h=sha256$" + strings.Repeat("A", 43), ErrMalformed},
		"our form with a leading zero":      {"$sallyport$v=1$digest,h=sha256,i=01$" + strings.Repeat("A", 43), ErrMalformed},
		"our form with trailing bits":       {"$sallyport$v=1$digest,h=sha256,i=1$" + strings.Repeat("A", 42) + "B", ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			h, err := Parse(row.encoded)
			var e *Error
			if !errors.Is(err, row.want) || !errors.As(err, &e) || h != nil {
				t.Errorf("%v, %v", h, err)
			}
		})
	}
}

func TestMisdeclaredSchemesAreRefused(t *testing.T) {
	bcrypt := "$2b$10$" + salt22 + sum31
	for _, scheme := range []Scheme{
		"argon2id", "pbkdf2", "scrypt", "md5-hex", "salted-sha1", "hmac-sha256", "apr1", "phpass-P",
		"okta-hash-bcrypt", "keycloak-argon2", "fusionauth-bcrypt", "auth0-custom", "django-bcrypt", "werkzeug-scrypt",
		"ldap-SSHA", "spring-bcrypt", "aspnet-identity-v3", "firebase-scrypt", "crypt-des", "crypt-yescrypt", "crypt-scrypt-7",
		"symfony-pbkdf2", "vbulletin", "nt-hash", "joomla-md5", "magento2-sha256", "better-auth-scrypt", "wordpress-wp-bcrypt",
	} {
		if h, err := ParseAs(scheme, bcrypt, Params{}); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v, %v", scheme, h, err)
		}
	}
}

func TestUnknownSchemeIsNamedOnlyWhenItLooksLikeAName(t *testing.T) {
	_, err := ParseAs("rot13-hex", "abc", Params{})
	if !errors.Is(err, ErrUnknownScheme) || !strings.Contains(err.Error(), "unsupported scheme rot13-hex") {
		t.Error(err)
	}
	_, err = ParseAs("$2b$10$"+salt22, "abc", Params{})
	if !errors.Is(err, ErrUnknownScheme) || strings.Contains(err.Error(), salt22) {
		t.Error(err)
	}
}
