package interop

import (
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"sallyport/interop/harness"
)

// acme is a company of one customer that runs its own servers: the tree of
// `sallyport init`, at addresses that stay the same whichever node answers.
type acme struct {
	tree         string
	pages, gates string // the addresses of the environment: HOST:PORT
	customer     harness.Person
}

func newAcme(t *testing.T) acme {
	t.Helper()
	a := acme{
		tree: filepath.Join(t.TempDir(), "tree"), pages: freeAddress(t), gates: freeAddress(t),
		customer: harness.Person{Username: "nadia@acme.test", Password: "copper-heron-19"},
	}
	harness.Initialise(t, a.tree, "acme")
	a.edit(t, "tenant.yaml", "url: ${listen.url}", fmt.Sprintf("url: http://%s\n    gateway: http://%s", a.pages, a.gates))
	migration := `kind: migration
name: old
source: {format: csv}
key: ID
groups: [members]
map: [{from: EMAIL, to: email, verified: OK, required: true}]
hash: {from: HASH, scheme: auto}
`
	if err := os.WriteFile(filepath.Join(a.tree, "migration.yaml"), []byte(migration), 0o644); err != nil {
		t.Fatal(err)
	}
	return a
}

// freeAddress is a loopback address that nobody listens on now, as browsers name it.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 1000 {
		port := 12_000 + (os.Getpid()*37+int(nextPort.Add(1)))%18_000
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return fmt.Sprintf("localhost:%d", port)
		}
	}
	t.Fatal("there is no free port")
	return ""
}

// nextPort is below the range from which systems take ports for connections, so that
// nobody takes one before its server does.
var nextPort atomic.Int32

// edit replaces old by new in a file of the tree.
func (a acme) edit(t *testing.T, file, old, new string) {
	t.Helper()
	name := filepath.Join(a.tree, file)
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Replace(content, []byte(old), []byte(new), 1)
	if bytes.Equal(changed, content) {
		t.Fatalf("%s has no %q", file, old)
	}
	if err := os.WriteFile(name, changed, 0o644); err != nil {
		t.Fatal(err)
	}
}

// node is one server of the company.
type node struct {
	*harness.Server
	way http.RoundTripper // leads the company's addresses to this node
}

// start runs a node.
func (a acme) start(t *testing.T, l harness.Launch) node {
	t.Helper()
	pages, gates := freeAddress(t), freeAddress(t)
	l.Flags = append(l.Flags, "--listen", pages, "--gateway-listen", gates)
	way := &http.Transport{DisableKeepAlives: true, DialContext: (&detour{map[string]string{a.pages: pages, a.gates: gates}}).dial}
	return node{harness.StartServer(t, l), way}
}

// moveIn imports the customer and gives an application its credentials, as an
// operator does.
func (a acme) moveIn(t *testing.T, n node, application string) harness.Application {
	t.Helper()
	salt := "1f9a6c2e"
	sum := sha1.Sum([]byte(a.customer.Password + salt))
	hash := "{SSHA}" + base64.StdEncoding.EncodeToString(append(sum[:], salt...))
	export := filepath.Join(n.Dir, "export.csv")
	if err := os.WriteFile(export, []byte("ID,EMAIL,OK,HASH\n1,"+a.customer.Username+",true,"+hash+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n.Run(t, "migrate", "run", "old", "--file", export)
	secret := strings.TrimSpace(n.Run(t, "apps", "rotate", application))
	n.Keep(a.customer.Password, hash, secret)
	return harness.Application{
		Issuer: n.Issuers["main"], Server: "main", ClientID: application, ClientSecret: secret,
		RedirectURIs: []string{"http://localhost:3000/callback"},
	}
}

// at is the company's web application, which reaches it through n.
func (a acme) at(t *testing.T, n node, app harness.Application) relyingParty {
	t.Helper()
	return relyingParty{server: n.Server, app: app, person: a.customer, way: n.way}.discover(t)
}
