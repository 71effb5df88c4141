package keycloak_test

import (
	"encoding/json"
	"os"
	"testing"

	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/keycloak"
)

// What a Keycloak 26.4.5 exported, which had been given invented people: passwords
// that it hashed by itself with each of its algorithms, apps of every kind, and
// passkeys.
func TestWhatARealKeycloakExported(t *testing.T) {
	var export struct{ Users []json.RawMessage }
	var passwords map[string]string
	for name, into := range map[string]any{"users-0": &export, "passwords": &passwords} {
		content, err := os.ReadFile("testdata/real-26.4.5-" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(content, into); err != nil {
			t.Fatal(err)
		}
	}
	reader, err := keycloak.Format().New(legacy.Settings{Options: map[string]string{"rp_id": "localhost", "passwordless_rp_id": "localhost"}})
	if err != nil {
		t.Fatal(err)
	}
	schemes := map[passhash.Scheme]int{}
	for _, user := range export.Users {
		p, err := reader.Person(legacy.Element{Raw: user})
		if err != nil {
			t.Fatal(err)
		}
		if p.Value("serviceAccount") == "true" {
			continue
		}
		name := p.Value("username")
		if len(p.Passwords) != 1 || len(p.Factors) != 1 || len(p.Passkeys) != 1 {
			t.Fatalf("%s has %d passwords, %d factors and %d passkeys", name, len(p.Passwords), len(p.Factors), len(p.Passkeys))
		}
		hash, err := passhash.Parse(p.Passwords[0].Encoded)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		schemes[hash.Scheme()]++
		if ok, err := hash.Verify([]byte(passwords[name])); !ok || err != nil {
			t.Errorf("%s is refused with the right password: %v", name, err)
		}
		if f := p.Factors[0]; f.Kind != legacy.TOTP || len(f.Secret) != 20 {
			t.Errorf("%s has a %s of %d bytes", name, f.Kind, len(f.Secret))
		}
		if k := p.Passkeys[0]; k.RPID != "localhost" || string(k.UserHandle) != p.Key || len(k.CredentialID) != 32 || len(k.PublicKey) != 77 {
			t.Errorf("%s has a passkey for %q of %d and %d bytes", name, k.RPID, len(k.CredentialID), len(k.PublicKey))
		}
	}
	if len(schemes) < 2 {
		t.Errorf("only %v was met", schemes)
	}
}
