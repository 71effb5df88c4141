package authserver_test

import (
	"net/http"
	"strings"
	"testing"

	"sallyport/service/issue/issuetest"
)

const markup = `<img src=x onerror=alert(1)>"'><script>alert(2)</script>`

// Whatever people wrote into the tree or their own name is text (Zitadel
// CVE-2024-29891 and others: names of clients that ran as script).
func TestNoNameBecomesMarkup(t *testing.T) {
	quoted := `'` + strings.ReplaceAll(markup, `'`, `''`) + `'`
	s := newSiteOf(t, replaced(t, issuetest.Tree+sunTree,
		"title: SunShare Solar", "title: "+quoted, "owner: SunShare Cooperative", "owner: "+quoted,
		"title: See bills", "title: "+quoted, "title: Account number", "title: "+quoted))
	s.person, s.cookie = s.SignIn(s.Customer(markup, "residential"))
	question := s.authorize("client_id", "sunshare", "redirect_uri", "https://sunshare.example/callback", "state", markup, "login_hint", markup)
	leave := s.send(http.MethodGet, apps+"/logout?client_id=sunshare&state="+`%3Cscript%3E`, "")
	for name, r := range map[string]*http.Response{"consent": question, "sign-out": leave} {
		t.Run(name, func(t *testing.T) {
			page := body(r)
			if r.StatusCode != http.StatusOK || !strings.Contains(page, "&lt;script&gt;alert(2)") {
				t.Fatalf("%d: the page lacks the name: %s", r.StatusCode, page)
			}
			if strings.Contains(page, "<script") || strings.Contains(page, "<img src=x") {
				t.Error(page)
			}
			if csp := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; style-src 'self'") {
				t.Errorf("policy %q", csp)
			}
		})
	}
}

// Links keep the configured origin, whatever a request says of its own (Zitadel
// CVE-2023-49097).
func TestNoHeaderReachesALink(t *testing.T) {
	s := newSun(t)
	evil := []func(*http.Request){
		with("X-Forwarded-Host", "evil.test"), with("X-Forwarded-Proto", "http"), with("X-Forwarded-Prefix", "/evil"),
		with("Forwarded", "host=evil.test;proto=http"), with("X-Original-Url", "/evil"), with("Referer", "https://evil.test/"),
	}
	question := s.send(http.MethodGet, apps+"/authorize?"+request("client_id", "sunshare", "redirect_uri", "https://sunshare.example/callback").Encode(), "", evil...)
	leave := s.send(http.MethodGet, apps+"/logout", "", evil...)
	for name, r := range map[string]*http.Response{"consent": question, "sign-out": leave} {
		if page := body(r); strings.Contains(page, "evil") || strings.Contains(page, "http://") || !strings.Contains(page, `action="`+apps+"/") {
			t.Errorf("%s: %s", name, page)
		}
	}
	posted := s.send(http.MethodPost, apps+"/logout", "state=x", evil...)
	if location := posted.Header.Get("Location"); !strings.HasPrefix(location, apps+"/logout/continue?") {
		t.Error(location)
	}
	other := with("Host", "evil.test")
	r := s.send(http.MethodGet, apps+"/logout", "", other, func(r *http.Request) { r.Host = "evil.test" })
	if r.StatusCode == http.StatusOK && strings.Contains(body(r), "evil") {
		t.Error("another host's page")
	}
}

// No script of another origin reads these pages or their answers (RFC 9700 §2.6).
func TestPagesAreSharedWithNobody(t *testing.T) {
	s := newSun(t)
	for _, path := range []string{"/authorize", "/authorize/continue", "/authorize/consent", "/logout", "/logout/continue", "/logout/confirm"} {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
			r := s.send(method, apps+path, "", with("Origin", "https://spa.harbourlight.test"), with("Access-Control-Request-Method", "POST"))
			if r.Header.Get("Access-Control-Allow-Origin") != "" || r.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("%s %s may be read", method, path)
			}
			if r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s %s may be kept: %q", method, path, r.Header.Get("Cache-Control"))
			}
		}
	}
}
