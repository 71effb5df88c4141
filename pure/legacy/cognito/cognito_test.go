package cognito_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/cognito"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/migrate"
)

func TestPagesOfListUsersAreTakenAlong(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "cognito"}}, nil, "testdata/users.json")
	if len(all) != 4 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "8f1c2d3e-0000-4000-8000-000000000001" || ana.Rejection != nil || ana.Customer.Created.UnixMilli() != 1551694272345 {
		t.Errorf("%+v", ana)
	}
	for _, id := range ana.Identifiers {
		if id.Verified != (id.Kind == customer.Email) {
			t.Errorf("%+v", id)
		}
	}
	if diff := cmp.Diff([]legacy.Factor{{Kind: legacy.Phone, Address: "+34600000001"}}, ana.Factors); diff != "" {
		t.Error(diff)
	}
	bo := all[1]
	if diff := cmp.Diff([]customer.Link{{Provider: "Google", Connection: "Google", Subject: "1029"}}, bo.Links); diff != "" || bo.Lacks() != migrate.OtherProvider {
		t.Error(diff, bo)
	}
	if bo.Customer.Created.Hour() != 9 {
		t.Errorf("created %s", bo.Customer.Created)
	}
	if cy := all[2]; cy.Customer.State != customer.Disabled {
		t.Errorf("%+v", cy)
	}
	if di := all[3]; di.Rejection == nil {
		t.Error("an attribute that occurs twice does not hold")
	}
}

func TestAFileOfAnImportJobIsTakenAlong(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "cognito-csv"}}, nil, "testdata/people.csv")
	if len(all) != 2 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "ana" || ana.Rejection != nil || ana.Customer.Name != `Ana Ferro, "Capitana"` || len(ana.Factors) != 1 || !ana.Factors[0].Verified {
		t.Errorf("%+v", ana)
	}
	if bo := all[1]; bo.Identifiers[1].Verified || len(bo.Factors) != 0 {
		t.Errorf("%+v", bo)
	}
}

func TestHashesInAColumnFit(t *testing.T) {
	reader := legacytest.Reader(t, cognito.CSV(), nil, "hash", "hashed")
	for _, v := range legacytest.Vectors(t) {
		p, err := legacytest.Keeps(t, reader, legacytest.Row("cognito:username", "ana", "Hashed", v.Encoded), v.Encoded)
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestStatesAreBroughtToOurs(t *testing.T) {
	reader := legacytest.Reader(t, cognito.JSON(), nil)
	for raw, want := range map[string]legacy.State{
		`{"UserStatus":"CONFIRMED"}`: legacy.Active, `{"UserStatus":"EXTERNAL_PROVIDER","Enabled":true}`: legacy.Active,
		`{"UserStatus":"UNCONFIRMED"}`: legacy.Unconfirmed, `{"UserStatus":"RESET_REQUIRED"}`: legacy.MustReset,
		`{"UserStatus":"FORCE_CHANGE_PASSWORD"}`: legacy.MustReset, `{"UserStatus":"UNKNOWN"}`: legacy.Unclear,
		`{"UserStatus":"CONFIRMED","Enabled":false}`: legacy.Disabled, `{"UserStatus":"COMPROMISED"}`: legacy.Disabled, `{}`: "",
	} {
		p, err := reader.Person(legacy.Element{Raw: []byte(raw)})
		if err != nil || p.State != want {
			t.Errorf("%s: %v, %v", raw, p, err)
		}
	}
}

func TestOneUserIsReadAsTheAPIGivesOne(t *testing.T) {
	reader := legacytest.Reader(t, cognito.JSON(), nil, "key", "username")
	raw := `{"Username":"ana","UserAttributes":[{"Name":"sub","Value":"s1"},{"Name":"email","Value":"ana@harbour.test"},{"Name":"email_verified","Value":"true"}],
 "UserMFASettingList":["SOFTWARE_TOKEN_MFA","EMAIL_OTP","SMS_MFA"],"Credentials":[{"CredentialId":"c","RelyingPartyId":"harbour.test"}]}`
	p, err := legacytest.Keeps(t, reader, legacy.Element{Raw: []byte(raw)})
	if err != nil || p.Key != "ana" || len(p.Left) != 2 || len(p.Factors) != 1 || !p.Factors[0].Verified {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestIdentitiesThatMakeNoSenseAreFaults(t *testing.T) {
	reader := legacytest.Reader(t, cognito.JSON(), nil)
	for _, list := range []string{`{`, `{}`, `[{\"userId\":{}}]`, `[{\"userId\":[1]}]`, `[1]`, `[]}{`} {
		raw := `{"Attributes":[{"Name":"identities","Value":"` + list + `"}]}`
		if p, err := reader.Person(legacy.Element{Raw: []byte(raw)}); err == nil {
			t.Errorf("%s is taken: %+v", list, p)
		}
	}
	p, err := reader.Person(legacy.Element{Raw: []byte(`{"Attributes":[{"Name":"identities","Value":"[{\"userId\":17,\"providerType\":\"OIDC\"},{\"userId\":null}]"}]}`)})
	if err != nil || len(p.Links) != 1 || p.Links[0].Subject != "17" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestUnknownKeysAreRefused(t *testing.T) {
	if _, err := cognito.JSON().New(legacy.Settings{Options: map[string]string{"key": "email"}}); err == nil {
		t.Error("taken")
	}
}

func FuzzJSON(f *testing.F) {
	legacytest.FuzzObject(f, legacytest.Reader(f, cognito.JSON(), nil), `{"Username":%q,"Attributes":[{"Name":"identities","Value":%q}]}`)
}

func FuzzCSV(f *testing.F) {
	legacytest.FuzzRow(f, legacytest.Reader(f, cognito.CSV(), nil), []string{"password_hash"}, []string{"cognito:username", "email", "cognito:mfa_enabled", "identities"})
}

func ExampleJSON() {
	reader, _ := cognito.JSON().New(legacy.Settings{})
	p, _ := reader.Person(legacy.Element{Raw: []byte(`{"Username":"ana","UserStatus":"CONFIRMED","Enabled":true,"Attributes":[{"Name":"sub","Value":"8f1c"}]}`)})
	fmt.Println(p.Key, p.State, p.Value("Username"))
	// Output: 8f1c active ana
}
