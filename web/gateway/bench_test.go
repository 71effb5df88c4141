package gateway_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/verify/verifytest"
)

// The proxies run in a process of their own, so that its CPU time is theirs and
// not that of the clients and of the back end. It is this test binary, told by
// an environment variable where the back end listens.
const proxyProcess = "SALLYPORT_BENCH_BACKEND"

// offer is what the proxy process tells: where it listens, and what to call with.
type offer struct {
	Gateway, Bare     string
	Key, Token        string
	Cert, CertKey, CA []byte
}

// TestProxyProcess is the proxy process; it does nothing in an ordinary run.
func TestProxyProcess(t *testing.T) {
	backend := os.Getenv(proxyProcess)
	if backend == "" {
		t.Skip("only as the second process of BenchmarkCalls")
	}
	w := newWorld(t)
	files := verifytest.Tree(backend)
	files["tree.yaml"] = strings.Replace(files["tree.yaml"], "rate: {calls: 2, per: 60s, burst: 2}", "rate: {calls: 1000000, per: 1s}", 1)
	introduced := maps.Clone(files)
	files["tree.yaml"] = strings.Replace(files["tree.yaml"], "  identity: true\n", "", 1)
	w.Apply(files)
	trust, err := w.authority.Trust(t.Context(), w.Live.ID)
	w.Must(err)
	o := offer{Gateway: w.front.URL, Key: w.subscription("payright", "everybody").Primary.Reveal(), Token: w.machine("payments.read.posting"), CA: trust.PEM}
	o.Cert, o.CertKey, err = w.authority.IssueServer(t.Context(), w.Live.ID, []string{"127.0.0.1"}, audit.System)
	w.Must(err)
	bare := httptest.NewServer(w.bare(backend))
	defer bare.Close()
	o.Bare = bare.URL
	w.Must(json.NewEncoder(os.Stdout).Encode(o))
	w.obey([]map[string]string{files, introduced})
}

// obey answers commands until its input ends: "cpu" is the CPU time so far and
// the bytes and objects allocated, "mint n" is n fresh tokens, "verify n" the
// CPU time of n verifications, "apply n" makes revisions[n] live.
func (w *world) obey(revisions []map[string]string) {
	go func() {
		for range time.Tick(time.Second) {
			w.Hear() // as Registry.Run does
			_ = w.meter.Flush(w.T.Context())
		}
	}()
	out := json.NewEncoder(os.Stdout)
	for {
		var command string
		var n int
		if _, err := fmt.Fscanln(os.Stdin, &command, &n); err != nil {
			return
		}
		switch command {
		case "cpu":
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			_ = out.Encode(usage{cpu(), m.Mallocs})
		case "apply":
			w.Apply(revisions[n])
			_ = out.Encode(usage{})
		case "mint":
			tokens := make([]string, n)
			for i := range tokens {
				tokens[i] = w.machine("payments.read.posting")
			}
			_ = out.Encode(tokens)
		case "verify":
			token := w.machine("payments.read.posting")
			signing, err := w.Ring.Signing(w.T.Context(), w.Live.ID, "partners")
			w.Must(err)
			began := cpu()
			for range n {
				if _, _, err := signing.Access.Verify(token); err != nil {
					w.T.Fatal(err)
				}
			}
			_ = out.Encode(usage{CPU: cpu() - began})
		}
	}
}

// usage is what a process has used.
type usage struct {
	CPU    time.Duration
	Allocs uint64
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bare is the yardstick: the standard library's proxy, tuned, over the same
// mutual TLS.
func (w *world) bare(backend string) http.Handler {
	target, err := url.Parse(backend)
	w.Must(err)
	trust, err := w.authority.Trust(w.T.Context(), w.Live.ID)
	w.Must(err)
	certificate, err := w.authority.ClientCertificate(w.T.Context(), w.Live.ID)
	w.Must(err)
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: &http.Transport{
			TLSClientConfig:     &tls.Config{RootCAs: trust.Pool, Certificates: []tls.Certificate{*certificate}},
			MaxIdleConnsPerHost: 512, DisableCompression: true, IdleConnTimeout: 90 * time.Second,
		},
		BufferPool: &bufferPool{}, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
}

type bufferPool struct{ pool sync.Pool }

func (b *bufferPool) Get() []byte {
	if buffer, ok := b.pool.Get().(*[]byte); ok {
		return *buffer
	}
	return make([]byte, 32<<10)
}

func (b *bufferPool) Put(buffer []byte) { b.pool.Put(&buffer) }

// proxies is the proxy process.
type proxies struct {
	offer
	b   *testing.B
	in  io.Writer
	out *json.Decoder
	c   *http.Client
}

func (p *proxies) ask(command string, n int, into any) {
	if _, err := fmt.Fprintln(p.in, command, n); err != nil {
		p.b.Fatal(err)
	}
	if err := p.out.Decode(into); err != nil {
		p.b.Fatal(err)
	}
}

func start(b *testing.B) *proxies {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	command := exec.Command(os.Args[0], "-test.run=^TestProxyProcess$")
	command.Env = append(os.Environ(), proxyProcess+"=https://"+listener.Addr().String())
	in, err := command.StdinPipe()
	must(b, err)
	out, err := command.StdoutPipe()
	must(b, err)
	must(b, command.Start())
	p := &proxies{b: b, in: in, out: json.NewDecoder(out), c: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	must(b, p.out.Decode(&p.offer))
	p.backend(listener)
	b.Cleanup(func() {
		_ = in.Close()
		_, _ = io.Copy(io.Discard, out)
		_ = command.Wait()
	})
	return p
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// backend answers every call with 1 KB of JSON.
func (p *proxies) backend(listener net.Listener) {
	pair, err := tls.X509KeyPair(p.Cert, p.CertKey)
	must(p.b, err)
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(p.CA)
	body := []byte(`{"payments":"` + strings.Repeat("x", 1000) + `"}`)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body)
	})}
	go func() {
		_ = server.Serve(tls.NewListener(listener, &tls.Config{
			Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients,
		}))
	}()
	p.b.Cleanup(func() { _ = server.Close() })
}

