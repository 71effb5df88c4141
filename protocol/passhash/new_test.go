package passhash

import (
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

var quick = Argon2Cost{MemoryKiB: 64, Time: 1, Threads: 1}

func TestNewHashVerifiesItsPasswordOnly(t *testing.T) {
	encoded, err := New(rand.Reader, []byte("quay-lantern"), DefaultCost)
	if err != nil || !strings.HasPrefix(encoded, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatal(encoded, err)
	}
	verify(t, encoded, "quay-lantern")
	other, err := New(rand.Reader, []byte("quay-lantern"), DefaultCost)
	if err != nil || other == encoded {
		t.Error("two hashes of one password share a salt")
	}
}

func TestNewHashTakesEveryByteOfALongPassword(t *testing.T) {
	long := strings.Repeat("x", Limits.PasswordBytes)
	encoded, err := New(rand.Reader, []byte(long), quick)
	if err != nil {
		t.Fatal(err)
	}
	h, err := Parse(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := h.Verify([]byte(long[1:] + "y")); ok || err != nil {
		t.Error(ok, err)
	}
	if _, err := New(rand.Reader, []byte(long+"x"), quick); !errors.Is(err, ErrPassword) {
		t.Error(err)
	}
}

func TestNewRefusesBadCostsAndBadRandomness(t *testing.T) {
	for _, c := range []Argon2Cost{{}, {64, 0, 1}, {64, 1, 0}, {7, 1, 1}, {1 << 30, 1, 1}, {64, 17, 1}, {1 << 12, 1, 17}} {
		if _, err := New(rand.Reader, []byte("quay"), c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
	for _, r := range []io.Reader{strings.NewReader("short"), iotest.ErrReader(io.ErrClosedPipe)} {
		if encoded, err := New(r, []byte("quay"), quick); err == nil || encoded != "" {
			t.Error(encoded, err)
		}
	}
}

func TestWrappedHashForgetsTheWeakSum(t *testing.T) {
	weak, err := Parse("{SSHA}+gKo1ujBaGX2F+lsj6F5llPJq2P99bOAKLr4jg==")
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := Wrap(rand.Reader, weak, quick)
	if err != nil || strings.Contains(encoded, strings.Split(weak.Encode(), "$")[4]) {
		t.Fatal(encoded, err)
	}
	verify(t, encoded, "rope-quay-Tide59")
	h, err := Parse(encoded)
	if err != nil || h.Scheme() != "wrapped-salted-sha1" || h.String() != "wrapped-salted-sha1 v=19 m=64 t=1 p=1" {
		t.Error(h, err)
	}
}

func TestNeedsRehash(t *testing.T) {
	hash := func(c Argon2Cost) string {
		encoded, err := New(rand.Reader, []byte("quay"), c)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	wrapped := func() string {
		weak, err := Parse("{SHA}zevMgEHeMOijsIEhVGKQCrUeSRA=")
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := Wrap(rand.Reader, weak, quick)
		if err != nil {
			t.Fatal(err)
		}
		return encoded
	}
	for name, row := range map[string]struct {
		encoded string
		want    bool
	}{
		"the wanted cost":     {hash(quick), false},
		"more memory":         {hash(Argon2Cost{128, 1, 1}), false},
		"more passes":         {hash(Argon2Cost{64, 2, 1}), false},
		"less memory":         {hash(Argon2Cost{32, 1, 1}), true},
		"other lanes":         {hash(Argon2Cost{64, 1, 2}), true},
		"a wrapped hash":      {wrapped(), true},
		"bcrypt":              {"$2b$10$" + salt22 + sum31, true},
		"the older Argon2id":  {"$argon2id$v=16$m=1024,t=2,p=1$OGtHWmVQMzNzajlFRFBDWA$9zh3Y5BXzUaZ/UGBa8mqlIJKeoHlICztZ/6PpzCPx4k", true},
		"Argon2i":             {"$argon2i$v=19$m=4096,t=2,p=1$aEloOVZ5b2VZb3QwTUZPYQ$1gWltpKXGM6iv+9CTELsop1zdHF1hICU38PQZopnVFQ", true},
		"a sum of 16 bytes":   {"$argon2id$v=19$m=2048,t=1,p=1$VmNra1V4S0tQNUhNZzNERg$hhIM5t/O3Fa+ppLS3zEvYw", true},
		"something not read ": {"quay", true},
	} {
		if got := NeedsRehash(row.encoded, quick); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if !NeedsRehash(hash(quick), DefaultCost) {
		t.Error("fewer passes than wanted were kept")
	}
}
