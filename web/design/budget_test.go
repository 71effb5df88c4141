package design

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func squeezed(t *testing.T, text string) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// The living page has every component several times: no page of the console is
// larger.
func TestTheFirstPageOfTheConsoleIsSmall(t *testing.T) {
	const budget = 120 << 10
	w := httptest.NewRecorder()
	Living(w, httptest.NewRequest(http.MethodGet, "/design", nil), Frame{Brand: brand()}, "/design")
	page := w.Body.String()
	total, parts := squeezed(t, page), 0
	assets := Frame{Brand: brand()}.Assets()
	for _, m := range regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		size := squeezed(t, body(t, get(assets, m[1])))
		t.Logf("%s: %d bytes", m[1], size)
		total += size
		parts++
	}
	t.Logf("%d bytes, of %d", total, budget)
	if total > budget || parts < 4 {
		t.Errorf("the page and what it needs, %d parts, take %d bytes, more than %d", parts, total, budget)
	}
}

func TestTheScriptOfCustomersPagesIsSmall(t *testing.T) {
	if size := squeezed(t, string(pageProgram)); size > 2<<10 {
		t.Errorf("it takes %d bytes", size)
	}
}

func TestTheScriptThatAsksForPasskeysIsSmall(t *testing.T) {
	if size := squeezed(t, string(passkeyProgram)); size > 2<<10 {
		t.Errorf("it takes %d bytes", size)
	}
}

func TestTheScriptThatMakesPasskeysIsSmall(t *testing.T) {
	if size := squeezed(t, string(newPasskeyProgram)); size > 2<<10 {
		t.Errorf("it takes %d bytes", size)
	}
}

// What a page's policy forbids must not be in a template, where it would fail in
// the reader's hands.
func TestComponentsHoldNoProgramsAndNoStyles(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|hx-on|"js:|javascript:|<style|<script(?: [^>]*)?>[^<]`)
	err := fs.WalkDir(componentFiles, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(componentFiles, name)
		if found := forbidden.Find(text); found != nil {
			t.Errorf("%s holds %q", name, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOnlyPagesWithAScriptMayRunOne(t *testing.T) {
	page := Parse(`{{define "body"}}{{end}}`)
	for _, test := range []struct {
		name   string
		policy Policy
		script bool
	}{{"a page of sign-in", Policy{}, false}, {"a page that copies", Policy{Script: true}, true}} {
		w := httptest.NewRecorder()
		if err := page.Render(w, httptest.NewRequest(http.MethodGet, "/", nil), 200, Page{Policy: test.policy}); err != nil {
			t.Fatal(err)
		}
		csp := w.Header().Get("Content-Security-Policy")
		if got := strings.Contains(csp, "script-src 'self'; connect-src 'self';"); got != test.script || strings.Contains(csp, "unsafe") {
			t.Errorf("%s has the policy %q", test.name, csp)
		}
		if got := strings.Contains(w.Body.String(), "<script"); got != test.script {
			t.Errorf("%s has a script: %v", test.name, got)
		}
	}
}
