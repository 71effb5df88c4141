package drupal_test

import (
	"fmt"
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/drupal"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/migrate"
)

func TestAccountsAreTakenAlong(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "drupal"}}, nil, "testdata/people.csv")
	if len(all) != 3 {
		t.Fatalf("%d records", len(all))
	}
	if all[0].Rejection == nil {
		t.Error("the visitor without an account is taken along")
	}
	if ana := all[1]; ana.Key != "12" || ana.Hash == nil || ana.Rejection != nil || ana.Customer.Created.Unix() != 1300000000 {
		t.Errorf("%+v", ana)
	}
	if bo := all[2]; bo.Customer.State != customer.Disabled || bo.Hash != nil {
		t.Errorf("%+v", bo)
	}
}

func TestEveryHashOfDrupalFits(t *testing.T) {
	reader := legacytest.Reader(t, drupal.Format(), nil)
	for _, v := range legacytest.Vectors(t) {
		p, err := legacytest.Keeps(t, reader, legacytest.Row("uid", "1", "PASS", v.Encoded), v.Encoded)
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestWhatIsNoInstantIsToldAsItIs(t *testing.T) {
	reader := legacytest.Reader(t, drupal.Format(), nil)
	for text, want := range map[string]string{"1700000000": "2023-11-14T22:13:20Z", "0": "", "soon": "soon", "99999999999999": "99999999999999"} {
		p, err := reader.Person(legacytest.Row("uid", "1", "access", text))
		if err != nil || p.Value("access") != want {
			t.Errorf("%s: %q, %v", text, p.Value("access"), err)
		}
	}
}

func TestAStateThatNobodyDocumentedIsUnclear(t *testing.T) {
	reader := legacytest.Reader(t, drupal.Format(), nil)
	if p, _ := reader.Person(legacytest.Row("uid", "1", "status", "2")); p.State != legacy.Unclear {
		t.Errorf("%q", p.State)
	}
}

func FuzzPerson(f *testing.F) {
	legacytest.FuzzRow(f, legacytest.Reader(f, drupal.Format(), nil), []string{"pass"}, []string{"uid", "name", "status", "created"})
}

func ExampleFormat() {
	reader, _ := drupal.Format().New(legacy.Settings{})
	p, _ := reader.Person(legacy.Element{Names: []string{"uid", "name", "status", "created"}, Values: []string{"12", "ana", "1", "1300000000"}})
	fmt.Println(p.Key, p.Value("name"), p.State, p.Value("created"))
	// Output: 12 ana active 2011-03-13T07:06:40Z
}
