package interop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"sallyport/interop/harness"
)

// pair is a self-signed certificate in two files, as an operator has them.
type pair struct {
	cert, key string
	pool      *x509.CertPool // trusts it, and nothing else
}

// selfSigned writes a certificate for names into dir, over an older one if there is.
func selfSigned(t *testing.T, dir string, serial int64, names ...string) pair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	p := pair{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), x509.NewCertPool()}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	p.pool.AppendCertsFromPEM(certificate)
	replaceFile(t, p.key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	replaceFile(t, p.cert, certificate)
	return p
}

// replaceFile writes beside and renames, as tools that renew certificates do.
func replaceFile(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name+"~", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(name+"~", name); err != nil {
		t.Fatal(err)
	}
}

// transport trusts the certificate and keeps no connection.
func (p pair) transport() http.RoundTripper {
	return &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: p.pool}}
}

// starter writes the tree of `sallyport init` and starts a server with it.
func starter(t *testing.T, l harness.Launch) *harness.Server {
	t.Helper()
	tree := filepath.Join(t.TempDir(), "tree")
	harness.Initialise(t, tree, "acme")
	l.Flags = append(l.Flags, "--config", tree)
	return harness.StartServer(t, l)
}

func TestUnderTLSSignInSetsHostCookiesAndACertificateIsRenewedWithoutARestart(t *testing.T) {
	dir := t.TempDir()
	first := selfSigned(t, dir, 1, "localhost")
	server := starter(t, harness.Launch{Flags: []string{"--tls-cert", first.cert, "--tls-key", first.key}})
	if !strings.HasPrefix(server.URL, "https://localhost:") || !strings.HasPrefix(server.Gateway, "https://localhost:") {
		t.Fatalf("pages are at %s and APIs at %s, want both under TLS", server.URL, server.Gateway)
	}

	query := url.Values{
		"client_id": {"web-app"}, "response_type": {"code"}, "scope": {"openid"}, "state": {"s"},
		"redirect_uri": {"http://localhost:3000/callback"}, "code_challenge_method": {"S256"}, "code_challenge": {oauth2.S256ChallengeFromVerifier(oauth2.GenerateVerifier())},
	}
	// A cookie comes with the first answer that a person gives.
	visitor := harness.NewVisitorOver(t, first.transport())
	page, _ := visitor.Visit(server.Issuers["main"]+"/authorize?"+query.Encode(), "http://localhost:3000/")
	visitor.Answer(page, harness.Person{Username: "somebody@example.test"}, "http://localhost:3000/")
	if len(visitor.Planted) == 0 {
		t.Error("the sign-in sets no cookie")
	}
	for _, c := range visitor.Planted {
		if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" {
			t.Errorf("cookie %v, want a __Host- one, Secure, HttpOnly and for no other host", c)
		}
	}

	second := selfSigned(t, dir, 2, "localhost")
	// The file system may keep times in steps; the new files are newer in any case.
	soon := time.Now().Add(2 * time.Second)
	for _, name := range []string{second.cert, second.key} {
		if err := os.Chtimes(name, soon, soon); err != nil {
			t.Fatal(err)
		}
	}
	await(t, 10*time.Second, "the renewed certificate is served", func() bool { return serial(t, server.URL) == 2 })
	await(t, 10*time.Second, "the gateway serves it too", func() bool { return serial(t, server.Gateway) == 2 })
	client := http.Client{Transport: second.transport()}
	res, err := client.Get(server.Issuers["main"] + "/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()

	// Half a renewal must not take the server down.
	replaceFile(t, second.cert, []byte("not a certificate"))
	later := soon.Add(2 * time.Second)
	if err := os.Chtimes(second.cert, later, later); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Second); time.Now().Before(deadline); {
		if got := serial(t, server.URL); got != 2 {
			t.Fatalf("after a broken renewal, certificate %d is served", got)
		}
	}
}

// serial is the number of the certificate that a fresh connection is shown.
func serial(t *testing.T, base string) int64 {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: 5 * time.Second}, Config: &tls.Config{InsecureSkipVerify: true}} // what it is, is asked here
	connection, err := dialer.DialContext(t.Context(), "tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	shown := connection.(*tls.Conn).ConnectionState().PeerCertificates
	if len(shown) == 0 {
		t.Fatalf("%s shows no certificate", base)
	}
	return shown[0].SerialNumber.Int64()
}
