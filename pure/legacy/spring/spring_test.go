package spring_test

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/legacy/spring"
	"sallyport/pure/migrate"
)

func TestUsersAreTakenAlong(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "spring"}}, nil, "testdata/people.csv")
	if len(all) != 3 {
		t.Fatalf("%d records", len(all))
	}
	if ana := all[0]; ana.Key != "ana" || ana.Hash == nil || ana.Rejection != nil {
		t.Errorf("%+v", ana)
	}
	if bo := all[1]; bo.Hash == nil || bo.Customer.State != customer.Disabled {
		t.Errorf("%+v", bo)
	}
	if cy := all[2]; cy.Rejection == nil || cy.Rejection.Reason != migrate.UnknownHash {
		t.Errorf("%+v", cy)
	}
}

func TestEveryHashOfItsEncodersFits(t *testing.T) {
	for _, v := range legacytest.Vectors(t) {
		encoder, secrets := "", map[string]string{}
		if secret := v.Text("secret"); secret != "" {
			encoder, secrets["pbkdf2_secret"] = "pbkdf2", secret
		}
		reader := legacytest.Reader(t, spring.Format(), secrets, "default_encoder", encoder)
		p, err := legacytest.Keeps(t, reader, legacytest.Row("username", "ana", "password", v.Encoded), strings.TrimPrefix(v.Encoded, "{noop}"))
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestIterationsCanBeSaid(t *testing.T) {
	for text, fine := range map[string]bool{"": true, "10000": true, "0": false, "-1": false, "many": false, "99999999999": false} {
		_, err := spring.Format().New(legacy.Settings{Options: map[string]string{"pbkdf2_iterations": text}})
		if (err == nil) != fine {
			t.Errorf("%s: %v", text, err)
		}
	}
	if _, err := spring.Format().New(legacy.Settings{Options: map[string]string{"default_encoder": "{bcrypt}"}}); err == nil {
		t.Error("an id with braces is taken")
	}
}

func TestTheStrictestOfTheFourPropertiesCounts(t *testing.T) {
	reader := legacytest.Reader(t, spring.Format(), nil)
	for _, test := range []struct {
		row  []string
		want legacy.State
	}{
		{[]string{"enabled", "t"}, legacy.Active},
		{[]string{"enabled", "f", "account_non_locked", "f"}, legacy.Disabled},
		{[]string{"enabled", "t", "account_non_locked", "f", "credentials_non_expired", "f"}, legacy.Locked},
		{[]string{"enabled", "t", "account_non_locked", "t", "credentials_non_expired", "f"}, legacy.MustReset},
		{[]string{"enabled", "t", "account_non_expired", "f"}, legacy.Disabled},
		{[]string{"enabled", "perhaps"}, legacy.Unclear},
		{nil, ""},
	} {
		if p, err := reader.Person(legacytest.Row(test.row...)); err != nil || p.State != test.want {
			t.Errorf("%v: %v, %v", test.row, p, err)
		}
	}
}

func FuzzPerson(f *testing.F) {
	legacytest.FuzzRow(f, legacytest.Reader(f, spring.Format(), nil, "default_encoder", "bcrypt"), []string{"password"}, []string{"username", "enabled", "authorities"})
}

func ExampleFormat() {
	reader, _ := spring.Format().New(legacy.Settings{Options: map[string]string{"default_encoder": "bcrypt"}})
	p, _ := reader.Person(legacy.Element{
		Names:  []string{"username", "password", "enabled"},
		Values: []string{"ana", "$2a$10$I0Wi7aD/A9mAwZxQDqWQzeEsWFnvi6aTtOLkTJPkpSCQM2fqtQyT2", "1"},
	})
	fmt.Println(p.Key, p.State, p.Passwords[0].Encoded[:12])
	// Output: ana active {bcrypt}$2a$
}
