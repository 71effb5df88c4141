package passhash

import (
	"errors"
	"strings"
	"testing"
)

// cheap keeps the fuzzer from spending its time in permitted but slow hashes.
func cheap(h *Hash) bool {
	ok := true
	for _, s := range h.steps {
		switch s := s.(type) {
		case bcryptStep:
			ok = ok && s.log2 <= 4
		case argon2Step:
			ok = ok && s.work.MemoryKiB*s.work.Time <= 1024
		case scryptStep:
			ok = ok && 128*s.r*s.p<<s.log2N <= 1<<20
		case firebaseStep:
			ok = ok && 128*s.r<<s.log2N <= 1<<20
		case yescryptStep:
			ok = ok && 128*s.r<<s.log2N <= 1<<20
		case pbkdf2Step:
			ok = ok && s.rounds <= 1000
		case digestStep:
			ok = ok && s.rounds <= 1000
		case phpassStep:
			ok = ok && s.log2 <= 9
		case shaCryptStep:
			ok = ok && s.rounds <= 1000
		}
	}
	return ok
}

// checkAccepted holds the properties of every accepted hash: its storage form reads back
// to itself, and verifying neither panics nor accepts two different passwords.
func checkAccepted(t *testing.T, h *Hash) {
	text := h.Encode()
	again, err := Parse(text)
	if err != nil {
		t.Fatalf("storage form of %v: %v", h, err)
	}
	if again.Encode() != text || again.Scheme() != h.Scheme() || again.String() != h.String() {
		t.Fatalf("%v came back as %v", h, again)
	}
	if !cheap(h) {
		return
	}
	for _, password := range []string{"", "quay", "\xff\x00"} {
		first, err := h.Verify([]byte(password))
		second, againErr := again.Verify([]byte(password))
		if first != second || (err == nil) != (againErr == nil) {
			t.Fatalf("%v: %v %v, its storage form %v %v", h, first, err, second, againErr)
		}
		if err != nil && !errors.Is(err, ErrPassword) {
			t.Fatalf("%v: %v", h, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Encoded)
		if h, err := Vector(v.Scheme, v.Encoded, v.Params); err == nil {
			f.Add(h.Encode())
		}
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		h, err := Parse(encoded)
		if err == nil {
			checkAccepted(t, h)
			return
		}
		var e *Error
		if !errors.As(err, &e) || h != nil {
			t.Fatalf("%v, %v", h, err)
		}
	})
}

func FuzzParseAs(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Scheme, v.Encoded, "salt", "suffix", "pepper", 14.0)
	}
	f.Fuzz(func(t *testing.T, scheme, encoded, salt, order, pepper string, n float64) {
		h, err := Vector(scheme, encoded, map[string]any{
			"salt": salt, "order": order, "pepper": pepper, "key": salt, "rounds": n, "mem_cost": n,
			"base64_signer_key": "jxspr8Ki0RYycVU8zykbdA==", "base64_salt_separator": "Bw==",
		})
		if err == nil {
			checkAccepted(t, h)
			return
		}
		var e *Error
		if !errors.As(err, &e) || h != nil {
			t.Fatalf("%v, %v", h, err)
		}
	})
}

func FuzzVerifyFile(f *testing.F) {
	f.Add(`[{"scheme":"md5-hex","encoded":"5bd7dbab61d38aedbb1f76a6b6be5fea","password":"a","wrong_password":"b","params":{"rounds":1}}]`)
	f.Add(`[{"scheme":"x"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 400 {
			return // enough for one entry; several dear ones would stall the fuzzer
		}
		report, err := VerifyFile(strings.NewReader(text))
		if err != nil && (!errors.Is(err, ErrFile) || report.Results != nil) {
			t.Fatalf("%+v, %v", report, err)
		}
		for _, r := range report.Results {
			if r.OK != (r.Reason == "") {
				t.Fatalf("%+v", r)
			}
		}
	})
}
