package interop

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sallyport/interop/harness"
)

// parties is who takes part, for the scripts of interop/node: parties.mjs reads it.
type parties struct {
	Issuers map[string]string         `json:"issuers"`
	Secrets map[string]string         `json:"secrets"` // by application
	Keys    map[string][]jwk          `json:"keys"`    // by application, private
	People  map[string]harness.Person `json:"people"`
}

// jwk is a JSON Web Key. Its private members never reach the tree.
type jwk map[string]string

// public is what the tree may know.
func (k jwk) public() jwk {
	k = maps.Clone(k)
	maps.DeleteFunc(k, func(name, _ string) bool { return slices.Contains([]string{"d", "p", "q", "dp", "dq", "qi"}, name) })
	return k
}

// newKey makes a key of an application.
func newKey(t *testing.T, algorithm, kid string) jwk {
	t.Helper()
	var private crypto.PrivateKey
	var err error
	switch algorithm {
	case "ES256":
		private, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "EdDSA":
		_, private, err = ed25519.GenerateKey(rand.Reader)
	default:
		private, err = rsa.GenerateKey(rand.Reader, 2048)
	}
	if err != nil {
		t.Fatal(err)
	}
	k := asJWK(t, private)
	k["alg"], k["kid"], k["use"] = algorithm, kid, "sig"
	return k
}

// asJWK spells a private key (RFC 7518 §6, RFC 8037 §2).
func asJWK(t *testing.T, private crypto.PrivateKey) jwk {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString
	switch k := private.(type) {
	case *ecdsa.PrivateKey:
		d, err := k.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		point, err := k.PublicKey.Bytes() // 4, X, Y
		if err != nil {
			t.Fatal(err)
		}
		return jwk{"kty": "EC", "crv": "P-256", "x": text(point[1:33]), "y": text(point[33:]), "d": text(d)}
	case ed25519.PrivateKey:
		return jwk{"kty": "OKP", "crv": "Ed25519", "x": text(k[32:]), "d": text(k[:32])}
	case *rsa.PrivateKey:
		return jwk{
			"kty": "RSA", "n": text(k.N.Bytes()), "e": "AQAB", "d": text(k.D.Bytes()), "p": text(k.Primes[0].Bytes()), "q": text(k.Primes[1].Bytes()),
			"dp": text(k.Precomputed.Dp.Bytes()), "dq": text(k.Precomputed.Dq.Bytes()), "qi": text(k.Precomputed.Qinv.Bytes()),
		}
	}
	t.Fatalf("a key of type %T", private)
	return nil
}

// keyed are the applications that authenticate with keys, and the algorithms of
// those. One is being moved from its old key to the new one.
var keyed = map[string][]string{
	"feed-es256": {"ES256"}, "feed-rs256": {"RS256"}, "feed-ps256": {"PS256"}, "feed-eddsa": {"EdDSA"}, "feed-two": {"ES256", "EdDSA"},
	"keyed": {"PS256"},
}

// registerKeys writes those applications into the tree, with fresh keys.
func (p *parties) registerKeys(t *testing.T, file string) {
	t.Helper()
	var tree strings.Builder
	for name, algorithms := range keyed {
		var public []jwk
		for i, algorithm := range algorithms {
			key := newKey(t, algorithm, fmt.Sprintf("%s-%d", name, i+1))
			p.Keys[name] = append(p.Keys[name], key)
			public = append(public, key.public())
		}
		set, err := json.Marshal(map[string][]jwk{"keys": public})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&tree, "---\nkind: application\nname: %s\nauthentication: private_key_jwt\njwks: %s\n", name, set)
		switch name {
		case "keyed":
			tree.WriteString("type: web\nredirects: [\"https://keyed.acme.example/callback\"]\nassigned: {main: [billing.read.bill]}\n")
		case "feed-es256": // knows another server, too, where its assertions for this one are worth nothing
			tree.WriteString("type: machine\nassigned: {main: [billing.read.report], other: [meters.read.report]}\n")
		default:
			tree.WriteString("type: machine\nassigned: {main: [billing.read.report]}\n")
		}
	}
	if err := os.WriteFile(file, []byte(tree.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// invite imports the people, each with a hash that an earlier system had.
func (p *parties) invite(t *testing.T, server *harness.Server, names ...string) {
	t.Helper()
	rows := []string{"ID,NAME,EMAIL,EMAIL_OK,ACCOUNT,SHA1,SALT"}
	for i, name := range names {
		person := harness.Person{
			Name: strings.ToUpper(name[:1]) + name[1:] + " Example", Username: name, Email: name + "@mail.test", Password: rand.Text(),
		}
		p.People[name] = person
		salt := rand.Text()
		hash := sha1.Sum([]byte(salt + person.Password))
		rows = append(rows, fmt.Sprintf("%s,%s,%s,Y,AC-%04d,%s,%s", name, person.Name, person.Email, i+1, hex.EncodeToString(hash[:]), salt))
		server.Keep(person.Password)
	}
	export := filepath.Join(server.Dir, "people.csv")
	if err := os.WriteFile(export, []byte(strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	server.Run(t, "migrate", "run", "people", "--file", export)
}

// gather starts a server for the tenant of testdata/clients and writes down who is
// who. Each request of the scripts that fails to authenticate comes from an address
// of its own, so that they meet the protocol and not the limit of failures.
func gather(t *testing.T) (file string) {
	t.Helper()
	tree := filepath.Join(t.TempDir(), "tree")
	if err := os.CopyFS(tree, os.DirFS("testdata/clients")); err != nil {
		t.Fatal(err)
	}
	p := parties{Secrets: map[string]string{}, Keys: map[string][]jwk{}, People: map[string]harness.Person{}}
	p.registerKeys(t, filepath.Join(tree, "keyed.yaml"))
	server := harness.StartServer(t, harness.Launch{Flags: []string{"--config", tree, "--trusted-proxy", "127.0.0.1"}})
	p.Issuers = server.Issuers
	p.invite(t, server, "ada", "ben", "cleo", "dora", "emil", "fay")
	for _, name := range []string{"web", "posting", "lenient", "asking", "opaque", "reporting", "api"} {
		p.Secrets[name] = strings.TrimSpace(server.Run(t, "apps", "rotate", name))
		server.Keep(p.Secrets[name])
	}
	for _, keys := range p.Keys {
		for _, key := range keys {
			server.Keep(key["d"])
		}
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(server.Dir, "parties.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// What must work is judged by a client that is certified for it; what must not, by
// the library beneath it, which lets nothing pass that the standards forbid.
func TestCertifiedClientsAgreeWithEveryAnswerAndEveryRefusal(t *testing.T) {
	t.Parallel()
	file := gather(t)
	for _, part := range []struct{ name, script string }{
		{"a relying party signs customers in and out", "relying-party"},
		{"applications prove themselves by keys", "key-authentication"},
		{"assertions are held to the update of RFC 7523", "abuse-assertion"},
		{"the authorization endpoint sends answers where they belong", "abuse-authorize"},
		{"pages between request and answer cannot be talked into anything", "abuse-pages"},
		{"the token endpoint gives each grant once, to its owner", "abuse-token"},
		{"tokens are taken for what they are", "abuse-tokens-in-use"},
		{"signing out leads to registered addresses alone", "abuse-logout"},
	} {
		t.Run(part.name, func(t *testing.T) { runScript(t, part.script+".test.mjs", "SALLYPORT_PARTIES="+file) })
	}
}
