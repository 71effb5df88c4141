package aspnet_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/aspnet"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/migrate"
)

func TestUsersAreTakenAlongWithTheirFactorsAndLinks(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "aspnet"}}, nil, "testdata/people.csv")
	if len(all) != 3 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "u1" || ana.Hash == nil || ana.Rejection != nil || len(ana.Identifiers) != 3 {
		t.Errorf("%+v", ana)
	}
	wantFactors := []legacy.Factor{
		{Kind: legacy.TOTP, Secret: []byte("Hello!\xde\xad\xbe\xefHello!\xde\xad\xbe\xef")},
		{Kind: legacy.Recovery, Codes: []legacy.Code{{Plain: "2B3C4-D5F6G"}, {Plain: "H7J8K-M9N2P"}}},
		{Kind: legacy.Phone, Address: "+34600000001", Verified: true},
		{Kind: legacy.Email, Address: "ana@harbour.test", Verified: true},
	}
	if diff := cmp.Diff(wantFactors, ana.Factors); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]customer.Link{{Provider: "Google", Subject: "1029"}}, ana.Links); diff != "" {
		t.Error(diff)
	}
	if bo := all[1]; bo.Customer.State != customer.Disabled || bo.Lacks() != migrate.OtherProvider || bo.Identifiers[1].Verified {
		t.Errorf("%+v", bo)
	}
	if cy := all[2]; cy.Rejection == nil {
		t.Error("a broken key of an authenticator app does not hold")
	}
}

func TestEveryHashOfIdentityFits(t *testing.T) {
	reader := legacytest.Reader(t, aspnet.Format(), nil)
	for _, v := range legacytest.Vectors(t) {
		p, err := legacytest.Keeps(t, reader, legacytest.Row("Id", "1", "passwordhash", v.Encoded), v.Encoded)
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestALockCountsAsLongAsItLasts(t *testing.T) {
	const end = "2024-05-01 10:00:00 +00:00"
	for name, test := range map[string]struct {
		asOf string
		row  []string
		want legacy.State
	}{
		"the database says that it lasts":        {"", []string{"LockedOut", "1", "LockoutEnd", end}, legacy.Locked},
		"the database says that it ended":        {"", []string{"LockedOut", "0", "LockoutEnd", end, "LockoutEnabled", "1"}, legacy.Active},
		"it lasts beyond the writing":            {"2024-05-01T09:00:00Z", []string{"LockoutEnd", end, "LockoutEnabled", "1"}, legacy.Locked},
		"it ended before the writing":            {"2024-05-01T11:00:00Z", []string{"LockoutEnd", end, "LockoutEnabled", "1"}, legacy.Active},
		"nobody says when it was written":        {"", []string{"LockoutEnd", end, "LockoutEnabled", "1"}, legacy.Locked},
		"the person cannot be locked":            {"", []string{"LockoutEnd", end, "LockoutEnabled", "0"}, legacy.Active},
		"it is for ever":                         {"2024-05-01T11:00:00Z", []string{"LockoutEnd", "9999-12-31 23:59:59 +00:00", "LockoutEnabled", "1"}, legacy.Disabled},
		"there is none":                          {"", []string{"LockoutEnd", "", "LockoutEnabled", "1"}, legacy.Active},
		"its end is not understood":              {"", []string{"LockoutEnd", "soon", "LockoutEnabled", "1"}, legacy.Unclear},
		"whether it can be is not understood":    {"", []string{"LockoutEnd", "", "LockoutEnabled", "perhaps"}, legacy.Unclear},
		"the table has no columns for it at all": {"", nil, ""},
	} {
		reader := legacytest.Reader(t, aspnet.Format(), nil, "as_of", test.asOf)
		p, err := reader.Person(legacytest.Row(test.row...))
		if err != nil || p.State != test.want {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
}

func TestAKeyThatWasNeverProvedIsNoFactor(t *testing.T) {
	reader := legacytest.Reader(t, aspnet.Format(), nil)
	p, err := reader.Person(legacytest.Row("Id", "1", "TwoFactorEnabled", "0",
		"tokens", `[{"LoginProvider":"[AspNetUserStore]","Name":"AuthenticatorKey","Value":"JBSWY3DPEHPK3PXP"}]`))
	if err != nil || len(p.Factors) != 0 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestABadInstantIsRefused(t *testing.T) {
	if _, err := aspnet.Format().New(legacy.Settings{Options: map[string]string{"as_of": "yesterday"}}); err == nil {
		t.Error("taken")
	}
}

func FuzzPerson(f *testing.F) {
	legacytest.FuzzRow(f, legacytest.Reader(f, aspnet.Format(), nil),
		[]string{"PasswordHash", "tokens", "SecurityStamp"}, []string{"TwoFactorEnabled", "LockoutEnd", "LockedOut", "roles", "PhoneNumberConfirmed", "PhoneNumber"})
}

func ExampleFormat() {
	reader, _ := aspnet.Format().New(legacy.Settings{})
	p, _ := reader.Person(legacy.Element{
		Names:  []string{"Id", "UserName", "LockedOut", "logins"},
		Values: []string{"u1", "ana", "0", `[{"LoginProvider":"Google","ProviderKey":"1029"}]`},
	})
	fmt.Println(p.Key, p.Value("UserName"), p.State, p.Links[0].Provider)
	// Output: u1 ana active Google
}
