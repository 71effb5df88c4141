package devise_test

import (
	"fmt"
	"testing"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/devise"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/migrate"
)

// thePepper is that of the vector bcrypt-devise-pepper.
const thePepper = "ee5af5fe3c4ff0344f6fe56159cda135"

func TestUsersAreTakenAlong(t *testing.T) {
	spec := migrate.Spec{Source: migrate.Source{Format: "devise"}, Secrets: map[string]string{"pepper": "devise-pepper"}}
	all := legacytest.Import(t, spec, map[string][]byte{"pepper": []byte(thePepper)}, "testdata/people.csv")
	if len(all) != 3 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "1" || ana.Rejection != nil || !ana.Identifiers[0].Verified || len(ana.Factors) != 2 {
		t.Fatalf("%+v", ana)
	}
	if ok, err := ana.Hash.Verify([]byte("Tide-harbour-Tide17")); !ok || err != nil {
		t.Errorf("the password does not fit: %v", err)
	}
	bo := all[1]
	if bo.Identifiers[0].Verified || bo.Lacks() != migrate.OtherProvider || bo.Links[0] != (customer.Link{Provider: "google_oauth2", Subject: "10293"}) {
		t.Errorf("%+v", bo)
	}
	if cy := all[2]; cy.Customer.State != customer.Disabled || len(cy.Left) != 1 || len(cy.Factors) != 0 {
		t.Errorf("%+v", cy)
	}
}

func TestEveryHashOfDeviseFits(t *testing.T) {
	for _, v := range legacytest.Vectors(t) {
		reader := legacytest.Reader(t, devise.Format(), map[string]string{"pepper": v.Text("pepper")})
		p, err := legacytest.Keeps(t, reader, legacytest.Row("id", "1", "encrypted_password", v.Encoded), v.Encoded)
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestBackupCodesStayVerifiableWithTheirPepper(t *testing.T) {
	const hash = "$2a$07$IJ5NryVIO4dKGWZb4q5qCeX9ONMD8lo/hzNb15MEBnw3GEe4IV8VG"
	reader := legacytest.Reader(t, devise.Format(), map[string]string{"pepper": thePepper})
	for _, list := range []string{`{` + hash + `}`, `{"` + hash + `"}`, `["` + hash + `"]`} {
		p, err := reader.Person(legacytest.Row("id", "1", "otp_required_for_login", "1", "otp_secret", "JBSWY3DPEHPK3PXP", "otp_backup_codes", list))
		if err != nil || len(p.Factors) != 2 {
			t.Fatalf("%+v, %v", p, err)
		}
		code, err := passhash.Parse(string(p.Factors[1].Codes[0].Digest))
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := code.Verify([]byte("Tide-harbour-Tide17")); !ok || err != nil {
			t.Errorf("the code does not fit: %v", err)
		}
	}
}

func TestFactorsThatMakeNoSenseAreFaults(t *testing.T) {
	reader := legacytest.Reader(t, devise.Format(), nil)
	for _, row := range [][]string{
		{"otp_secret", "s3cret-not-base32!"},
		{"otp_secret", "JBSWY3DPEHPK3PXP", "otp_backup_codes", "s3cret-code"},
		{"otp_secret", "JBSWY3DPEHPK3PXP", "otp_backup_codes", `["s3cret-code"]`},
	} {
		_, err := legacytest.Keeps(t, reader, legacytest.Row(append(row, "otp_required_for_login", "t")...), "s3cret")
		if err == nil {
			t.Errorf("%v is taken", row)
		}
	}
}

func TestStates(t *testing.T) {
	reader := legacytest.Reader(t, devise.Format(), nil)
	const then = "2020-01-02 03:04:05"
	for _, test := range []struct {
		row  []string
		want legacy.State
	}{
		{nil, ""},
		{[]string{"confirmed_at", then}, legacy.Active},
		{[]string{"confirmed_at", ""}, legacy.Unconfirmed},
		{[]string{"confirmed_at", then, "unconfirmed_email", "new@harbour.test"}, legacy.Active},
		{[]string{"confirmed_at", then, "locked_at", then}, legacy.Locked},
		{[]string{"confirmed_at", "", "locked_at", then}, legacy.Locked},
		{[]string{"confirmed_at", "long ago"}, legacy.Unclear},
		{[]string{"locked_at", "long ago"}, legacy.Unclear},
	} {
		if p, err := reader.Person(legacytest.Row(test.row...)); err != nil || p.State != test.want {
			t.Errorf("%v: %v, %v", test.row, p, err)
		}
	}
}

func FuzzPerson(f *testing.F) {
	legacytest.FuzzRow(f, legacytest.Reader(f, devise.Format(), nil),
		[]string{"encrypted_password", "otp_secret", "otp_backup_codes", "reset_password_token"}, []string{"otp_required_for_login", "confirmed_at", "locked_at", "email"})
}

func ExampleFormat() {
	reader, _ := devise.Format().New(legacy.Settings{Secrets: map[string][]byte{"pepper": []byte("of the application")}})
	p, _ := reader.Person(legacy.Element{
		Names:  []string{"id", "email", "confirmed_at"},
		Values: []string{"7", "ana@harbour.test", ""},
	})
	fmt.Println(p.Key, p.Value("email"), p.State)
	// Output: 7 ana@harbour.test unconfirmed
}
