package interop

import (
	"encoding/json"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"sallyport/interop/harness"
)

// A second brand has a host of its own, and passkeys of it. Hine signs in by hers
// there. Tama, whose second factor it is, is not let in by his password alone at the
// other host, where no browser gives it.
func TestPasskeysAreOfTheHostOfASecondBrand(t *testing.T) {
	t.Parallel()
	const party = "orchard.localhost"
	dir := t.TempDir()
	tree := strings.Replace(passkeyTree, "rp_id: localhost", "rp_id: "+party, 1) + "---\n{kind: brand, name: orchard, title: Orchard Valley Power, hosts: [" + party + "]}\n"
	if err := os.WriteFile(filepath.Join(dir, "tree.yaml"), []byte(tree), 0o600); err != nil {
		t.Fatal(err)
	}
	server := harness.StartServer(t, harness.Launch{Flags: []string{"--config", dir}})
	hine, tama := newSoft(t, "8d4f0a4e-0001"), newSoft(t, "8d4f0a4e-0002")
	hine.party, tama.party = party, party
	const secret = "lantern quay gull 31"
	export, err := json.Marshal(map[string]any{"realm": "orchard", "users": []any{
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
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	at.Host = net.JoinHostPort(party, at.Port())

	t.Run("alone at the brand's host", func(t *testing.T) {
		tab := harness.Browser(t)
		hine.give(t, tab, true)
		open(t, tab, at.String()+"/account", whoIs)
		open(t, tab, server.URL+"/account", username) // and nobody is signed in at the other
	})
	t.Run("behind the password at the brand's host", func(t *testing.T) {
		tab := harness.Browser(t)
		tama.give(t, tab, false)
		open(t, tab, at.String()+"/account", username)
		enterName(t, tab, harness.Person{Username: "tama"})
		enterPassword(t, tab, harness.Person{Password: secret}, "#use-recovery-code")
		run(t, tab, chromedp.Click(usePasskey), chromedp.WaitVisible(whoIs))
	})
	t.Run("at another host", func(t *testing.T) {
		tab := harness.Browser(t)
		tama.give(t, tab, false)
		open(t, tab, server.URL+"/account", username)
		enterName(t, tab, harness.Person{Username: "tama"})
		enterPassword(t, tab, harness.Person{Password: secret}, "#passkey-elsewhere")
		if present(t, tab, whoIs) {
			t.Error("the password alone is enough")
		}
	})
}
