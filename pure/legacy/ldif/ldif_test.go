package ldif_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/ldif"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/migrate"
)

func TestWhatSlapcatWroteIsTakenAlong(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "ldif"}}, nil, "testdata/openldap-2.5.ldif")
	if len(all) != 6 {
		t.Fatalf("%d records", len(all))
	}
	for _, o := range all[:2] {
		if o.Rejection == nil || o.Rejection.Reason != migrate.NoIdentifier {
			t.Errorf("no person: %+v", o)
		}
	}
	ana := all[2]
	if ana.Key != "8d25f1cc-7ac8-1041-81cf-9792878c6987" || ana.Rejection != nil || ana.Hash == nil || ana.Customer.Name != "Ana Ferro Núñez" {
		t.Errorf("%+v", ana)
	}
	if ana.Customer.Created.Format("2006-01-02T15:04:05") != "2026-11-22T13:58:34" || len(ana.Identifiers) != 3 || ana.Identifiers[1].Value != "ana@harbour.test" || ana.Identifiers[1].Verified {
		t.Errorf("%+v", ana)
	}
	if bo := all[3]; bo.Customer.State != customer.Disabled || bo.Hash == nil {
		t.Errorf("locked: %+v", bo)
	}
	if cy := all[4]; cy.Hash != nil || cy.Lacks() != migrate.OtherProvider || cy.Left[0].What != "delegated-password" {
		t.Errorf("delegated: %+v", cy)
	}
	if di := all[5]; di.Rejection != nil || di.Hash != nil {
		t.Errorf("must reset: %+v", di)
	}
}

// element makes an entry of lines.
func element(lines ...string) legacy.Element {
	return legacy.Element{Raw: []byte("dn: uid=ana,dc=harbour\n" + strings.Join(lines, "\n") + "\n")}
}

func coded(name, value string) string {
	return name + ":: " + base64.StdEncoding.EncodeToString([]byte(value))
}

