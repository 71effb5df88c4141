package scim_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/legacy/scim"
	"sallyport/pure/migrate"
)

func TestPagesOfUsersAreTakenAlong(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "scim"}}, nil, "testdata/users.json")
	if len(all) != 3 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "2819c223" || ana.Rejection != nil || ana.Customer.Name != "Ana Ferro" || ana.Identifiers[1].Value != "ana@harbour.test" || ana.Customer.Created.Year() != 2019 {
		t.Errorf("%+v", ana)
	}
	for _, id := range ana.Identifiers {
		if id.Verified {
			t.Errorf("%s is verified, which SCIM does not say", id.Kind)
		}
	}
	if bo := all[1]; bo.Customer.State != customer.Disabled || bo.Left[0].What != "password" || bo.Hash != nil {
		t.Errorf("%+v", bo)
	}
	cy := all[2]
	if cy.Rejection != nil || cy.Hash == nil || !cy.Identifiers[1].Verified || cy.Identifiers[2].Verified || len(cy.Links) != 1 {
		t.Errorf("%+v", cy)
	}
	wantFactors := []legacy.Factor{
		{Kind: legacy.TOTP, Label: "cy", Secret: []byte("Hello!\xde\xad\xbe\xefHello!\xde\xad\xbe\xef"), Algorithm: "SHA1", Digits: 6, Period: 30},
		{Kind: legacy.Recovery, Codes: []legacy.Code{{Plain: "aaaa-bbbb"}}},
	}
	if diff := cmp.Diff(wantFactors, cy.Factors); diff != "" {
		t.Error(diff)
	}
	wantKeys := []legacy.Passkey{{
		RPID: "harbour.test", CredentialID: []byte{1, 2, 3, 4}, PublicKey: []byte("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"), UserHandle: []byte("cy"),
		SignCount: 7, Flags: true, BackupEligible: true, Discoverable: true, Label: "phone",
	}}
	if diff := cmp.Diff(wantKeys, cy.Passkeys); diff != "" {
		t.Error(diff)
	}
}

