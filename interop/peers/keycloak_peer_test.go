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
func (k *keycloak) filled(t testing.TB, first, count int, keys bool) (all []*person) {
	t.Helper()
	for i, algorithm := range algorithms {
		k.hashBy(t, algorithm.name, algorithm.iterations)
		var some []*person
		for n := first + i*count/len(algorithms); n < first+(i+1)*count/len(algorithms); n++ {
			p := newPerson(n)
			p.ID = fmt.Sprintf("%08d-0000-4000-8000-%012d", n, n)
			if keys {
				p.key = newAuthenticator(relyingParty, []byte(p.ID))
			}
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

const secret = "secret-of-a-test"

// migration brings people over by export, and others as they sign in.
func (k *keycloak) migration() string {
	return `kind: migration
name: harbourlight
source:
  format: keycloak
  options: {rp_id: localhost, passwordless_rp_id: localhost}
drop:
  - {field: serviceAccount, equals: ["true"], reason: service-account}
connection:
  kind: keycloak
  url: ` + k.url + `
  realm: ` + realm + `
  client: ` + client + `
  secret: keycloak
  lookup_client: ` + client + `
  lookup_secret: keycloak
  network: ["localhost:` + k.port + `"]
  rate: {calls: 50, per: 1s}
jit: {limit: {calls: 50, per: 1s, burst: 50}}
`
}

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

type report struct {
	Imported, Held, Dropped int
	Known                   int
	Reasons, Warnings       map[string]int
	Ledger                  map[string]int
}

// People are exported from a real Keycloak, imported, and sign in with what they had
// there. Others cross as they sign in, while it runs; then it is gone, and they are
// here.
func TestPeerKeycloakLosesItsPeopleToUs(t *testing.T) {
	k := newKeycloak(t)
	h := newHere(t, k.migration())
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	h.Run(t, "secret", "put", "keycloak", "--file", file)
	h.Keep(secret)

	k.start(t)
	k.furnish(t, secret)
	k.letLook(t)
	people := k.filled(t, 0, crowd(t), true)
	export := joined(t, k.export(t, t.TempDir(), false))
	for _, p := range people {
		h.Keep(p.Password)
	}
	var first, second report
	h.RunJSON(t, &first, "migrate", "run", "harbourlight", "--file", export)
	if first.Imported != len(people) || first.Held != 0 || first.Dropped != 1 {
		t.Fatalf("of %d people and a service account: %+v", len(people), first)
	}
	t.Run("by password and app", func(t *testing.T) {
		everybody(t, people, func(n int, p *person) string { return h.signIn(t, n, p) })
	})
	t.Run("by passkey", func(t *testing.T) {
		everybody(t, people, func(n int, p *person) string { return h.touch(t, 10_000+n, p) })
	})
	t.Run("nobody by another password", func(t *testing.T) {
		everybody(t, people[:8], func(n int, p *person) string { return refused(h.signIn(t, 5000+n, wrong(p))) })
	})
	h.RunJSON(t, &second, "migrate", "run", "harbourlight", "--file", export)
	if second.Imported+second.Held+second.Dropped != 0 || second.Known != len(people)+1 {
		t.Errorf("the same file again: %+v", second)
	}

	k.start(t)
	others := k.filled(t, len(people), max(8, len(people)/5), false)
	late := others[len(others)-1]
	others = others[:len(others)-1]
	for _, p := range append(others, late) {
		h.Keep(p.Password)
	}
	t.Run("nobody crosses by another password", func(t *testing.T) {
		everybody(t, others[:4], func(n int, p *person) string { return refused(h.signIn(t, 20_000+n, wrong(p))) })
	})
	t.Run("as they sign in", func(t *testing.T) {
		everybody(t, others, func(n int, p *person) string { return h.signIn(t, 21_000+n, p) })
	})
	k.stop()
	t.Run("again when Keycloak is gone", func(t *testing.T) {
		everybody(t, others, func(n int, p *person) string { return h.signIn(t, 25_000+n, p) })
	})
	if why := h.signIn(t, 29_000, late); why != "the password is answered with 503" {
		t.Errorf("who is not here yet, when Keycloak is gone: %q", why)
	}
	var now struct{ Records map[string]int }
	h.RunJSON(t, &now, "migrate", "status", "harbourlight")
	if now.Records["imported"] != len(people)+len(others) || now.Records["pending"] != 0 {
		t.Errorf("of %d people and %d: %v", len(people), len(others), now.Records)
	}
}

// wrong is somebody who mistypes their password.
func wrong(p *person) *person {
	other := *p
	other.Password += "x"
	return &other
}

// refused tells whether somebody was told that it is not their password.
func refused(why string) string {
	if why == "the password is answered with 422" {
		return ""
	}
	return "let in, or: " + why
}
