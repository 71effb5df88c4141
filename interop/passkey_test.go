package interop

import (
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"sallyport/interop/harness"
)

const (
	usePasskey = "#use-passkey"
	passkeysAt = "localhost" // the relying party of the earlier system
)

// passkeyTree is a tenant whose people come from a Keycloak that lived on the same
// host.
const passkeyTree = `
kind: tenant
name: acme
title: Acme Water
environments:
  preview:
    url: ${listen.url}
---
kind: journey
name: sign-in
purpose: sign-in
session: 1h
steps:
  - {name: identifier, ask: identifier}
  - {name: password, ask: password}
  - {name: code, ask: totp, when: enrolled}
---
kind: migration
name: people
source: {format: keycloak, options: {rp_id: localhost}}
`

// soft is a passkey of which the test has both halves.
type soft struct {
	id, handle []byte
	private    []byte // PKCS #8
	public     []byte // COSE_Key
	count      int64  // as far as it has counted
	party      string // whose it is; that of the earlier system if empty
}

func newSoft(t *testing.T, handle string) soft {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := soft{id: make([]byte, 32), handle: []byte(handle), count: 7}
	_, _ = rand.Read(s.id)
	if s.private, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		t.Fatal(err)
	}
	point, err := key.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		t.Fatal(err)
	}
	s.public = append([]byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}, point[1:33]...)
	s.public = append(append(s.public, 0x22, 0x58, 0x20), point[33:]...)
	return s
}

// person is how Keycloak exports somebody with a passkey of a kind and a password.
func (s soft) person(t *testing.T, name, kind, password string) map[string]any {
	t.Helper()
	text := func(v any) string {
		written, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(written)
	}
	salt := []byte("sixteen bytes...")
	hash, err := pbkdf2.Key(sha256.New, password, salt, 27500, 32)
	if err != nil {
		t.Fatal(err)
	}
	plain := base64.StdEncoding.EncodeToString
	return map[string]any{
		"id": string(s.handle), "username": name, "firstName": strings.ToUpper(name[:1]) + name[1:], "email": name + "@mail.test", "emailVerified": true, "enabled": true,
		"credentials": []map[string]any{
			{
				"type": "password", "secretData": text(map[string]any{"value": plain(hash), "salt": plain(salt)}),
				"credentialData": text(map[string]any{"hashIterations": 27500, "algorithm": "pbkdf2-sha256"}),
			},
			{
				"type": kind, "userLabel": "Phone", "secretData": "{}", "credentialData": text(map[string]any{
					"aaguid": "00000000-0000-0000-0000-000000000000", "credentialId": plain(s.id), "counter": s.count,
					"credentialPublicKey": base64.RawURLEncoding.EncodeToString(s.public), "transports": []string{"internal"},
				}),
			},
		},
	}
}

// give puts the private half into an authenticator of the tab.
func (s soft) give(t *testing.T, tab context.Context, alone bool) {
	t.Helper()
	plain := base64.StdEncoding.EncodeToString
	run(t, tab, webauthn.Enable(), chromedp.ActionFunc(func(ctx context.Context) error {
		id, err := webauthn.AddVirtualAuthenticator(&webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: alone, IsUserVerified: alone, AutomaticPresenceSimulation: true,
		}).Do(ctx)
		if err != nil {
			return err
		}
		c := &webauthn.Credential{
			CredentialID: plain(s.id), IsResidentCredential: alone, RpID: cmp.Or(s.party, passkeysAt), PrivateKey: plain(s.private), SignCount: s.count,
			BackupEligibility: alone, BackupState: alone,
		}
		if alone {
			c.UserHandle = plain(s.handle)
		}
		return webauthn.AddCredential(id, c).Do(ctx)
	}))
}

