package otp

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// The vectors of RFC 4226, Appendix D.
func TestHOTPGivesTheVectorsOfTheRFC(t *testing.T) {
	k := Key{Secret: []byte("12345678901234567890"), Algorithm: SHA1, Digits: 6, Period: 30 * time.Second}
	for counter, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := k.Code(int64(counter)); got != want {
			t.Errorf("counter %d gives %s, want %s", counter, got, want)
		}
	}
}

// The vectors of RFC 6238, Appendix B. Its code, though not its text, uses
// secrets as long as the hash (erratum 2866).
func TestTOTPGivesTheVectorsOfTheRFC(t *testing.T) {
	secret := []byte(strings.Repeat("1234567890", 7))
	keys := []Key{{Secret: secret[:20], Algorithm: SHA1}, {Secret: secret[:32], Algorithm: SHA256}, {Secret: secret[:64], Algorithm: SHA512}}
	for _, row := range []struct {
		at    int64
		codes [3]string
	}{
		{59, [3]string{"94287082", "46119246", "90693936"}},
		{1111111109, [3]string{"07081804", "68084774", "25091201"}},
		{1111111111, [3]string{"14050471", "67062674", "99943326"}},
		{1234567890, [3]string{"89005924", "91819424", "93441116"}},
		{2000000000, [3]string{"69279037", "90698825", "38618901"}},
		{20000000000, [3]string{"65353130", "77737706", "47863826"}},
	} {
		for i, k := range keys {
			k.Digits, k.Period = 8, 30*time.Second
			step, ok := k.Match(row.codes[i], time.Unix(row.at, 0), 0)
			if got := k.Code(row.at / 30); got != row.codes[i] || !ok || step != row.at/30 {
				t.Errorf("%s at %d gives %s and matches %v at %d, want %s", k.Algorithm, row.at, got, ok, step, row.codes[i])
			}
		}
	}
}

func testKey(t testing.TB) Key {
	t.Helper()
	k, err := NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestACodeIsTakenOneStepEarlyOrLateAndOnce(t *testing.T) {
	k := Key{Secret: []byte("12345678901234567890"), Algorithm: SHA1, Digits: 6, Period: 30 * time.Second}
	now := time.Unix(1_800_000_000, 0)
	current := k.Step(now)
	tests := []struct {
		name string
		code string
		used int64
		step int64
		ok   bool
	}{
		{"the code of now", k.Code(current), 0, current, true},
		{"a clock that is half a minute slow", k.Code(current - 1), 0, current - 1, true},
		{"a clock that is half a minute fast", k.Code(current + 1), 0, current + 1, true},
		{"a clock that is a minute slow", k.Code(current - 2), 0, 0, false},
		{"a clock that is a minute fast", k.Code(current + 2), 0, 0, false},
		{"the same step again", k.Code(current), current, 0, false},
		{"a step before the last one taken", k.Code(current - 1), current, 0, false},
		{"the step after the last one taken", k.Code(current + 1), current, current + 1, true},
		{"with a space, as apps show it", k.Code(current)[:3] + " " + k.Code(current)[3:], 0, current, true},
		{"with a dash and space around it", " " + k.Code(current)[:3] + "-" + k.Code(current)[3:] + "\t", 0, current, true},
		{"with a letter", k.Code(current)[:5] + "o", 0, 0, false},
		{"too short", k.Code(current)[:5], 0, 0, false},
		{"with a digit more", k.Code(current) + "0", 0, 0, false},
		{"nothing", "", 0, 0, false},
		{"endless", k.Code(current) + strings.Repeat(" ", 1000), 0, 0, false},
		{"in other digits", "٠٠٠٠٠٠", 0, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			step, ok := k.Match(test.code, now, test.used)
			if step != test.step || ok != test.ok {
				t.Errorf("got %d, %v; want %d, %v", step, ok, test.step, test.ok)
			}
		})
	}
}

