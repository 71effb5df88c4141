package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestAServerIsNamedBySchemeAndHostAlone(t *testing.T) {
	for text, want := range map[string]server{
		"https://id.example.com":         "https://id.example.com",
		"https://ID.example.com:8443/":   "https://id.example.com:8443",
		"http://localhost:8080":          "http://localhost:8080",
		"http://127.0.0.1:8080":          "http://127.0.0.1:8080",
		"http://[::1]:8080":              "http://[::1]:8080",
		"http://id.example.com":          "",
		"http://localhost.example.com":   "",
		"http://127.0.0.1.example.com":   "",
		"http://10.0.0.1":                "",
		"https://id.example.com/console": "",
		"https://id.example.com?x":       "",
		"https://id.example.com#x":       "",
		"https://me@id.example.com":      "",
		"https://":                       "",
		"id.example.com":                 "",
		"file:///etc/passwd":             "",
		"javascript:alert(1)":            "",
		"":                               "",
	} {
		got, err := parseServer(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
}

func TestATokenGoesToItsOwnServerOnly(t *testing.T) {
	at := server("https://id.example.com")
	for address, ours := range map[string]bool{
		"https://id.example.com/console/management/token": true,
		"https://ID.EXAMPLE.COM/x":                        true,
		"https://id.example.com.evil.example/x":           false,
		"https://id.example.com@evil.example/x":           false,
		"https://me@id.example.com/x":                     false,
		"http://id.example.com/x":                         false,
		"https://id.example.com:444/x":                    false,
		"//id.example.com/x":                              false,
		"":                                                false,
		"%":                                               false,
	} {
		if at.ours(address) != ours {
			t.Errorf("%q: %t", address, !ours)
		}
	}
}

// came sends a browser back to a waiting login.
func came(t *testing.T, b *back, host string, query url.Values) int {
	t.Helper()
	request := httptest.NewRequest(http.MethodGet, "http://"+host+backPath+"?"+query.Encode(), nil)
	answer := httptest.NewRecorder()
	b.ServeHTTP(answer, request)
	if strings.Contains(answer.Body.String(), "SECRET") {
		t.Error("the page repeats what was sent")
	}
	return answer.Code
}

func TestOnlyTheAnswerToOurOwnRequestEndsTheWait(t *testing.T) {
	const issuer = "https://id.example.com/console/management"
	b, err := listenBack(issuer)
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	good := func(change ...string) url.Values {
		q := url.Values{"state": {b.state}, "code": {"SECRET"}, "iss": {issuer}}
		for i := 0; i < len(change); i += 2 {
			q.Set(change[i], change[i+1])
		}
		return q
	}
	for name, got := range map[string]int{
		"no state":       came(t, b, b.host, url.Values{"code": {"x"}, "iss": {issuer}}),
		"another state":  came(t, b, b.host, good("state", "x")),
		"another host":   came(t, b, "evil.example", good()),
		"the same, near": came(t, b, "localhost:80", good()),
	} {
		if got != http.StatusNotFound {
			t.Errorf("%s: %d", name, got)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code, err := b.wait(ctx); code != "" || err == nil {
		t.Fatalf("a stranger ended the wait: %q %v", code, err)
	}
	if got := came(t, b, b.host, good()); got != http.StatusOK {
		t.Errorf("the answer: %d", got)
	}
	if code, err := b.wait(t.Context()); code != "SECRET" || err != nil {
		t.Errorf("code %q, %v", code, err)
	}
}

func TestAnAnswerOfAnotherIssuerOrARefusalGivesNoCode(t *testing.T) {
	const issuer = "https://id.example.com/console/management"
	for name, change := range map[string]url.Values{
		"another issuer": {"iss": {"https://evil.example"}, "code": {"SECRET"}},
		"no issuer":      {"code": {"SECRET"}},
		"a refusal":      {"iss": {issuer}, "error": {"access_denied"}, "error_description": {"no"}},
		"no code":        {"iss": {issuer}},
	} {
		b, err := listenBack(issuer)
		if err != nil {
			t.Fatal(err)
		}
		change.Set("state", b.state)
		if got := came(t, b, b.host, change); got != http.StatusBadRequest {
			t.Errorf("%s: %d", name, got)
		}
		if code, err := b.wait(t.Context()); code != "" || err == nil || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %q %v", name, code, err)
		}
		b.close()
	}
}

// issuerOf is a token endpoint that takes each refresh token once.
type issuerOf struct {
	*httptest.Server
	mu     sync.Mutex
	newest string
	asked  atomic.Int64
}

func newIssuer(t *testing.T) *issuerOf {
	i := &issuerOf{newest: "rt_0"}
	i.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		defer i.mu.Unlock()
		n := i.asked.Add(1)
		if r.FormValue("refresh_token") != i.newest {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
			return
		}
		i.newest = fmt.Sprint("rt_", n)
		_ = json.NewEncoder(w).Encode(tokenAnswer{AccessToken: fmt.Sprint("at_", n), TokenType: "Bearer", ExpiresIn: 600, RefreshToken: i.newest})
	}))
	t.Cleanup(i.Close)
	return i
}

// Commands that run side by side trade the refresh token once, not once each:
// a second time would end the sign-in.
func TestCommandsSideBySideRefreshOnce(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	issuer := newIssuer(t)
	at := server(issuer.URL)
	file, err := loginFileOf(at)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.write(keptLogin{Server: at, Token: issuer.URL + "/token", Refresh: "rt_0", Access: "at_0", Expires: time.Now().Add(-time.Minute)}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			way := &tokenTransport{at, file, http.DefaultTransport}
			if token, err := way.token(t.Context()); token != "at_1" || err != nil {
				t.Errorf("token %q, %v", token, err)
			}
		})
	}
	all.Wait()
	if n := issuer.asked.Load(); n != 1 {
		t.Errorf("refreshed %d times", n)
	}
}

func TestALoginThatEndedIsExitCode4(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	issuer := newIssuer(t)
	at := server(issuer.URL)
	file, _ := loginFileOf(at)
	spent := keptLogin{Server: at, Token: issuer.URL + "/token", Refresh: "rt_spent"}
	if err := file.write(spent); err != nil {
		t.Fatal(err)
	}
	_, err := (&tokenTransport{at, file, http.DefaultTransport}).token(t.Context())
	exit, ok := err.(*exitError)
	if !ok || exit.code != exitSignIn || strings.Contains(err.Error(), "rt_spent") {
		t.Errorf("%v", err)
	}
	// A file that names another place sends nothing there.
	spent.Token = "http://127.0.0.1:1/token"
	if err := file.write(spent); err != nil {
		t.Fatal(err)
	}
	if _, err := (&tokenTransport{at, file, http.DefaultTransport}).token(t.Context()); err == nil || !strings.Contains(err.Error(), "another server") {
		t.Errorf("%v", err)
	}
}

func TestALoginThatOthersCanReadIsNotUsed(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	file, _ := loginFileOf("https://id.example.com")
	if err := file.write(keptLogin{}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file.path)
	if err != nil || info.Mode().Perm() != 0o600 || !strings.HasPrefix(filepath.Base(file.path), "login-") {
		t.Fatalf("%v, %v", info, err)
	}
	if err := os.Chmod(file.path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := file.read(); err == nil {
		t.Error("it was used")
	}
}
