package clerk_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/clerk"
	"sallyport/pure/legacy/legacytest"
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
	p, err := legacytest.Keeps(t, legacytest.Reader(t, clerk.Format(), nil, options...), e, "GEZDGNBV", "$2b$10$")
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
	p := read(t, people(t)[0])
	want := `id=user_2aAna
first_name=Ana
last_name=Brandt
username=ana
primary_email_address=ana@harbour.test
primary_phone_number=+4930555010
verified_email_addresses=ana@harbour.test ana@post.test
unverified_email_addresses=ana@old.test
email=ana@harbour.test
email_verified=true
unverified_phone_numbers=+4930555010
phone=+4930555010
phone_verified=false
`
	if diff := cmp.Diff(want, fields(p)); diff != "" {
		t.Error(diff)
	}
	app := []legacy.Factor{{Kind: legacy.TOTP, Secret: []byte("12345678901234567890")}}
	if diff := cmp.Diff(app, p.Factors); diff != "" || p.Key != "user_2aAna" || p.State != "" {
		t.Error(diff, p.Key, p.State)
	}
}

func TestAFileIsMappedWithoutASingleLineOfMapping(t *testing.T) {
	var got []string
	for _, o := range legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "clerk"}}, nil, "testdata/users.csv") {
		proved := 0
		for _, id := range o.Identifiers {
			if id.Verified {
				proved++
			}
		}
		got = append(got, fmt.Sprint(o.Verdict(), " ", o.Customer.Name, " ", o.Hash != nil, " ", len(o.Identifiers), " ", proved, " ", len(o.Factors), " ", len(o.Left)))
	}
	want := []string{"accept Ana Brandt true 3 1 1 0", "accept Ben false 1 0 0 0", "accept  false 1 1 0 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAddresses(t *testing.T) {
	for name, row := range map[string]struct {
		pairs []string
		want  string
	}{
		"the main one is proved if it is among those":        {[]string{"primary_email_address", "Ana@harbour.test", "verified_email_addresses", "x@y.test|ana@HARBOUR.test"}, "Ana@harbour.test true"},
		"one that is in both lists is not":                   {[]string{"primary_email_address", "a@b.test", "verified_email_addresses", "a@b.test", "unverified_email_addresses", "a@b.test"}, "a@b.test false"},
		"one that is in no list is not":                      {[]string{"primary_email_address", "a@b.test"}, "a@b.test false"},
		"without a main one it is the first that was proved": {[]string{"unverified_email_addresses", "u@b.test", "verified_email_addresses", "v@b.test; w@b.test"}, "v@b.test true"},
		"and else the first of the others":                   {[]string{"unverified_email_addresses", "u@b.test w@b.test"}, "u@b.test false"},
		"lists of JSON are lists":                            {[]string{"verified_email_addresses", `["v@b.test","w@b.test"]`}, "v@b.test true"},
		"nothing is nothing":                                 {nil, " "},
	} {
		t.Run(name, func(t *testing.T) {
			p := read(t, legacytest.Row(append([]string{"id", "user_1"}, row.pairs...)...))
			if got := p.Value("email") + " " + p.Value("email_verified"); got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

func TestEachHasherOfClerkVerifies(t *testing.T) {
	for _, v := range legacytest.Vectors(t) {
		t.Run(v.Scheme, func(t *testing.T) {
			p := read(t, legacytest.Row("id", "user_1", "password_digest", v.Encoded, "password_hasher", v.Scheme), "salt_order", v.Text("salt_order"))
			legacytest.Verifies(t, p.Passwords, v)
		})
	}
}

func TestDigestsThatNobodyCanVerifyAreHeldAsUnknown(t *testing.T) {
	const sum = "5f4dcc3b5aa765d61d8327deb882cf99"
	for name, row := range map[string]struct{ hasher, digest string }{
		"a hasher that is not known":                     {"md6", sum},
		"one without a description":                      {"hmac_sha256_utf16_b64", "c3Vt$a2V5"},
		"a salt on a side that was not told":             {"md5_salted", "salt$" + sum},
		"a salted one without a salt":                    {"sha256_salted", sum},
		"a peppered one without a pepper":                {"bcrypt_peppered", "$2a$07$IJ5NryVIO4dKGWZb4q5qCeX9ONMD8lo/hzNb15MEBnw3GEe4IV8VG"},
		"iterations of another hasher":                   {"pbkdf2_sha512", "pbkdf2_sha256$1$c2FsdA==$c3Vt"},
		"a key whose length is not the told one":         {"pbkdf2_sha1", "pbkdf2_sha1$1000$salt$" + sum + "$32"},
		"a digest of Firebase without its project":       {"scrypt_firebase", "c3Vt$c2FsdA=="},
		"a digest of Symfony that was repeated less":     {"sha512_symfony", "sha512_symfony$500$salt$c3Vt"},
		"a salt that is not in base64, where it must be": {"pbkdf2_sha256", "pbkdf2_sha256$1000$!!$c3Vt"},
	} {
		t.Run(name, func(t *testing.T) {
			p := read(t, legacytest.Row("id", "user_1", "password_digest", row.digest, "password_hasher", row.hasher))
			if _, err := legacytest.Hash(p.Passwords[0]); !errors.Is(err, passhash.ErrUnknownScheme) {
				t.Errorf("%v, want it unknown", err)
			}
		})
	}
}

func TestWhatStaysBehind(t *testing.T) {
	p := read(t, legacytest.Row("id", "user_1", "password_digest", "awscognito#eu-1_x#client#ana", "password_hasher", "awscognito", "backup_codes_enabled", "true"))
	if len(p.Passwords) > 0 || len(p.Left) != 2 || p.Left[0].What != "cognito-password" || p.Left[1].What != "backup-codes" {
		t.Errorf("%+v", p)
	}
}

func TestStates(t *testing.T) {
	for name, row := range map[string]struct {
		column, value string
		want          legacy.State
	}{
		"the dashboard's file says nothing": {"username", "ana", ""},
		"who is banned is disabled":         {"banned", "true", legacy.Disabled},
		"who is not banned is let in":       {"banned", "false", ""},
		"who is locked is locked":           {"locked", "TRUE", legacy.Locked},
		"another word is unclear":           {"banned", "soon", legacy.Unclear},
	} {
		t.Run(name, func(t *testing.T) {
			if p := read(t, legacytest.Row("id", "user_1", row.column, row.value)); p.State != row.want {
				t.Errorf("%q, want %q", p.State, row.want)
			}
		})
	}
}

func TestDamageIsToldWithoutRepeatingIt(t *testing.T) {
	const secret = "Zq7-secret!"
	for name, row := range map[string]struct{ column, value, fault string }{
		"a secret that is not base32": {"totp_secret", secret, "totp_secret: not base32"},
		"ten thousand addresses":      {"verified_email_addresses", strings.Repeat("a@b.test,", 10_000), "verified_email_addresses: more than 100"},
		"a list that is none":         {"unverified_phone_numbers", `["` + secret, "unverified_phone_numbers: not a list in JSON as it should be"},
		"a list that is too deep":     {"verified_phone_numbers", strings.Repeat("[", 5000), "verified_phone_numbers: not a list in JSON as it should be"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := legacytest.Keeps(t, legacytest.Reader(t, clerk.Format(), nil), legacytest.Row("id", "user_1", row.column, row.value), secret)
			if err == nil || err.Error() != row.fault || p.Key != "user_1" {
				t.Errorf("fault %v, want %s", err, row.fault)
			}
		})
	}
	if _, err := clerk.Format().New(legacy.Settings{Options: map[string]string{"salt_order": "both"}}); err == nil {
		t.Error("a side that there is not is taken")
	}
}

func TestAHashBombIsRefusedAndNeverComputed(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	for hasher, digest := range map[string]string{
		"bcrypt":            "$2a$31$ahoOQ38JP.rB8vL9.VLodOX085ezTzIWb2Dq1YtpIvLYgGjl/J7Wq",
		"argon2id":          "$argon2id$v=19$m=8388608,t=3,p=1$Y2FIU1pWRGVqUDBFSTF3Tw$rKaLrtOO3gxg4e/dSI2GBNOPBZ8vyKdwR0UtrYvJt6A",
		"pbkdf2_sha512_hex": "pbkdf2_sha512_hex$900000000$0011aabb$" + sum,
		"scrypt_firebase":   strings.Repeat("QUJDREVGR0hJSktM", 4) + "$c2FsdA==$" + strings.Repeat("QUJDREVGR0hJSktM", 4) + "$Bw==$8$28",
	} {
		t.Run(hasher, func(t *testing.T) {
			p := read(t, legacytest.Row("id", "user_1", "password_digest", digest, "password_hasher", hasher))
			if _, err := legacytest.Hash(p.Passwords[0]); !errors.Is(err, passhash.ErrTooCostly) {
				t.Errorf("%v, want it refused as too costly", err)
			}
		})
	}
}

func FuzzPerson(f *testing.F) {
	r := legacytest.Reader(f, clerk.Format(), nil, "salt_order", "prefix")
	legacytest.FuzzRow(f, r, []string{"password_digest", "totp_secret", "backup_codes"}, []string{"id", "password_hasher", "primary_email_address", "verified_email_addresses"})
}