func TestAWeakOrUnknownKeyMatchesNothing(t *testing.T) {
	good := testKey(t)
	for name, change := range map[string]func(*Key){
		"no secret":          func(k *Key) { k.Secret = nil },
		"a secret too short": func(k *Key) { k.Secret = k.Secret[:9] },
		"a secret too long":  func(k *Key) { k.Secret = make([]byte, 129) },
		"no algorithm":       func(k *Key) { k.Algorithm = "" },
		"MD5":                func(k *Key) { k.Algorithm = "MD5" },
		"five digits":        func(k *Key) { k.Digits = 5 },
		"nine digits":        func(k *Key) { k.Digits = 9 },
		"no period":          func(k *Key) { k.Period = 0 },
		"an endless period":  func(k *Key) { k.Period = time.Hour },
		"half a second":      func(k *Key) { k.Period = 30*time.Second + time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			k := good
			change(&k)
			now := time.Unix(1_800_000_000, 0)
			if _, ok := k.Match(good.Code(good.Step(now)), now, 0); ok || !errors.Is(k.Check(), ErrKey) {
				t.Errorf("it matches %v, check says %v", ok, k.Check())
			}
		})
	}
}

func TestAKeyDoesNotPrintItsSecret(t *testing.T) {
	k := Key{Secret: []byte("secret-secret-secret"), Algorithm: SHA1}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, k); strings.Contains(text, "secret-") || strings.Contains(text, "115") {
			t.Errorf("%s prints %s", format, text)
		}
	}
}

func TestSecretsAreReadAsPeopleWriteThem(t *testing.T) {
	secret := []byte("12345678901234567890")
	for _, text := range []string{
		"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq", "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ",
		" GEZDGNBVGY3TQ0JQGEZDGNBVGY3TQ0JQ====\n", FormatSecret(secret),
	} {
		if got, err := ParseSecret(text); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%q gives %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "=", "A", "GEZ!", "9999", "GEZDG\u00e9BV", strings.Repeat("A", 5000), "AB"} {
		if got, err := ParseSecret(text); !errors.Is(err, ErrSecret) {
			t.Errorf("%.20q gives %q, %v; want ErrSecret", text, got, err)
		}
	}
}

func TestAddressesAreReadFromOtherSystems(t *testing.T) {
	tests := []struct {
		name, uri string
		key       Key
		label     Label
		bad       bool
	}{
		{
			name: "what other systems write", uri: "otpauth://totp/ACME%20Co:dana@mail.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ACME%20Co&algorithm=SHA1&digits=6&period=30",
			key: Key{[]byte("12345678901234567890"), SHA1, 6, 30 * time.Second}, label: Label{"ACME Co", "dana@mail.test"},
		},
		{
			name: "every value another, and a parameter of an app", uri: "otpauth://TOTP/ACME%3A%20dana?secret=gezdgnbvgy3tqojqgezdgnbvgy3tqojq&algorithm=sha-256&digits=8&period=60&image=x",
			key: Key{[]byte("12345678901234567890"), SHA256, 8, time.Minute}, label: Label{"ACME", "dana"},
		},
		{name: "a counter", uri: "otpauth://hotp/dana?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=1", bad: true},
		{name: "no secret", uri: "otpauth://totp/dana", bad: true},
		{name: "two secrets", uri: "otpauth://totp/dana?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", bad: true},
		{name: "a weak secret", uri: "otpauth://totp/dana?secret=GEZDGNBVGY3TQOI", bad: true},
		{name: "an unknown algorithm", uri: "otpauth://totp/dana?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=MD5", bad: true},
		{name: "an unreadable period", uri: "otpauth://totp/dana?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&period=soon", bad: true},
		{name: "another scheme", uri: "https://totp/dana?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", bad: true},
		{name: "longer than any", uri: "otpauth://totp/dana?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&x=" + strings.Repeat("x", 3000), bad: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			k, l, err := ParseURI(test.uri)
			if test.bad {
				if !errors.Is(err, ErrURI) || strings.Contains(err.Error(), "GEZD") {
					t.Errorf("got %v, want ErrURI", err)
				}
				return
			}
			if err != nil || string(k.Encode()) != string(test.key.Encode()) || l != test.label {
				t.Errorf("got %x of %v, %v", k.Encode(), l, err)
			}
		})
	}
}

