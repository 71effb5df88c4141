package passhash

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

func TestOwnArgon2AgreesWithTheLibraryWhereBothCompute(t *testing.T) {
	for _, c := range []Argon2Cost{{8, 1, 1}, {9, 3, 1}, {64, 2, 1}, {1025, 2, 1}, {32, 1, 4}, {259, 3, 3}, {2048, 2, 4}} {
		for _, length := range []int{4, 32, 64, 65, 100, 128} {
			s := argon2Step{kind: argon2id, version: 0x13, work: c, salt: []byte("somesalt"), length: length}
			want := argon2.IDKey([]byte("password"), s.salt, c.Time, c.MemoryKiB, c.Threads, uint32(length))
			if got := argon2Key(s, []byte("password")); !bytes.Equal(got, want) {
				t.Errorf("argon2id %+v, %d bytes: %x, want %x", c, length, got, want)
			}
			s.kind = argon2i
			want = argon2.Key([]byte("password"), s.salt, c.Time, c.MemoryKiB, c.Threads, uint32(length))
			if got := argon2Key(s, []byte("password")); !bytes.Equal(got, want) {
				t.Errorf("argon2i %+v, %d bytes: %x, want %x", c, length, got, want)
			}
		}
	}
}

func TestOwnBcryptAgreesWithTheLibrary(t *testing.T) {
	for n := range 72 {
		password := []byte(strings.Repeat("π-lantern", 9)[:n])
		encoded, err := bcrypt.GenerateFromPassword(password, bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		h, err := Parse(string(encoded))
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := h.Verify(password); !ok || err != nil || h.Encode() != string(encoded) {
			t.Errorf("%d bytes: %v, %v", n, ok, err)
		}
	}
}

// Published by the tests of the Argon2 reference implementation (src/test.c),
// for version 0x10, which writes no version.
func TestPublishedHashesOfTheFirstArgon2Verify(t *testing.T) {
	for _, encoded := range []string{
		"$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
		"$argon2i$m=256,t=2,p=2$c29tZXNhbHQ$tsEVYKap1h6scGt5ovl9aLRGOqOth+AMB+KwHpDFZPs",
	} {
		verify(t, encoded, "password")
	}
}

// Made with crypt(3) of glibc through Perl, and with openssl passwd.
func TestCryptHashesOfOddPasswordsVerify(t *testing.T) {
	const long = "0123456789abcdef0123456789abcdef"
	for _, row := range []struct{ encoded, password string }{
		{"{CRYPT}abNl1ECKTkyRc", "gull"},
		{"{CRYPT}zZ.18Dmeuv5cI", "Lantern-quay"},
		{"{CRYPT}zZ.18Dmeuv5cI", "Lantern-"}, // DES takes eight characters
		{"{CRYPT}./Una9Fi.seRo", ""},
		{"{CRYPT}Q9mi2JAHr8nmk", "päss"},
		{"$1$saltsalt$5Jhcit4zN9UlGiA0txPkO0", ""},
		{"$1$saltsalt$MzDjbImyzEz2m0NTiPzNW/", "a"},
		{"$1$saltsalt$4EgCLUd29Tzylun7C0/251", long},
		{"$apr1$ab$S8K6Sgp3W8c9Jb6LxgywZ.", ""},
		{"$apr1$ab$MW8Wizufu9hz465GKNNrn.", "a"},
		{"$apr1$ab$DKkb1WE5CODEMWa8G5wcu.", long},
		{"$6$ab$/PzCrRVMmcIPg399m0GjJEW7Is3nwj.HV3N4NLJLXwzwzPszJ55Jq.eFpjcqBciAH7lx4yAws1nleGIpiHDt91", "a"},
		{"$6$ab$lrRzOkISRB/EpDFNsYuePHurXDKrq1fFn2DANYSOhbbB87Lw5YLPIO7IJJLdEYc9eRkv5ZXel82d.ZmWtt0ZY1", long},
	} {
		verify(t, row.encoded, row.password)
	}
}

// WordPress trims what was typed before it hashes; its phpass column cannot say so.
func TestWordPressColumnTrimsThePassword(t *testing.T) {
	h, err := ParseAs("wordpress-phpass", "$P$6VFH5GJLkKA5IHojR2yDcXnR.66T32.", Params{})
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := h.Verify([]byte(" lantern-quay-quay82\t")); !ok || err != nil {
		t.Error(ok, err)
	}
}

func verify(t *testing.T, encoded, password string) {
	t.Helper()
	h, err := Parse(encoded)
	if err != nil {
		t.Errorf("%.12s: %v", encoded, err)
		return
	}
	right, err := h.Verify([]byte(password))
	wrong, wrongErr := h.Verify([]byte(fmt.Sprintf("x%s", password)))
	if !right || wrong || err != nil || wrongErr != nil {
		t.Errorf("%.12s, %q: right %v %v, wrong %v %v", encoded, password, right, err, wrong, wrongErr)
	}
}
