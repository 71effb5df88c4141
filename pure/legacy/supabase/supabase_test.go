package supabase_test

import (
	"encoding/csv"
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
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/legacy/supabase"
	"sallyport/pure/migrate"
)

func people(t testing.TB) []legacy.Element {
	t.Helper()
	f, err := os.Open("testdata/users.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []legacy.Element
	for _, row := range rows[1:] {
		all = append(all, legacy.Element{Names: rows[0], Values: row})
	}
	return all
}

func read(t testing.TB, e legacy.Element, options ...string) *legacy.Person {
	t.Helper()
	p, err := legacytest.Keeps(t, legacytest.Reader(t, supabase.Format(), nil, options...), e, "GEZDGNBV", "NEVERPROVED", "Tok-77")
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

func sequence(from, to int) (all []byte) {
	for ; from < to; from++ {
		all = append(all, byte(from))
	}
	return all
}

func TestAUserWithEverythingComesAlongWhole(t *testing.T) {
	p := read(t, people(t)[0], "rp_id", "harbour.test", "passkey_rp_id", "login.harbour.test")
	for _, want := range []string{
		"email=ana@harbour.test", "email_verified=true", "phone=+4930555010", "phone_verified=false", "created_at=2024-06-03T07:59:00Z",
		"raw_app_meta_data.roles=payer", "raw_user_meta_data.full_name=Ana Brandt", "is_sso_user=f",
	} {
		if !strings.Contains(fields(p), want+"\n") {
			t.Errorf("no field %s in\n%s", want, fields(p))
		}
	}
	if len(p.Passkeys) != 2 || len(p.Passkeys[0].PublicKey) != 77 || !cmp.Equal(p.Passkeys[0].PublicKey, p.Passkeys[1].PublicKey) {
		t.Fatalf("passkeys %+v", p.Passkeys)
	}
	p.Passkeys[0].PublicKey, p.Passkeys[1].PublicKey = nil, nil
	handle := []byte("0c1e6a52-4c0e-4b7e-9a57-0a1f5a3f0001")
	want := &legacy.Person{
		Key: string(handle), State: legacy.Active, Fields: p.Fields, Passwords: p.Passwords,
		Factors: []legacy.Factor{
			{Kind: legacy.TOTP, Label: "Phone app", Created: time.Date(2024, 6, 4, 8, 0, 0, 0, time.UTC), Secret: []byte("12345678901234567890")},
			{Kind: legacy.Phone, Label: "Mobile", Created: time.Date(2024, 6, 5, 8, 0, 0, 0, time.UTC), Address: "+4930555010", Verified: true},
		},
		Passkeys: []legacy.Passkey{
			{
				RPID: "harbour.test", CredentialID: sequence(1, 33), UserHandle: handle, SignCount: 9, AAGUID: [16]byte(sequence(0, 16)),
				Transports: []string{"usb"}, Flags: true, Label: "Key fob", Created: time.Date(2024, 6, 6, 8, 0, 0, 0, time.UTC),
			},
			{
				RPID: "login.harbour.test", CredentialID: sequence(33, 65), UserHandle: handle,
				AAGUID:     [16]byte{0xad, 0xce, 0, 2, 0x35, 0xbc, 0xc6, 0x0a, 0x64, 0x8b, 0x0b, 0x25, 0xf1, 0xf0, 0x55, 3},
				Transports: []string{"internal", "hybrid"}, Flags: true, BackupEligible: true, BackedUp: true, Discoverable: true,
				Label: "Laptop", Created: time.Date(2024, 6, 7, 8, 0, 0, 500_000_000, time.UTC),
			},
		},
		Links: []customer.Link{{Provider: "google", Subject: "1084412"}},
	}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Error(diff)
	}
}

func TestATableIsMappedWithoutASingleLineOfMapping(t *testing.T) {
	var got []string
	for _, o := range legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "supabase"}}, nil, "testdata/users.csv") {
		got = append(got, fmt.Sprint(o.Verdict(), " ", o.Reason(), " ", o.Customer.State, " ", o.Customer.Name, " ", o.Hash != nil, " ", len(o.Identifiers), " ", len(o.Factors)))
	}
	want := []string{
		"accept  active Ana Brandt true 2 2",
		"accept  disabled  false 1 0",
		"hold no-identifier active  false 0 0", // an anonymous one
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestStates(t *testing.T) {
	for name, row := range map[string]struct {
		pairs []string
		want  legacy.State
	}{
		"who proved an address is active":            {[]string{"email_confirmed_at", "2024-06-03 08:00:00+00", "phone_confirmed_at", ""}, legacy.Active},
		"who proved none is unconfirmed":             {[]string{"email_confirmed_at", "", "phone_confirmed_at", ""}, legacy.Unconfirmed},
		"who is banned now is disabled":              {[]string{"banned", "true"}, legacy.Disabled},
		"whose ban is over is active":                {[]string{"banned", "false", "banned_until", "2020-01-01 00:00:00+00"}, legacy.Active},
		"a ban without the time of day is unclear":   {[]string{"banned_until", "2999-01-01 00:00:00+00"}, legacy.Unclear},
		"a word that is neither yes nor no is too":   {[]string{"banned", "perhaps"}, legacy.Unclear},
		"a word in place of the time drops nobody":   {[]string{"deleted_at", "null", "banned", "false"}, legacy.Unclear},
		"who was deleted is kept as a trace":         {[]string{"deleted_at", "2024-06-03 08:00:00+00", "banned", "false"}, legacy.Deleted},
		"columns may be written in another spelling": {[]string{"BANNED", "t"}, legacy.Disabled},
	} {
		t.Run(name, func(t *testing.T) {
			if p := read(t, legacytest.Row(append([]string{"id", "u1"}, row.pairs...)...)); p.State != row.want {
				t.Errorf("%q, want %q", p.State, row.want)
			}
		})
	}
}

func TestAnAddressIsVerifiedOnlyByATime(t *testing.T) {
	for _, proof := range []string{"", `\N`, "NULL", "false", "never"} {
		p := read(t, legacytest.Row("id", "u1", "email", "ana@harbour.test", "email_confirmed_at", proof))
		if p.Value("email_verified") != "false" {
			t.Errorf("%q proves an address", proof)
		}
	}
}

func TestEachHashThatSupabaseTakesVerifies(t *testing.T) {
	for _, v := range legacytest.Vectors(t) {
		t.Run(v.Scheme, func(t *testing.T) {
			legacytest.Verifies(t, read(t, legacytest.Row("id", "u1", "encrypted_password", v.Encoded)).Passwords, v)
		})
	}
}

func TestWhatIsEncryptedByTheServerIsNotTakenForAHash(t *testing.T) {
	const sealed = `{"key_id":"k1","alg":"aes-gcm-hkdf","data":"c2VhbGVk","nonce":"bm9uY2U="}`
	p := read(t, legacytest.Row("id", "u1", "encrypted_password", sealed, "mfa_factors", `[{"factor_type":"totp","status":"verified","secret":`+fmt.Sprintf("%q", sealed)+`}]`))
	if _, err := legacytest.Hash(p.Passwords[0]); !errors.Is(err, passhash.ErrUnknownScheme) {
		t.Error(err)
	}
	if len(p.Factors) > 0 || len(p.Left) != 1 || p.Left[0].What != "encrypted-app" {
		t.Errorf("%+v", p)
	}
}

func TestKeysAreLeftUntilTheirRelyingPartyIsTold(t *testing.T) {
	if p := read(t, people(t)[0]); len(p.Passkeys) > 0 || len(p.Left) != 2 || p.Left[0].What != "passkey" {
		t.Errorf("%d passkeys, left %+v", len(p.Passkeys), p.Left)
	}
}

func TestColumnsOfSecretsAreNeverFields(t *testing.T) {
	p := read(t, legacytest.Row("id", "u1", "Recovery_Token", "Tok-77", "confirmation_token", "Tok-77", "email_change_token_new", "Tok-77", "email_change_token_current", "Tok-77",
		"phone_change_token", "Tok-77", "reauthentication_token", "Tok-77", "ENCRYPTED_PASSWORD", "Tok-77"))
	if got := fields(p); strings.Contains(got, "Tok-77") || len(p.Passwords) != 1 {
		t.Error(got)
	}
}

func TestDamageIsToldWithoutRepeatingIt(t *testing.T) {
	const secret = "Zq7-secret"
	many := "[" + strings.TrimSuffix(strings.Repeat(`{},`, 10_000), ",") + "]"
	factor := func(rest string) string { return `[{"status":"verified",` + rest + `}]` }
	for name, row := range map[string]struct{ column, value, fault string }{
		"ten thousand factors":           {"mfa_factors", many, "mfa_factors: more than 100"},
		"ten thousand identities":        {"identities", many, "identities: more than 100"},
		"ten thousand passkeys":          {"webauthn_credentials", many, "webauthn_credentials: more than 100"},
		"factors that are no list":       {"mfa_factors", `"` + secret + `"`, "mfa_factors: not a list in JSON as it should be"},
		"metadata that is no JSON":       {"raw_app_meta_data", secret, "raw_app_meta_data: not an object in JSON as it should be"},
		"metadata that ends its object":  {"raw_user_meta_data", `1,"email_verified":true`, "raw_user_meta_data: not an object in JSON as it should be"},
		"a secret that is not base32":    {"mfa_factors", factor(`"factor_type":"totp","secret":"` + secret + `!"`), "mfa_factors.0.secret: not base32"},
		"a phone without its number":     {"mfa_factors", factor(`"factor_type":"phone"`), "mfa_factors.0: a phone without its number"},
		"a key without its credential":   {"mfa_factors", factor(`"factor_type":"webauthn"`), "mfa_factors.0: a key without its credential"},
		"a key without its public key":   {"mfa_factors", factor(`"factor_type":"webauthn","web_authn_credential":{"id":"AQID"}`), "mfa_factors.0: not a public key"},
		"a passkey whose id is neither":  {"webauthn_credentials", `[{"credential_id":"` + secret + `","public_key":"AQID"}]`, "webauthn_credentials.0: an id or a key that is neither hexadecimal nor base64"},
		"a passkey with an endless id":   {"webauthn_credentials", `[{"credential_id":"\\x` + strings.Repeat("ab", 2000) + `","public_key":"AQID"}]`, "webauthn_credentials.0: not the id of a credential"},
		"a counter beyond its bounds":    {"webauthn_credentials", `[{"credential_id":"AQID","public_key":"AQID","sign_count":4294967296}]`, "webauthn_credentials.0: not a signature counter"},
		"a list that is nested too deep": {"identities", strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "identities: not a list in JSON as it should be"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := legacytest.Keeps(t, legacytest.Reader(t, supabase.Format(), nil, "rp_id", "harbour.test"), legacytest.Row("id", "u1", row.column, row.value), secret)
			if err == nil || err.Error() != row.fault || p.Key != "u1" {
				t.Errorf("fault %v, want %s", err, row.fault)
			}
		})
	}
}