func TestRecoveryCodesAreTakenOnceAndHoweverTheyAreTyped(t *testing.T) {
	codes, set, err := NewRecovery(rand.Reader)
	if err != nil || len(codes) != RecoveryCodes || set.Left() != RecoveryCodes {
		t.Fatalf("got %d codes and a set of %d, %v", len(codes), set.Left(), err)
	}
	if slices.Sort(codes); len(slices.Compact(slices.Clone(codes))) != RecoveryCodes {
		t.Error("two codes are the same")
	}
	for i, write := range []func(string) string{
		func(c string) string { return c }, strings.ToUpper,
		func(c string) string { return strings.ReplaceAll(c, "-", "") },
		func(c string) string { return " " + strings.ReplaceAll(c, "-", " ") + " " },
		func(c string) string { return strings.NewReplacer("0", "O", "1", "l").Replace(c) },
	} {
		typed := write(codes[i])
		rest, ok := set.Take(typed)
		if !ok || rest.Left() != set.Left()-1 {
			t.Fatalf("%q is not taken", typed)
		}
		if _, again := rest.Take(codes[i]); again {
			t.Errorf("%q is taken twice", typed)
		}
		if set, err = DecodeRecovery(rest.Encode()); err != nil {
			t.Fatal(err)
		}
	}
	for _, typed := range []string{"", "-", "0000-0000-0000", codes[9] + "0", codes[9][:13], codes[9] + strings.Repeat(" ", 99)} {
		if _, ok := set.Take(typed); ok {
			t.Errorf("%q is taken", typed)
		}
	}
	if _, other, _ := NewRecovery(rand.Reader); other.Left() == 0 {
		t.Error("an empty set")
	} else if _, ok := other.Take(codes[9]); ok {
		t.Error("another customer's set takes the code")
	}
}

func TestNoChanceNoSecrets(t *testing.T) {
	if _, err := NewKey(strings.NewReader("short")); err == nil {
		t.Error("a key without randomness")
	}
	for _, n := range []int{0, 16, 30, 135} {
		if _, _, err := NewRecovery(strings.NewReader(strings.Repeat("x", n))); err == nil {
			t.Errorf("recovery codes of %d random bytes", n)
		}
	}
}

func FuzzParseURI(f *testing.F) {
	f.Add("otpauth://totp/ACME:dana?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=ACME&algorithm=SHA512&digits=8&period=60")
	f.Add("otpauth://totp/dana?secret=gezd%20gnbv-gy3tqojqgezdgnbvgy3tqojq==")
	f.Add("otpauth://totp/%25:a%20%20b?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
	f.Fuzz(func(t *testing.T, text string) {
		k, l, err := ParseURI(text)
		if err != nil {
			return
		}
		again, label, err := ParseURI(k.URI(l))
		if err != nil || !bytes.Equal(again.Encode(), k.Encode()) || label != l {
			t.Errorf("%q reads as %x of %+v, and its own address as %x of %+v, %v", text, k.Encode(), l, again.Encode(), label, err)
		}
	})
}

func FuzzParseSecret(f *testing.F) {
	f.Add("gezd gnbv")
	f.Add("MY======")
	f.Fuzz(func(t *testing.T, text string) {
		secret, err := ParseSecret(text)
		if err != nil {
			return
		}
		if again, err := ParseSecret(FormatSecret(secret)); err != nil || !bytes.Equal(again, secret) {
			t.Errorf("%q gives %x, which comes back as %x, %v", text, secret, again, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	k := Key{[]byte("12345678901234567890"), SHA512, 8, time.Minute}
	f.Add(k.Encode())
	_, set, _ := NewRecovery(strings.NewReader(strings.Repeat("chance", 99)))
	f.Add(set.Encode())
	f.Fuzz(func(t *testing.T, encoded []byte) {
		if k, err := DecodeKey(encoded); err == nil && !bytes.Equal(k.Encode(), encoded) {
			t.Errorf("the key %x encodes as %x", encoded, k.Encode())
		}
		if s, err := DecodeRecovery(encoded); err == nil && !bytes.Equal(s.Encode(), encoded) {
			t.Errorf("the set %x encodes as %x", encoded, s.Encode())
		}
	})
}