// Two people come from a Keycloak with the passkeys that they had there. Hine signs in
// by hers alone, Tama by his behind his password, in a real browser.
func TestPasskeysOfAnEarlierSystemSignIn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tree.yaml"), []byte(passkeyTree), 0o600); err != nil {
		t.Fatal(err)
	}
	server := harness.StartServer(t, harness.Launch{Flags: []string{"--config", dir}})
	if !strings.HasPrefix(server.URL, "http://"+passkeysAt) {
		t.Fatalf("the pages are at %s, want %s", server.URL, passkeysAt)
	}
	hine, tama := newSoft(t, "8d4f0a4e-0001"), newSoft(t, "8d4f0a4e-0002")
	const secret = "lantern quay gull 31"
	export, err := json.Marshal(map[string]any{"realm": "harbour", "users": []any{
		hine.person(t, "hine", "webauthn-passwordless", secret), tama.person(t, "tama", "webauthn", secret),
	}})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(server.Dir, "realm.json")
	if err := os.WriteFile(file, export, 0o600); err != nil {
		t.Fatal(err)
	}
	server.Run(t, "migrate", "run", "people", "--file", file)

	t.Run("while the name would be typed", func(t *testing.T) {
		tab := harness.Browser(t)
		hine.give(t, tab, true)
		open(t, tab, server.URL+"/account", whoIs)
	})
	t.Run("a copy that counted no further", func(t *testing.T) {
		tab := harness.Browser(t)
		hine.give(t, tab, true)
		asking(t, tab)
		open(t, tab, server.URL+"/account", usePasskey)
		run(t, tab, chromedp.Click(usePasskey), chromedp.WaitVisible(harness.Problem))
	})
	t.Run("alone", func(t *testing.T) {
		tab := harness.Browser(t)
		hine.count++
		hine.give(t, tab, true)
		asking(t, tab)
		open(t, tab, server.URL+"/account", usePasskey)
		everyLook(t, tab, "passkey-alone")
		run(t, tab, chromedp.Click(usePasskey), chromedp.WaitVisible(whoIs))
		run(t, tab, chromedp.Click(toWays), chromedp.WaitVisible("#passkeys"))
		if got := text(t, tab, "#passkeys"); !strings.Contains(got, "Phone") || !strings.Contains(got, "Moved here") || !strings.Contains(got, "last used here") {
			t.Errorf("her passkeys are %q", got)
		}
		everyLook(t, tab, "passkey-ways")
	})
	t.Run("behind the password", func(t *testing.T) {
		tab := harness.Browser(t)
		tama.give(t, tab, false)
		open(t, tab, server.URL+"/account", username)
		enterName(t, tab, harness.Person{Username: "tama"})
		enterPassword(t, tab, harness.Person{Password: secret}, "#use-recovery-code")
		if present(t, tab, password) || present(t, tab, "input[name=code]") {
			t.Error("something else is asked for besides the passkey")
		}
		everyLook(t, tab, "passkey-second")
		run(t, tab, chromedp.Click(usePasskey), chromedp.WaitVisible(whoIs))
	})
	t.Run("of nobody here", func(t *testing.T) {
		tab := harness.Browser(t)
		newSoft(t, "somebody else").give(t, tab, true)
		asking(t, tab)
		open(t, tab, server.URL+"/account", usePasskey)
		run(t, tab, chromedp.Click(usePasskey), chromedp.WaitVisible(harness.Problem))
		if present(t, tab, whoIs) {
			t.Error("a stranger is in")
		}
	})
}

// asking makes the browser one that offers no passkeys where a name is typed. The
// authenticator answers at once, so the button would never be seen.
func asking(t *testing.T, tab context.Context) {
	t.Helper()
	run(t, tab, chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := page.AddScriptToEvaluateOnNewDocument("PublicKeyCredential.isConditionalMediationAvailable = async () => false").Do(ctx)
		return err
	}))
}

// everyLook keeps what a page looks like: light, dark, and on a small phone.
func everyLook(t *testing.T, tab context.Context, name string) {
	t.Helper()
	for _, look := range []struct {
		name, scheme string
		width        int64
	}{{"light", "light", 1280}, {"dark", "dark", 1280}, {"small", "light", 320}} {
		run(t, tab, chromedp.EmulateViewport(look.width, 900), preferring(look.scheme))
		harness.Picture(t, tab, name+"-"+look.name)
	}
	run(t, tab, chromedp.EmulateViewport(1280, 900), preferring(""))
}

func preferring(scheme string) chromedp.Action {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}})
}
