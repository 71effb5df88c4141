package passhash

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPrintingAndLoggingAHashShowSchemeAndCostOnly(t *testing.T) {
	for _, v := range vectors(t) {
		h, err := Vector(v.Scheme, v.Encoded, v.Params)
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("read", "hash", h)
		for _, text := range []string{h.String(), fmt.Sprintf("%v %+v %#v %s %x %q", h, h, h, h, h, h), fmt.Sprintf("%+v %#v", *h, *h), log.String()} {
			for _, secret := range []string{fmt.Sprint(h.sum), hex.EncodeToString(h.sum), string(h.sum), base64.StdEncoding.EncodeToString(h.sum)} {
				if strings.Contains(text, secret) {
					t.Errorf("%s shows its sum: %s", v.Scheme, text)
				}
			}
			if !strings.Contains(text, string(h.Scheme())) {
				t.Errorf("%s does not name its scheme: %s", v.Scheme, text)
			}
		}
	}
	h, err := Parse("$argon2id$v=19$m=4096,t=2,p=1$Y2FIU1pWRGVqUDBFSTF3Tw$rKaLrtOO3gxg4e/dSI2GBNOPBZ8vyKdwR0UtrYvJt6A")
	if err != nil || h.String() != "argon2id v=19 m=4096 t=2 p=1" {
		t.Error(h, err)
	}
}

func TestErrorsHoldNothingOfTheHash(t *testing.T) {
	for _, v := range vectors(t) {
		for cut := 1; cut < len(v.Encoded); cut += 7 {
			text := v.Encoded[:cut] + "!" + v.Encoded[cut:]
			_, err := Vector(v.Scheme, text, v.Params)
			if err == nil {
				continue
			}
			if tail := v.Encoded[len(v.Encoded)-12:]; strings.Contains(err.Error(), tail) {
				t.Errorf("%s: %v", v.Scheme, err)
			}
		}
	}
}

func TestPlaintextIsNotKept(t *testing.T) {
	h, err := Parse("{noop}harbour-lantern")
	if err != nil || strings.Contains(h.Encode(), "harbour") || !h.Weak() {
		t.Error(h, err)
	}
}

func TestPasswordsTheSchemeCannotTakeAreRefusedByName(t *testing.T) {
	const bcrypt = "$2y$06$XF8G8fyB3TC96C1x5NsBQeBPGIz4S9/XnSHdmWnY4Dz7QO/AqH1iO"
	const shacrypt = "$5$3SvyXMAHFvh1lfLm$rPZeauHNmv/GhJRCGyHhVZKK74Bc3L6OUUAWQGIGiE3"
	for name, row := range map[string]struct{ scheme, encoded, password string }{
		"NUL for bcrypt":       {"bcrypt", bcrypt, "lantern\x00"},
		"a kibibyte and more":  {"sha1", "84b65921de53ee84a8e9b2a14406146470edb11c", strings.Repeat("x", 1025)},
		"600 bytes for crypt":  {"crypt-sha256", shacrypt, strings.Repeat("x", 600)},
		"no UTF-8 for UTF-16":  {"nt-hash", "7bc88fd5f3f8e79ca111554bfb4225b5", "\xff"},
		"600 bytes for phpass": {"phpass-P", "$P$6VFH5GJLkKA5IHojR2yDcXnR.66T32.", strings.Repeat("x", 600)},
	} {
		h, err := ParseAs(Scheme(row.scheme), row.encoded, Params{})
		if err != nil {
			t.Fatal(name, err)
		}
		if ok, err := h.Verify([]byte(row.password)); ok || !errors.Is(err, ErrPassword) {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
}

func TestEmptyPasswordsAreHashedLikeOthers(t *testing.T) {
	sum := sha256.Sum256(nil)
	h, err := ParseAs("sha256", hex.EncodeToString(sum[:]), Params{})
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := h.Verify(nil); !ok || err != nil {
		t.Error(ok, err)
	}
}

func TestVerifyLeavesTheCallersBytesAlone(t *testing.T) {
	backing := []byte("password-and-what-follows")
	for _, v := range []vector{
		{Scheme: "salted-sha1", Encoded: strings.Repeat("00", 20), Params: map[string]any{"salt": "salt", "order": "suffix", "pepper": "pepper"}},
		{Scheme: "bcrypt", Encoded: "$2b$04$" + salt22 + sum31, Params: map[string]any{"pepper": "pepper"}},
	} {
		h, err := Vector(v.Scheme, v.Encoded, v.Params)
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := h.Verify(backing[:8]); ok || err != nil || string(backing) != "password-and-what-follows" {
			t.Errorf("%s: %v, %v, %q", v.Scheme, ok, err, backing)
		}
	}
}

// The reference is written out with the standard library for each order.
func TestRawDigestsVerifyInEveryOrderEncodingAndWithAPepper(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) []byte { return rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, name) }
		password, salt, pepper, key := draw("password"), draw("salt"), draw("pepper"), draw("key")
		p := Params{Salt: salt, Pepper: pepper, Key: key, Order: rapid.SampledFrom([]Order{"", Prefix, Suffix}).Draw(t, "order")}
		parts := [][]byte{salt, password, pepper}
		if p.Order == Suffix {
			parts = [][]byte{password, pepper, salt}
		}
		text := bytes.Join(parts, nil)
		sum := sha256.Sum256(text)
		scheme := Scheme("sha256")
		if len(key) > 0 {
			scheme = "hmac-sha256"
			mac := hmac.New(sha256.New, key)
			mac.Write(text)
			copy(sum[:], mac.Sum(nil))
		}
		encoded := hex.EncodeToString(sum[:])
		if rapid.Bool().Draw(t, "base64") {
			encoded = base64.StdEncoding.EncodeToString(sum[:])
		}
		h, err := ParseAs(scheme, encoded, p)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(h.Encode())
		if err != nil || again.Encode() != h.Encode() {
			t.Fatalf("%v, %v", again, err)
		}
		for _, h := range []*Hash{h, again} {
			right, err := h.Verify(password)
			wrong, wrongErr := h.Verify(append(bytes.Clone(password), 'x'))
			if !right || wrong || err != nil || wrongErr != nil {
				t.Fatal(right, wrong, err, wrongErr)
			}
		}
	})
}

func TestSaltedAndKeyedSchemesDemandTheirParts(t *testing.T) {
	for _, scheme := range []Scheme{"salted-md5", "salted-sha1", "hmac-sha256"} {
		fn, _, _ := rawScheme(scheme)
		if _, err := ParseAs(scheme, strings.Repeat("00", fn.size()), Params{}); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", scheme, err)
		}
	}
}
