package kratos_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/kratos"
	"sallyport/pure/legacy/legacytest"
)

func people(t testing.TB) []legacy.Element {
	t.Helper()
	var file []json.RawMessage
	text, err := os.ReadFile("testdata/identities.json")
	if err := errors.Join(err, json.Unmarshal(text, &file)); err != nil {
		t.Fatal(err)
	}
	var all []legacy.Element
	for _, raw := range file {
		all = append(all, legacy.Element{Raw: raw})
	}
	return all
}

func read(t testing.TB, raw string, options ...string) *legacy.Person {
	t.Helper()
	p, err := legacytest.Keeps(t, legacytest.Reader(t, kratos.Format(), nil, options...), legacy.Element{Raw: []byte(raw)}, "Tok-initial-77", "Tok-refresh-77", "n3m5kk2q", "GEZDGNBV")
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

// with makes an identity that has one kind of credential.
func with(kind, config string) string {
	return `{"id":"i1","state":"active","credentials":{"` + kind + `":{"type":"` + kind + `","config":` + config + `}}}`
}

func TestAnIdentityWithEverythingComesAlongWhole(t *testing.T) {
	p := read(t, string(people(t)[0].Raw), "rp_id", "harbour.test", "passkey_rp_id", "login.harbour.test")
	for _, want := range []string{
		"external_id=crm-77", "traits.username=ana", "traits.name.first=Ana", "traits.newsletter=true", "metadata_public.tariff=green", "metadata_admin.risk=3",
		"email=Ana@harbour.test", "emailVerified=true", "phone=+4930555010", "phoneVerified=false",
		"verifiedAddresses=ana@harbour.test", "unverifiedAddresses=+4930555010",
		"credentialTypes=code lookup_secret oidc passkey password totp webauthn",
	} {
		if !strings.Contains(fields(p), want+"\n") {
			t.Errorf("no field %s", want)
		}
	}
	if len(p.Passkeys) != 2 || len(p.Passkeys[0].PublicKey) != 77 || len(p.Passkeys[1].PublicKey) != 77 {
		t.Fatalf("passkeys %+v", p.Passkeys)
	}
	p.Passkeys[0].PublicKey, p.Passkeys[1].PublicKey = nil, nil
	want := &legacy.Person{
		Key: "9f425a8d-7efc-4768-8f23-7647a74fdf13", State: legacy.Active, Fields: p.Fields, Passwords: p.Passwords,
		Factors: []legacy.Factor{
			{Kind: legacy.Email, Address: "ana@harbour.test", Verified: true},
			{Kind: legacy.Phone, Address: "+4930555010"},
			{Kind: legacy.Recovery, Codes: []legacy.Code{{Plain: "n3m5kk2q"}, {Plain: "p0l9zz1x"}}},
			{Kind: legacy.TOTP, Secret: []byte("12345678901234567890"), Algorithm: "SHA1", Digits: 6, Period: 30},
		},
		Passkeys: []legacy.Passkey{
			{
				RPID: "login.harbour.test", CredentialID: sequence(33, 65), UserHandle: sequence(80, 96), AAGUID: [16]byte(sequence(0, 16)),
				Transports: []string{"internal", "hybrid"}, Flags: true, BackupEligible: true, BackedUp: true, Discoverable: true,
				Label: "Laptop", Created: time.Date(2024, 6, 6, 10, 0, 0, 0, time.UTC),
			},
			{
				RPID: "harbour.test", CredentialID: sequence(1, 33), UserHandle: sequence(64, 80), SignCount: 5,
				Label: "Key fob", Created: time.Date(2024, 6, 5, 10, 0, 0, 0, time.UTC),
			},
		},
		Links: []customer.Link{{Provider: "google", Subject: "1084412"}},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
}

func sequence(from, to int) (all []byte) {
	for ; from < to; from++ {
		all = append(all, byte(from))
	}
	return all
}

func TestAnIdentityWithALinkAloneSignsInElsewhere(t *testing.T) {
	p := read(t, string(people(t)[1].Raw))
	if !p.Elsewhere || p.State != legacy.Disabled || len(p.Links) != 1 {
		t.Errorf("%+v", p)
	}
	if len(p.Left) != 1 || p.Left[0].What != "unknown-credential" {
		t.Errorf("left %+v", p.Left)
	}
	// No trait is called email: an address that was proved is the main one.
	if p.Value("email") != "ben@post.test" || p.Value("emailVerified") != "true" {
		t.Error(fields(p))
	}
}

func TestATraitIsVerifiedOnlyByItsOwnAddress(t *testing.T) {
	for name, row := range map[string]struct{ addresses, want string }{
		"another address was proved":        {`{"value":"old@harbour.test","via":"email","verified":true}`, "false"},
		"it waits for its proof":            {`{"value":"ana@harbour.test","via":"email","verified":false,"status":"sent"}`, "false"},
		"a phone of the same text":          {`{"value":"ana@harbour.test","via":"sms","verified":true}`, "false"},
		"it was proved, in another writing": {`{"value":"ANA@harbour.test","via":"email","verified":true}`, "true"},
	} {
		t.Run(name, func(t *testing.T) {
			p := read(t, `{"id":"i1","state":"active","traits":{"email":"ana@harbour.test"},"verifiable_addresses":[`+row.addresses+`]}`)
			if p.Value("email") != "ana@harbour.test" || p.Value("emailVerified") != row.want {
				t.Error(fields(p))
			}
		})
	}
}

func TestStatesThatAreNotKnownAreUnclear(t *testing.T) {
	for word, want := range map[string]legacy.State{"": "", "active": legacy.Active, "inactive": legacy.Disabled, "frozen": legacy.Unclear, "Active": legacy.Unclear} {
		if p := read(t, `{"id":"i1","state":"`+word+`"}`); p.State != want {
			t.Errorf("%q is %q, want %q", word, p.State, want)
		}
	}
}

func TestEachHashThatKratosTakesVerifies(t *testing.T) {
	for _, v := range legacytest.Vectors(t) {
		t.Run(v.Scheme, func(t *testing.T) {
			quoted, _ := json.Marshal(v.Encoded)
			legacytest.Verifies(t, read(t, with("password", `{"hashed_password":`+string(quoted)+`}`)).Passwords, v)
		})
	}
}

func TestOtherPasswords(t *testing.T) {
	clear := read(t, with("password", `{"password":"rope and tide"}`))
	hash, err := legacytest.Hash(clear.Passwords[0])
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := hash.Verify([]byte("rope and tide")); !ok {
		t.Error("a password in clear does not fit")
	}
	hook := read(t, with("password", `{"use_password_migration_hook":true}`))
	if len(hook.Passwords) > 0 || len(hook.Left) != 1 || hook.Left[0].What != "hook-password" {
		t.Errorf("%+v", hook)
	}
}

func TestKeysAreLeftUntilTheirRelyingPartyIsTold(t *testing.T) {
	p := read(t, string(people(t)[0].Raw))
	if len(p.Passkeys) > 0 || len(p.Left) != 2 || p.Left[0].What != "passkey" {
		t.Errorf("%d passkeys, left %+v", len(p.Passkeys), p.Left)
	}
	if p := read(t, string(people(t)[0].Raw), "rp_id", "harbour.test"); p.Passkeys[0].RPID != "harbour.test" {
		t.Error("without an own relying party, passkeys do not have that of the other method")
	}
}

func TestDamageIsToldWithoutRepeatingIt(t *testing.T) {
	const secret = "Zq7-secret"
	many := strings.TrimSuffix(strings.Repeat(`{},`, 10_000), ",")
	for name, row := range map[string]struct{ raw, fault string }{
		"half an object":              {`{"id":"i1","x":"` + secret, "it ends within an object"},
		"a name that occurs twice":    {`{"id":"i1","state":"inactive","state":"active"}`, "a name occurs twice in an object"},
		"a number for a credential":   {`{"id":"i1","credentials":{"` + secret + `":5}}`, "credentials: not the kind of value that belongs here"},
		"a thousand kinds":            {`{"id":"i1","credentials":{` + thousand() + `}}`, "credentials: more than 100"},
		"ten thousand providers":      {with("oidc", `{"providers":[`+many+`]}`), "credentials.oidc.providers: more than 100"},
		"ten thousand keys":           {with("webauthn", `{"credentials":[`+many+`]}`), "credentials.webauthn.credentials: more than 100"},
		"ten thousand codes":          {with("lookup_secret", `{"recovery_codes":[`+many+`]}`), "credentials.lookup_secret.recovery_codes: more than 100"},
		"ten thousand addresses":      {`{"id":"i1","verifiable_addresses":[` + many + `]}`, "verifiable_addresses: more than 100"},
		"ten thousand to send to":     {with("code", `{"addresses":[`+many+`]}`), "credentials.code.addresses: more than 100"},
		"a configuration that is one": {with("password", `"`+secret+`"`), "credentials.password: not a JSON object"},
		"an app's key of another kind": {
			with("totp", `{"totp_url":"otpauth://hotp/a?secret=`+secret+`"}`), "credentials.totp.totp_url: not the address of an app's key",
		},
		"an id that is not base64": {
			with("webauthn", `{"credentials":[{"id":"`+secret+`","public_key":"AQID"}]}`), "credentials.webauthn: a value that does not make sense",
		},
		"a key without an id":        {with("passkey", `{"credentials":[{"public_key":"AQID"}]}`), "credentials.passkey.credentials.0: not the id of a credential"},
		"an id without a key":        {with("passkey", `{"credentials":[{"id":"AQID"}]}`), "credentials.passkey.credentials.0: not a public key"},
		"a counter beyond its bound": {with("passkey", `{"credentials":[{"id":"AQID","public_key":"AQID","authenticator":{"sign_count":4294967296}}]}`), "credentials.passkey.credentials.0: not a signature counter"},
		"objects within objects":     {`{"id":"i1","traits":` + strings.Repeat(`{"a":`, 5000) + `1` + strings.Repeat(`}`, 5001), "objects are nested too deeply"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := legacytest.Keeps(t, legacytest.Reader(t, kratos.Format(), nil, "rp_id", "harbour.test"), legacy.Element{Raw: []byte(row.raw)}, secret)
			if err == nil || err.Error() != row.fault {
				t.Errorf("fault %v, want %s", err, row.fault)
			}
		})
	}
}

// thousand gives members of an object.
func thousand() string {
	all := make([]string, 1000)
	for i := range all {
		all[i] = fmt.Sprintf(`"k%d":{}`, i)
	}
	return strings.Join(all, ",")
}

func TestAHashBombIsRefusedAndNeverComputed(t *testing.T) {
	for _, encoded := range []string{
		"$2a$31$ahoOQ38JP.rB8vL9.VLodOX085ezTzIWb2Dq1YtpIvLYgGjl/J7Wq",
		"$argon2id$v=19$m=8388608,t=3,p=1$Y2FIU1pWRGVqUDBFSTF3Tw$rKaLrtOO3gxg4e/dSI2GBNOPBZ8vyKdwR0UtrYvJt6A",
		"$pbkdf2-sha256$i=900000000,l=32$KWbTouNBHYU$8+Tgat86Y7dMWoOEhoGWcZj4RorNHY//jlkqXmixu/s",
		"$scrypt$ln=28,r=8,p=1$k0Wf/Gr/zWK0cWrF7/HM6g$1vEqsEgszLZ4ZKrBTgbOxvdCVEUXtmlAHL/Y5EeBasU",
	} {
		p := read(t, with("password", `{"hashed_password":"`+encoded+`"}`))
		if _, err := legacytest.Hash(p.Passwords[0]); !errors.Is(err, passhash.ErrTooCostly) {
			t.Errorf("%.12s: %v, want it refused as too costly", encoded, err)
		}
	}
}

func FuzzPerson(f *testing.F) {
	for _, e := range people(f) {
		f.Add([]byte(e.Raw))
	}
	r := legacytest.Reader(f, kratos.Format(), nil, "rp_id", "harbour.test")
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, _ := legacytest.Keeps(t, r, legacy.Element{Raw: raw})
		for _, field := range p.Fields {
			if strings.HasPrefix(field.Name, "credentials.") {
				t.Errorf("a credential became the field %q", field.Name)
			}
		}
	})
}
