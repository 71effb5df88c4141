package authserver_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/issue/issuetest"
	"sallyport/service/signin"
)

const bye = "https://my.harbourlight.test/bye"

// logoutRequest is a good request of my-account, changed by pairs.
func logoutRequest(hint string, changes ...string) url.Values {
	return change(url.Values{
		"id_token_hint": {hint}, "client_id": {"my-account"}, "post_logout_redirect_uri": {bye}, "state": {"st4te"},
		"logout_hint": {"rosa"}, "ui_locales": {"de en"},
	}, changes...)
}

func (s *site) logout(hint string, changes ...string) *http.Response {
	s.T.Helper()
	return s.send(http.MethodGet, apps+"/logout?"+logoutRequest(hint, changes...).Encode(), "")
}

// confirm sends the form of a page that asks whether to sign out.
func (s *site) confirm(page string, options ...func(*http.Request)) *http.Response {
	s.T.Helper()
	action := regexp.MustCompile(`<form method="post" action="([^"]+)">`).FindStringSubmatch(page)
	sealed := regexp.MustCompile(`name="request" value="([^"]+)"`).FindStringSubmatch(page)
	if action == nil || sealed == nil {
		s.T.Fatalf("no form in %s", page)
	}
	return s.send(http.MethodPost, action[1], url.Values{"request": {sealed[1]}}.Encode(), options...)
}

// signedIn tells whether the cookie still opens a session.
func (s *site) signedIn() bool {
	s.T.Helper()
	return s.answer(s.authorize("prompt", "none")).Has("code")
}

// gone checks that the browser is led to an address and forgets its session.
func gone(t *testing.T, s *site, r *http.Response, location string) {
	t.Helper()
	if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != location {
		t.Errorf("%d %q, want %q", r.StatusCode, r.Header.Get("Location"), location)
	}
	if cookie := r.Header.Get("Set-Cookie"); !strings.Contains(cookie, signin.CookieName(s.Live.ID, true)+"=;") || !strings.Contains(cookie, "Max-Age=0") {
		t.Errorf("the browser keeps its cookie: %q", cookie)
	}
	if s.signedIn() {
		t.Error("the session lives")
	}
}

func TestTheApplicationOfTheSessionSignsOutAtOnce(t *testing.T) {
	s := newSite(t)
	s.resident()
	got := s.flow("scope", "openid offline_access billing.read.bill")
	s.Pass(48 * time.Hour / 100) // the ID token has long expired: its age does not matter
	gone(t, s, s.logout(got.IDToken), bye+"?state=st4te")
	if again := s.refresh(got.RefreshToken); again.Status != http.StatusBadRequest || again.Error != "invalid_grant" {
		t.Errorf("refreshed after the session ended: %+v", again)
	}
	if r := s.userinfo(got.AccessToken); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("userinfo after the session ended: %d", r.StatusCode)
	}
	if events := s.Events(audit.SignedOut); len(events) != 1 || events[0].Actor != "application/my-account" {
		t.Errorf("events %+v", events)
	}
}

func TestSigningOutLeadsBackByteForByte(t *testing.T) {
	s := newSite(t)
	s.resident()
	hint := s.flow().IDToken
	for _, test := range []struct {
		name, redirect, state, want string
	}{
		{"with state", bye, "a&b=c%20d#", bye + "?state=a%26b%3Dc%2520d%23"},
		{"without state", bye, "", bye},
		{"an address with a query", bye + "?from=id", "x", bye + "?from=id&state=x"},
		{"no address", "", "x", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			// The session has ended after the first: there is nothing to ask then.
			r := s.logout(hint, "post_logout_redirect_uri", test.redirect, "state", test.state)
			if r.Header.Get("Location") != test.want || test.want == "" && !strings.Contains(body(r), "You are signed out") {
				t.Errorf("%d %q", r.StatusCode, r.Header.Get("Location"))
			}
		})
	}
}

