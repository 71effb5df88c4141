package fusionauth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/fusionauth"
	"sallyport/pure/legacy/legacytest"
)

func people(t testing.TB) []legacy.Element {
	t.Helper()
	var file struct{ Users []json.RawMessage }
	text, err := os.ReadFile("testdata/users.json")
	if err := errors.Join(err, json.Unmarshal(text, &file)); err != nil {
		t.Fatal(err)
	}
	var all []legacy.Element
	for _, raw := range file.Users {
		all = append(all, legacy.Element{Raw: raw})
	}
	return all
}

func read(t testing.TB, raw string, secrets ...string) *legacy.Person {
	t.Helper()
	p, err := legacytest.Keeps(t, legacytest.Reader(t, fusionauth.Format(), nil), legacy.Element{Raw: []byte(raw)}, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func fields(p *legacy.Person) string {
	var b strings.Builder
	for _, f := range p.Fields {
		fmt.Fprintf(&b, "%s=%s\n", f.Name, strings.Join(f.Values, " "))
	}
	return b.String()
}

func TestAUserWithEverythingComesAlongWhole(t *testing.T) {
	p := read(t, string(people(t)[0].Raw), "Tok-registration-77", "Tok-google-77", "VLTAG-WZSNH", "MTIzNDU2", "jrmoLYg9", "lJmc4FSg")
	for _, want := range []string{
		"email=ana@harbour.test", "emailVerified=true", "username=ana", "data.tariff=green", "data.meters=4711 4712", "preferredLanguages=de_DE en",
		"groups=6a111111-0000-4000-8000-000000000000 6a222222-0000-4000-8000-000000000000",
		"registrations.3c219e58-ed0e-4b18-ad48-f4f92793ae32.roles=payer viewer",
		"/registrations/3c219e58-ed0e-4b18-ad48-f4f92793ae32/data/plan.name=gold",
	} {
		if !strings.Contains(fields(p), want+"\n") {
			t.Errorf("no field %s", want)
		}
	}
	want := &legacy.Person{
		Key: "b8f7a0d4-0000-4000-8000-000000000001", State: legacy.Active, Fields: p.Fields, Passwords: p.Passwords,
		Factors: []legacy.Factor{
			{Kind: legacy.TOTP, Secret: []byte("12345678901234567890"), Algorithm: "SHA1", Digits: 6, Period: 30},
			{Kind: legacy.Phone, Address: "+4930555010"},
			{Kind: legacy.Email, Address: "ana@post.test"},
			{Kind: legacy.Recovery, Codes: []legacy.Code{{Plain: "VLTAG-WZSNH"}, {Plain: "QKJTP-MMDF4"}}},
		},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
	legacytest.Verifies(t, p.Passwords, legacytest.Vectors(t)[0])
}

func TestIdentitiesSayWhichAddressWasProved(t *testing.T) {
	p := read(t, string(people(t)[1].Raw))
	if p.State != legacy.Disabled || p.Value("emailVerified") != "false" || p.Value("phoneNumberVerified") != "true" {
		t.Errorf("%s %s", p.State, fields(p))
	}
	if len(p.Passwords) > 0 || p.Elsewhere {
		t.Error("a scheme without a password is one")
	}
}

func TestOneIdentityDoesNotProveAnother(t *testing.T) {
	p := read(t, `{"id":"1","email":"ana@harbour.test","verified":true,"identities":[{"type":"email","value":"old@harbour.test","verified":true},{"type":"username","value":"ana@harbour.test","verified":true}]}`)
	if p.Value("emailVerified") != "false" {
		t.Error("an address is proved by something else")
	}
}

func TestEachHashOfFusionAuthVerifies(t *testing.T) {
	for _, v := range legacytest.Vectors(t) {
		t.Run(v.Scheme, func(t *testing.T) {
			legacytest.Verifies(t, read(t, `{"id":"1",`+v.Encoded[1:]).Passwords, v)
		})
	}
}

func TestOtherPasswords(t *testing.T) {
	t.Run("one without a scheme is in clear", func(t *testing.T) {
		hash, err := legacytest.Hash(read(t, `{"id":"1","password":"rope and tide"}`).Passwords[0])
		if err != nil {
			t.Fatal(err)
		}
		if ok, _ := hash.Verify([]byte("rope and tide")); !ok {
			t.Error("it does not fit")
		}
	})
	for _, scheme := range []string{"phpass-md5", "phpass-sha512", "example-custom"} {
		t.Run("one of "+scheme+" is not known", func(t *testing.T) {
			p := read(t, `{"id":"1","encryptionScheme":"`+scheme+`","factor":8,"salt":"c2FsdA==","password":"QUJDREVGR0hJSktMTU5PUA=="}`)
			if _, err := legacytest.Hash(p.Passwords[0]); !errors.Is(err, passhash.ErrUnknownScheme) {
				t.Error(err)
			}
		})
	}
	t.Run("one that a connector checks is elsewhere", func(t *testing.T) {
		p := read(t, `{"id":"1","connectorId":"11111111-0000-4000-8000-000000000000"}`)
		if !p.Elsewhere || len(p.Left) != 1 || p.Left[0].What != "connector-password" {
			t.Errorf("%+v", p)
		}
	})
	t.Run("one that has to be changed", func(t *testing.T) {
		if p := read(t, `{"id":"1","active":true,"passwordChangeRequired":true}`); p.State != legacy.MustReset {
			t.Error(p.State)
		}
	})
}

func TestSecondFactorsOfOldVersionsAndOfTheAPI(t *testing.T) {
	app := read(t, `{"id":"1","twoFactorEnabled":true,"twoFactorDelivery":"None","twoFactorSecret":"MTIzNDU2Nzg5MDEyMzQ1Njc4OTA="}`, "MTIzNDU2")
	if diff := cmp.Diff([]legacy.Factor{{Kind: legacy.TOTP, Secret: []byte("12345678901234567890"), Algorithm: "SHA1"}}, app.Factors); diff != "" {
		t.Error(diff)
	}
	text := read(t, `{"id":"1","twoFactorEnabled":true,"twoFactorDelivery":"TextMessage","twoFactorSecret":"MTIz","mobilePhone":"+4930555010"}`)
	if diff := cmp.Diff([]legacy.Factor{{Kind: legacy.Phone, Address: "+4930555010"}}, text.Factors); diff != "" {
		t.Error(diff)
	}
	off := read(t, `{"id":"1","twoFactorEnabled":false,"twoFactorSecret":"MTIz"}`)
	if len(off.Factors) > 0 {
		t.Error("a factor that is off is one")
	}
	hidden := read(t, `{"id":"1","twoFactor":{"methods":[{"method":"authenticator"},{"method":"pigeon"}]}}`)
	if len(hidden.Factors) > 0 || len(hidden.Left) != 2 || hidden.Left[0].What != "app-without-secret" || hidden.Left[1].What != "unknown-factor" {
		t.Errorf("%+v", hidden)
	}
}

func TestDamageIsToldWithoutRepeatingIt(t *testing.T) {
	const secret = "Zq7-secret"
	many := strings.TrimSuffix(strings.Repeat(`{},`, 10_000), ",")
	for name, row := range map[string]struct{ raw, fault string }{
		"half an object":                   {`{"id":"1","password":"` + secret, "it ends within an object"},
		"a name that occurs twice":         {`{"id":"1","active":false,"active":true}`, "a name occurs twice in an object"},
		"ten thousand methods":             {`{"id":"1","twoFactor":{"methods":[` + many + `]}}`, "twoFactor.methods: more than 100"},
		"ten thousand registrations":       {`{"id":"1","registrations":[` + many + `]}`, "registrations: more than 500"},
		"ten thousand codes":               {`{"id":"1","twoFactor":{"recoveryCodes":[` + strings.TrimSuffix(strings.Repeat(`"a",`, 10_000), ",") + `]}}`, "twoFactor.recoveryCodes: more than 100"},
		"a secret that is not base64":      {`{"id":"1","twoFactor":{"methods":[{"method":"authenticator","secret":"` + secret + `"}]}}`, "twoFactor.methods.0.secret: not base64"},
		"an algorithm that nobody knows":   {`{"id":"1","twoFactor":{"methods":[{"method":"authenticator","secret":"MTIz","authenticator":{"algorithm":"` + secret + `"}}]}}`, "twoFactor.methods.0.authenticator.algorithm: none that codes are made with"},
		"a step below zero":                {`{"id":"1","twoFactor":{"methods":[{"method":"authenticator","secret":"MTIz","authenticator":{"timeStep":-1}}]}}`, "twoFactor.methods.0.authenticator: a length or step below zero"},
		"an address that is not there":     {`{"id":"1","twoFactor":{"methods":[{"method":"email"}]}}`, "twoFactor.methods.0: a second factor without its address"},
		"a factor that is no whole number": {`{"id":"1","encryptionScheme":"salted-md5","factor":1e99,"password":"` + secret + `"}`, "factor: not a whole number"},
		"objects within objects":           {`{"id":"1","data":` + strings.Repeat(`{"a":`, 5000) + `1` + strings.Repeat(`}`, 5001), "objects are nested too deeply"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := legacytest.Keeps(t, legacytest.Reader(t, fusionauth.Format(), nil), legacy.Element{Raw: []byte(row.raw)}, secret)
			if err == nil || err.Error() != row.fault {
				t.Errorf("fault %v, want %s", err, row.fault)
			}
		})
	}
}

func TestAHashBombIsRefusedAndNeverComputed(t *testing.T) {
	for _, scheme := range []string{"salted-md5", "salted-sha256", "salted-pbkdf2-hmac-sha512-512"} {
		sum := map[string]string{"salted-md5": "tuz7zIszblQF1lZIT6wDPg=="}[scheme]
		if sum == "" {
			sum = "6Unw0h+XkohjD/h1dFAL7dYWRADGesrao6eymFiahRM="
		}
		p := read(t, `{"id":"1","encryptionScheme":"`+scheme+`","factor":2000000000,"salt":"c2FsdHNhbHQ=","password":"`+sum+`"}`)
		if _, err := legacytest.Hash(p.Passwords[0]); !errors.Is(err, passhash.ErrTooCostly) {
			t.Errorf("%s: %v, want it refused as too costly", scheme, err)
		}
	}
}

func FuzzPerson(f *testing.F) {
	for _, e := range people(f) {
		f.Add([]byte(e.Raw))
	}
	r := legacytest.Reader(f, fusionauth.Format(), nil)
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, _ := legacytest.Keeps(t, r, legacy.Element{Raw: raw})
		for _, field := range p.Fields {
			if field.Name == "password" || field.Name == "salt" || strings.HasPrefix(field.Name, "twoFactor.") || strings.HasSuffix(field.Name, ".authenticationToken") {
				t.Errorf("a secret became the field %q", field.Name)
			}
		}
	})
}
