package sallyport_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/legacytest"
	"sallyport/pure/legacy/sallyport"
)

// secrets of testdata/person.json, none of which may show.
var secrets = []string{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu."}

func person(t testing.TB) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/person.json")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.TrimSpace(text)
}

func believing(t testing.TB) legacy.Reader {
	return legacytest.Reader(t, sallyport.Format(), nil, "trust", "unsigned")
}

func TestEverybodyComesWithAllThatIsTheirs(t *testing.T) {
	p, err := legacytest.Keeps(t, believing(t), legacy.Element{Raw: person(t)}, secrets...)
	if err != nil {
		t.Fatal(err)
	}
	k := p.Kept
	switch {
	case p.Key != "cus_00000000000000000000000004" || k.Customer.ID.String() != p.Key || p.State != legacy.Active:
		t.Errorf("they are %s, %s", p.Key, p.State)
	case len(k.Identifiers) != 2 || k.Identifiers[0].Display != "Dana@A.example" || !k.Identifiers[0].Verified || k.Identifiers[0].Proof.By != "link" || k.Identifiers[1].Verified:
		t.Errorf("identifiers are %+v", k.Identifiers)
	case len(p.Passwords) != 1 || p.Passwords[0].Encoded != secrets[1] || k.PasswordSet.IsZero():
		t.Errorf("passwords are %+v", k.PasswordSet)
	case len(p.Factors) != 1 || string(p.Factors[0].Secret) != "12345678901234567890" || p.Factors[0].Kept.Used != 58000000:
		t.Errorf("factors are %d", len(p.Factors))
	case k.Owes == nil || k.Owes.Source != "migration/orchard":
		t.Errorf("they owe %+v", k.Owes)
	case len(p.Passkeys) != 1 || p.Passkeys[0].RPID != "a.example" || string(p.Passkeys[0].CredentialID) != "key":
		t.Errorf("passkeys are %+v", p.Passkeys)
	case len(p.Links) != 2 || p.Links[1].Provider != sallyport.RecordProvider || len(k.Consents) != 1:
		t.Errorf("links are %+v, consents %+v", p.Links, k.Consents)
	case len(k.Tags) != 2 || k.Tags[0] != "no-paper":
		t.Errorf("tags are %q", k.Tags)
	}
	day := func(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }
	if diff := cmp.Diff([]legacy.Agreement{
		{Kind: legacy.AgreedDocument, Document: "terms", Version: "2025-01", Given: day(2025), Withdrawn: day(2026), Replaced: true, Evidence: []byte(`{"language":"en"}`)},
		{Kind: legacy.AgreedDocument, Document: "terms", Version: "2026-01", Given: day(2026)},
		{Kind: legacy.AgreedPurpose, Document: "tips", Version: "1", Refused: true, Given: day(2025)},
	}, k.Agreements); diff != "" {
		t.Error(diff)
	}
}

func TestWhatNoSallyportHasWrittenIsAFaultAsAWhole(t *testing.T) {
	reader, whole := believing(t), string(person(t))
	for name, change := range map[string][2]string{
		"no id":                        {`"id":"cus_00000000000000000000000004"`, `"id":""`},
		"an id that is none":           {"cus_00000000000000000000000004", "cus_../../etc/passwd"},
		"a member twice":               {`"state":"active"`, `"state":"active","state":"disabled"`},
		"a member twice in two cases":  {`"state":"active"`, `"state":"active","STATE":"disabled"`},
		"a NUL in the name":            {"Dana Reyes", `Dana\u0000`},
		"a name without end":           {"Dana Reyes", strings.Repeat("D", 5000)},
		"a group twice":                {`["household"]`, `["household","household"]`},
		"an identifier twice":          {`{"kind":"username"`, `{"kind":"email","value":"dana@a.example"},{"kind":"username"`},
		"a factor of no kind":          {`"kind":"totp"`, `"kind":"pin"`},
		"a factor beyond the slots":    {`"kind":"totp"`, `"kind":"totp","slot":16`},
		"a key that makes no codes":    {`"digits":6`, `"digits":60`},
		"a time step before all time":  {"58000000", "-1"},
		"a factor nobody confirmed":    {`"confirmed":"2024-03-02T09:00:00Z",`, ""},
		"a passkey that is not base64": {`"a2V5"`, `"a2V5=="`},
		"a passkey of nobody's site":   {`"rp_id":"a.example"`, `"rp_id":""`},
		"a consent to nobody":          {`"application":"sunshare"`, `"application":""`},
		"a link that leads nowhere":    {`"subject":"1082"`, `"subject":""`},
		"a proof by nothing":           {`"by":"link"`, `"by":""`},
		"a proof at no time":           {`"at":"2024-03-01T09:05:00Z"`, `"at":"0001-01-01T00:00:00Z"`},
		"an unproven name comes first": {`"value":"dana","verified":false`, `"value":"dana","verified":false,"first":true`},
		"two addresses come first":     {`{"kind":"username"`, `{"kind":"email","value":"b@a.example","verified":true,"first":true},{"kind":"email","value":"c@a.example","verified":true,"first":true},{"kind":"username"`},
		"a tag twice":                  {`"vip"`, `"no-paper"`},
		"a tag that nobody can type":   {`"vip"`, `"VIP"`},
		"more tags than anybody wears": {`"vip"`, `"` + strings.Join(strings.Split("abcdefghijklmnopqrstuvwxyz", ""), `","`) + `"`},
		"an answer to something else":  {`"kind":"purpose"`, `"kind":"oath"`},
		"an answer to nothing":         {`"document":"tips"`, `"document":""`},
		"an answer to no version":      {`"version":"1"`, `"version":""`},
		"an answer before all time":    {`"version":"1","refused":true,"given":"2025-01-01T00:00:00Z"`, `"version":"1","given":"1970-01-01T00:00:00Z"`},
		"an answer twice":              {`"document":"tips","version":"1"`, `"document":"tips","version":"2","given":"2025-01-01T00:00:00.0000001Z"},{"kind":"purpose","document":"tips","version":"1"`},
		"an answer replaced by none":   {`"refused":true`, `"replaced":true`},
		"an end before all time":       {`"withdrawn":"2026-01-01T00:00:00Z"`, `"withdrawn":"0001-01-02T00:00:00Z"`},
		"a version without end":        {`"version":"1"`, `"version":"` + strings.Repeat("1", 300) + `"`},
		"evidence that is a text":      {`{"language":"en"}`, `"en"`},
		"evidence without end":         {`{"language":"en"}`, `{"language":"` + strings.Repeat("<", 1000) + `"}`},
		"more answers than anybody":    {`{"kind":"purpose"`, answers(sallyport.MaxAgreements, `{}`) + `{"kind":"purpose"`},
		"more evidence than anybody":   {`{"kind":"purpose"`, answers(70, `{"text":"`+strings.Repeat("x", 4000)+`"}`) + `{"kind":"purpose"`},
		"deep nesting":                 {`{"tariff":"night"}`, strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000)},
		"a number where a text stands": {`"Dana Reyes"`, "1e400"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(whole, change[0], change[1], 1)
			if changed == whole {
				t.Fatal("nothing was changed")
			}
			_, err := legacytest.Keeps(t, reader, legacy.Element{Raw: []byte(changed)}, secrets...)
			if fault := (*legacy.Fault)(nil); !errors.As(err, &fault) {
				t.Errorf("it is %v", err)
			}
		})
	}
}