func TestWhoeverElseAsksTheCustomerIsAsked(t *testing.T) {
	s := newSite(t)
	c := s.resident()
	mine := s.flow().IDToken
	_, elsewhere := s.SignIn(c)
	s.cookie, elsewhere = elsewhere, s.cookie
	other := s.flow().IDToken // of the same customer in another browser
	s.cookie = elsewhere
	mallory := &site{World: s.World, handler: s.handler, signIn: s.signIn, secret: s.secret, address: s.address}
	_, mallory.cookie = s.SignIn(s.Customer("Mallory", "residential"))
	theirs := mallory.flow().IDToken
	for _, test := range []struct {
		name, hint string
		changes    []string
		options    []func(*http.Request)
		back       string // where the confirmed form leads; empty: nowhere
	}{
		{name: "no hint", back: bye + "?state=st4te"},
		{name: "a hint of another browser of theirs", hint: other, back: bye + "?state=st4te"},
		{name: "a hint of another customer", hint: theirs, back: bye + "?state=st4te"},
		{name: "a hint that we did not sign", hint: "a.b.c"},
		{name: "a hint that was changed", hint: mine[:len(mine)-3] + "AAA"},
		{name: "a hint cut short", hint: mine[:len(mine)-1]},
		{name: "a hint of another client", hint: mine, changes: []string{"client_id", "spa"}},
		{name: "an access token as the hint", hint: s.flow().AccessToken},
		{name: "nothing at all", changes: []string{"client_id", "", "post_logout_redirect_uri", "", "state", ""}},
		{name: "an address without a client", changes: []string{"client_id", ""}},
		{name: "a client that nobody knows", changes: []string{"client_id", "stranger"}},
		{name: "another client's address", changes: []string{"client_id", "other"}},
		// ASVS 5.0 V10: a picture on a page of the application's own site, where cookies are sent along.
		{name: "a picture", hint: mine, options: []func(*http.Request){with("Sec-Fetch-Dest", "image"), with("Sec-Fetch-Mode", "no-cors")}, back: bye + "?state=st4te"},
		{name: "a frame", hint: mine, options: []func(*http.Request){with("Sec-Fetch-Dest", "iframe"), with("Sec-Fetch-Mode", "navigate")}, back: bye + "?state=st4te"},
		{name: "a page fetched ahead", hint: mine, options: []func(*http.Request){with("Sec-Purpose", "prefetch")}, back: bye + "?state=st4te"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := s.send(http.MethodGet, apps+"/logout?"+logoutRequest(test.hint, test.changes...).Encode(), "", test.options...)
			page := body(r)
			if r.StatusCode != http.StatusOK || r.Header.Get("Location") != "" || !strings.Contains(page, `id="logout-confirm"`) || !strings.Contains(page, "signed in as Rosa Resident") {
				t.Fatalf("%d %q %s", r.StatusCode, r.Header.Get("Location"), page)
			}
			if csp := r.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "script") {
				t.Errorf("policy %q", csp)
			}
			if !s.signedIn() {
				t.Fatal("signed out without being asked")
			}
			before := s.cookie
			defer func() { _, s.cookie = s.SignIn(c) }()
			r = s.confirm(page)
			if test.back != "" {
				gone(t, s, r, test.back)
			} else if text := body(r); !strings.Contains(text, "You are signed out") || r.Header.Get("Location") != "" {
				t.Errorf("%d %q %s", r.StatusCode, r.Header.Get("Location"), text)
			}
			if s.cookie = before; s.signedIn() {
				t.Error("the session lives")
			}
			if events := s.Events(audit.SignedOut); events[0].Actor != "customer/"+c.ID.String() {
				t.Errorf("the customer did it, not %s", events[0].Actor)
			}
		})
	}
}

// The variants that other servers let through as redirects, tried here too.
func TestOnlyARegisteredAddressIsGoneTo(t *testing.T) {
	s := newSite(t)
	s.resident()
	hint := s.flow().IDToken
	s.SignOut(s.person)
	for _, uri := range append(nearly(t, "my.harbourlight.test", "/bye"), callback, "https://my.harbourlight.test/") {
		t.Run(fmt.Sprintf("%.60q", uri), func(t *testing.T) {
			r := s.logout(hint, "post_logout_redirect_uri", uri)
			if text := body(r); r.Header.Get("Location") != "" || !strings.Contains(text, "You are signed out") || strings.Contains(text, "evil") {
				t.Errorf("%d %q", r.StatusCode, r.Header.Get("Location"))
			}
		})
	}
}

