package harness

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// door is a sign-in of two pages in the fewest lines that a visitor must cope with:
// hidden fields, a relative action, a Secure cookie over plain HTTP on loopback.
func door(w http.ResponseWriter, r *http.Request) {
	page := func(fields string) {
		fmt.Fprintf(w, `<!doctype html><title>door</title><form method=post action=?step=2>
<input type=hidden name=state value=kept><input type=checkbox name=remember value=yes>%s
<button id=login-submit name=do value=next>Next</button></form>`, fields)
	}
	switch {
	case r.Method == http.MethodGet:
		http.SetCookie(w, &http.Cookie{Name: "__Host-door", Value: "c", Path: "/", Secure: true})
		page(`<input name=username>`)
	case r.FormValue("state") != "kept" || r.FormValue("do") != "next" || r.PostForm.Has("remember"):
		http.Error(w, "not what a browser sends", http.StatusBadRequest)
	case r.FormValue("username") == "dana":
		page(`<input name=password type=password>`)
	case r.FormValue("password") == "a long secret":
		if _, err := r.Cookie("__Host-door"); err != nil {
			http.Error(w, "no cookie", http.StatusForbidden)
			return
		}
		http.Redirect(w, r, "http://app.example/back?code=c1&state=s1", http.StatusSeeOther)
	default:
		http.Error(w, "wrong", http.StatusUnauthorized)
	}
}

func TestAVisitorSignsInWithoutScript(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(door))
	defer server.Close()
	sent := NewVisitor(t).SignIn(server.URL, "http://app.example/back", Person{Username: "dana", Password: "a long secret"})
	if sent.Get("code") != "c1" || sent.Get("state") != "s1" {
		t.Fatalf("sent back %v", sent)
	}
}

func TestABrowserOpensAPageAndTakesAPicture(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(door))
	defer server.Close()
	tab := Browser(t)
	var title string
	if err := chromedp.Run(tab, chromedp.Navigate(server.URL), chromedp.Title(&title)); err != nil {
		t.Fatal(err)
	}
	if title != "door" {
		t.Fatalf("the title is %q", title)
	}
	Picture(t, tab, "door")
}

func TestASecretInTheLogIsFound(t *testing.T) {
	log := "started\nclient secret is s3cret-of-payright\nshort is fine\n"
	got := leaks(log, []string{"", "short", "s3cret-of-payright"})
	if len(got) != 1 || got[0] != "client secret is s3cret-of-payright" {
		t.Fatalf("found %q", got)
	}
}

func TestEveryCredentialOfTheReadyFileIsASecret(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ready.json")
	text := `{"people":{"dana":{"username":"dana","password":"p1"}},
		"applications":{"payright":{"client_id":"payright","client_secret":"p2","subscription_key":"p3"}}}`
	if err := os.WriteFile(name, []byte(text), fs.FileMode(0o600)); err != nil {
		t.Fatal(err)
	}
	r, err := readReady(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.secrets()); got != "[p1 p2 p3]" {
		t.Fatalf("secrets are %s", got)
	}
}

func TestAReadyFileThatOthersMayReadIsRefused(t *testing.T) {
	name := filepath.Join(t.TempDir(), "ready.json")
	if err := os.WriteFile(name, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readReady(name); err == nil || !strings.Contains(err.Error(), "want 0600") {
		t.Fatalf("got %v", err)
	}
}
