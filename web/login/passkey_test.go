package login_test

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sallyport/protocol/passkey/passkeytest"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

var requests = regexp.MustCompile(`data-passkeys="([^"]+)"`)

// challengeOf is what a page asks the browser to have signed.
func challengeOf(t *testing.T, page seen) []byte {
	t.Helper()
	found := requests.FindStringSubmatch(page.text)
	if found == nil {
		t.Fatalf("the page asks for no passkey: %s", page.text)
	}
	var asked []struct{ Challenge string }
	if err := json.Unmarshal([]byte(html.UnescapeString(found[1])), &asked); err != nil || len(asked) != 1 {
		t.Fatalf("asked is %s, %v", found[1], err)
	}
	challenge, err := base64.RawURLEncoding.DecodeString(asked[0].Challenge)
	if err != nil {
		t.Fatal(err)
	}
	return challenge
}

// passkeyStory goes through the pages on which a passkey can be given.
func passkeyStory(t *testing.T, pages map[string]seen) {
	s := newSite(t, nil)
	s.AskForCodes("enrolled")
	key := passkeytest.New(t, passkeytest.ES256, "127.0.0.1")
	s.Passkey(s.Customer("dana", s.Hash("tractor")), key, func(p *store.Passkey) { p.Discoverable = false })
	v := newVisitor(t)
	page := s.ticket()
	give := func(name string, sent []byte) seen {
		return v.send(http.MethodPost, page, url.Values{"username": {name}, "passkey": {string(sent)}})
	}
	pages["passkey-identifier"] = v.open(page)
	pages["passkey-refused"] = give("", []byte("{}"))
	key.Flags = passkeytest.Present
	pages["passkey-unverified"] = give("", key.Assert(t, challengeOf(t, v.open(page)), s.url))
	v.name(page, "dana")
	pages["passkey-password"] = v.open(page)
	pages["passkey"] = v.open(v.password(page, "dana", "tractor").Header.Get("Location"))
	pages["passkey-recovery"] = v.open(page + "&recovery=1")
	sent := key.Assert(t, challengeOf(t, v.open(page)), s.url)
	if got := give("dana", sent).Header.Get("Location"); got != s.url+"/customers/authorize/continue?r=abc" {
		t.Errorf("with the passkey it leads to %q", got)
	}
}

func TestAPageHasAScriptWhereItCanTakeAPasskeyAlone(t *testing.T) {
	for name, page := range story(t) {
		may := strings.Contains(page.Header.Get("Content-Security-Policy"), "script-src 'self'")
		has, asks := strings.Contains(page.text, "<script"), strings.Contains(page.text, "data-passkeys=")
		if may != asks || has != asks || asks && !strings.Contains(page.text, "/assets/passkey-") {
			t.Errorf("%s: asks for a passkey %v, has a script %v, may run it %v", name, asks, has, may)
		}
		if asks && !regexp.MustCompile(`<form[^>]* data-passkeys="[^>]* hidden>`).MatchString(page.text) {
			t.Errorf("%s: the form shows without a script", name)
		}
	}
}

func TestAPasskeyOfAnotherSiteOrTooLongIsRefused(t *testing.T) {
	s := newSite(t, nil)
	key := passkeytest.New(t, passkeytest.ES256, "127.0.0.1")
	s.Passkey(s.Customer("dana", s.Hash("tractor")), key, nil)
	v, page := newVisitor(t), s.ticket()
	sent := key.Assert(t, challengeOf(t, v.open(page)), s.url)
	form := url.Values{"passkey": {string(sent)}}
	if got := v.send(http.MethodPost, page, form, "Sec-Fetch-Site", "cross-site"); got.StatusCode != http.StatusForbidden {
		t.Errorf("from another site: %d", got.StatusCode)
	}
	if got := v.send(http.MethodPost, page, url.Values{"passkey": {strings.Repeat("x", 20<<10)}}); got.StatusCode != http.StatusBadRequest {
		t.Errorf("a long form: %d", got.StatusCode)
	}
	if got := v.send(http.MethodPost, page, url.Values{"passkey": {strings.Repeat("x", 12<<10)}}); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a long passkey: %d", got.StatusCode)
	}
	if got := v.send(http.MethodPost, page, form).Header.Get("Location"); got != s.url+"/customers/authorize/continue?r=abc" {
		t.Errorf("it leads to %q", got)
	}
}

func TestPagesElsewhereThatMayAskForPasskeysAreNamed(t *testing.T) {
	s, v := newSite(t, nil), newVisitor(t)
	if got := v.open(s.url + "/.well-known/webauthn"); got.StatusCode != http.StatusNotFound {
		t.Errorf("without any: %d", got.StatusCode)
	}
	with := func(passkeys string) string {
		const place = "    url: ${listen.url}\n"
		return strings.Replace(signintest.Tree, place, place+"    passkeys: "+passkeys+"\n", 1)
	}
	s.Apply(s.Live, with(`{rp_ids: [old.test], origins: ["https://shop.test", "https://app.test:8443"]}`))
	got := v.open(s.url + "/.well-known/webauthn")
	if got.StatusCode != 200 || got.Header.Get("Content-Type") != "application/json" || got.text != `{"origins":["https://shop.test","https://app.test:8443"]}` {
		t.Errorf("got %d %v %s", got.StatusCode, got.Header, got.text)
	}
	for _, other := range []seen{v.open(s.url + "/preview/.well-known/webauthn"), v.send(http.MethodPost, s.url+"/.well-known/webauthn", url.Values{})} {
		if other.StatusCode != http.StatusNotFound {
			t.Errorf("got %d %s", other.StatusCode, other.text)
		}
	}
	key := passkeytest.New(t, passkeytest.ES256, "old.test")
	s.Passkey(s.Customer("dana", s.Hash("tractor")), key, nil)
	page := s.ticket()
	sent := key.Assert(t, challengeOf(t, v.open(page)), s.url)
	if got := v.send(http.MethodPost, page, url.Values{"passkey": {string(sent)}}).Header.Get("Location"); got != s.url+"/customers/authorize/continue?r=abc" {
		t.Errorf("a passkey of the other domain leads to %q", got)
	}
}
