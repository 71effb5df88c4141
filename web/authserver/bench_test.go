//go:build unix

package authserver_test

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkClientCredentials prints what DESIGN's budget asks for: the CPU of
// a token, database included, over that of the token floor in the same run
// (net/http, Basic, form, SHA-256 compare, signature, JSON), both with sixteen
// connections over loopback from a process of its own.
func BenchmarkClientCredentials(b *testing.B) {
	s := newSiteOf(b, limited(many))
	secret := s.Secret("payright")
	floor := measure(b, tokenFloor(b, s, secret), secret)
	token := measure(b, rehosted(s), secret)
	s.Apply(opaque(limited(many)))
	sealed := measure(b, rehosted(s), secret)
	b.ReportMetric(float64(token)/float64(floor), "ratio")
	b.ReportMetric(float64(sealed)/float64(floor), "ratio-opaque")
	b.ReportMetric(float64(token.Microseconds()), "cpu-us/token")
	b.ReportMetric(float64(floor.Microseconds()), "cpu-us/floor")
	b.ReportMetric(0, "ns/op")
}

// many are limits that no benchmark comes near, and that are counted all the same.
const many = "{source: {calls: 1000000}, application: {calls: 1000000}}"

// rehosted gives requests the name that they would have in production.
func rehosted(s *site) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = "id.harbourlight.test"
		r.URL.Path = "/hl/enterprise/token"
		s.handler.ServeHTTP(w, r)
	})
}

// tokenFloor does what no token endpoint can leave out, and nothing else.
func tokenFloor(b *testing.B, s *site, secret string) http.Handler {
	server := s.View().Snapshot.Servers["enterprise"]
	signing, err := s.Issue.Signing(b.Context(), s.View(), server)
	if err != nil {
		b.Fatal(err)
	}
	signer, err := signing.AccessSigner("ES256")
	if err != nil {
		b.Fatal(err)
	}
	want := sha256.Sum256([]byte(secret))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		client, password, _ := r.BasicAuth()
		digest := sha256.Sum256([]byte(password))
		if err := r.ParseForm(); err != nil || r.PostForm.Get("grant_type") != "client_credentials" ||
			subtle.ConstantTimeCompare(digest[:], want[:]) != 1 {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		now := time.Now().Unix()
		payload, _ := json.Marshal(struct {
			Iss, Sub, Aud, ClientID, Jti, Scope string
			Iat, Exp                            int64
		}{partners, "app:" + client, server.Audience, client, "0123456789abcdef0123456789abcdef", "usage.read.interval", now, now + 900})
		token, err := signer.Sign(nil, payload)
		if err != nil {
			http.Error(w, "no", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 900, "scope": "usage.read.interval"})
	})
}

// loadVariable asks this test binary to be the client of a benchmark.
const loadVariable = "SALLYPORT_TEST_LOAD"

// TestLoad is no test but the client's process.
func TestLoad(t *testing.T) {
	var address, secret string
	var count int
	if n, _ := fmt.Sscan(os.Getenv(loadVariable), &address, &secret, &count); n != 3 {
		t.Skip("runs as the client of a benchmark")
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	var left atomic.Int64
	left.Store(int64(count))
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := post(transport, address, secret); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func post(transport *http.Transport, address, secret string) error {
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		return err
	}
	r.SetBasicAuth("payright", secret)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := transport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Body.Close() }()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("status %d", answer.StatusCode)
	}
	return nil
}

// measure gives the CPU time that this process spends on one request to handler.
func measure(b *testing.B, handler http.Handler, secret string) time.Duration {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()
	load := func(count int) time.Duration {
		client := exec.Command(os.Args[0], "-test.run=^TestLoad$")
		client.Env = append(os.Environ(), fmt.Sprintf("%s=http://%s/ %s %d", loadVariable, listener.Addr(), secret, count))
		before := cpuTime()
		if out, err := client.CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		return cpuTime() - before
	}
	load(200) // warm
	return load(b.N) / time.Duration(b.N)
}