func TestEveryHashOfDirectoriesFits(t *testing.T) {
	reader := legacytest.Reader(t, ldif.Format(), nil)
	for _, v := range legacytest.Vectors(t) {
		line := coded("USERpassword;x-any", v.Encoded)
		if v.Scheme == "nt-hash" {
			line = "sambaNTPassword: " + strings.ToUpper(v.Encoded)
		}
		p, err := legacytest.Keeps(t, reader, element(line), v.Encoded, strings.ToUpper(v.Encoded))
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestPasswordsThatAreNoHashes(t *testing.T) {
	reader := legacytest.Reader(t, ldif.Format(), nil)
	for value, want := range map[string]struct {
		clear, left string
	}{
		"in the clear":          {"in the clear", ""},
		"{CLEAR}in the clear":   {"in the clear", ""},
		"{cleartext}a } b":      {"a } b", ""},
		"{SASL}ana@CORP.TEST":   {"", "delegated-password"},
		"{AES}AbCd":             {"", "password"},
		"{SCRAM-SHA-256}4096:x": {"", "password"},
	} {
		p, err := legacytest.Keeps(t, reader, element(coded("userPassword", value)), "in the clear")
		switch {
		case err != nil:
			t.Errorf("%s: %v", value, err)
		case want.clear != "":
			legacytest.Verifies(t, p.Passwords, legacytest.Vector{Scheme: value, Password: want.clear, WrongPassword: "other"})
		case len(p.Passwords) != 0 || len(p.Left) != 1 || p.Left[0].What != want.left:
			t.Errorf("%s: %+v", value, p)
		}
	}
}

func TestAllPasswordsOfAnEntryAreHandedOver(t *testing.T) {
	reader := legacytest.Reader(t, ldif.Format(), nil)
	p, err := reader.Person(element("userPassword: {SASL}x", "userPassword: {SSHA}a", "userPassword: {CRYPT}b", "sambaNTPassword: 7bc88fd5f3f8e79ca111554bfb4225b5"))
	if err != nil || len(p.Passwords) != 2 || p.Elsewhere {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestStatesOfAllServers(t *testing.T) {
	reader := legacytest.Reader(t, ldif.Format(), nil)
	for lines, want := range map[string]legacy.State{
		"uid: ana":                                        "",
		"pwdAccountLockedTime: 20240101000000Z":           legacy.Locked,
		"pwdAccountLockedTime: 000001010000Z":             legacy.Disabled,
		"pwdReset: TRUE":                                  legacy.MustReset,
		"pwdReset: FALSE":                                 legacy.Active,
		"nsAccountLock: true":                             legacy.Disabled,
		"nsaccountlock: FALSE":                            legacy.Active,
		"nsAccountLock: perhaps":                          legacy.Unclear,
		"ds-pwp-account-disabled: true":                   legacy.Disabled,
		"userAccountControl: 512":                         legacy.Active,
		"userAccountControl: 514":                         legacy.Disabled,
		"userAccountControl: 528":                         legacy.Locked,
		"userAccountControl: 8389120":                     legacy.MustReset,
		"userAccountControl: many":                        legacy.Unclear,
		"userAccountControl: 512\nlockoutTime: 0":         legacy.Active,
		"userAccountControl: 512\nlockoutTime: 133000000": legacy.Locked,
		"userAccountControl: 512\npwdLastSet: 0":          legacy.MustReset,
		"userAccountControl: 514\npwdLastSet: 0":          legacy.Disabled,
	} {
		p, err := reader.Person(element(lines))
		if err != nil || p.State != want {
			t.Errorf("%s: %v, %v", lines, p, err)
		}
	}
}

func TestKeysOfAllServers(t *testing.T) {
	guid := coded("objectGUID", "\x33\x22\x11\x00\x55\x44\x77\x66\x88\x99\xaa\xbb\xcc\xdd\xee\xff")
	for name, test := range map[string]struct{ option, line, want string }{
		"entryUUID":             {"", "ENTRYUUID: 8d25f1cc", "8d25f1cc"},
		"the id of 389":         {"nsUniqueId", "nsuniqueid: a-b", "a-b"},
		"of Active Directory":   {"objectGUID", guid, "00112233-4455-6677-8899-aabbccddeeff"},
		"the name of the entry": {"dn", "", "uid=ana,dc=harbour"},
		"bytes":                 {"thumb", coded("thumb", "\xff\x00"), "ff00"},
		"several":               {"mail", "mail: a\nmail: b", ""},
		"none":                  {"", "", ""},
	} {
		p, err := legacytest.Reader(t, ldif.Format(), nil, "key", or(test.option, "entryUUID")).Person(element(test.line))
		if err != nil || p.Key != test.want {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if _, err := ldif.Format().New(legacy.Settings{Options: map[string]string{"key": "a b"}}); err == nil {
		t.Error("what is no attribute is taken as a key")
	}
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func TestFieldsAreTextInOneSpelling(t *testing.T) {
	reader := legacytest.Reader(t, ldif.Format(), nil)
	p, err := reader.Person(element("GIVENNAME: Ana", "mail: a@harbour.test", "mail: b@harbour.test", "mail: c@harbour.test", "cn;lang-es: Ana", "custom: x", "custom: y",
		coded("jpegPhoto", "\xff\xd8"), "labeledURI:< file:///etc/passwd", "empty:", "whencreated: 20200102030405.0Z", "# a remark"))
	if err != nil {
		t.Fatal(err)
	}
	want := []legacy.Field{
		{Name: "dn", Values: []string{"uid=ana,dc=harbour"}},
		{Name: "givenName", Values: []string{"Ana"}},
		{Name: "mail", Values: []string{"a@harbour.test"}},
		{Name: "mail.others", Values: []string{"b@harbour.test", "c@harbour.test"}},
		{Name: "cn;lang-es", Values: []string{"Ana"}},
		{Name: "custom", Values: []string{"x", "y"}},
		{Name: "whenCreated", Values: []string{"2020-01-02T03:04:05Z"}},
	}
	if diff := cmp.Diff(want, p.Fields); diff != "" {
		t.Error(diff)
	}
}

func TestSecretsAreNoFieldsHoweverTheyAreSpelled(t *testing.T) {
	reader := legacytest.Reader(t, ldif.Format(), nil)
	for _, name := range []string{
		"userPassword", "USERPASSWORD;x-y", "sambaNTPassword", "sambaLMPassword", "pwdHistory", "unicodePwd", "krbPrincipalKey", "oathSecret",
		"ipaNTHash", "oathDeviceProfiles", "userPKCS12", "authPassword", "ipatokenOTPkey", "accessToken", "passwordHistory",
	} {
		if _, err := legacytest.Keeps(t, reader, element(name+": hidden-1"), "hidden-1"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsNoPersonCanBeLeftOut(t *testing.T) {
	spec := migrate.Spec{Source: migrate.Source{Format: "ldif"}, Drops: []migrate.Drop{{Field: "isPerson", Equals: []string{"false"}, Reason: "not-a-person"}}}
	dropped := 0
	for _, o := range legacytest.Import(t, spec, nil, "testdata/openldap-2.5.ldif") {
		if o.Dropped == "not-a-person" {
			dropped++
		}
	}
	if dropped != 2 {
		t.Errorf("%d entries are left out, not the root and the folder alone", dropped)
	}
	reader := legacytest.Reader(t, ldif.Format(), nil)
	for lines, want := range map[string]string{
		"objectClass: top\nobjectClass: USER": "true", "objectClass: user\nobjectClass: computer": "false", "objectClass: groupOfNames\nisPerson: true": "false", "isperson: true": "",
	} {
		if p, err := reader.Person(element(lines)); err != nil || p.Value("isPerson") != want {
			t.Errorf("%s: %+v, %v", lines, p, err)
		}
	}
}

func TestFactorsOfAccessManagersStayThere(t *testing.T) {
	reader := legacytest.Reader(t, ldif.Format(), nil)
	p, err := reader.Person(element("oathDeviceProfiles: {x}", "webauthnDeviceProfiles: {x}", "pushDeviceProfiles: {x}", "kbaInfo: {x}", "kbaInfo: {y}"))
	if err != nil || len(p.Left) != 4 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestWhatIsNoEntryIsAFault(t *testing.T) {
	reader := legacytest.Reader(t, ldif.Format(), nil)
	for name, text := range map[string]string{
		"nothing":               "",
		"no name":               "uid: ana\n",
		"an empty name":         "dn:\nuid: ana\n",
		"two entries":           "dn: a\nuid: x\ndn: b\n",
		"a line without colon":  "dn: a\nuid\n",
		"broken base64":         "dn: a\nuserPassword:: %hidden-1\n",
		"a change":              "dn: a\nchangetype: delete\n",
		"too long":              "dn: a\n" + strings.Repeat("x: y\n", 300_000),
		"a million turns":       "dn: a\nx: y\n" + strings.Repeat(" \n", 1_000_000),
		"a flood of attributes": "dn: a\n" + flood(legacy.MaxFields+1),
		"a name without end":    "dn: a\n" + strings.Repeat("x", 10_000) + ": y\n",
		"a name with controls":  "dn: a\x00\n",
	} {
		if _, err := legacytest.Keeps(t, reader, legacy.Element{Raw: []byte(text)}, "hidden-1"); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func flood(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d: x\n", i)
	}
	return b.String()
}

func TestLinesThatGoOnAreJoined(t *testing.T) {
	reader := legacytest.Reader(t, ldif.Format(), nil)
	p, err := reader.Person(legacy.Element{Raw: []byte("version: 1\ndn: uid=a\r\n na\r\ndescription: o\r\n ne \r\n two\n" + strings.Repeat(" \n", 100_000))})
	if err != nil || p.Value("dn") != "uid=ana" || p.Value("description") != "one two" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestValuesOfOneAttributeAreBounded(t *testing.T) {
	reader := legacytest.Reader(t, ldif.Format(), nil)
	p, err := reader.Person(element(strings.Repeat("memberOf: x\n", 50_000) + strings.Repeat("userPassword: x\n", 1000)))
	if err != nil || len(p.Passwords) != 16 || len(p.Fields[1].Values) != 1000 {
		t.Errorf("%v", err)
	}
}

func FuzzPerson(f *testing.F) {
	reader := legacytest.Reader(f, ldif.Format(), nil)
	f.Add("dn: uid=ana\nuid: ana\nuserPassword:: e1NTSEF9eA==\n", "{SSHA}x")
	f.Add("dn: a\nx:< file:///x\n y\n", "pass-0123456789")
	f.Fuzz(func(t *testing.T, text, secret string) {
		legacytest.Keeps(t, reader, legacy.Element{Raw: []byte(text)})
		e := legacy.Element{Raw: []byte("dn: uid=ana\n" + coded("userPassword", secret) + "\nuid: ana\n")}
		if len(secret) < 12 || !strings.ContainsAny(secret, "0123456789") {
			legacytest.Keeps(t, reader, e)
			return
		}
		legacytest.Keeps(t, reader, e, secret)
	})
}

func ExampleFormat() {
	reader, _ := ldif.Format().New(legacy.Settings{})
	p, _ := reader.Person(legacy.Element{Raw: []byte("dn: uid=ana,ou=people,dc=harbour\nentryUUID: 8d25f1cc\nuid: ana\nuserPassword: {SSHA}+gKo1ujBaGX2F+lsj6F5llPJq2P99bOAKLr4jg==\n")})
	fmt.Println(p.Key, p.Value("uid"), len(p.Passwords))
	// Output: 8d25f1cc ana 1
}
