package interop

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
	"github.com/miekg/dns"

	"sallyport/interop/harness"
	"sallyport/store/postgres/pgtest"
)

// authority is Let's Encrypt's own testing authority, Pebble, for which every name
// leads to this machine.
type authority struct {
	directory, trust string // its address, and the file of what to trust for it
	roots            *x509.CertPool
	orders           atomic.Int64
	hold             chan struct{} // while it is open, orders wait
	waiting          chan struct{} // one for each that does
}

// pebble starts one that looks at challenges on two ports of this machine.
func pebble(t *testing.T, httpPort, tlsPort int) *authority {
	t.Helper()
	// What is refused is asked once more, and would count twice. Nothing else reads these,
	// and t.Setenv keeps a test from going beside others.
	for _, name := range []string{"PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=0"} {
		key, value, _ := strings.Cut(name, "=")
		if err := os.Setenv(key, value); err != nil {
			t.Fatal(err)
		}
	}
	a := &authority{roots: x509.NewCertPool(), hold: make(chan struct{}), waiting: make(chan struct{}, 100)}
	quiet, memory := log.New(io.Discard, "", 0), db.NewMemoryStore()
	issuer := ca.New(quiet, memory, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {Description: "default"}})
	front := wfe.New(quiet, memory, va.New(quiet, httpPort, tlsPort, true, everyNameHere(t), memory), issuer, []string{"pebble.test"}, true, false, 1, 1)
	handler := front.Handler()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/order-plz" {
			a.orders.Add(1)
			a.waiting <- struct{}{}
			<-a.hold
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	a.directory, a.trust = server.URL+"/dir", filepath.Join(t.TempDir(), "pebble.pem")
	replaceFile(t, a.trust, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	a.roots.AppendCertsFromPEM(issuer.GetRootCert(0).PEM())
	return a
}

// everyNameHere is a name server that knows one address.
func everyNameHere(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{Listener: listener, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		if q.Question[0].Qtype == dns.TypeA {
			header := dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 1}
			m.Answer = []dns.RR{&dns.A{Hdr: header, A: net.IPv4(127, 0, 0, 1)}}
		}
		_ = w.WriteMsg(m)
	})}
	go func() { _ = server.ActivateAndServe() }()
	t.Cleanup(func() { _ = server.Shutdown() })
	return listener.Addr().String()
}

// shown is the certificate of a name at an address, nil if there is none yet.
func (a *authority) shown(t *testing.T, address, name string) *x509.Certificate {
	t.Helper()
	dialer := &tls.Dialer{NetDialer: &net.Dialer{Timeout: 5 * time.Second}, Config: &tls.Config{ServerName: name, RootCAs: a.roots}}
	conn, err := dialer.DialContext(t.Context(), "tcp", address)
	if err != nil {
		return nil
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0]
}

const (
	ownName   = "id.acme.test"
	gateName  = "api.acme.test"
	brandName = "my.orchard.test"
)

// named is a company whose pages, APIs and second brand have names of their own.
func named(t *testing.T) acme {
	t.Helper()
	a := newAcme(t)
	a.edit(t, "tenant.yaml", fmt.Sprintf("url: http://%s\n    gateway: http://%s", a.pages, a.gates), fmt.Sprintf("url: https://%s\n    gateway: https://%s", ownName, gateName))
	brand := "kind: brand\nname: orchard\ntitle: Orchard Valley Power\nhosts: [" + brandName + "]\n"
	if err := os.WriteFile(filepath.Join(a.tree, "orchard.yaml"), []byte(brand), 0o644); err != nil {
		t.Fatal(err)
	}
	return a
}

func port(t *testing.T, address string) int {
	t.Helper()
	at, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	return at.Port
}

func loopbackAddress(t *testing.T) string {
	t.Helper()
	return strings.Replace(freeAddress(t), "localhost", "127.0.0.1", 1)
}

// One node is killed while it orders. Of the two that come after it one orders, once
// for each name, and the authority looks at either: they share what it wants to see,
// and then the certificates.
func TestNodesShareCertificatesAndOneOrders(t *testing.T) {
	t.Parallel()
	a, database := named(t), pgtest.StartTCP(t)
	here, there := loopbackAddress(t), loopbackAddress(t)
	p := pebble(t, 1, port(t, here))
	flags := []string{"--acme-directory", p.directory, "--acme-ca", p.trust}

	killed := harness.StartServer(t, harness.Launch{Store: database, Flags: append(flags, "--config", a.tree)})
	key := "SALLYPORT_MASTER_KEY_FILE=" + masterKey(t, node{Server: killed})
	for range 3 { // names
		<-p.waiting
	}
	killed.Kill(t)
	close(p.hold)
	before := p.orders.Load()

	var nodes []*harness.Server
	for _, address := range []string{here, there} {
		nodes = append(nodes, harness.StartServer(t, harness.Launch{Store: database, Env: []string{key}, Flags: append(flags, "--listen", address)}))
	}
	serials := map[string]string{}
	for _, name := range []string{ownName, gateName, brandName} {
		for _, address := range []string{here, there} {
			await(t, 2*time.Minute, name+" has a certificate at "+address, func() bool { return p.shown(t, address, name) != nil })
			serial := p.shown(t, address, name).SerialNumber.String()
			if first, known := serials[name]; known && first != serial {
				t.Errorf("%s has another certificate at %s", name, address)
			}
			serials[name] = serial
		}
	}
	if n := p.orders.Load() - before; n != 3 {
		t.Errorf("%d orders of 3 names", n)
	}
	for range 200 {
		name := fmt.Sprintf("x%d.orchard.test", time.Now().UnixNano())
		if p.shown(t, here, name) != nil {
			t.Errorf("%s has a certificate", name)
		}
	}
	if n := p.orders.Load() - before; n != 3 {
		t.Errorf("after unknown names: %d orders", n)
	}
	for _, n := range nodes {
		if text := n.Log(t); strings.Contains(text, "PRIVATE KEY") {
			t.Error("a private key is in the log")
		}
	}
}

// The authority reaches port 80 alone.
func TestACertificateIsObtainedByHTTP(t *testing.T) {
	t.Parallel()
	a := named(t)
	address, plain := loopbackAddress(t), loopbackAddress(t)
	p := pebble(t, port(t, plain), 1)
	close(p.hold)
	harness.StartServer(t, harness.Launch{Flags: []string{
		"--config", a.tree, "--acme-directory", p.directory, "--acme-ca", p.trust, "--listen", address, "--http-listen", plain,
	}})
	await(t, 2*time.Minute, brandName+" has a certificate", func() bool { return p.shown(t, address, brandName) != nil })
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+plain+"/signin?t=x", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = brandName
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got := answer.Header.Get("Location"); answer.StatusCode != http.StatusPermanentRedirect || got != "https://"+brandName+"/signin?t=x" {
		t.Errorf("status %s, to %q", answer.Status, got)
	}
}
