package sources

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/interop/harness"
)

// here is a Sallyport that people are brought to.
type here struct{ *harness.Server }

// newHere starts one that knows the system and the password of its account.
func newHere(t testing.TB, o *old) *here {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tree")
	harness.Initialise(t, dir, "harbourlight")
	must(t, os.WriteFile(filepath.Join(dir, "migration.yaml"), []byte(o.migration()), 0o600))
	must(t, os.WriteFile(filepath.Join(dir, "old.pem"), o.ca, 0o600))
	h := &here{harness.StartServer(t, harness.Launch{Flags: []string{"--config", dir}})}
	file := filepath.Join(t.TempDir(), "password")
	must(t, os.WriteFile(file, []byte(o.password), 0o600))
	h.Run(t, "secret", "put", "old", "--file", file)
	h.Keep(o.password)
	return h
}

// keep has the log looked through for what people have.
func (h *here) keep(some []person) {
	for _, p := range some {
		h.Keep(p.Password, p.Hash)
	}
}

// begun is a command that goes on while the test does something else.
func (h *here) begun(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(harness.Binary(t, harness.Plain), append(args, "--store", h.StoreFlag)...)
	cmd.Dir, cmd.Env = h.Dir, append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(h.Dir, "state"))
	must(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd
}

// report is how an import ended.
type report struct {
	Imported, Held, Dropped, Known int
	Reasons, Warnings              map[string]int
}

// standing is where the records are.
func (h *here) standing(t testing.TB) map[string]int {
	t.Helper()
	var now struct{ Records map[string]int }
	h.RunJSON(t, &now, "migrate", "status", "old")
	return now.Records
}

const callback = "http://localhost:3000/callback"

// from is a browser at an address of its own: nobody signs in a crowd from one.
func from(t testing.TB, n int) *harness.Visitor {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 1, byte(n>>8), byte(n))}}
	return harness.NewVisitorOver(t, &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, to string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(to)
		if err != nil {
			return nil, err
		}
		return dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
	}})
}

// How a password can be answered, besides "" for whoever is signed in.
const (
	notTheirs = "the password is answered with 422"
	unchecked = "the password is answered with 503"
)

// signIn gives a name and a password from the n-th address, and tells why it did not
// lead to the application, "" if it did.
func (h *here) signIn(t testing.TB, n int, name, password string) string {
	t.Helper()
	v := from(t, n)
	page, _ := v.Visit(h.Issuers["main"]+"/authorize?"+url.Values{
		"response_type": {"code"}, "client_id": {"web-app"}, "redirect_uri": {callback}, "scope": {"openid"}, "state": {"s"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}.Encode(), callback)
	page, _ = v.Fill(page, map[string]string{harness.FieldUsername: name}, callback)
	page, sent := v.Fill(page, map[string]string{harness.FieldPassword: password}, callback)
	switch {
	case page != nil:
		return fmt.Sprintf("the password is answered with %d", page.Status)
	case sent.Get("code") == "":
		return "the application is told " + sent.Get("error")
	}
	return ""
}

// name is one that the person signs in by: half of them use their address, and nobody
// types as they are written down.
func (p person) name() string {
	if p.Number%2 == 1 {
		return strings.ToLower(p.Email)
	}
	return p.Username
}

// everybody signs in, some at once, from addresses behind the n-th, with suffix behind
// their passwords, and is answered as wanted.
func (h *here) everybody(t *testing.T, some []person, n int, suffix, want string) {
	t.Helper()
	began := time.Now()
	var all sync.WaitGroup
	var mu sync.Mutex
	wrong := 0
	turn := make(chan struct{}, 6)
	for i, p := range some {
		turn <- struct{}{}
		all.Go(func() {
			defer func() { <-turn }()
			got := h.signIn(t, n+i, p.name(), p.Password+suffix)
			mu.Lock()
			defer mu.Unlock()
			if got == want {
				return
			}
			if wrong++; wrong <= 5 {
				t.Errorf("%s with %.14q: %q, want %q", p.name(), p.Hash, got, want)
			}
		})
	}
	all.Wait()
	if wrong > 0 {
		t.Errorf("%d of %d", wrong, len(some))
	}
	t.Logf("%d people in %v", len(some), time.Since(began).Round(100*time.Millisecond))
}
