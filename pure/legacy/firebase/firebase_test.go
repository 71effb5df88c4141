package firebase_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/firebase"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/migrate"
)

// theKey is the signer key of the vectors that were not published.
const theKey = "5tBfxGMVIHMkTdlbdDWXciaJu6jctQlr4E5YL6QMOg4gV4/rmeLKXB5Bt29oPVaMH/KJUdyPcMGJIa2wxplgDQ=="

func people(t *testing.T, format, file string) []migrate.Outcome {
	t.Helper()
	spec := migrate.Spec{Source: migrate.Source{Format: format}, Secrets: map[string]string{"signer_key": "firebase"}}
	return legacytest.Import(t, spec, map[string][]byte{"signer_key": []byte(theKey + "\n")}, file)
}

func TestUsersInJSONAreTakenAlong(t *testing.T) {
	all := people(t, "firebase", "testdata/users.json")
	if len(all) != 3 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "u1" || ana.Rejection != nil || !ana.Identifiers[0].Verified || ana.Identifiers[1].Verified || ana.Customer.Created.UnixMilli() != 1551694272345 {
		t.Errorf("%+v", ana)
	}
	if ok, err := ana.Hash.Verify([]byte("quay-Gull-harbour39")); !ok || err != nil {
		t.Errorf("the password does not fit: %v", err)
	}
	if diff := cmp.Diff([]customer.Link{{Provider: "google.com", Subject: "1029"}}, ana.Links); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]legacy.Factor{{Kind: legacy.Phone, Label: "work", Address: "+34600000002"}}, ana.Factors); diff != "" || len(ana.Left) != 1 {
		t.Error(diff, ana.Left)
	}
	if bo := all[1]; bo.Lacks() != migrate.OtherProvider || bo.Customer.State != customer.Disabled {
		t.Errorf("%+v", bo)
	}
	if cy := all[2]; cy.Rejection == nil {
		t.Error("claims that are no object do not hold")
	}
}

func TestUsersInCSVAreTakenAlong(t *testing.T) {
	all := people(t, "firebase-csv", "testdata/users.csv")
	if len(all) != 2 {
		t.Fatalf("%d records", len(all))
	}
	ana := all[0]
	if ana.Key != "u1" || ana.Rejection != nil || ana.Hash == nil || ana.Customer.Name != `Ferro, "Ana" María` || len(ana.Links) != 1 {
		t.Errorf("%+v", ana)
	}
	if bo := all[1]; bo.Customer.Name != `Bo "the boat" Dahl` || bo.Customer.State != customer.Disabled || bo.Lacks() != migrate.OtherProvider {
		t.Errorf("%+v", bo)
	}
}

func TestEveryHashFitsInBothAlphabets(t *testing.T) {
	for _, v := range legacytest.Vectors(t) {
		var columns struct{ PasswordHash, Salt string }
		if err := json.Unmarshal([]byte(v.Encoded), &columns); err != nil {
			t.Fatal(err)
		}
		secrets := map[string]string{"signer_key": v.Text("base64_signer_key")}
		options := []string{"salt_separator", v.Text("base64_salt_separator"), "rounds", fmt.Sprint(v.Params["rounds"]), "mem_cost", fmt.Sprint(v.Params["mem_cost"])}
		addresses := strings.NewReplacer("+", "-", "/", "_")
		raw := fmt.Sprintf(`{"localId":"u1","passwordHash":%q,"salt":%q}`, addresses.Replace(columns.PasswordHash), addresses.Replace(columns.Salt))
		p, err := legacytest.Keeps(t, legacytest.Reader(t, firebase.JSON(), secrets, options...), legacy.Element{Raw: []byte(raw)}, columns.PasswordHash, columns.Salt)
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
		row := legacytest.Row("localId", "u1", "passwordHash", columns.PasswordHash, "salt", columns.Salt)
		p, err = legacytest.Keeps(t, legacytest.Reader(t, firebase.CSV(), secrets, options...), row, columns.PasswordHash, columns.Salt)
		if err != nil {
			t.Fatal(err)
		}
		legacytest.Verifies(t, p.Passwords, v)
	}
}

