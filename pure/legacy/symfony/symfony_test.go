package symfony_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/legacy/symfony"
	"sallyport/pure/migrate"
)

func TestUsersAreTakenAlong(t *testing.T) {
	all := legacytest.Import(t, migrate.Spec{Source: migrate.Source{Format: "symfony"}}, nil, "testdata/people.csv")
	if len(all) != 3 {
		t.Fatalf("%d records", len(all))
	}
	if ana := all[0]; ana.Key != "1" || ana.Rejection != nil || ana.Hash == nil || !ana.Identifiers[1].Verified || len(ana.Factors) != 1 {
		t.Errorf("%+v", ana)
	}
	if bo := all[1]; bo.Rejection != nil || bo.Customer.State != customer.Disabled || bo.Identifiers[1].Verified {
		t.Errorf("%+v", bo)
	}
	if cy := all[2]; cy.Rejection == nil || cy.Rejection.Reason != migrate.BrokenHash {
		t.Errorf("%+v", cy)
	}
}

func TestEveryHashOfSymfonyFits(t *testing.T) {
	for _, v := range legacytest.Vectors(t) {
		columns := struct{ Password, Salt string }{Password: v.Encoded}
		if v.Encoded[0] == '{' {
			if err := json.Unmarshal([]byte(v.Encoded), &columns); err != nil {
				t.Fatal(err)
			}
		}
		kind := "message-digest"
		if v.Scheme == "symfony-pbkdf2" {
			kind = "pbkdf2"
		}
		reader := legacytest.Reader(t, symfony.Format(), nil, "hasher", kind)
		p, err := legacytest.Keeps(t, reader, legacytest.Row("id", "1", "password", columns.Password, "salt", columns.Salt), columns.Password)
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

// TestTheParametricFormGivesTheSame says the defaults in other words, so that the
// form for other settings is held to the same vectors.
func TestTheParametricFormGivesTheSame(t *testing.T) {
	for _, v := range legacytest.Vectors(t) {
		var columns struct{ Password, Salt string }
		if v.Encoded[0] != '{' || json.Unmarshal([]byte(v.Encoded), &columns) != nil {
			continue
		}
		sum, err := base64.StdEncoding.DecodeString(columns.Password)
		if err != nil {
			t.Fatal(err)
		}
		kind := "message-digest"
		if v.Scheme == "symfony-pbkdf2" {
			kind = "pbkdf2"
		}
		reader := legacytest.Reader(t, symfony.Format(), nil, "hasher", kind)
		p, err := reader.Person(legacytest.Row("id", "1", "password", hex.EncodeToString(sum), "salt", columns.Salt))
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestOtherSettingsOfTheDigestAreTaken(t *testing.T) {
	one := sha256.Sum256([]byte("quay{salt}"))
	two := sha256.Sum256(append(one[:], "quay{salt}"...))
	reader := legacytest.Reader(t, symfony.Format(), nil, "algorithm", "sha256", "iterations", "2")
	p, err := reader.Person(legacytest.Row("id", "1", "password", base64.StdEncoding.EncodeToString(two[:]), "salt", "salt"))
	if err != nil {
		t.Fatal(err)
	}
	legacytest.Verifies(t, p.Passwords, legacytest.Vector{Scheme: "sha256 twice", Password: "quay", WrongPassword: "key"})
}

func TestSettingsThatMakeNoSenseAreRefused(t *testing.T) {
	for name, value := range map[string]string{"hasher": "rot13", "algorithm": "crc32", "iterations": "0"} {
		if _, err := symfony.Format().New(legacy.Settings{Options: map[string]string{name: value}}); err == nil {
			t.Errorf("%s: %s is taken", name, value)
		}
	}
}

func TestBadColumnsAreFaults(t *testing.T) {
	reader := legacytest.Reader(t, symfony.Format(), nil, "iterations", "7")
	for _, row := range [][]string{
		{"password", "no base64!"}, {"roles", "a:1:{i:0;O:1:\"A\":0:{}}"}, {"roles", "{"}, {"totp_secret", "no base32!"},
	} {
		if _, err := legacytest.Keeps(t, reader, legacytest.Row(row...), row[1]); err == nil {
			t.Errorf("%v is taken", row)
		}
	}
}

func FuzzPerson(f *testing.F) {
	legacytest.FuzzRow(f, legacytest.Reader(f, symfony.Format(), nil, "iterations", "3"), []string{"password", "salt", "totp_secret", "backup_codes"}, []string{"email", "roles", "enabled", "username"})
}

func ExampleFormat() {
	reader, _ := symfony.Format().New(legacy.Settings{})
	p, _ := reader.Person(legacy.Element{
		Names:  []string{"id", "email", "password", "salt", "enabled"},
		Values: []string{"1", "ana@harbour.test", "SWRt6TXba5yxpmEC1khHOQmByEDdRvxGOhbYVHWXrNMk8sIo98BQfzwFK4eG4dMq/1n2HmwXLEXQWGp5FRPvRQ==", "qmcIDrT1ZyZUQsLvvWsV", "1"},
	})
	fmt.Println(p.Key, p.State, p.Passwords[0].Scheme)
	// Output: 1 active symfony-message-digest
}
