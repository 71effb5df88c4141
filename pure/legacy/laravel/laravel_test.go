package laravel_test

import (
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/laravel"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/migrate"
)

// theKey sealed the columns of testdata/people.csv, with Python's cryptography
// package as Laravel's Encrypter does. One row was sealed with another key, one
// with AES-GCM.
const theKey = "base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

func people(t *testing.T) []migrate.Outcome {
	t.Helper()
	spec := migrate.Spec{Source: migrate.Source{Format: "laravel"}, Secrets: map[string]string{"app_key": "laravel"}}
	return legacytest.Import(t, spec, map[string][]byte{"app_key": []byte(theKey)}, "testdata/people.csv")
}

func TestUsersAreTakenAlongWithTheirFactors(t *testing.T) {
	all := people(t)
	if len(all) != 4 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "1" || ana.Rejection != nil || !ana.Identifiers[0].Verified || ana.Hash == nil {
		t.Errorf("%+v", ana)
	}
	want := []legacy.Factor{
		{Kind: legacy.TOTP, Secret: []byte("Hello!\xde\xad\xbe\xef")},
		{Kind: legacy.Recovery, Codes: []legacy.Code{{Plain: "aaaaaaaaaa-bbbbbbbbbb"}, {Plain: "cccccccccc-dddddddddd"}}},
	}
	if diff := cmp.Diff(want, ana.Factors); diff != "" {
		t.Error(diff)
	}
	if bo := all[1]; bo.Rejection != nil || len(bo.Factors) != 0 || bo.Identifiers[0].Verified {
		t.Errorf("a key that was never confirmed: %+v", bo)
	}
	if cy := all[2]; cy.Rejection == nil || !strings.Contains(cy.Rejection.Detail, "another key") {
		t.Errorf("sealed with another key: %+v", cy)
	}
	if di := all[3]; di.Rejection != nil || len(di.Factors) != 1 {
		t.Errorf("sealed with AES-GCM: %+v", di)
	}
}

func TestEveryHashOfLaravelFits(t *testing.T) {
	reader := legacytest.Reader(t, laravel.Format(), nil)
	for _, v := range legacytest.Vectors(t) {
		p, err := legacytest.Keeps(t, reader, legacytest.Row("id", "1", "Password", v.Encoded), v.Encoded)
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

// sealedColumn gives the column of the first row of testdata/people.csv.
func sealedColumn(t testing.TB) string {
	t.Helper()
	f, err := os.Open("testdata/people.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1][5]
}

func TestWithoutTheKeyFactorsAreLeftOnlyIfTheMigrationSaysSo(t *testing.T) {
	row := legacytest.Row("id", "1", "two_factor_secret", sealedColumn(t))
	if _, err := legacytest.Reader(t, laravel.Format(), nil).Person(row); err == nil || !strings.Contains(err.Error(), "not given") {
		t.Errorf("without a key: %v", err)
	}
	p, err := legacytest.Reader(t, laravel.Format(), nil, "factors", "leave").Person(row)
	if err != nil || len(p.Left) != 1 || len(p.Factors) != 0 {
		t.Errorf("left behind: %+v, %v", p, err)
	}
}

func TestAFormerKeyOpensWhatItSealed(t *testing.T) {
	newer := "base64:" + base64.StdEncoding.EncodeToString(make([]byte, 32))
	reader := legacytest.Reader(t, laravel.Format(), map[string]string{"app_key": newer + ", " + theKey})
	p, err := reader.Person(legacytest.Row("id", "1", "two_factor_secret", sealedColumn(t)))
	if err != nil || len(p.Factors) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestWhatWasChangedSinceItWasSealedIsRefused(t *testing.T) {
	reader := legacytest.Reader(t, laravel.Format(), map[string]string{"app_key": theKey})
	raw, err := base64.StdEncoding.DecodeString(sealedColumn(t))
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		changed := append([]byte(nil), raw...)
		changed[i] ^= 1
		p, err := legacytest.Keeps(t, reader, legacytest.Row("id", "1", "two_factor_secret", base64.StdEncoding.EncodeToString(changed)))
		if err == nil && len(p.Factors) == 1 && string(p.Factors[0].Secret) != "Hello!\xde\xad\xbe\xef" {
			t.Fatalf("with byte %d changed another key is read", i)
		}
	}
}

func TestKeysAreReadAsLaravelWritesThem(t *testing.T) {
	for text, fine := range map[string]bool{
		"": true, theKey: true, "0123456789abcdef": true, "0123456789abcdef0123456789abcdef": true, theKey + "," + theKey: true,
		"base64:???": false, "short": false, "base64:AAEC": false,
	} {
		_, err := laravel.Format().New(legacy.Settings{Secrets: map[string][]byte{"app_key": []byte(text)}})
		if (err == nil) != fine || err != nil && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := laravel.Format().New(legacy.Settings{Options: map[string]string{"factors": "drop"}}); err == nil {
		t.Error("a word that means nothing is taken")
	}
}

func FuzzPerson(f *testing.F) {
	reader := legacytest.Reader(f, laravel.Format(), map[string]string{"app_key": theKey})
	legacytest.FuzzRow(f, reader, []string{"password", "two_factor_secret", "two_factor_recovery_codes", "remember_token"}, []string{"email", "email_verified_at", "deleted_at", "name"})
}

func ExampleFormat() {
	reader, _ := laravel.Format().New(legacy.Settings{})
	p, _ := reader.Person(legacy.Element{
		Names:  []string{"id", "email", "email_verified_at"},
		Values: []string{"7", "ana@harbour.test", "2021-02-03 04:05:06"},
	})
	fmt.Println(p.Key, p.Value("email_verified"), p.Value("email_verified_at"))
	// Output: 7 true 2021-02-03T04:05:06Z
}

func TestOnlyATimeOfDeletionMakesATrace(t *testing.T) {
	reader := legacytest.Reader(t, laravel.Format(), nil)
	for text, want := range map[string]legacy.State{"2024-01-05 10:00:00": legacy.Deleted, "": "", "NULL": "", "null": legacy.Unclear} {
		p, err := reader.Person(legacytest.Row("id", "1", "deleted_at", text))
		if err != nil || p.State != want {
			t.Errorf("%q: %q, %v", text, p.State, err)
		}
	}
}
