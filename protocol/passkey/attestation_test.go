package passkey_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/passkey"
	"sallyport/protocol/passkey/passkeytest"
)

func wanted() passkey.Wanted {
	return passkey.Wanted{Challenge: challenge, Origins: []string{origin}, RPID: party, Verified: true}
}

func TestANewPasskeyOfEachAlgorithmIsTakenAndSignsAfterwards(t *testing.T) {
	for _, algorithm := range []string{passkeytest.ES256, passkeytest.RS256, passkeytest.EdDSA} {
		t.Run(algorithm, func(t *testing.T) {
			c := passkeytest.New(t, algorithm, party)
			c.Flags |= passkeytest.BackupEligible
			n, err := passkey.ReadNew(c.Attest(t, challenge, origin))
			if err != nil {
				t.Fatal(err)
			}
			made, err := n.Verify(wanted())
			if err != nil || !bytes.Equal(made.ID, c.ID) || !bytes.Equal(made.PublicKey, c.PublicKey(t)) || !made.UserVerified || !made.BackupEligible || made.BackedUp {
				t.Fatalf("made %+v, %v", made, err)
			}
			if !slices.Equal(made.Transports, []string{"internal", "hybrid"}) {
				t.Errorf("transports are %v", made.Transports)
			}
			a, err := passkey.Read(c.Assert(t, challenge, origin))
			if err != nil {
				t.Fatal(err)
			}
			_, err = a.Verify(passkey.Expected{Challenge: challenge, Origins: []string{origin}, Credential: passkey.Credential{
				RPID: party, PublicKey: made.PublicKey, UserHandle: c.UserHandle, SignCount: made.SignCount, BackupKnown: true, BackupEligible: made.BackupEligible,
			}})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestANewPasskeyForSomethingElseIsRefused(t *testing.T) {
	good := passkeytest.New(t, passkeytest.ES256, party)
	said := func(change func(map[string]any)) []byte {
		data := map[string]any{"type": "webauthn.create", "challenge": base64.RawURLEncoding.EncodeToString(challenge), "origin": origin, "crossOrigin": false}
		change(data)
		return good.Register(t, data)
	}
	with := func(change func(*passkeytest.Credential)) []byte {
		c := *good
		change(&c)
		return c.Attest(t, challenge, origin)
	}
	tests := []struct {
		name   string
		sent   []byte
		change func(*passkey.Wanted)
		want   error
	}{
		{"another challenge", good.Attest(t, bytes.Repeat([]byte{1}, 32), origin), nil, passkey.ErrMismatch},
		{"another page", good.Attest(t, challenge, "https://evil.example"), nil, passkey.ErrMismatch},
		{"without TLS", good.Attest(t, challenge, "http://login.harbourlight.example"), nil, passkey.ErrMismatch},
		{"a frame in another page", said(func(d map[string]any) { d["crossOrigin"] = true }), nil, passkey.ErrMismatch},
		{"below another page", said(func(d map[string]any) { d["topOrigin"] = "https://evil.example" }), nil, passkey.ErrMismatch},
		{"an assertion", said(func(d map[string]any) { d["type"] = "webauthn.get" }), nil, passkey.ErrMismatch},
		{"another relying party", with(func(c *passkeytest.Credential) { c.RPID = "example" }), nil, passkey.ErrMismatch},
		{"nobody was there", with(func(c *passkeytest.Credential) { c.Flags = passkeytest.Verified }), nil, passkey.ErrAbsent},
		{"nobody looked who it was", with(func(c *passkeytest.Credential) { c.Flags = passkeytest.Present }), nil, passkey.ErrUnverified},
		{"kept elsewhere, and cannot be", with(func(c *passkeytest.Credential) { c.Flags |= passkeytest.BackedUp }), nil, passkey.ErrBackup},
		{"no page is expected", good.Attest(t, challenge, origin), func(w *passkey.Wanted) { w.Origins = nil }, passkey.ErrMismatch},
		{"no relying party is expected", good.Attest(t, challenge, origin), func(w *passkey.Wanted) { w.RPID = "" }, passkey.ErrMismatch},
		{"no challenge is expected", good.Attest(t, challenge, origin), func(w *passkey.Wanted) { w.Challenge = nil }, passkey.ErrMismatch},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n, err := passkey.ReadNew(test.sent)
			if err != nil {
				t.Fatal(err)
			}
			want := wanted()
			if test.change != nil {
				test.change(&want)
			}
			if _, err := n.Verify(want); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestASecurityKeyNeedNotKnowItsOwner(t *testing.T) {
	c := passkeytest.New(t, passkeytest.ES256, party)
	c.Flags = passkeytest.Present
	n, err := passkey.ReadNew(c.Attest(t, challenge, origin))
	if err != nil {
		t.Fatal(err)
	}
	want := wanted()
	want.Verified = false
	if made, err := n.Verify(want); err != nil || made.UserVerified {
		t.Errorf("made %+v, %v", made, err)
	}
}

func TestABrowserIsAskedForWhatCountsHere(t *testing.T) {
	c := passkey.Creation{
		Challenge: challenge, RPID: party, RPName: "Harbourlight", Handle: []byte("sixteen bytes ok"), Name: "dana", Timeout: time.Minute, Alone: true,
		Exclude: []passkey.Allowed{{ID: []byte{1}, Transports: []string{"usb", "telepathy"}}},
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"rp":{"id":"harbourlight.example","name":"Harbourlight"}`, `"alg":-7`, `"residentKey":"required"`, `"userVerification":"required"`,
		`"attestation":"none"`, `"excludeCredentials":[{"type":"public-key","id":"AQ","transports":["usb"]}]`, `"timeout":60000`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
	c.Alone = false
	if text, _ = json.Marshal(c); !strings.Contains(string(text), `"userVerification":"discouraged"`) {
		t.Errorf("a key behind a password is asked for by %s", text)
	}
}

func FuzzReadNew(f *testing.F) {
	good := passkeytest.New(f, passkeytest.ES256, party)
	f.Add(good.Attest(f, challenge, origin))
	f.Add(good.Assert(f, challenge, origin))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		n, err := passkey.ReadNew(text)
		if err != nil {
			if !errors.Is(err, passkey.ErrAttestation) {
				t.Errorf("got %v", err)
			}
			return
		}
		want := wanted()
		want.Verified = false
		if made, err := n.Verify(want); err == nil && (len(made.ID) == 0 || passkey.CheckKey(made.PublicKey) != nil) {
			t.Errorf("taken without a name or a key: %+v", made)
		}
	})
}
