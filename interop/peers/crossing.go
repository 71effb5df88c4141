//go:build peers

package peers

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/interop/harness"
)

// here is the Sallyport that people are brought to.
type here struct {
	*harness.Server
	issuer string
}

// tree is what `init` gives, with a second factor for whoever has one and the
// migration under test.
func tree(t testing.TB, migration string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "tree")
	harness.Initialise(t, dir, "harbourlight")
	file := filepath.Join(dir, "tenant.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const password = "  - {name: password, ask: password}\n"
	changed := strings.Replace(string(text), password, password+"  - {name: code, ask: totp, when: enrolled}\n", 1)
	if changed == string(text) {
		t.Fatal("the tree of init has no step that asks for a password")
	}
	for name, content := range map[string]string{file: changed, filepath.Join(dir, "migration.yaml"): migration} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func newHere(t testing.TB, migration string) *here {
	t.Helper()
	s := harness.StartServer(t, harness.Launch{Flags: []string{"--config", tree(t, migration)}})
	return &here{Server: s, issuer: s.Issuers["main"]}
}

const callback = "http://localhost:3000/callback"

// ask is a request to sign somebody in, of the application that init makes.
func (h *here) ask() string {
	return h.issuer + "/authorize?" + url.Values{
		"response_type": {"code"}, "client_id": {"web-app"}, "redirect_uri": {callback}, "scope": {"openid"}, "state": {"s"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}.Encode()
}

// from is a browser at an address of its own: nobody signs in a thousand people from
// one.
func from(t testing.TB, n int) *harness.Visitor {
	address := &net.TCPAddr{IP: net.IPv4(127, 1, byte(n>>8), byte(n))}
	dialer := &net.Dialer{LocalAddr: address}
	return harness.NewVisitorOver(t, &http.Transport{DialContext: func(ctx context.Context, _, to string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(to)
		if err != nil {
			return nil, err
		}
		return dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", port))
	}})
}

// signIn gives name and password, and a code of the app where one is asked for. It
// tells why it did not lead to the application, "" if it did.
func (h *here) signIn(t testing.TB, n int, p *person) string {
	t.Helper()
	v := from(t, n)
	page, sent := v.Visit(h.ask(), callback)
	page, sent = v.Fill(page, map[string]string{harness.FieldUsername: p.Username}, callback)
	page, sent = v.Fill(page, map[string]string{harness.FieldPassword: p.Password}, callback)
	switch {
	case sent != nil && p.key == nil && sent.Get("code") != "":
		return ""
	case sent != nil:
		return "no second factor was asked for"
	case !strings.Contains(page.Text, `name="`+harness.FieldCode+`"`):
		return fmt.Sprintf("the password is answered with %d", page.Status)
	}
	page, sent = v.Fill(page, map[string]string{harness.FieldCode: p.app.code(time.Now())}, callback)
	if page != nil && page.Status == http.StatusOK { // who has an app and no recovery codes is given some
		page, sent = v.Fill(page, nil, callback)
	}
	switch {
	case page != nil:
		return fmt.Sprintf("the code is answered with %d", page.Status)
	case sent.Get("code") == "":
		return "the application is told " + sent.Get("error")
	}
	return ""
}

// asked is what a page would have a browser ask passkeys for.
var asked = regexp.MustCompile(`data-passkeys="([^"]+)"`)

// touch signs in by the passkey alone, without a name.
func (h *here) touch(t testing.TB, n int, p *person) string {
	t.Helper()
	v := from(t, n)
	page, _ := v.Visit(h.ask(), callback)
	found := asked.FindStringSubmatch(page.Text)
	if found == nil {
		return "the page asks for no passkey"
	}
	var requests []struct{ Challenge, RPID string }
	if err := json.Unmarshal([]byte(html.UnescapeString(found[1])), &requests); err != nil || len(requests) != 1 {
		return fmt.Sprintf("the page asks for %d passkeys: %v", len(requests), err)
	}
	challenge, err := base64.RawURLEncoding.DecodeString(requests[0].Challenge)
	if err != nil || requests[0].RPID != relyingParty {
		return fmt.Sprintf("the page asks for a passkey of %q: %v", requests[0].RPID, err)
	}
	page, sent := v.Fill(page, map[string]string{"passkey": string(p.key.assertion(h.URL, challenge))}, callback)
	switch {
	case page != nil:
		return fmt.Sprintf("the passkey is answered with %d", page.Status)
	case sent.Get("code") == "":
		return "the application is told " + sent.Get("error")
	}
	return ""
}

// everybody does something for each person, some at once, and tells how it went
// wrong for the first few of whom it did.
func everybody(t *testing.T, people []*person, do func(n int, p *person) string) {
	t.Helper()
	began := time.Now()
	var all sync.WaitGroup
	var mu sync.Mutex
	wrong := 0
	turn := make(chan struct{}, 6)
	for n, p := range people {
		turn <- struct{}{}
		all.Go(func() {
			defer func() { <-turn }()
			why := do(n, p)
			mu.Lock()
			defer mu.Unlock()
			if why == "" {
				return
			}
			if wrong++; wrong <= 5 {
				t.Errorf("%s: %s", p.Username, why)
			}
		})
	}
	all.Wait()
	if wrong > 0 {
		t.Errorf("%d of %d", wrong, len(people))
	}
	t.Logf("%d people in %v", len(people), time.Since(began).Round(time.Second))
}
