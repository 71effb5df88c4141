package django_test

import (
	"fmt"
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/django"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/migrate"
)

func TestPeopleOfATableAreTakenAlong(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "django"}}, nil, "testdata/people.csv")
	if len(all) != 4 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "1" || ana.Hash == nil || ana.Customer.Name != "Ana Ferro" || ana.Customer.Created.Year() != 2019 || ana.Rejection != nil {
		t.Errorf("%+v", ana)
	}
	for _, id := range ana.Identifiers {
		if id.Verified {
			t.Errorf("%s is verified, which Django does not say", id.Kind)
		}
	}
	if bo := all[1]; bo.Hash != nil || bo.Lacks() != migrate.NoPassword {
		t.Errorf("%+v", bo)
	}
	if cy := all[2]; cy.Hash == nil || cy.Customer.State != customer.Disabled {
		t.Errorf("%+v", cy)
	}
	if di := all[3]; di.Rejection == nil {
		t.Error("a hash of no known kind does not hold")
	}
}

func TestWhatDumpdataWritesIsReadToo(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "django"}}, nil, "testdata/dumpdata.json")
	if len(all) != 3 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "1" || ana.Hash == nil || ana.Customer.Name != "Ana Ferro" || ana.Customer.State != customer.Active || ana.Customer.Created.Year() != 2020 || ana.Rejection != nil {
		t.Errorf("%+v", ana)
	}
	if bo := all[1]; bo.Customer.State != customer.Disabled || bo.Hash != nil {
		t.Errorf("%+v", bo)
	}
	if group := all[2]; group.Rejection == nil || group.Rejection.Reason != migrate.MalformedRow {
		t.Errorf("a group is a person: %+v", group)
	}
}

func TestEveryHashOfDjangoFits(t *testing.T) {
	reader := legacytest.Reader(t, django.Format(), nil)
	for _, v := range legacytest.Vectors(t) {
		p, err := legacytest.Keeps(t, reader, legacytest.Row("id", "1", "password", v.Encoded), v.Encoded)
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestStatesAreReadAsDatabasesWriteThem(t *testing.T) {
	reader := legacytest.Reader(t, django.Format(), nil)
	for text, want := range map[string]legacy.State{
		"t": legacy.Active, "1": legacy.Active, "TRUE": legacy.Active, "f": legacy.Disabled, "0": legacy.Disabled,
		"": legacy.Unclear, "maybe": legacy.Unclear,
	} {
		p, err := reader.Person(legacytest.Row("id", "1", "is_active", text))
		if err != nil || p.State != want {
			t.Errorf("%q: %v, %v", text, p, err)
		}
	}
	if p, _ := reader.Person(legacytest.Row("id", "1")); p.State != "" {
		t.Errorf("without the column: %q", p.State)
	}
}

func FuzzPerson(f *testing.F) {
	legacytest.FuzzRow(f, legacytest.Reader(f, django.Format(), nil), []string{"password"}, []string{"id", "username", "is_active", "date_joined"})
}

func ExampleFormat() {
	reader, _ := django.Format().New(legacy.Settings{})
	p, _ := reader.Person(legacy.Element{
		Names:  []string{"id", "username", "password", "is_active"},
		Values: []string{"7", "ana", "sha1$SHDnnv9K$21534cc3d85cb197a734a1c7a31c0e26013ee5c1", "t"},
	})
	fmt.Println(p.Key, p.Value("username"), p.State, p.Passwords[0].Scheme)
	// Output: 7 ana active django
}
