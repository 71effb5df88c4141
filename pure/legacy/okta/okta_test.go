package okta_test

import (
	"fmt"
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/legacy/okta"
	"sallyport/pure/migrate"
)

func TestUsersOfTheAPIAreTakenAlong(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "okta"}}, nil, "testdata/users.json")
	if len(all) != 4 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "00u1" || ana.Rejection != nil || ana.Customer.Name != "Ana Ferro" || ana.Customer.Created.Year() != 2019 || ana.Lacks() != migrate.NoPassword {
		t.Errorf("%+v", ana)
	}
	for _, id := range ana.Identifiers {
		if id.Verified {
			t.Errorf("%s is verified, which a user does not say", id.Kind)
		}
	}
	if len(ana.Left) != 1 || ana.Left[0].What != "security-question" {
		t.Errorf("%+v", ana.Left)
	}
	if bo := all[1]; bo.Customer.State != customer.Disabled {
		t.Errorf("%+v", bo)
	}
	if cy := all[2]; cy.Lacks() != migrate.OtherProvider || cy.Left[0].What != "directory-password" {
		t.Errorf("%+v", cy)
	}
	if di := all[3]; di.Rejection == nil || di.Rejection.Reason != migrate.UnknownState {
		t.Errorf("%+v", di)
	}
}

func TestEveryHashOfAnImportFits(t *testing.T) {
	reader := legacytest.Reader(t, okta.Format(), nil, "key", "login")
	for _, v := range legacytest.Vectors(t) {
		raw := `{"profile":{"login":"ana"},"credentials":{"password":{"hash":` + v.Encoded + `}}}`
		p, err := legacytest.Keeps(t, reader, legacy.Element{Raw: []byte(raw)})
		if err != nil {
			t.Fatal(err)
		}
		if p.Key != "ana" || p.State != "" {
			t.Errorf("%+v", p)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestStatesAreBroughtToOurs(t *testing.T) {
	reader := legacytest.Reader(t, okta.Format(), nil)
	for word, want := range map[string]legacy.State{
		"STAGED": legacy.Unconfirmed, "PROVISIONED": legacy.Unconfirmed, "ACTIVE": legacy.Active, "RECOVERY": legacy.MustReset,
		"PASSWORD_EXPIRED": legacy.MustReset, "LOCKED_OUT": legacy.Locked, "SUSPENDED": legacy.Disabled, "DEPROVISIONED": legacy.Disabled,
		"active": legacy.Unclear, "": "",
	} {
		p, err := reader.Person(legacy.Element{Raw: []byte(`{"id":"1","status":"` + word + `"}`)})
		if err != nil || p.State != want {
			t.Errorf("%s: %v, %v", word, p, err)
		}
	}
}

func TestNothingOfCredentialsIsAField(t *testing.T) {
	reader := legacytest.Reader(t, okta.Format(), nil)
	raw := `{"id":"1","CREDENTIALS":{"password":{"value":"hidden-1"},"recovery_question":{"question":"q","answer":"hidden-1"},"x":"hidden-1"},"_embedded":{"factors":[{"secret":"hidden-1"}]}}`
	p, err := legacytest.Keeps(t, reader, legacy.Element{Raw: []byte(raw)}, "hidden-1")
	if err != nil || len(p.Left) != 2 || len(p.Passwords) != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestAnUnknownKeyIsRefused(t *testing.T) {
	if _, err := okta.Format().New(legacy.Settings{Options: map[string]string{"key": "email"}}); err == nil {
		t.Error("taken")
	}
}

func FuzzPerson(f *testing.F) {
	reader := legacytest.Reader(f, okta.Format(), nil)
	legacytest.FuzzObject(f, reader, `{"id":"1","status":"ACTIVE","profile":{"login":%q},"credentials":{"password":{"hash":{"algorithm":"MD5","value":%q}}}}`)
}

func ExampleFormat() {
	reader, _ := okta.Format().New(legacy.Settings{})
	p, _ := reader.Person(legacy.Element{Raw: []byte(`{"id":"00u1","status":"LOCKED_OUT","profile":{"login":"ana"}}`)})
	fmt.Println(p.Key, p.State, p.Value("profile.login"))
	// Output: 00u1 locked ana
}
