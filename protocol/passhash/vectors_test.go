package passhash

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

type vector struct {
	Scheme        string         `json:"scheme"`
	Encoded       string         `json:"encoded"`
	Password      string         `json:"password"`
	WrongPassword string         `json:"wrong_password"`
	Params        map[string]any `json:"params"`
	ProducedBy    string         `json:"produced_by"`
}

// vectors were made by the tools each names in produced_by: PHP, Django, passlib,
// libxcrypt, the Argon2 reference program, and published examples.
func vectors(t testing.TB) []vector {
	t.Helper()
	text, err := os.ReadFile("testdata/password_hashes.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 116 {
		t.Fatalf("%d vectors, want all 116", len(all))
	}
	return all
}

// unsupportedSchemes may only become shorter.
var unsupportedSchemes = map[string]bool{}

func TestEveryVectorVerifiesAndItsWrongPasswordDoesNot(t *testing.T) {
	text, err := os.ReadFile("testdata/password_hashes.json")
	if err != nil {
		t.Fatal(err)
	}
	report, err := VerifyFile(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(report.Results), len(vectors(t)); got != want {
		t.Fatalf("%d results for %d entries", got, want)
	}
	for i, r := range report.Results {
		if unsupportedSchemes[r.Scheme] == r.OK {
			t.Errorf("entry %d, %s: ok %v, %s", i, r.Scheme, r.OK, r.Reason)
		}
	}
}

func TestStorageFormOfEveryVectorReadsBackToTheSameHash(t *testing.T) {
	for _, v := range vectors(t) {
		h, err := Vector(v.Scheme, v.Encoded, v.Params)
		if err != nil {
			t.Errorf("%s: %v", v.Scheme, err)
			continue
		}
		again, err := Parse(h.Encode())
		if err != nil {
			t.Errorf("%s: its storage form: %v", v.Scheme, err)
			continue
		}
		if again.Encode() != h.Encode() || again.Scheme() != h.Scheme() || again.Weak() != h.Weak() {
			t.Errorf("%s: came back as %v, was %v", v.Scheme, again, h)
		}
		if !bytes.Equal(again.sum, h.sum) {
			t.Errorf("%s: sum changed on the way", v.Scheme)
		}
	}
}

// notSelfDescribing lists the schemes whose text alone does not say what it is.
func notSelfDescribing(scheme string) bool {
	for _, name := range []string{
		"md5-hex", "sha1-hex", "nt-hash", "firebase-scrypt", "symfony-", "vbulletin",
		"joomla-md5", "magento2-", "better-auth-scrypt",
	} {
		if strings.HasPrefix(scheme, name) {
			return true
		}
	}
	return false
}

func TestParseRecognisesEverySelfDescribingVectorAsItsSchemeSays(t *testing.T) {
	for _, v := range vectors(t) {
		got, err := Parse(v.Encoded)
		if notSelfDescribing(v.Scheme) {
			if err == nil {
				t.Errorf("%s: recognised as %v though nothing in it says so", v.Scheme, got)
			}
			continue
		}
		// Meteor, a pepper and a Spring secret look like the plain scheme.
		if v.Scheme == "meteor-bcrypt" || v.Scheme == "bcrypt-devise-pepper" || v.Params["secret"] != nil {
			continue
		}
		want, wantErr := Vector(v.Scheme, v.Encoded, v.Params)
		if err != nil || wantErr != nil {
			t.Errorf("%s: %v, %v", v.Scheme, err, wantErr)
		} else if got.Encode() != want.Encode() {
			t.Errorf("%s: recognised as %v, is %v", v.Scheme, got, want)
		}
	}
}

func TestEveryWeakVectorVerifiesWhenWrapped(t *testing.T) {
	small := Argon2Cost{MemoryKiB: 1024, Time: 1, Threads: 1}
	wrapped := 0
	for _, v := range vectors(t) {
		h, err := Vector(v.Scheme, v.Encoded, v.Params)
		if err != nil {
			continue
		}
		if !h.Weak() {
			if _, err := Wrap(zeros{}, h, small); !errors.Is(err, ErrNotWeak) {
				t.Errorf("%s: strong but wrapped: %v", v.Scheme, err)
			}
			continue
		}
		wrapped++
		text, err := Wrap(zeros{}, h, small)
		if err != nil {
			t.Errorf("%s: %v", v.Scheme, err)
			continue
		}
		w, err := Parse(text)
		if err != nil {
			t.Errorf("%s: wrapped: %v", v.Scheme, err)
			continue
		}
		right, err := w.Verify([]byte(v.Password))
		wrong, _ := w.Verify([]byte(v.WrongPassword))
		if !right || wrong || err != nil || w.Weak() || w.Scheme() != "wrapped-"+h.Scheme() {
			t.Errorf("%s: wrapped as %v: right %v, wrong %v, %v", v.Scheme, w, right, wrong, err)
		}
	}
	if wrapped < 40 {
		t.Errorf("only %d weak vectors", wrapped)
	}
}

// zeros is a source of randomness for tests that only need some bytes.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