// answers are so many, one a day, each with a comma behind it.
func answers(n int, evidence string) string {
	var all strings.Builder
	for i := range n {
		given := time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i).Format(time.RFC3339)
		fmt.Fprintf(&all, `{"kind":"purpose","document":"news","version":"1","given":%q,"withdrawn":%q,"evidence":%s},`, given, given, evidence)
	}
	return all.String()
}

func TestAMigrationSaysWhomItBelieves(t *testing.T) {
	signer := string(sallyport.SignerOf(make([]byte, ed25519.PublicKeySize)))
	for name, test := range map[string]struct {
		options map[string]string
		fits    bool
	}{
		"a signer":             {map[string]string{"signer": signer}, true},
		"anybody":              {map[string]string{"trust": "unsigned"}, true},
		"nobody":               {nil, false},
		"both":                 {map[string]string{"signer": signer, "trust": "unsigned"}, false},
		"another trust":        {map[string]string{"trust": "signed"}, false},
		"a key of age":         {map[string]string{"signer": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"}, false},
		"half a signer":        {map[string]string{"signer": signer[:40]}, false},
		"one with white space": {map[string]string{"signer": signer + " "}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := sallyport.Format().New(legacy.Settings{Options: test.options}); (err == nil) != test.fits {
				t.Errorf("%v", err)
			}
		})
	}
}

// FuzzPerson: whatever a line is, it is read twice alike or is a fault, and what was
// not signed is nobody.
func FuzzPerson(f *testing.F) {
	f.Add(person(f))
	f.Add([]byte(`{"id":"cus_00000000000000000000000004","signature":""}`))
	f.Add([]byte(`{"signature":"}`))
	open := believing(f)
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	closed := legacytest.Reader(f, sallyport.Format(), nil, "signer", string(sallyport.SignerOf(key.Public().(ed25519.PublicKey))))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := legacytest.Keeps(t, open, legacy.Element{Raw: raw})
		if err == nil && p.Kept.Customer.ID.IsZero() {
			t.Error("somebody has no id")
		}
		if _, err := legacytest.Keeps(t, closed, legacy.Element{Raw: raw}); err == nil {
			t.Error("what nobody signed is believed")
		}
		if !json.Valid(raw) || len(raw) < 3 || raw[0] != '{' || raw[len(raw)-1] != '}' {
			return
		}
		again, signed := legacytest.Keeps(t, closed, legacy.Element{Raw: sallyport.Sign(key, raw)})
		if err == nil && !bytes.Contains(raw, []byte("ignature")) && (signed != nil || again.Key != p.Key) {
			t.Errorf("signed, it is %v", signed)
		}
	})
}

func TestTheAddressThatComesFirstComesAlong(t *testing.T) {
	text := strings.Replace(string(person(t)), `"by":"link"}}`, `"by":"link"},"first":true}`, 1)
	p, err := legacytest.Keeps(t, believing(t), legacy.Element{Raw: []byte(text)}, secrets...)
	if err != nil || !p.Kept.Identifiers[0].First || p.Kept.Identifiers[1].First {
		t.Fatalf("%v, %+v", err, p)
	}
	if !sallyport.IdentifierOf(p.Kept.Identifiers[0]).First {
		t.Error("it is not written again")
	}
}