func TestAHashBombIsRefusedAndNeverComputed(t *testing.T) {
	for _, encoded := range []string{
		"$2a$31$ahoOQ38JP.rB8vL9.VLodOX085ezTzIWb2Dq1YtpIvLYgGjl/J7Wq",
		"$argon2id$v=19$m=8388608,t=3,p=1$Y2FIU1pWRGVqUDBFSTF3Tw$rKaLrtOO3gxg4e/dSI2GBNOPBZ8vyKdwR0UtrYvJt6A",
		strings.Replace(legacytest.Vectors(t)[len(legacytest.Vectors(t))-1].Encoded, "n=12", "n=28", 1),
	} {
		p := read(t, legacytest.Row("id", "u1", "encrypted_password", encoded))
		if _, err := legacytest.Hash(p.Passwords[0]); !errors.Is(err, passhash.ErrTooCostly) {
			t.Errorf("%.12s: %v, want it refused as too costly", encoded, err)
		}
	}
}

func TestTheQueryIsForPostgreSQLOnly(t *testing.T) {
	if !strings.HasPrefix(supabase.Query("postgres"), "SELECT ") || supabase.Query("mysql") != "" {
		t.Error("another dialect has a query, or PostgreSQL none")
	}
}

func FuzzPerson(f *testing.F) {
	r := legacytest.Reader(f, supabase.Format(), nil, "rp_id", "harbour.test")
	legacytest.FuzzRow(f, r, []string{"encrypted_password", "mfa_factors", "webauthn_credentials", "recovery_token"}, []string{"id", "email", "banned", "raw_user_meta_data", "identities"})
}
