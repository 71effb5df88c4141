package passkey_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"sallyport/protocol/passkey"
	"sallyport/protocol/passkey/passkeytest"
)

const (
	party  = "harbourlight.example"
	origin = "https://login.harbourlight.example"
)

var challenge = []byte("a challenge of thirty-two bytes.")

func expected(t testing.TB, c *passkeytest.Credential) passkey.Expected {
	t.Helper()
	return passkey.Expected{Challenge: challenge, Origins: []string{origin}, Credential: passkey.Credential{
		RPID: c.RPID, PublicKey: c.PublicKey(t), UserHandle: c.UserHandle,
	}}
}

func TestAnAssertionOfEachAlgorithmIsVerified(t *testing.T) {
	for _, algorithm := range []string{passkeytest.ES256, passkeytest.RS256, passkeytest.EdDSA} {
		t.Run(algorithm, func(t *testing.T) {
			c := passkeytest.New(t, algorithm, party)
			c.Count, c.Flags = 7, c.Flags|passkeytest.BackupEligible|passkeytest.BackedUp
			a, err := passkey.Read(c.Assert(t, challenge, origin))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a.CredentialID(), c.ID) || !bytes.Equal(a.UserHandle(), c.UserHandle) || !bytes.Equal(a.Challenge(), challenge) {
				t.Error("it says something else than was sent")
			}
			got, err := a.Verify(expected(t, c))
			if want := (passkey.Proof{UserVerified: true, SignCount: 7, BackupEligible: true, BackedUp: true}); err != nil || got != want {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestWhatIsForSomethingElseIsRefused(t *testing.T) {
	good := passkeytest.New(t, passkeytest.ES256, party)
	other := passkeytest.New(t, passkeytest.ES256, party)
	said := func(change func(map[string]any)) []byte {
		data := map[string]any{
			"type": "webauthn.get", "challenge": base64.RawURLEncoding.EncodeToString(challenge), "origin": origin, "crossOrigin": false,
		}
		change(data)
		return good.Sign(t, data)
	}
	foreign := *good
	foreign.RPID = "example"
	tests := []struct {
		name   string
		sent   []byte
		change func(*passkey.Expected)
	}{
		{"another challenge", good.Assert(t, bytes.Repeat([]byte{1}, 32), origin), nil},
		{"another page", good.Assert(t, challenge, "https://evil.example"), nil},
		{"a page below ours", good.Assert(t, challenge, "https://x.login.harbourlight.example"), nil},
		{"another port", good.Assert(t, challenge, origin+":8443"), nil},
		{"without TLS", good.Assert(t, challenge, "http://login.harbourlight.example"), nil},
		{"a frame in another page", said(func(d map[string]any) { d["crossOrigin"] = true }), nil},
		{"below another page", said(func(d map[string]any) { d["topOrigin"] = "https://evil.example" }), nil},
		{"a registration", said(func(d map[string]any) { d["type"] = "webauthn.create" }), nil},
		{"a payment", said(func(d map[string]any) { d["type"] = "payment.get" }), nil},
		{"another relying party", foreign.Assert(t, challenge, origin), nil},
		{"signed by another key", func() []byte { c := *good; c.Signer = other.Signer; return c.Assert(t, challenge, origin) }(), nil},
		{"whose it is differs", good.Assert(t, challenge, origin), func(e *passkey.Expected) { e.Credential.UserHandle = []byte("else") }},
		{"no relying party is expected", good.Assert(t, challenge, origin), func(e *passkey.Expected) { e.Credential.RPID = "" }},
		{"no page is expected", good.Assert(t, challenge, origin), func(e *passkey.Expected) { e.Origins = nil }},
		{"no challenge is expected", good.Assert(t, challenge, origin), func(e *passkey.Expected) { e.Challenge = nil }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, err := passkey.Read(test.sent)
			if err != nil {
				t.Fatal(err)
			}
			want := expected(t, good)
			if test.change != nil {
				test.change(&want)
			}
			if got, err := a.Verify(want); !errors.Is(err, passkey.ErrMismatch) || got != (passkey.Proof{}) {
				t.Errorf("got %+v, %v, want ErrMismatch", got, err)
			}
		})
	}
}

func TestCountersAndFlags(t *testing.T) {
	const present = passkeytest.Present
	tests := []struct {
		name          string
		flags         byte
		count, before uint32
		known, can    bool
		want          error
	}{
		{name: "it counts nothing", flags: present},
		{name: "it begins to count", flags: present, count: 1},
		{name: "it counts on, from what an earlier system saw", flags: present, count: 8, before: 7},
		{name: "it counts on over a gap", flags: present, count: 1<<32 - 1, before: 7},
		{name: "it stands still", flags: present, count: 7, before: 7, want: passkey.ErrCounter},
		{name: "it goes back", flags: present, count: 6, before: 7, want: passkey.ErrCounter},
		{name: "it stops counting", flags: present, count: 0, before: 7, want: passkey.ErrCounter},
		{name: "nobody was there", flags: passkeytest.Verified, want: passkey.ErrAbsent},
		{name: "whether it is backed up is learnt", flags: present | passkeytest.BackupEligible | passkeytest.BackedUp},
		{name: "it is backed up, as was known to be possible", flags: present | passkeytest.BackupEligible | passkeytest.BackedUp, known: true, can: true},
		{name: "its backup is gone", flags: present | passkeytest.BackupEligible, known: true, can: true},
		{name: "it can be backed up at once", flags: present | passkeytest.BackupEligible, known: true, want: passkey.ErrBackup},
		{name: "it cannot be any more", flags: present, known: true, can: true, want: passkey.ErrBackup},
		{name: "it is, and cannot be", flags: present | passkeytest.BackedUp, want: passkey.ErrBackup},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := passkeytest.New(t, passkeytest.EdDSA, party)
			c.Flags, c.Count = test.flags, test.count
			a, err := passkey.Read(c.Assert(t, challenge, origin))
			if err != nil {
				t.Fatal(err)
			}
			want := expected(t, c)
			want.Credential.SignCount, want.Credential.BackupKnown, want.Credential.BackupEligible = test.before, test.known, test.can
			got, err := a.Verify(want)
			if !errors.Is(err, test.want) || err == nil && got.SignCount != test.count || err == nil && got.UserVerified {
				t.Errorf("got %+v, %v, want %v", got, err, test.want)
			}
		})
	}
}

func TestAHandleThatIsUnknownOrLeftOutIsNoContradiction(t *testing.T) {
	c := passkeytest.New(t, passkeytest.ES256, party)
	want := expected(t, c)
	want.Credential.UserHandle = nil // the source did not give it away
	a, err := passkey.Read(c.Assert(t, challenge, origin))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Verify(want); err != nil {
		t.Error(err)
	}
	want, c.UserHandle = expected(t, c), nil // the key is told which credential is meant
	if a, err = passkey.Read(c.Assert(t, challenge, origin)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Verify(want); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoAssertionIsNotRead(t *testing.T) {
	c := passkeytest.New(t, passkeytest.ES256, party)
	good := c.Assert(t, challenge, origin)
	change := func(do func(all, response map[string]any)) []byte {
		var all map[string]any
		if err := json.Unmarshal(good, &all); err != nil {
			t.Fatal(err)
		}
		do(all, all["response"].(map[string]any))
		text, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	long := func(n int) string { return base64.RawURLEncoding.EncodeToString(make([]byte, n)) }
	attested := *c
	attested.Flags |= 1 << 6
	for name, sent := range map[string][]byte{
		"nothing":                 nil,
		"no JSON":                 []byte("hello"),
		"something behind it":     append(bytes.Clone(good), good...),
		"half of it":              good[:len(good)/2],
		"too long":                append(bytes.Clone(good), bytes.Repeat([]byte(" "), passkey.MaxAssertion)...),
		"another type":            change(func(a, _ map[string]any) { a["type"] = "password" }),
		"no id":                   change(func(a, _ map[string]any) { a["id"], a["rawId"] = "", "" }),
		"two ids":                 change(func(a, _ map[string]any) { a["rawId"] = long(32) }),
		"a long id":               change(func(a, _ map[string]any) { a["id"], a["rawId"] = long(1024), long(1024) }),
		"a long handle":           change(func(_, r map[string]any) { r["userHandle"] = long(65) }),
		"a long signature":        change(func(_, r map[string]any) { r["signature"] = long(1025) }),
		"short data":              change(func(_, r map[string]any) { r["authenticatorData"] = long(36) }),
		"data with leftovers":     change(func(_, r map[string]any) { r["authenticatorData"] = long(38) }),
		"client data of no JSON":  change(func(_, r map[string]any) { r["clientDataJSON"] = long(3) }),
		"a short challenge":       c.Assert(t, []byte("short"), origin),
		"a long challenge":        c.Assert(t, make([]byte, 513), origin),
		"a key of its own":        attested.Assert(t, challenge, origin),
		"no challenge":            c.Sign(t, map[string]any{"type": "webauthn.get", "origin": origin}),
		"a challenge of no bytes": c.Sign(t, map[string]any{"type": "webauthn.get", "origin": origin, "challenge": "!"}),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := passkey.Read(sent); !errors.Is(err, passkey.ErrAssertion) || len(err.Error()) > 80 {
				t.Errorf("got %v, want ErrAssertion", err)
			}
		})
	}
}

func TestKeysThatVerifyNothingAreRefused(t *testing.T) {
	good := passkeytest.New(t, passkeytest.RS256, party).PublicKey(t)
	if err := passkey.CheckKey(good); err != nil {
		t.Fatal(err)
	}
	cose := func(fields map[int]any) []byte {
		text, err := webauthncbor.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	modulus := bytes.Repeat([]byte{0xff}, 256)
	small, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	point, _ := small.PublicKey.Bytes()
	if err := passkey.CheckKey(cose(map[int]any{1: 2, 3: -35, -1: 2, -2: point[1:49], -3: point[49:]})); err != nil {
		t.Error("ES384:", err)
	}
	for name, key := range map[string][]byte{
		"nothing":               nil,
		"no CBOR":               []byte("hello"),
		"something behind it":   append(bytes.Clone(good), 0),
		"too long":              make([]byte, 4096),
		"no key":                cose(map[int]any{1: 4}),
		"off the curve":         cose(map[int]any{1: 2, 3: -7, -1: 1, -2: make([]byte, 32), -3: make([]byte, 32)}),
		"another curve":         cose(map[int]any{1: 2, 3: -7, -1: 2, -2: point[1:49], -3: point[49:]}),
		"short of Ed25519":      cose(map[int]any{1: 1, 3: -8, -1: 6, -2: make([]byte, 31)}),
		"RSA of 1024 bits":      cose(map[int]any{1: 3, 3: -257, -1: modulus[:128], -2: []byte{1, 0, 1}}),
		"RSA of 8192 bits":      cose(map[int]any{1: 3, 3: -257, -1: bytes.Repeat(modulus, 4), -2: []byte{1, 0, 1}}),
		"RSA with SHA-1":        cose(map[int]any{1: 3, 3: -65535, -1: modulus, -2: []byte{1, 0, 1}}),
		"RSA with the power 1":  cose(map[int]any{1: 3, 3: -257, -1: modulus, -2: []byte{1}}),
		"RSA with a huge power": cose(map[int]any{1: 3, 3: -257, -1: modulus, -2: bytes.Repeat([]byte{0x7f}, 7)}),
		"ES256 that says RS256": cose(map[int]any{1: 2, 3: -257, -1: 1, -2: make([]byte, 32), -3: make([]byte, 32)}),
		"an unknown algorithm":  cose(map[int]any{1: 3, 3: -999, -1: modulus, -2: []byte{1, 0, 1}}),
	} {
		if err := passkey.CheckKey(key); !errors.Is(err, passkey.ErrKey) {
			t.Errorf("%s: got %v, want ErrKey", name, err)
		}
	}
}

func TestARequestIsWhatBrowsersRead(t *testing.T) {
	text, err := json.Marshal(passkey.Request{
		Challenge: []byte{0xfb, 0xff}, RPID: party, Timeout: 5 * time.Minute,
		Allow: []passkey.Allowed{{ID: []byte{1}, Transports: []string{"usb", "carrier-pigeon"}}, {ID: []byte{2}}},
	})
	const want = `{"challenge":"-_8","rpId":"harbourlight.example","timeout":300000,"userVerification":"discouraged",` +
		`"allowCredentials":[{"type":"public-key","id":"AQ","transports":["usb"]},{"type":"public-key","id":"Ag"}]}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestARelyingPartyIsTheHostOrADomainAboveIt(t *testing.T) {
	for _, test := range []struct {
		rpID, host string
		want       bool
	}{
		{"login.harbourlight.example", "login.harbourlight.example", true},
		{"harbourlight.example", "login.harbourlight.example", true},
		{"Harbourlight.Example", "login.harbourlight.example.", true},
		{"localhost", "localhost", true},
		{"localhost", "app.localhost", false}, // browsers take one label for nobody's domain
		{"example", "login.harbourlight.example", false},
		{"light.example", "login.harbourlight.example", false},
		{"x.login.harbourlight.example", "login.harbourlight.example", false},
		{"evil.example", "login.harbourlight.example", false},
		{"", "login.harbourlight.example", false},
		{".harbourlight.example", "login.harbourlight.example", false},
	} {
		if got := passkey.Usable(test.rpID, test.host); got != test.want {
			t.Errorf("%q at %q: got %v", test.rpID, test.host, got)
		}
	}
}

// Nothing but what the authenticator signed is ever taken.
func FuzzRead(f *testing.F) {
	c := passkeytest.New(f, passkeytest.ES256, party)
	good := c.Assert(f, challenge, origin)
	f.Add(good)
	f.Add([]byte(strings.Replace(string(good), `"public-key"`, `"Public-Key"`, 1)))
	want := expected(f, c)
	signed, err := passkey.Read(good)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := passkey.Read(text)
		if err != nil {
			if !errors.Is(err, passkey.ErrAssertion) {
				t.Fatalf("got %v, want ErrAssertion", err)
			}
			return
		}
		if proof, err := a.Verify(want); err == nil && (!bytes.Equal(a.Challenge(), signed.Challenge()) || !proof.UserVerified) {
			t.Errorf("%q is taken", text)
		}
	})
}

func FuzzCheckKey(f *testing.F) {
	for _, algorithm := range []string{passkeytest.ES256, passkeytest.RS256, passkeytest.EdDSA} {
		f.Add(passkeytest.New(f, algorithm, party).PublicKey(f))
	}
	f.Fuzz(func(t *testing.T, key []byte) {
		if err := passkey.CheckKey(key); err != nil && !errors.Is(err, passkey.ErrKey) {
			t.Fatalf("got %v, want ErrKey", err)
		}
	})
}
