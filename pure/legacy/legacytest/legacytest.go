// Package legacytest holds the packages below pure/legacy to what they promise.
// It is for tests only.
package legacytest

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/passhash"
	"sallyport/pure/legacy"
)

// Vector is a password hash whose password is known, with its origin.
type Vector struct {
	Scheme        string         `json:"scheme"`
	Encoded       string         `json:"encoded"`
	Password      string         `json:"password"`
	WrongPassword string         `json:"wrong_password"`
	Params        map[string]any `json:"params"`
	ProducedBy    string         `json:"produced_by"`
}

// Text gives a parameter that is a text.
func (v Vector) Text(name string) string {
	text, _ := v.Params[name].(string)
	return text
}

// Vectors reads testdata/hashes.json.
func Vectors(t testing.TB) []Vector {
	t.Helper()
	text, err := os.ReadFile("testdata/hashes.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []Vector
	if err := json.Unmarshal(text, &all); err != nil || len(all) == 0 {
		t.Fatalf("testdata/hashes.json: %v, %d vectors", err, len(all))
	}
	return all
}

// Verifies demands of a password that the vector's password fits and its wrong
// one does not.
func Verifies(t testing.TB, passwords []legacy.Password, v Vector) {
	t.Helper()
	if len(passwords) != 1 {
		t.Fatalf("%s: %d passwords, want one", v.Scheme, len(passwords))
	}
	hash, err := Hash(passwords[0])
	if err != nil {
		t.Fatalf("%s: %v", v.Scheme, err)
	}
	if ok, err := hash.Verify([]byte(v.Password)); !ok || err != nil {
		t.Errorf("%s: its password does not fit: %v", v.Scheme, err)
	}
	if ok, _ := hash.Verify([]byte(v.WrongPassword)); ok {
		t.Errorf("%s: a wrong password fits", v.Scheme)
	}
}

// Hash reads a password as imports do.
func Hash(p legacy.Password) (*passhash.Hash, error) {
	if p.Scheme == "" {
		return passhash.Parse(p.Encoded)
	}
	return passhash.ParseAs(p.Scheme, p.Encoded, p.Params)
}

// Reader makes a format's reader; pairs are options by name and value, secrets
// those whose value the environment keeps.
func Reader(t testing.TB, f legacy.Format, secrets map[string]string, pairs ...string) legacy.Reader {
	t.Helper()
	s := legacy.Settings{Options: map[string]string{}, Secrets: map[string][]byte{}}
	for _, o := range f.Options {
		if o.Default != "" {
			s.Options[o.Name] = o.Default
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		s.Options[pairs[i]] = pairs[i+1]
	}
	for name, value := range secrets {
		s.Secrets[name] = []byte(value)
	}
	reader, err := f.New(s)
	if err != nil {
		t.Fatal(err)
	}
	return reader
}

// Row makes an element of names and values in turn.
func Row(pairs ...string) legacy.Element {
	var e legacy.Element
	for i := 0; i+1 < len(pairs); i += 2 {
		e.Names, e.Values = append(e.Names, pairs[i]), append(e.Values, pairs[i+1])
	}
	return e
}

// Keeps demands what every reader promises of any element: that it reads it twice
// alike, that whatever is wrong is a fault, and that no secret stands in a field
// or a fault. It gives what was read.
func Keeps(t testing.TB, r legacy.Reader, e legacy.Element, secrets ...string) (*legacy.Person, error) {
	t.Helper()
	p, err := r.Person(e)
	again, twice := r.Person(e)
	if diff := cmp.Diff(p, again); diff != "" {
		t.Errorf("read twice, it differs:\n%s", diff)
	}
	var fault *legacy.Fault
	switch {
	case err == nil && p == nil:
		t.Error("neither a person nor a fault")
	case err != nil && !errors.As(err, &fault):
		t.Errorf("%T is no fault", err)
	case err != nil && (twice == nil || twice.Error() != err.Error()):
		t.Errorf("read twice, its fault differs: %v, %v", err, twice)
	}
	for _, secret := range secrets {
		hidden(t, p, err, secret)
	}
	return p, err
}

func hidden(t testing.TB, p *legacy.Person, err error, secret string) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), secret) {
		t.Error("a fault repeats a secret")
	}
	if p == nil {
		return
	}
	for _, f := range p.Fields {
		if strings.Contains(strings.Join(f.Values, "\n"), secret) {
			t.Errorf("the field %q holds a secret", f.Name)
		}
	}
	for _, l := range p.Left {
		if strings.Contains(l.What+l.Why, secret) {
			t.Errorf("what is left of %q holds a secret", l.What)
		}
	}
}