func TestSecretsStayApartHoweverTheyAreSpelled(t *testing.T) {
	reader := legacytest.Reader(t, firebase.JSON(), map[string]string{"signer_key": theKey})
	p, err := legacytest.Keeps(t, reader, legacy.Element{Raw: []byte(`{"localId":"u1","PasswordHash":"aGlkZGVuLTE=","SALT":"aGlkZGVuLTI="}`)}, "aGlkZGVuLTE=", "aGlkZGVuLTI=")
	if err != nil || len(p.Passwords) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := reader.Person(legacy.Element{Raw: []byte(`{"localId":"u1","LocalID":"u2"}`)}); err == nil {
		t.Error("two ids are taken")
	}
}

func TestClaimsAreFieldsByTheirPath(t *testing.T) {
	reader := legacytest.Reader(t, firebase.JSON(), nil, "passwords", "leave")
	p, err := reader.Person(legacy.Element{Raw: []byte(`{"localId":"u1","passwordHash":"aGFzaA==","customAttributes":"{\"a\":{\"b\":1},\"roles\":[\"x\",\"y\"]}"}`)})
	if err != nil || p.Value("customAttributes.a.b") != "1" || len(p.Passwords) != 0 || p.Left[0].What != "password" {
		t.Errorf("%+v, %v", p, err)
	}
	for _, claims := range []string{`{`, `1`, `[]`, `{}}`, `{},\"email\":\"eve@harbour.test\"`} {
		if p, err := reader.Person(legacy.Element{Raw: []byte(`{"customAttributes":"` + claims + `"}`)}); err == nil || len(p.Fields) != 0 {
			t.Errorf("%s is taken: %+v", claims, p)
		}
	}
}

func TestWithoutTheSignerKeyPasswordsAreLeftOnlyIfTheMigrationSaysSo(t *testing.T) {
	for name, test := range map[string]struct {
		options map[string]string
		key     string
		fine    bool
	}{
		"nothing said":              {nil, "", false},
		"left behind":               {map[string]string{"passwords": "leave"}, "", true},
		"neither":                   {map[string]string{"passwords": "drop"}, theKey, false},
		"a key":                     {nil, theKey, true},
		"no base64":                 {nil, "s3cret!!", false},
		"a key beyond all bounds":   {nil, strings.Repeat("AAAA", 1000), false},
		"rounds beyond all bounds":  {map[string]string{"rounds": "100000"}, theKey, false},
		"memory beyond all bounds":  {map[string]string{"mem_cost": "40"}, theKey, false},
		"a separator that is none":  {map[string]string{"salt_separator": "%"}, theKey, false},
		"the separator of no bytes": {map[string]string{"salt_separator": ""}, theKey, true},
	} {
		_, err := firebase.JSON().New(legacy.Settings{Options: test.options, Secrets: map[string][]byte{"signer_key": []byte(test.key)}})
		if (err == nil) != test.fine || err != nil && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzJSON(f *testing.F) {
	reader := legacytest.Reader(f, firebase.JSON(), map[string]string{"signer_key": theKey})
	legacytest.FuzzObject(f, reader, `{"localId":"u1","customAttributes":%q,"passwordHash":%q,"salt":"42xEC+ixf3L2lw=="}`)
}

func FuzzCSV(f *testing.F) {
	reader := legacytest.Reader(f, firebase.CSV(), map[string]string{"signer_key": theKey})
	legacytest.FuzzRow(f, reader, []string{"passwordHash", "salt"}, []string{"localId", "customAttributes", "disabled", "google.com.id"})
}

func ExampleJSON() {
	reader, _ := firebase.JSON().New(legacy.Settings{Options: map[string]string{"passwords": "leave"}})
	p, _ := reader.Person(legacy.Element{Raw: []byte(`{"localId":"u1","email":"ana@harbour.test","customAttributes":"{\"role\":\"clerk\"}"}`)})
	fmt.Println(p.Key, p.State, p.Value("customAttributes.role"))
	// Output: u1 active clerk
}
