package otp

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestKeysOfOtherSystemsMakeTheirCodes(t *testing.T) {
	secret := []byte("12345678901234567890")
	at := time.Unix(1_111_111_109, 0) // of RFC 6238 appendix B, whose last digits these are
	tests := []struct {
		name            string
		algorithm       string
		digits, seconds int
		want            string
	}{
		{"what apps take for granted", "", 0, 0, "081804"},
		{"seven digits", "SHA1", 7, 30, "7081804"},
		{"eight digits, by another name", "HmacSHA1", 8, 30, "07081804"},
		{"with a dash", "sha-1", 6, 30, "081804"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k, err := KeyOf(secret, test.algorithm, test.digits, test.seconds)
			if err != nil {
				t.Fatal(err)
			}
			if got := k.Code(k.Step(at)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			decoded, err := DecodeKey(k.Encode())
			if err != nil || decoded.Code(1) != k.Code(1) {
				t.Errorf("it is kept as %+v, %v", decoded, err)
			}
		})
	}
	for name, k := range map[string]func() (Key, error){
		"MD5":          func() (Key, error) { return KeyOf(secret, "MD5", 6, 30) },
		"five digits":  func() (Key, error) { return KeyOf(secret, "", 5, 30) },
		"ten seconds":  func() (Key, error) { return KeyOf(secret, "", 6, 10) },
		"an hour":      func() (Key, error) { return KeyOf(secret, "", 6, 3600) },
		"time is back": func() (Key, error) { return KeyOf(secret, "", 6, -30) },
		"72 bits":      func() (Key, error) { return KeyOf(secret[:9], "", 6, 30) },
	} {
		if _, err := k(); !errors.Is(err, ErrKey) {
			t.Errorf("%s: got %v, want ErrKey", name, err)
		}
	}
}

// pbkdf2OfQuay is PBKDF2 of "quay2" with SHA-256, made with hashlib of Python.
const pbkdf2OfQuay = "hnHFWNrPaHKvNgM12ZSvCCDjVv0GfgUavg+b4r91z4U"

func foreignSet(t testing.TB) RecoverySet {
	t.Helper()
	sum256, sum512 := sha256.Sum256([]byte("harbour-1")), sha512.Sum512([]byte("ABCD1234EFGH"))
	set, left, err := ForeignRecovery(rand.Reader, []ForeignCode{
		{Plain: "abc"}, // too short to be one
		{Plain: "X7kQ9-pLm2"},
		{Digest: []byte(hex.EncodeToString(sum256[:])), Scheme: "SHA-256"},
		{Digest: []byte(base64.StdEncoding.EncodeToString(sum512[:])), Scheme: "RS512"},
		{Digest: sum256[:], Scheme: "sha256"},
		{Digest: []byte("$pbkdf2-sha256$i=1000,l=32$c2FsdHNhbHQ$" + pbkdf2OfQuay)},
	})
	if err != nil || left != 1 {
		t.Fatalf("%d are left out, %v", left, err)
	}
	return set
}

func TestRecoveryCodesOfOtherSystemsAreTakenOnce(t *testing.T) {
	set := foreignSet(t)
	if set.Left() != 5 || !set.Slow() {
		t.Fatalf("%d are left, slow: %v", set.Left(), set.Slow())
	}
	for i, typed := range []string{
		"x7KQ9pLM2",       // of one in clear the case and dashes do not count
		" abcd-1234-efgh", // nor where the digest is of a code in capitals
		"Harbour-1",       // stands in the set twice, and is one code
		"quay 2",
	} {
		decoded, err := DecodeRecovery(set.Encode())
		if err != nil {
			t.Fatal(err)
		}
		rest, found := decoded.Take(typed)
		if left := []int{4, 3, 1, 0}[i]; !found || rest.Left() != left {
			t.Fatalf("%q is found: %v, %d left", typed, found, rest.Left())
		}
		if again, found := rest.Take(typed); found {
			t.Errorf("%q is taken again, %d left", typed, again.Left())
		}
		set = rest
	}
	if _, found := set.Take("harbour-1"); found || set.Slow() {
		t.Error("a set without codes lets somebody in, or is slow")
	}
	if decoded, err := DecodeRecovery(set.Encode()); err != nil || decoded.Left() != 0 {
		t.Errorf("an empty set is kept as %d, %v", decoded.Left(), err)
	}
}

func TestWhatIsNoCodeIsNotTakenOver(t *testing.T) {
	for name, codes := range map[string][]ForeignCode{
		"none":                  nil,
		"empty":                 {{}},
		"dashes only":           {{Plain: "------"}},
		"five letters":          {{Plain: "abcde"}},
		"in clear and a digest": {{Plain: "abcdefgh", Digest: make([]byte, 32), Scheme: "sha256"}},
		"half a digest":         {{Digest: make([]byte, 16), Scheme: "sha256"}},
		"an unknown digest":     {{Digest: []byte("secret-text"), Scheme: "whirl"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := ForeignRecovery(rand.Reader, codes)
			if !errors.Is(err, ErrForeign) || strings.Contains(err.Error(), "secret-text") || strings.Contains(err.Error(), "abcde") {
				t.Errorf("got %v, want ErrForeign without the code", err)
			}
		})
	}
}

