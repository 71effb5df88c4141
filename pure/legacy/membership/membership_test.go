package membership_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/legacy/membership"
	"sallyport/pure/migrate"
)

func TestMembersAreTakenAlong(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "membership"}}, nil, "testdata/people.csv")
	if len(all) != 4 {
		t.Fatalf("%d records", len(all))
	}
	if ana := all[0]; ana.Key != "6f9619ff-8b86-d011-b42d-00c04fc964ff" || ana.Hash == nil || ana.Rejection != nil || ana.Left[0].What != "security-question" {
		t.Errorf("%+v", ana)
	}
	if bo := all[1]; bo.Hash != nil || bo.Left[0].What != "password" {
		t.Errorf("%+v", bo)
	}
	cy := all[2]
	if cy.Customer.State != customer.Disabled || cy.Hash == nil {
		t.Fatalf("%+v", cy)
	}
	if ok, err := cy.Hash.Verify([]byte("a clear } one")); !ok || err != nil {
		t.Errorf("a clear password does not fit: %v", err)
	}
	if di := all[3]; di.Rejection == nil {
		t.Error("an unknown format of password does not hold")
	}
}

func TestEveryHashOfTheProviderFits(t *testing.T) {
	reader := legacytest.Reader(t, membership.Format(), nil)
	for _, v := range legacytest.Vectors(t) {
		var columns struct{ Password, PasswordSalt string }
		if err := json.Unmarshal([]byte(v.Encoded), &columns); err != nil {
			t.Fatal(err)
		}
		row := legacytest.Row("UserId", "1", "Password", columns.Password, "PasswordFormat", "1", "PasswordSalt", columns.PasswordSalt)
		p, err := legacytest.Keeps(t, reader, row, columns.Password, columns.PasswordSalt)
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestStates(t *testing.T) {
	reader := legacytest.Reader(t, membership.Format(), nil)
	for _, test := range []struct {
		approved, locked string
		want             legacy.State
	}{
		{"1", "0", legacy.Active},
		{"0", "0", legacy.Disabled},
		{"0", "1", legacy.Disabled},
		{"1", "1", legacy.Locked},
		{"", "0", legacy.Unclear},
		{"1", "?", legacy.Unclear},
	} {
		p, err := reader.Person(legacytest.Row("IsApproved", test.approved, "IsLockedOut", test.locked))
		if err != nil || p.State != test.want {
			t.Errorf("%+v: %v, %v", test, p, err)
		}
	}
}

func FuzzPerson(f *testing.F) {
	legacytest.FuzzRow(f, legacytest.Reader(f, membership.Format(), nil),
		[]string{"Password", "PasswordSalt", "PasswordAnswer", "PasswordQuestion"}, []string{"PasswordFormat", "UserName", "IsApproved", "CreateDate"})
}

func ExampleFormat() {
	reader, _ := membership.Format().New(legacy.Settings{})
	p, _ := reader.Person(legacy.Element{
		Names:  []string{"UserId", "UserName", "Password", "PasswordFormat", "PasswordSalt"},
		Values: []string{"7", "ana", "rf09zd+cuCm0mAs6uljrbvseGq4=", "1", "o7+KPxN869Ij8W4iPFCu6g=="},
	})
	fmt.Println(p.Key, p.Value("UserName"), p.Passwords[0].Scheme)
	// Output: 7 ana aspnet-membership
}
