package account_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/otp"
	"sallyport/protocol/passkey/passkeytest"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/store"
)

func (p seen) shows(t *testing.T, status int, wanted ...string) {
	t.Helper()
	if p.StatusCode != status {
		t.Errorf("status %d, want %d; leads to %q", p.StatusCode, status, p.Header.Get("Location"))
	}
	for _, want := range wanted {
		if !strings.Contains(p.text, want) {
			t.Errorf("the page lacks %q:\n%s", want, p.text)
		}
	}
}

func (p seen) lacks(t *testing.T, unwanted ...string) {
	t.Helper()
	for _, text := range unwanted {
		if strings.Contains(p.text, text) {
			t.Errorf("the page has %q:\n%s", text, p.text)
		}
	}
}

func (p seen) leads(t *testing.T, s *site, to string) {
	t.Helper()
	if p.StatusCode != http.StatusSeeOther || p.Header.Get("Location") != s.url+to {
		t.Errorf("got %d, leading to %q; want to %q:\n%s", p.StatusCode, p.Header.Get("Location"), to, p.text)
	}
}

func TestWhoeverIsNotSignedInSignsInAndComesBack(t *testing.T) {
	s := newSite(t, nil)
	s.Customer("dana", s.Hash(danasPassword))
	v := s.visitor()
	v.signIn("/account/activity?application=my-account", "dana", danasPassword).leads(t, s, "/account/activity?application=my-account")
	v.open("/account/activity?application=my-account").shows(t, 200, "Recent activity")
	// What cannot be come back to is left out, rather than refused.
	s.visitor().signIn(`/account/sessions?before=\\evil.test`, "dana", danasPassword).leads(t, s, "/account/sessions")
}

func TestTheFirstPageTellsWhoIsSignedIn(t *testing.T) {
	s := newSite(t, nil)
	v, id := s.dana()
	s.grant(id, "my-account", nil)
	page := v.open("/account")
	page.shows(t, 200, "Your account", `<dd id="account-name">dana</dd>`, "d•••@mail.test", "Not confirmed", "1 browser", "1 with access", "<b>Password</b>")
	page.lacks(t, "dana@mail.test", "my.harbourlight.test")
	v.open("/account?application=my-account").shows(t, 200, `<a href="https://my.harbourlight.test">Back to My Account</a>`, `href="/account/sessions?application=my-account"`)
	v.open("/account?application=nobody").lacks(t, "Back to", "nobody")
}

func TestSessionsAreSeenAndEnded(t *testing.T) {
	s := newSite(t, nil)
	v, _ := s.dana()
	other := s.visitor()
	other.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
	other.signIn("/account", "dana", danasPassword)
	page := v.open("/account/sessions")
	page.shows(t, 200, "Firefox on Windows", "This one", "Safari on an iPhone", "127.0.0.1", "by password", "Just now")
	names := page.sessions()
	if len(names) != 1 {
		t.Fatalf("%d sessions can be ended, want the other one", len(names))
	}
	v.post("/account/sessions", "/account/sessions/end", "session", names[0]).leads(t, s, "/account/sessions")
	v.open("/account/sessions").shows(t, 200, `id="status"`, "The session was ended.")
	v.open("/account/sessions").lacks(t, `id="status"`) // it is said once
	if got := other.open("/account"); got.StatusCode != http.StatusSeeOther {
		t.Errorf("the other browser gets %d", got.StatusCode)
	}
	v.post("/account/sessions", "/account/sessions/end", "session", names[0]).shows(t, 404, "There is no such session")
	for range 3 {
		s.visitor().signIn("/account", "dana", danasPassword)
	}
	v.post("/account/sessions", "/account/sessions/end-others").leads(t, s, "/account/sessions")
	page = v.open("/account/sessions")
	page.shows(t, 200, "All your other sessions were ended.")
	if len(page.sessions()) != 0 {
		t.Error("some are left")
	}
	v.post("/account/sessions", "/account/sessions/end-others")
	v.open("/account/sessions").shows(t, 200, "signed in nowhere else")
	if events := s.Events(audit.SignedOut); len(events) != 4 || !strings.HasPrefix(events[0].Actor, "customer/") {
		t.Errorf("the ledger says %+v", events)
	}
}