func TestEveryHashOfTheExtensionFits(t *testing.T) {
	reader := legacytest.Reader(t, scim.Format(), nil)
	for _, v := range legacytest.Vectors(t) {
		hash, err := json.Marshal(v.Encoded)
		if err != nil {
			t.Fatal(err)
		}
		p, err := legacytest.Keeps(t, reader, legacy.Element{Raw: []byte(`{"id":"1","` + scim.Extension + `":{"password":{"hash":` + string(hash) + `}}}`)}, v.Encoded)
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestASaltedDigestIsSaidInParts(t *testing.T) {
	reader := legacytest.Reader(t, scim.Format(), nil)
	// sha1("salt" + "quay")
	p, err := reader.Person(legacy.Element{Raw: []byte(`{"` + scim.Extension + `":{"password":{"hash":"8e3346da1e31d345093e8ab65f65354583238de1","scheme":"salted-sha1","salt":"c2FsdA","order":"prefix"}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	legacytest.Verifies(t, p.Passwords, legacytest.Vector{Scheme: "sha1 of salt and password", Password: "quay", WrongPassword: "key"})
}

func TestMembersCountInAnyCaseAndSecretsStayApart(t *testing.T) {
	reader := legacytest.Reader(t, scim.Format(), nil)
	p, err := legacytest.Keeps(t, reader, legacy.Element{Raw: []byte(`{"ID":"1","USERNAME":"ana","PassWord":"hidden-1","` + strings.ToUpper(scim.Extension) + `":{"recoveryCodes":["hidden-2"]}}`)}, "hidden-1", "hidden-2")
	if err != nil || p.Key != "1" || len(p.Left) != 1 || len(p.Factors) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := reader.Person(legacy.Element{Raw: []byte(`{"id":"1","ID":"2"}`)}); err == nil {
		t.Error("two ids in different cases are taken")
	}
}

func TestNobodyVerifiesAnAddressByAMemberOfThatName(t *testing.T) {
	reader := legacytest.Reader(t, scim.Format(), nil)
	p, err := reader.Person(legacy.Element{Raw: []byte(`{"id":"1","email":"eve@harbour.test","emailVerified":true,"EmailVerified.x":1,"emails":[{"value":"ana@harbour.test"}]}`)})
	if err != nil || p.Value("email") != "ana@harbour.test" || p.Value("emailVerified") != "" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestStates(t *testing.T) {
	reader := legacytest.Reader(t, scim.Format(), nil)
	for raw, want := range map[string]legacy.State{
		`{}`: "", `{"active":true}`: legacy.Active, `{"active":false}`: legacy.Disabled, `{"active":null}`: "",
		`{"active":"True"}`: legacy.Active, `{"active":"False"}`: legacy.Disabled, // as Microsoft Entra writes them
		`{"active":true,"` + scim.Extension + `":{"state":"locked"}}`:   legacy.Locked,
		`{"active":false,"` + scim.Extension + `":{"state":"active"}}`:  legacy.Disabled,
		`{"active":false,"` + scim.Extension + `":{"state":"deleted"}}`: legacy.Deleted,
		`{"active":true,"` + scim.Extension + `":{"state":"asleep"}}`:   legacy.Unclear,
	} {
		if p, err := reader.Person(legacy.Element{Raw: []byte(raw)}); err != nil || p.State != want {
			t.Errorf("%s: %v, %v", raw, p, err)
		}
	}
}

func TestWhatIsNeitherYesNorNoIsAFault(t *testing.T) {
	reader := legacytest.Reader(t, scim.Format(), nil)
	for _, raw := range []string{`{"id":"1","active":"maybe"}`, `{"id":"1","active":1}`, `{"id":"1","active":"\"true\""}`, `{"id":"1","emails":[{"primary":"first"}]}`} {
		var fault *legacy.Fault
		if _, err := reader.Person(legacy.Element{Raw: []byte(raw)}); !errors.As(err, &fault) {
			t.Errorf("%s: %v", raw, err)
		}
	}
	if p, err := reader.Person(legacy.Element{Raw: []byte(`{"id":"1","emails":[{"value":"a@x.test","primary":null},{"value":"b@x.test","primary":"True"}]}`)}); err != nil || p.Value("email") != "b@x.test" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAnExtensionThatMakesNoSenseIsAFault(t *testing.T) {
	reader := legacytest.Reader(t, scim.Format(), nil)
	for _, part := range []string{
		`"totp":["otpauth://hotp/x?secret=hidden1"]`, `"password":{"hash":"x","salt":"%hidden1"}`, `"passkeys":[{"rpId":"a"}]`,
		`"passkeys":[{"rpId":"a","credentialId":"%hidden1","publicKey":"AA"}]`, `"passkeys":[{"rpId":"a","credentialId":"AA","publicKey":"AA","aaguid":"AAAA"}]`,
		`"links":[` + strings.Repeat(`{},`, 100) + `{}]`, `"recoveryHashes":["hidden1"]`, `"recoveryCodes":[` + strings.Repeat(`"",`, 100) + `""]`,
		`"passkeys":[{"created":"hidden1"}]`, `"verified":"hidden1"`,
	} {
		if _, err := legacytest.Keeps(t, reader, legacy.Element{Raw: []byte(`{"id":"1","` + scim.Extension + `":{` + part + `}}`)}, "hidden1"); err == nil {
			t.Errorf("%s is taken", part)
		}
	}
}

func TestOtherKeysAndNoOthers(t *testing.T) {
	reader := legacytest.Reader(t, scim.Format(), nil, "key", "externalId")
	if p, err := reader.Person(legacy.Element{Raw: []byte(`{"id":"1","externalId":"e1"}`)}); err != nil || p.Key != "e1" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := scim.Format().New(legacy.Settings{Options: map[string]string{"key": "email"}}); err == nil {
		t.Error("taken")
	}
}

func FuzzPerson(f *testing.F) {
	legacytest.FuzzObject(f, legacytest.Reader(f, scim.Format(), nil), `{"id":"1","userName":%q,"`+scim.Extension+`":{"password":{"hash":%q},"verified":["a"]}}`)
}

func ExampleFormat() {
	reader, _ := scim.Format().New(legacy.Settings{})
	p, _ := reader.Person(legacy.Element{Raw: []byte(`{"id":"2819c223","userName":"ana","active":true,"emails":[{"value":"ana@harbour.test","primary":true}]}`)})
	fmt.Println(p.Key, p.State, p.Value("email"))
	// Output: 2819c223 active ana@harbour.test
}
