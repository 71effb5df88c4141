package wordpress_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/legacy/wordpress"
	"sallyport/pure/migrate"
)

func TestUsersAreTakenAlongWithWhatThePluginKeeps(t *testing.T) {
	spec := migrate.Spec{Source: migrate.Source{Format: "wordpress"}, Fields: []migrate.Field{{From: "roles", To: "group"}}, KnownGroups: []string{"subscriber"}}
	all := legacytest.Import(t, spec, nil, "testdata/people.csv")
	if len(all) != 3 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "5" || ana.Rejection != nil || ana.Hash == nil || ana.Customer.Created.Year() != 2015 {
		t.Errorf("%+v", ana)
	}
	if diff := cmp.Diff([]string{"subscriber"}, ana.Customer.Groups); diff != "" {
		t.Error(diff)
	}
	var kinds []legacy.FactorKind
	for _, f := range ana.Factors {
		kinds = append(kinds, f.Kind)
	}
	if diff := cmp.Diff([]legacy.FactorKind{legacy.TOTP, legacy.Recovery, legacy.Email}, kinds); diff != "" || len(ana.Left) != 1 {
		t.Error(diff, ana.Left)
	}
	if _, err := passhash.Parse(string(ana.Factors[1].Codes[0].Digest)); err != nil {
		t.Errorf("a backup code cannot be verified: %v", err)
	}
	if bo := all[1]; bo.Rejection != nil || len(bo.Factors) != 0 {
		t.Errorf("a key of a provider that is not enabled: %+v", bo)
	}
	if cy := all[2]; cy.Rejection == nil || cy.Rejection.Reason != migrate.UnknownState {
		t.Errorf("%+v", cy)
	}
}

func TestEveryHashOfWordPressFits(t *testing.T) {
	reader := legacytest.Reader(t, wordpress.Format(), nil)
	for _, v := range legacytest.Vectors(t) {
		p, err := legacytest.Keeps(t, reader, legacytest.Row("ID", "1", "user_pass", v.Encoded), v.Encoded)
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestBlanksAroundAPasswordAreCutOffAsWordPressDoes(t *testing.T) {
	reader := legacytest.Reader(t, wordpress.Format(), nil)
	for _, v := range legacytest.Vectors(t) {
		if v.Scheme != "phpass-P" && v.Scheme != "wordpress-wp-bcrypt" {
			continue
		}
		p, _ := reader.Person(legacytest.Row("ID", "1", "user_pass", v.Encoded))
		v.Password = "  " + v.Password + "\n"
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestSecretsOfPluginsAreNoFields(t *testing.T) {
	reader := legacytest.Reader(t, wordpress.Format(), nil)
	for _, key := range []string{"session_tokens", "_application_passwords", "wp_2fa_totp_key", "community-events-token", "user_PASSword_old", "googleauthenticator_secret"} {
		p, err := legacytest.Keeps(t, reader, legacytest.Row("ID", "1", "meta", `[{"meta_key":"`+key+`","meta_value":"hidden"},{"meta_key":"city","meta_value":"Vigo"}]`), "hidden")
		if err != nil || p.Value("meta.city") != "Vigo" {
			t.Errorf("%s: %+v, %v", key, p, err)
		}
	}
}

func TestAnEnabledKeyThatIsNotReadableIsAFault(t *testing.T) {
	reader := legacytest.Reader(t, wordpress.Format(), nil)
	const providers = `{"meta_key":"_two_factor_enabled_providers","meta_value":"a:1:{i:0;s:15:\"Two_Factor_Totp\";}"}`
	if _, err := legacytest.Keeps(t, reader, legacytest.Row("ID", "1", "meta", `[`+providers+`,{"meta_key":"_two_factor_totp_key","meta_value":"s3cret!"}]`), "s3cret!"); err == nil {
		t.Error("taken")
	}
}

func FuzzPerson(f *testing.F) {
	legacytest.FuzzRow(f, legacytest.Reader(f, wordpress.Format(), nil), []string{"user_pass", "user_activation_key"}, []string{"user_login", "meta", "user_status", "user_registered"})
}

func ExampleFormat() {
	reader, _ := wordpress.Format().New(legacy.Settings{})
	p, _ := reader.Person(legacy.Element{
		Names:  []string{"ID", "user_login", "meta"},
		Values: []string{"5", "ana", `[{"meta_key":"wp_capabilities","meta_value":"a:1:{s:6:\"editor\";b:1;}"}]`},
	})
	fmt.Println(p.Key, p.Value("user_login"), p.Value("roles"))
	// Output: 5 ana editor
}