func TestTwoHundredSessionsAreListedPageByPage(t *testing.T) {
	s := newSite(t, nil)
	v, id := s.dana()
	s.write(func(tx store.Tx) error {
		for i := range 200 {
			at := s.Now().Add(-time.Duration(i+1) * time.Minute)
			err := tx.CreateSession(context.Background(), store.Session{
				ID: store.SessionID{0xee, byte(i)}, Customer: id, Created: at, SignedIn: at, Used: at, Expires: s.Now().Add(time.Hour),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	seen, pages := map[string]bool{}, 0
	for address := "/account/sessions"; address != ""; pages++ {
		page := v.open(address)
		if page.StatusCode != 200 || len(page.sessions()) > 20 || len(page.text) > 40<<10 {
			t.Fatalf("%s gives %d with %d sessions in %d bytes", address, page.StatusCode, len(page.sessions()), len(page.text))
		}
		for _, name := range page.sessions() {
			seen[name] = true
		}
		address = older(page)
	}
	if len(seen) != 200 || pages != 11 {
		t.Errorf("%d sessions on %d pages", len(seen), pages)
	}
	v.open("/account").shows(t, 200, "More than 20 browsers")
	v.open("/account/sessions?before=forged!").shows(t, 404, "There is no such page")
	v.open("/account/activity?before=forged!").shows(t, 404, "There is no such page")
}

// older is where the list goes on; empty at its end.
func older(page seen) string {
	before, _, found := strings.Cut(page.text, `" rel="next"`)
	if !found {
		return ""
	}
	return strings.ReplaceAll(before[strings.LastIndex(before, `href="`)+len(`href="`):], "&amp;", "&")
}

func TestThePasswordIsChangedAndTheCookieWithIt(t *testing.T) {
	s := newSite(t, nil)
	v, _ := s.dana()
	other := s.visitor()
	other.signIn("/account", "dana", danasPassword)
	before := v.cookie()
	s.Pass(time.Second)
	const page, better = "/account/password", "correct horse battery"
	v.open(page).shows(t, 200, `autocomplete="current-password"`, `autocomplete="new-password"`, "At least 15 characters", `value="dana@mail.test" autocomplete="username"`)
	for name, test := range map[string]struct{ old, new, want string }{
		"no old one":      {"", better, "Enter your present password"},
		"no new one":      {danasPassword, "", "Enter a new password"},
		"a wrong one":     {"wrong", better, "This is not your present password."},
		"a short one":     {danasPassword, "short", "at least 15 characters"},
		"her own name":    {danasPassword, "dana@mail.test 123", "harder to guess"},
		"the same one":    {danasPassword, danasPassword, "not your present one"},
		"one too long":    {danasPassword, strings.Repeat("correct horse ", 100), "Enter a shorter password"},
		"what is no text": {danasPassword, "correct \x01 horse battery", "any keyboard"},
	} {
		got := v.post(page, page, "old-password", test.old, "new-password", test.new)
		got.shows(t, 422, test.want, "There is a problem", `aria-invalid="true"`)
		if test.new != "" && strings.Contains(got.text, test.new) {
			t.Errorf("%s: the page repeats the password", name)
		}
	}
	v.post(page, page, "old-password", danasPassword, "new-password", better).leads(t, s, "/account/ways")
	v.open("/account/ways").shows(t, 200, "Your password was changed.", "Not changed since")
	if after := v.cookie(); after == before || after == "" {
		t.Error("the cookie is the old one")
	}
	if got := other.open("/account"); got.StatusCode != http.StatusSeeOther {
		t.Error("another browser is still signed in")
	}
	v.setCookie(before)
	if got := v.open("/account"); got.StatusCode != http.StatusSeeOther {
		t.Error("the old cookie still works")
	}
	s.visitor().signIn("/account", "dana", better)
}

func (v *visitor) cookie() string {
	at, _ := url.Parse(v.url)
	for _, c := range v.client.Jar.Cookies(at) {
		if c.Name == signin.CookieName(v.Live.ID, false) {
			return c.Value
		}
	}
	return ""
}

func (v *visitor) setCookie(value string) {
	at, _ := url.Parse(v.url)
	v.client.Jar.SetCookies(at, []*http.Cookie{{Name: signin.CookieName(v.Live.ID, false), Value: value, Path: "/"}})
}

func TestGuessesAtThePresentPasswordEnd(t *testing.T) {
	s := newSite(t, func(c *signin.Config) { c.Limits.Device = signin.Limit{Burst: 2, Interval: time.Minute} })
	v, _ := s.dana()
	for range 2 {
		v.post("/account/password", "/account/password", "old-password", "wrong", "new-password", "correct horse battery").shows(t, 422, "not your present password", "error-reference")
	}
	got := v.post("/account/password", "/account/password", "old-password", danasPassword, "new-password", "correct horse battery")
	got.shows(t, 429, "too many attempts", "Try again in a minute")
	if got.Header.Get("Retry-After") == "" {
		t.Error("programs are not told when")
	}
}

func TestRiskyPagesWantAFreshSignIn(t *testing.T) {
	s := newSite(t, nil)
	s.AskForCodes("enrolled")
	v, _ := s.dana()
	token := v.open("/account/sessions").token()
	for _, page := range []string{"/account/password", "/account/app"} {
		v.open(page).shows(t, 200)
	}
	s.Pass(6 * time.Minute) // too long for a page, not for a form that is open
	for _, page := range []string{"/account/password", "/account/app", "/account/app/remove", "/account/recovery-codes"} {
		if to := v.open(page).Header.Get("Location"); !strings.Contains(to, "/signin?t=") {
			t.Errorf("%s leads to %q after six minutes", page, to)
		}
	}
	v.send(http.MethodPost, "/account/password", url.Values{"form": {token}, "old-password": {"wrong"}, "new-password": {"correct horse battery"}}).
		shows(t, 422, "not your present password")
	s.Pass(5 * time.Minute)
	for _, page := range []string{"/account/password", "/account/app", "/account/app/remove", "/account/recovery-codes"} {
		form := url.Values{"form": {token}, "old-password": {danasPassword}, "new-password": {"correct horse battery"}, "code": {"123456"}}
		if to := v.send(http.MethodPost, page, form).Header.Get("Location"); !strings.Contains(to, "/signin?t=") {
			t.Errorf("the form of %s leads to %q after eleven minutes", page, to)
		}
	}
	// Signing in again, as who they are, leads back to the page.
	v.signIn("/account/password?application=my-account", "dana@mail.test", danasPassword).leads(t, s, "/account/password?application=my-account")
	v.open("/account/password").shows(t, 200)
	// Looking and ending is not risky, and must not wait.
	s.Pass(time.Hour)
	for _, page := range []string{"/account", "/account/sessions", "/account/ways", "/account/applications", "/account/activity", "/account/sign-out-everywhere"} {
		v.open(page).shows(t, 200)
	}
	v.post("/account/sessions", "/account/sessions/end-others").leads(t, s, "/account/sessions")
}

func TestAnAppIsSetUpAndRemoved(t *testing.T) {
	s := newSite(t, nil)
	v, _ := s.dana()
	v.open("/account/ways").lacks(t, "uthenticator")
	v.open("/account/app").leads(t, s, "/account/ways")
	s.AskForCodes("enrolled")
	v.open("/account/ways").shows(t, 200, "Not set up", `href="/account/app"`)
	v.open("/account/recovery-codes").leads(t, s, "/account/ways")
	page := v.open("/account/app")
	page.shows(t, 200, `<svg class="qr"`, `autocomplete="one-time-code"`)
	secret, err := otp.ParseSecret(between(page.text, `id="totp-key">`, "<"))
	if err != nil {
		t.Fatal(err)
	}
	app := otp.Key{Secret: secret, Algorithm: otp.SHA1, Digits: 6, Period: 30 * time.Second}
	code := func() string { return app.Code(app.Step(s.Now())) }
	form := url.Values{"form": {page.token()}, "offer": {between(page.text, `name="offer" value="`, `"`)}, "code": {"12"}}
	wrong := v.send(http.MethodPost, "/account/app", form)
	wrong.shows(t, 422, "This code does not match.", between(page.text, `id="totp-key">`, "<")) // the same key
	form.Set("code", code())
	stale := url.Values{"form": form["form"], "offer": {"x"}, "code": form["code"]}
	v.send(http.MethodPost, "/account/app", stale).shows(t, 422, "shown too long ago")
	done := v.send(http.MethodPost, "/account/app", form)
	done.shows(t, 200, "Your authenticator app is set up.", `id="recovery-codes"`, "We show them only now")
	if n := strings.Count(done.text, "<li><code>"); n != 10 {
		t.Errorf("%d codes are shown", n)
	}
	v.open("/account/ways").shows(t, 200, "Set up", "10 codes left")

	// This session proved one factor: it changes nothing of the second.
	if to := v.open("/account/app/remove").Header.Get("Location"); !strings.Contains(to, "/signin?t=") {
		t.Errorf("with one factor it leads to %q", to)
	}
	s.Pass(time.Minute)
	again := v.open("/account/app/remove").Header.Get("Location")
	v.send(http.MethodPost, again, url.Values{"username": {"dana"}})
	v.send(http.MethodPost, again, url.Values{"username": {"dana"}, "password": {danasPassword}})
	v.send(http.MethodPost, again, url.Values{"code": {code()}}).leads(t, s, "/account/app/remove")
	v.post("/account/recovery-codes", "/account/recovery-codes").shows(t, 200, "You have new recovery codes.", `id="recovery-codes"`)
	v.open("/account/password").shows(t, 200, "here too")
	v.open("/account/app/remove").shows(t, 200, "Your password alone will let you in", `id="app-remove"`)
	v.post("/account/app/remove", "/account/app/remove").leads(t, s, "/account/ways")
	v.open("/account/ways").shows(t, 200, "work no more", "Not set up")
}

func TestWhoeverHasAnAppSignsInAgainWithTheNewPassword(t *testing.T) {
	s := newSite(t, nil)
	s.AskForCodes("always")
	s.Customer("dana", s.Hash(danasPassword))
	v := s.visitor()
	to := v.open("/account").Header.Get("Location")
	v.send(http.MethodPost, to, url.Values{"username": {"dana"}})
	v.send(http.MethodPost, to, url.Values{"username": {"dana"}, "password": {danasPassword}})
	secret, err := otp.ParseSecret(between(v.open(to).text, `id="totp-key">`, "<"))
	if err != nil {
		t.Fatal(err)
	}
	app := otp.Key{Secret: secret, Algorithm: otp.SHA1, Digits: 6, Period: 30 * time.Second}
	code := func() string { return app.Code(app.Step(s.Now())) }
	v.send(http.MethodPost, to, url.Values{"code": {code()}})
	v.send(http.MethodPost, to, url.Values{"codes-kept": {"1"}}).leads(t, s, "/account")
	s.Pass(time.Minute)
	v.open("/account/password").shows(t, 200, "At least 8 characters", "here too")
	to = v.post("/account/password", "/account/password", "old-password", danasPassword, "new-password", "xK9#mQ2v").Header.Get("Location")
	if !strings.Contains(to, "/signin?t=") || v.cookie() != "" {
		t.Fatalf("it leads to %q, with cookie %q", to, v.cookie())
	}
	v.open(to).shows(t, 200, `value="dana@mail.test"`)
	v.send(http.MethodPost, to, url.Values{"username": {"dana"}})
	v.send(http.MethodPost, to, url.Values{"username": {"dana"}, "password": {"xK9#mQ2v"}})
	v.send(http.MethodPost, to, url.Values{"code": {code()}}).leads(t, s, "/account/ways")
	v.open("/account/ways").shows(t, 200, "Your password was changed.")
}

func between(text, from, to string) string {
	_, rest, _ := strings.Cut(text, from)
	found, _, _ := strings.Cut(rest, to)
	return found
}

func TestApplicationsAreSeenAndLoseTheirAccess(t *testing.T) {
	s := newSite(t, nil)
	v, id := s.dana()
	v.open("/account/applications").shows(t, 200, "No application has access")
	live := s.grant(id, "my-account", nil)
	s.grant(id, "my-account", func(g *store.Grant) { g.Created, g.Used = s.Now().Add(-time.Hour), s.Now().Add(-time.Hour) })
	s.grant(id, "gone", func(g *store.Grant) { g.Server, g.Scopes = "gone", []string{"x<b>y"} })
	s.grant(id, "over", func(g *store.Grant) { g.Expires = s.Now() })
	otis := s.Customer("otis", "")
	kept := s.grant(otis, "my-account", nil)
	s.write(func(tx store.Tx) error {
		return tx.PutConsent(context.Background(), store.Consent{
			Customer: id, Application: "sunshare", Server: "customers", Scopes: []string{"email"}, Given: s.Now(), Updated: s.Now(),
		})
	})
	page := v.open("/account/applications")
	page.shows(t, 200, "My Account", "See bills", "Know that it is you", "22 November 2026, 09:00 UTC", "sunshare", "by your consent", "Know your email address", "x&lt;b&gt;y")
	page.lacks(t, ">over<", "x<b>y")
	if n := strings.Count(page.text, `name="from" value="my-account"`); n != 1 {
		t.Errorf("My Account is listed %d times", n)
	}
	v.post("/account/applications", "/account/applications/withdraw", "from", "my-account").leads(t, s, "/account/applications")
	page = v.open("/account/applications")
	page.shows(t, 200, "no access any more")
	page.lacks(t, "My Account")
	v.post("/account/applications", "/account/applications/withdraw", "from", "sunshare").leads(t, s, "/account/applications")
	for grant, revoked := range map[store.GrantID]bool{live.ID: true, kept.ID: false} {
		if g, err := s.Store.Grant(t.Context(), s.Live.ID, grant); err != nil || g.Revoked.IsZero() == revoked {
			t.Errorf("%x is %+v, %v", grant, g, err)
		}
	}
	if c, err := s.Store.Consents(t.Context(), s.Live.ID, id); err != nil || len(c) != 0 {
		t.Errorf("consents are %+v, %v", c, err)
	}
	for _, name := range []string{"my-account", "nobody", ""} {
		v.post("/account/applications", "/account/applications/withdraw", "from", name).shows(t, 404, "There is no such access")
	}
	feed, err := s.Store.FeedAfter(t.Context(), 0, 1000)
	told := 0
	for _, e := range feed {
		if e.Kind == store.GrantRevoked {
			told++
		}
	}
	if err != nil || told != 2 || len(s.Events(audit.AccessTakenBack)) != 1 || len(s.Events(audit.ConsentWithdrawn)) != 1 {
		t.Errorf("%d are told of, %v", told, err)
	}
}

func TestActivityIsToldInSentencesPageByPage(t *testing.T) {
	s := newSite(t, nil)
	v, id := s.dana()
	stranger := s.visitor()
	stranger.agent = `<script>alert(1)</script>`
	to := stranger.open("/account").Header.Get("Location")
	stranger.send(http.MethodPost, to, url.Values{"username": {"dana"}})
	stranger.send(http.MethodPost, to, url.Values{"username": {"dana"}, "password": {"wrong"}})
	page := v.open("/account/activity")
	page.shows(t, 200, "Signed in", "From 127.0.0.1 with Firefox on Windows", "A wrong password was entered", "with A browser", "Was something here not you?")
	page.lacks(t, "script", "alert")
	err := s.Audit.Record(t.Context(), s.Live.ID, audit.Entry{
		Type: audit.CustomerSignedOut, Actor: audit.Operator("rita"), Customer: id.String(), Personal: map[string]string{"address": "203.0.113.9", "agent": firefox},
	})
	if err != nil {
		t.Fatal(err)
	}
	page = v.open("/account/activity")
	page.shows(t, 200, "We signed you out everywhere")
	page.lacks(t, "203.0.113.9", "rita") // whoever helps her is at their own place
	var events []store.Event
	for i := range 600 { // what applications do all day is passed over
		kind := audit.TokenRefreshed
		if i%20 == 0 {
			kind = audit.RecoveryUsed
		}
		events = append(events, s.Audit.Event(audit.Entry{
			At: s.Now().Add(time.Duration(i) * time.Second), Type: kind, Actor: audit.Customer(id.String()), Customer: id.String(),
			Detail: map[string]int{"left": i / 20},
		}))
	}
	if err := s.Store.Record(t.Context(), s.Live.ID, events...); err != nil {
		t.Fatal(err)
	}
	count, pages := 0, 0
	for address := "/account/activity"; address != ""; pages++ {
		page := v.open(address)
		page.shows(t, 200)
		page.lacks(t, "token")
		count += strings.Count(page.text, "<li><p>")
		address = older(page)
	}
	if count != 33 || pages < 2 {
		t.Errorf("%d sentences on %d pages, want 33 on some", count, pages)
	}
}

func TestSigningOutEverywhereEndsThisBrowserToo(t *testing.T) {
	s := newSite(t, nil)
	v, _ := s.dana()
	other := s.visitor()
	other.signIn("/account", "dana", danasPassword)
	s.Pass(time.Second)
	v.open("/account/sign-out-everywhere").shows(t, 200, "Sign out everywhere?", `id="sign-out-everywhere"`)
	if got := other.open("/account"); got.StatusCode != 200 {
		t.Fatal("opening the page signed out")
	}
	v.post("/account/sign-out-everywhere", "/account/sign-out-everywhere").leads(t, s, "/signout")
	v.open("/signout").shows(t, 200, "You are signed out")
	for _, b := range []*visitor{v, other} {
		if got := b.open("/account"); got.StatusCode != http.StatusSeeOther {
			t.Errorf("somebody is still signed in: %d", got.StatusCode)
		}
	}
	if e := s.Events(audit.CustomerSignedOut); len(e) != 1 || !strings.HasPrefix(e[0].Actor, "customer/") {
		t.Errorf("the ledger says %+v", e)
	}
	v.signIn("/account/activity", "dana", danasPassword)
	v.open("/account/activity").shows(t, 200, "You signed out everywhere")
}

func TestPagesOfNobodyAreNone(t *testing.T) {
	s := newSite(t, nil)
	v, _ := s.dana()
	for _, path := range []string{"/account/", "/account/nothing", "/accounts", "/account/sessions/", "/account//sessions", "/account%2Fsessions"} {
		v.open(path).shows(t, 404, "There is no such page")
	}
	for path, allow := range map[string]string{"/account": "GET, HEAD", "/account/sessions/end": "POST", "/account/password": "GET, HEAD, POST"} {
		got := v.send(http.MethodPut, path, url.Values{})
		if got.StatusCode != http.StatusMethodNotAllowed || got.Header.Get("Allow") != allow {
			t.Errorf("PUT %s gives %d, %q", path, got.StatusCode, got.Header.Get("Allow"))
		}
	}
}

func TestAPasskeyThatMovedHereIsSeenAndRemoved(t *testing.T) {
	s := newSite(t, nil)
	v, id := s.dana()
	v.open("/account/ways").lacks(t, "Passkeys")
	here := passkeytest.New(t, passkeytest.ES256, "127.0.0.1")
	name := s.Passkey(id, here, func(p *store.Passkey) { p.Label, p.Created = "Dana's <phone>", s.Now() })
	s.Passkey(id, passkeytest.New(t, passkeytest.ES256, "old.test"), nil)
	theirs := s.Passkey(s.Customer("mallory", s.Hash("evil")), passkeytest.New(t, passkeytest.ES256, "127.0.0.1"), nil)
	v.open("/account/ways").shows(t, 200, "Passkeys", "Dana&#39;s &lt;phone&gt;", "Moved here from where you signed in before", "It was made for old.test")
	v.open("/account").shows(t, 200, "Password and passkey")
	remove := "/account/passkey/remove?passkey="
	v.open(remove+string(theirs)).leads(t, s, "/account/ways")
	v.open(remove+string(name)).shows(t, 200, "Remove this passkey?", `id="passkey-remove"`)
	v.post(remove+string(name), remove+string(theirs)).leads(t, s, "/account/ways")
	v.post(remove+string(name), remove+string(name)).leads(t, s, "/account/ways")
	v.open("/account/ways").shows(t, 200, "lets nobody in here any more", "old.test")
	v.open("/account/activity").shows(t, 200, "A passkey was removed")
	if all, err := s.Store.Passkeys(t.Context(), s.Live.ID, id); err != nil || len(all) != 1 {
		t.Errorf("there are %+v, %v", all, err)
	}
}