const clientsAtOnce = 16

// calls makes one call per token and gives what the proxy process used for it.
func (p *proxies) calls(url string, tokens []string) usage {
	var before, after usage
	p.ask("cpu", 0, &before)
	next := make(chan string)
	var all sync.WaitGroup
	for range clientsAtOnce {
		all.Go(func() {
			for token := range next {
				p.call(url, token)
			}
		})
	}
	for _, token := range tokens {
		next <- token
	}
	close(next)
	all.Wait()
	p.ask("cpu", 0, &after)
	return usage{after.CPU - before.CPU, after.Allocs - before.Allocs}
}

func (p *proxies) call(url, token string) {
	r, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		p.b.Error(err)
		return
	}
	r.Host = "api.example"
	r.Header.Set("Subscription-Key", p.Key)
	r.Header.Set("Authorization", "Bearer "+token)
	response, err := p.c.Do(r)
	if err != nil {
		p.b.Error(err)
		return
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil || response.StatusCode != http.StatusOK || len(body) < 1000 {
		p.b.Errorf("%d %v %.200s", response.StatusCode, err, body)
	}
}

// BenchmarkCalls compares the gateway with the bare proxy by CPU time, in turns
// within one run. The budgets are 1.25 for a token seen before, and 1.5 of the
// proxy and a verification for a new one. The headers that tell the back end
// who calls are an option, and are measured apart.
func BenchmarkCalls(b *testing.B) {
	p := start(b)
	same := make([]string, turn)
	for i := range same {
		same[i] = p.Token
	}
	gateway, bare := p.Gateway+"/billing/payments", p.Bare+"/payments"
	p.calls(gateway, same)
	p.calls(bare, same)
	var proxy, seen, told, fresh, signature turns
	for b.Loop() {
		var tokens []string
		var u usage
		p.ask("mint", turn, &tokens)
		proxy = append(proxy, p.calls(bare, same))
		seen = append(seen, p.calls(gateway, same))
		fresh = append(fresh, p.calls(gateway, tokens))
		p.ask("apply", 1, &u)
		p.calls(gateway, same[:clientsAtOnce*2]) // connections are there again
		told = append(told, p.calls(gateway, same))
		p.ask("apply", 0, &u)
		p.ask("verify", turn, &u)
		signature = append(signature, u)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(proxy.each(), "bare-µs")
	b.ReportMetric(seen.each(), "seen-µs")
	b.ReportMetric(told.each(), "identity-µs")
	b.ReportMetric(fresh.each(), "new-µs")
	b.ReportMetric(signature.each(), "verify-µs")
	b.ReportMetric(seen.each()/proxy.each(), "seen/bare")
	b.ReportMetric(told.each()/proxy.each(), "identity/bare")
	b.ReportMetric(fresh.each()/(proxy.each()+signature.each()), "new/(bare+verify)")
	b.ReportMetric(float64(proxy[0].Allocs)/turn, "bare-allocs")
	b.ReportMetric(float64(seen[0].Allocs)/turn, "seen-allocs")
}

const turn = 1000 // calls

// turns is what each turn used; a neighbour on the machine spoils some.
type turns []usage

// each is the CPU time of one call in microseconds: the median of the turns.
func (t turns) each() float64 {
	times := make([]float64, len(t))
	for i, u := range t {
		times[i] = float64(u.CPU.Nanoseconds()) / turn / 1000
	}
	slices.Sort(times)
	return times[len(times)/2]
}