func TestAPostedLogoutComesFromAnotherSiteWithoutCookies(t *testing.T) {
	s := newSite(t)
	s.resident()
	hint := s.flow().IDToken
	cookie := s.cookie
	s.cookie = "" // SameSite=Lax
	r := s.send(http.MethodPost, apps+"/logout", logoutRequest(hint).Encode(), with("Origin", "https://my.harbourlight.test"), with("Sec-Fetch-Site", "cross-site"))
	next := r.Header.Get("Location")
	if r.StatusCode != http.StatusSeeOther || !strings.HasPrefix(next, apps+"/logout/continue?r=") || strings.Contains(next, hint) {
		t.Fatalf("%d %s", r.StatusCode, next)
	}
	s.cookie = cookie
	for _, at := range []int{len(next) - 40, len(next) - 5} { // one byte changed
		changed := []byte(next)
		changed[at] ^= 1
		if text := body(s.send(http.MethodGet, string(changed), "")); !strings.Contains(text, "Sign out?") {
			t.Errorf("a changed request went on: %s", text)
		}
	}
	if r := s.send(http.MethodGet, strings.Replace(next, "/apps/", "/enterprise/", 1), ""); r.Header.Get("Location") != "" {
		t.Error("another server went on with it")
	}
	gone(t, s, s.send(http.MethodGet, next, ""), bye+"?state=st4te")
}

func TestTheAnswerWhetherToSignOutIsTheCustomersOwn(t *testing.T) {
	s := newSite(t)
	c := s.resident()
	page := body(s.logout(""))
	for name, origin := range map[string]string{"another site": "https://evil.test", "nobody's": "null"} {
		r := s.confirm(page, with("Origin", origin), with("Sec-Fetch-Site", "cross-site"))
		if r.StatusCode != http.StatusForbidden || !s.signedIn() {
			t.Errorf("a form of %s was taken: %d", name, r.StatusCode)
		}
	}
	first, mine := s.cookie, s.person
	s.person, s.cookie = s.SignIn(s.Customer("Someone Else", "residential"))
	if text := body(s.confirm(page)); !strings.Contains(text, "Sign out?") || !s.signedIn() {
		t.Error("one browser's question was answered in another")
	}
	s.cookie, s.person = first, mine
	s.Pass(2 * time.Hour)
	if text := body(s.confirm(page)); !strings.Contains(text, "Sign out?") || !s.signedIn() {
		t.Error("a question of two hours ago was answered")
	}
	page = body(s.logout(""))
	gone(t, s, s.confirm(page), bye+"?state=st4te")
	if text := body(s.confirm(page)); !strings.Contains(text, "You are signed out") {
		t.Errorf("sent twice: %s", text)
	}
	_ = c
}

func TestThePageOfSigningOutSaysWhoAsks(t *testing.T) {
	s := newSite(t)
	s.resident()
	text := body(s.logout(""))
	for _, want := range []string{"<h1>Sign out of My Account?</h1>", `<a id="logout-stay" href="https://my.harbourlight.test/">Stay signed in, and go back to My Account</a>`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s:\n%s", want, text)
		}
	}
	s.Apply(strings.Replace(issuetest.Tree, "title: My Account", `title: "<script>alert(1)</script>"`, 1))
	if text := body(s.logout("", "state", "<b>")); strings.Contains(text, "<script") || strings.Contains(text, "<b>") {
		t.Error(text)
	}
}

func TestALogoutThatNobodyCanReadStaysHere(t *testing.T) {
	s := newSite(t)
	s.resident()
	good := logoutRequest("").Encode()
	for name, r := range map[string]*http.Response{
		"an address twice": s.send(http.MethodGet, apps+"/logout?"+good+"&post_logout_redirect_uri=x", ""),
		"70 kB":            s.send(http.MethodGet, apps+"/logout?"+good+"&x="+strings.Repeat("a", 70<<10), ""),
		"a state of 4 kB":  s.logout("", "state", strings.Repeat("a", 4<<10)),
		"the same, posted": s.send(http.MethodPost, apps+"/logout", logoutRequest("", "state", strings.Repeat("a", 4<<10)).Encode()),
	} {
		t.Run(name, func(t *testing.T) { onOwnPage(t, r) })
	}
	if r := s.send(http.MethodGet, apps+"/logout/confirm", ""); r.StatusCode != http.StatusMethodNotAllowed || !s.signedIn() {
		t.Errorf("%d", r.StatusCode)
	}
}
