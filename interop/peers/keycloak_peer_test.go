//go:build peers

package peers

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// crowd is how many people are brought over; SALLYPORT_PEERS asks for fewer.
func crowd(t testing.TB) int {
	text := os.Getenv("SALLYPORT_PEERS")
	if text == "" {
		return 1000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 8 {
		t.Fatalf("SALLYPORT_PEERS is %q, and at least 8 people are needed", text)
	}
	return n
}

// algorithms are all by which Keycloak hashes passwords. The slowest are turned down
// for new passwords, not left out.
var algorithms = []struct {
	name       string
	iterations int
}{{"argon2", 5}, {"pbkdf2-sha512", 30_000}, {"pbkdf2-sha256", 60_000}, {"pbkdf2", 20_000}}

// filled makes people and has Keycloak take them in.
func (k *keycloak) filled(t testing.TB, first, count int) (all []*person) {
	t.Helper()
	for i, algorithm := range algorithms {
		k.hashBy(t, algorithm.name, algorithm.iterations)
		var some []*person
		for n := first + i*count/len(algorithms); n < first+(i+1)*count/len(algorithms); n++ {
			p := newPerson(n)
			p.ID = fmt.Sprintf("%08d-0000-4000-8000-%012d", n, n)
			p.key = newAuthenticator(relyingParty, []byte(p.ID))
			if some = append(some, p); len(some) == 50 {
				k.admit(t, some)
				all, some = append(all, some...), nil
			}
		}
		if len(some) > 0 {
			k.admit(t, some)
		}
		all = append(all, some...)
	}
	return all
}

const migration = `kind: migration
name: harbourlight
source:
  format: keycloak
  options: {rp_id: localhost, passwordless_rp_id: localhost}
drop:
  - {field: serviceAccount, equals: ["true"], reason: service-account}
`

// joined is one file of several, one behind the other.
func joined(t testing.TB, files []string) string {
	t.Helper()
	var all bytes.Buffer
	for _, f := range files {
		part, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(part)
	}
	path := filepath.Join(t.TempDir(), "users.json")
	if err := os.WriteFile(path, all.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// People are exported from a real Keycloak, imported, and sign in with what they had
// there.
func TestPeerKeycloakIsExportedAndItsPeopleSignIn(t *testing.T) {
	h := newHere(t, migration)
	k := newKeycloak(t)
	k.furnish(t, "secret-of-a-test")
	people := k.filled(t, 0, crowd(t))
	export := joined(t, k.export(t, t.TempDir(), false))
	for _, p := range people {
		h.Keep(p.Password)
	}
	var report struct {
		Imported, Held, Dropped int
		Reasons, Warnings       map[string]int
	}
	h.RunJSON(t, &report, "migrate", "run", "harbourlight", "--file", export)
	if report.Imported != len(people) || report.Held != 0 || report.Dropped != 1 {
		t.Fatalf("of %d people and a service account: %+v", len(people), report)
	}
	t.Run("by password and app", func(t *testing.T) {
		everybody(t, people, func(n int, p *person) string { return h.signIn(t, n, p) })
	})
	t.Run("by passkey", func(t *testing.T) {
		everybody(t, people, func(n int, p *person) string { return h.touch(t, 10_000+n, p) })
	})
	t.Run("nobody by another password", func(t *testing.T) {
		everybody(t, people[:8], func(n int, p *person) string {
			other := *p
			other.Password += "x"
			if why := h.signIn(t, 5000+n, &other); why != "the password is answered with 422" {
				return "let in, or: " + why
			}
			return ""
		})
	})
}