func TestASetHoldsNoMoreThanCanBeChecked(t *testing.T) {
	many, slow := make([]ForeignCode, maxRecovery+5), make([]ForeignCode, maxSlow+3)
	for i := range many {
		many[i].Plain = fmt.Sprintf("code-%04d", i)
	}
	for i := range slow {
		slow[i].Digest = []byte("$pbkdf2-sha256$i=1000,l=32$c2FsdHNhbHQ$" + pbkdf2OfQuay)
	}
	for _, test := range []struct {
		codes []ForeignCode
		left  int
	}{{many, 5}, {slow, 3}} {
		set, left, err := ForeignRecovery(rand.Reader, test.codes)
		if err != nil || left != test.left || set.Left() != len(test.codes)-test.left {
			t.Errorf("%d are left out of %d, %v", left, len(test.codes), err)
		}
	}
}

func TestTheLongestCodeIsReadAndALongerOneIsNot(t *testing.T) {
	long := strings.Repeat("k", maxTypedCode)
	set, _, err := ForeignRecovery(rand.Reader, []ForeignCode{{Plain: long}})
	if err != nil {
		t.Fatal(err)
	}
	if _, found := set.Take(long + "-"); found {
		t.Error("what is too long was read")
	}
	if _, found := set.Take(long); !found {
		t.Error("the longest is not found")
	}
}

func TestWhatIsOnlyKeptComesBack(t *testing.T) {
	c, err := CountedOf([]byte("12345678901234567890"), "SHA256", 8, 1<<40)
	if err != nil {
		t.Fatal(err)
	}
	back, err := DecodeCounted(c.Encode())
	if err != nil || back.Counter != 1<<40 || back.Digits != 8 || back.Code(3) != c.Code(3) {
		t.Errorf("got %+v, %v", back, err)
	}
	if text := fmt.Sprintf("%v %+v %#v", c, c, &c); strings.Contains(text, "12345") || strings.Contains(text, "49") {
		t.Errorf("it prints %s", text)
	}
	for _, encoded := range [][]byte{nil, {countedVersion}, c.Key.Encode(), append([]byte{countedVersion, 0xff}, c.Encode()[2:]...)} {
		if _, err := DecodeCounted(encoded); !errors.Is(err, ErrKey) {
			t.Errorf("%x: got %v, want ErrKey", encoded, err)
		}
	}
	a := Address{"+6421555010", true}
	if back, err := DecodeAddress(a.Encode()); err != nil || back != a || strings.Contains(fmt.Sprintf("%v %+v %#v", a, a, a), "555") {
		t.Errorf("got %v, %v, or it prints", back, err)
	}
	for _, encoded := range [][]byte{nil, {1, 0}, {1, 2, 'a'}, {2, 0, 'a'}, append([]byte{1, 0}, make([]byte, 300)...)} {
		if _, err := DecodeAddress(encoded); !errors.Is(err, ErrAddress) {
			t.Errorf("%x: got %v, want ErrAddress", encoded, err)
		}
	}
}

func FuzzDecodeRecovery(f *testing.F) {
	f.Add(foreignSet(f).Encode())
	_, ours, _ := NewRecovery(rand.Reader)
	f.Add(ours.Encode())
	f.Fuzz(func(t *testing.T, encoded []byte) {
		set, err := DecodeRecovery(encoded)
		if err != nil {
			return
		}
		if !bytes.Equal(set.Encode(), encoded) {
			t.Errorf("%x decodes, but encodes as %x", encoded, set.Encode())
		}
	})
}

func TestACodeInTwoFormsIsTakenOnce(t *testing.T) {
	digest := sha256.Sum256([]byte("ABCD-1234"))
	set, left, err := ForeignRecovery(rand.Reader, []ForeignCode{
		{Plain: "abcd-1234"}, {Plain: "ABCD 1234"}, {Digest: digest[:], Scheme: "sha256"}, {Plain: "other-code-5"},
	})
	if err != nil || left != 0 {
		t.Fatal(left, err)
	}
	rest, found := set.Take("ABCD-1234")
	if !found || rest.Left() != 1 {
		t.Fatalf("%v, %d are left", found, rest.Left())
	}
	for _, typed := range []string{"ABCD-1234", "abcd1234", "abcd-1234"} {
		if _, found := rest.Take(typed); found {
			t.Errorf("%q was taken twice", typed)
		}
	}
}
