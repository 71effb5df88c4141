package authserver_test

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/service/audit"
)

// onOwnPage checks that an error was shown here and sent nowhere.
func onOwnPage(t *testing.T, r *http.Response) {
	t.Helper()
	text := body(r)
	if r.StatusCode < 400 || r.StatusCode > 499 || r.Header.Get("Location") != "" || !strings.Contains(text, `id="error"`) {
		t.Errorf("status %d, location %q: not our error page", r.StatusCode, r.Header.Get("Location"))
	}
	if csp := r.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("policy %q", csp)
	}
}

// nearly gives addresses that are not https://host/path, though some server took
// each for it.
func nearly(t *testing.T, host, path string) []string {
	t.Helper()
	bad := []string{
		"https://" + host, "https://" + host + "/", "https://" + host + path + "/", "https://" + host + path + "?x=1",
		"https://" + host + path + "#x", "https://" + host + path + "#", "https://" + host + path + "%2f", "https://" + host + path + "%00",
		"https://" + host + strings.ToUpper(path), "https://MY.harbourlight.test" + path, "HTTPS://" + host + path, "http://" + host + path,
		"https://" + host + ":443" + path, "https://" + host + ":8443" + path, "https://" + host + "." + path, "https://" + host + path + "/.." + path,
		"https://" + host + "/." + path, "https://" + host + "/a/.." + path, "https://" + host + "/" + path, "https:///" + host + path,
		"https:/" + host + path, "https:" + host + path, "//" + host + path, path, host + path, "https:\\\\" + host + path,
		"https://" + host + "\\" + path[1:], "https://" + host + "\\@evil.test" + path, "https://" + host + "@evil.test" + path,
		"https://evil.test@" + host + path, "https://a@b@" + host + path, "https://" + host + ":@evil.test" + path,
		"https://evil.test/" + host + path, "https://evil.test?" + host + path, "https://evil.test#" + host + path,
		"https://" + host + ".evil.test" + path, "https://myXharbourlight.test" + path, "https://my.harbourlight.test.evil" + path,
		"https://" + host + path + ".evil", "https://" + host + path + ";x", "https://" + host + path + "%3f", "https://" + host + path + "%23",
		"https://" + host + "/%" + hex.EncodeToString([]byte(path[1:2])) + path[2:], "https://m\u00fd.harbourlight.test" + path, "https://xn--m-0ga.harbourlight.test" + path,
		"https://" + host + "\t" + path, "https://" + host + "\r\n" + path, " https://" + host + path, "https://" + host + path + " ",
		"https://[::1]" + path, "https://127.0.0.1" + path, "http://127.0.0.1" + path, "http://localhost/callback",
		"javascript:alert(1)//" + host + path, "data:text/html," + host, "vbscript:x", "urn:ietf:wg:oauth:2.0:oob", "*", "null", "",
		"https://" + host + "/cb", "https://" + host + "/cb?tab=2", "https://" + host + "/cb?tab=1&x=1",
		"https://other.harbourlight.test/callback", strings.Repeat("https://"+host+path, 100),
	}
	if len(bad) < 60 {
		t.Fatalf("only %d variants", len(bad))
	}
	return bad
}

// RFC 9700 §2.1: exact redirect match, only a loopback port may vary. The
// variants are those that other servers let through: Keycloak CVE-2024-8883
// and CVE-2026-7504, Pocket ID CVE-2026-28512, authentik CVE-2024-52289.
func TestOnlyAByteEqualRedirectIsAnswered(t *testing.T) {
	s := newSite(t)
	s.resident()
	for _, uri := range nearly(t, "my.harbourlight.test", "/callback") {
		t.Run(fmt.Sprintf("%.60q", uri), func(t *testing.T) {
			s := &site{World: s.World, handler: s.handler, signIn: s.signIn, cookie: s.cookie, address: s.address}
			onOwnPage(t, s.authorize("redirect_uri", uri))
		})
	}
	r := s.authorize("redirect_uri", "https://my.harbourlight.test/cb?tab=1")
	if location := r.Header.Get("Location"); !strings.HasPrefix(location, "https://my.harbourlight.test/cb?tab=1&code=") {
		t.Errorf("OAuth 2.1 §2.3: the query of a registered redirect was lost: %s", location)
	}
	native := []string{"client_id", "mobile", "redirect_uri", "http://127.0.0.1:49152/callback"}
	if answer := s.answer(s.authorize(native...)); answer.Get("code") == "" {
		t.Errorf("RFC 8252 §7.3: a loopback port was refused: %v", answer)
	}
	s.Change("https://my.harbourlight.test/callback", "http://localhost:7000/callback")
	onOwnPage(t, s.authorize("redirect_uri", "http://localhost:7001/callback")) // a web application's port may not vary
	if r := s.authorize("client_id", "mobile", "redirect_uri", "test.harbourlight.mobile:/callback"); !strings.HasPrefix(r.Header.Get("Location"), "test.harbourlight.mobile:/callback?code=") {
		t.Errorf("RFC 8252 §7.1: a private-use scheme was not answered byte for byte: %s", r.Header.Get("Location"))
	}
}

func TestAnErrorWithoutATrustedAddressStaysHere(t *testing.T) {
	s := newSite(t)
	s.resident()
	good := request().Encode()
	for _, test := range []struct{ name, query string }{
		{"an unknown client", request("client_id", "stranger").Encode()},
		{"no client", request("client_id", "").Encode()},
		// OAuth 2.1 §3.1: no parameter twice; two redirects mean nothing at all.
		{"redirect_uri twice", good + "&redirect_uri=https://evil.test"},
		{"state twice", good + "&state=x"},
		{"client_id twice, once empty", good + "&client_id="},
		{"more than 64 kB", good + "&x=" + strings.Repeat("a", 70<<10)},
		{"ten thousand parameters", good + strings.Repeat("&a=1", 10_000)},
		{"a broken escape", good + "&x=%zz"},
	} {
		t.Run(test.name, func(t *testing.T) {
			onOwnPage(t, s.send(http.MethodGet, apps+"/authorize?"+test.query, ""))
		})
	}
	page := body(s.authorize("client_id", `<script>alert(1)</script>`))
	if strings.Contains(page, "alert") {
		t.Error("the page repeats what the address bar said")
	}
	// A stranger chooses names of parameters, and could write a message in one.
	if page := body(s.send(http.MethodGet, apps+"/authorize?"+good+"&call+555+0142=1&call+555+0142=2", "")); strings.Contains(page, "0142") {
		t.Error("the page repeats the name of a parameter")
	}
	if onOwn := s.authorize("client_id", "stranger"); onOwn.Header.Get("Trace-Reference") == "" {
		t.Error("a refusal without a reference")
	}
}

// Whoever fills the ledger gets no events any more, and the same page.
func TestRefusalsOfOneSourceAreRecordedWithinReason(t *testing.T) {
	s := newSite(t)
	for range 100 {
		onOwnPage(t, s.authorize("client_id", "stranger"))
	}
	if n := len(s.Events(audit.AuthRefused)); n < 10 || n > 60 {
		t.Errorf("%d events", n)
	}
}

func TestErrorsAreSentToTheApplicationWithStateAndIssuer(t *testing.T) {
	s := newSite(t)
	s.resident()
	for _, test := range []struct {
		name    string
		changes []string
		want    oauth.Code
	}{
		{"implicit flow", []string{"response_type", "token"}, oauth.CodeUnsupportedResponseType},
		{"hybrid flow", []string{"response_type", "code id_token"}, oauth.CodeUnsupportedResponseType},
		{"no response type", []string{"response_type", ""}, oauth.CodeInvalidRequest},
		{"a request object", []string{"request", "e30.e30."}, oauth.CodeRequestNotSupported},
		{"a request by reference", []string{"request_uri", "https://evil.test/r"}, oauth.CodeRequestURINotSupported},
		// OAuth 2.1 §4.1.2.1: no PKCE from public clients, or from any that did not opt out.
		{"no PKCE", []string{"code_challenge", "", "code_challenge_method", ""}, oauth.CodeInvalidRequest},
		{"no PKCE from a public client", []string{"client_id", "spa", "redirect_uri", "https://spa.harbourlight.test/", "code_challenge", "", "code_challenge_method", ""}, oauth.CodeInvalidRequest},
		{"plain PKCE", []string{"code_challenge", verifier, "code_challenge_method", "plain"}, oauth.CodeInvalidRequest},
		{"PKCE without a method, which means plain", []string{"code_challenge_method", ""}, oauth.CodeInvalidRequest},
		// OAuth 2.1 §1.4.1.
		{"an unknown scope", []string{"scope", "openid made.up.scope"}, oauth.CodeInvalidScope},
		{"a scope of 100 kB is cut off before it is read", []string{"scope", strings.Repeat("a", 9<<10)}, oauth.CodeInvalidScope},
		{"ten thousand scopes", []string{"scope", strings.Repeat("a ", 4000)}, oauth.CodeInvalidScope},
		{"fragment mode", []string{"response_mode", "fragment"}, oauth.CodeInvalidRequest},
		// OIDC Core §3.1.2.1: none may not be combined.
		{"prompt none with login", []string{"prompt", "none login"}, oauth.CodeInvalidRequest},
		{"an essential acr that nobody reaches (OIDC Core §5.5.1.1)", []string{"claims", `{"id_token":{"acr":{"essential":true,"values":["mfa"]}}}`}, oauth.CodeUnmetAuthenticationConditions},
		{"another audience (RFC 8707)", []string{"resource", "https://api.harbourlight.test/enterprise"}, oauth.CodeInvalidTarget},
		{"a hint that we did not sign", []string{"id_token_hint", "a.b.c"}, oauth.CodeInvalidRequest},
		{"claims that are no JSON", []string{"claims", "{"}, oauth.CodeInvalidRequest},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := s.answer(s.authorize(test.changes...))
			if answer.Get("error") != string(test.want) || answer.Has("code") {
				t.Errorf("answer %v, want %s", answer, test.want)
			}
			// RFC 9207 §2: iss on errors too.
			if answer.Get("state") != "st4te" || answer.Get("iss") != apps {
				t.Errorf("answer %v lacks state or iss", answer)
			}
		})
	}
}

func TestARequestWaitsForWhoeverMustSignIn(t *testing.T) {
	for _, test := range []struct {
		name     string
		signedIn bool
		age      time.Duration
		changes  []string
		again    bool // the ticket demands it anew
	}{
		{"nobody is signed in", false, 0, nil, false},
		{"prompt=login", true, time.Second, []string{"prompt", "login"}, true},
		{"prompt=select_account", true, time.Second, []string{"prompt", "select_account"}, true},
		{"max_age is over", true, 2 * time.Minute, []string{"max_age", "60"}, true},
		{"max_age=0", true, time.Second, []string{"max_age", "0"}, true},
		{"the session has ended by itself", true, 13 * time.Hour, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSite(t)
			c := s.resident()
			if !test.signedIn {
				s.cookie = ""
			}
			s.Pass(test.age)
			r := s.authorize(append(test.changes, "login_hint", "rosa")...)
			if r.StatusCode != http.StatusSeeOther || r.Header.Get("Location") != base+"/signin?t=ticket" {
				t.Fatalf("%d %s", r.StatusCode, r.Header.Get("Location"))
			}
			ticket := s.signIn.last(t)
			if ticket.Application != "my-account" || ticket.Hint != "rosa" || ticket.Reauthenticate != test.again || !strings.HasPrefix(ticket.Return, "/apps/authorize/continue?r=") {
				t.Errorf("ticket %+v", ticket)
			}
			// Coming back without signing in asks again, and gives nothing.
			if r := s.send(http.MethodGet, base+ticket.Return, ""); r.Header.Get("Location") != base+"/signin?t=ticket" {
				t.Errorf("came back unchanged and got %d %s", r.StatusCode, r.Header.Get("Location"))
			}
			s.Pass(time.Second)
			_, s.cookie = s.SignIn(c)
			answer := s.answer(s.send(http.MethodGet, base+ticket.Return, ""))
			if answer.Get("code") == "" || answer.Get("state") != "st4te" {
				t.Errorf("answer %v", answer)
			}
		})
	}
}

func TestPromptNoneShowsNothing(t *testing.T) {
	s := newSite(t)
	s.resident()
	if answer := s.answer(s.authorize("prompt", "none")); answer.Get("code") == "" {
		t.Errorf("OIDC Core §3.1.2.1: a session was there: %v", answer)
	}
	s.Pass(time.Minute)
	if answer := s.answer(s.authorize("prompt", "none", "max_age", "30")); answer.Get("error") != "login_required" {
		t.Errorf("prompt=none with a session that is too old: %v", answer)
	}
	s.cookie = ""
	if answer := s.answer(s.authorize("prompt", "none")); answer.Get("error") != "login_required" {
		t.Errorf("prompt=none without a session: %v", answer)
	}
	if len(s.signIn.tickets) != 0 {
		t.Error("somebody was sent to sign in")
	}
}

func TestAHintNamesWhoMustBeSignedIn(t *testing.T) {
	s := newSite(t)
	s.resident()
	hint := s.flow().IDToken
	if answer := s.answer(s.authorize("prompt", "none", "id_token_hint", hint)); answer.Get("code") == "" {
		t.Errorf("the same customer: %v", answer)
	}
	_, s.cookie = s.SignIn(s.Customer("Someone Else", "residential"))
	if answer := s.answer(s.authorize("prompt", "none", "id_token_hint", hint)); answer.Get("error") != "login_required" {
		t.Errorf("another customer: %v", answer)
	}
}

// Keycloak CVE-2026-7571: state that was changed on its way enabled a flow.
func TestAWaitingRequestCannotBeChanged(t *testing.T) {
	s := newSite(t)
	s.authorize()
	back := s.signIn.last(t).Return
	s.resident()
	_, sealed, _ := strings.Cut(back, "?r=")
	for at := range len(sealed) {
		if at%37 != 0 {
			continue
		}
		changed := []byte(sealed)
		changed[at] ^= 1
		for name, value := range map[string]string{"changed": string(changed), "cut": sealed[:at], "longer": sealed + "A"} {
			r := s.send(http.MethodGet, apps+"/authorize/continue?r="+url.QueryEscape(value), "")
			if r.StatusCode != http.StatusBadRequest {
				t.Fatalf("%s at %d: %d", name, at, r.StatusCode)
			}
		}
	}
	// Parameters beside it mean nothing.
	if answer := s.answer(s.send(http.MethodGet, base+back+"&scope=openid&redirect_uri=https://evil.test", "")); answer.Get("code") == "" {
		t.Errorf("%v", answer)
	}
	if r := s.send(http.MethodGet, partners+"/authorize/continue?r="+sealed, ""); r.StatusCode != http.StatusBadRequest {
		t.Errorf("another server went on with it: %d", r.StatusCode)
	}
	s.Pass(2 * time.Hour)
	if r := s.send(http.MethodGet, base+back, ""); r.StatusCode != http.StatusBadRequest {
		t.Errorf("after two hours: %d", r.StatusCode)
	}
}

func TestARequestThatWaitedIsCheckedUnderTheRevisionThatIsLiveThen(t *testing.T) {
	s := newSite(t)
	s.authorize()
	s.Change(`redirects: ["https://my.harbourlight.test/callback", "https://my.harbourlight.test/cb?tab=1"]`, `redirects: ["https://new.harbourlight.test/callback"]`)
	s.resident()
	onOwnPage(t, s.send(http.MethodGet, base+s.signIn.last(t).Return, ""))
}

func TestFormPostWorksWithAndWithoutScript(t *testing.T) {
	s := newSite(t)
	s.resident()
	for name, changes := range map[string][]string{
		"a code":   {"response_mode", "form_post"},
		"an error": {"response_mode", "form_post", "scope", "made.up.scope"},
	} {
		t.Run(name, func(t *testing.T) {
			r := s.authorize(changes...)
			text := body(r)
			for _, want := range []string{
				`<form method="post" action="` + callback + `">`, `name="state" value="st4te"`, `name="iss" value="` + apps + `"`,
				`<button id="response-continue" type="submit">`, `<script>document.forms[0].submit()</script>`,
			} {
				if !strings.Contains(text, want) {
					t.Errorf("the page lacks %s:\n%s", want, text)
				}
			}
			csp := r.Header.Get("Content-Security-Policy")
			if !strings.Contains(csp, "script-src 'sha256-") || strings.Contains(csp, "unsafe") || strings.Contains(csp, "form-action") {
				t.Errorf("policy %q", csp)
			}
			if r.StatusCode != http.StatusOK || r.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%d, %s", r.StatusCode, r.Header.Get("Cache-Control"))
			}
		})
	}
}

func TestTheWayBackIsToldInTheCustomersLanguage(t *testing.T) {
	s := newSite(t)
	s.resident()
	text := body(s.authorize("response_mode", "form_post", "ui_locales", "fr es-MX"))
	for _, want := range []string{`<html lang="es">`, "De vuelta a la aplicación", ">Continuar</button>", `<form method="post" action="` + callback + `">`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %s:\n%s", want, text)
		}
	}
}

func TestAPostedRequestIsLikeAnyOther(t *testing.T) {
	s := newSite(t)
	s.resident()
	r := s.send(http.MethodPost, apps+"/authorize", request().Encode())
	if answer := s.answer(r); answer.Get("code") == "" { // 303 by answer: RFC 9700 §4.12
		t.Errorf("%v", answer)
	}
	for name, r := range map[string]*http.Response{
		"parameters in the query": s.send(http.MethodPost, apps+"/authorize?"+request().Encode(), ""),
		"another media type":      s.send(http.MethodPost, apps+"/authorize", request().Encode(), with("Content-Type", "text/plain")),
		"a body of 70 kB":         s.send(http.MethodPost, apps+"/authorize", strings.Repeat("a", 70<<10)),
	} {
		t.Run(name, func(t *testing.T) { onOwnPage(t, r) })
	}
}

func TestOfflineAccessIsIgnoredWhereTheApplicationCannotRefresh(t *testing.T) {
	s := newSite(t)
	s.resident()
	to := []string{"client_id", "other", "redirect_uri", "https://other.harbourlight.test/callback", "code_challenge", "", "code_challenge_method", ""}
	secret := s.Secret("other")
	code := s.code(append(to, "scope", "openid offline_access billing.read.bill")...) // OIDC Core §11
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {"other"}, "client_secret": {secret}, "redirect_uri": {"https://other.harbourlight.test/callback"}}
	if got := s.post(apps, form); got.Scope != "openid billing.read.bill" || got.RefreshToken != "" {
		t.Errorf("%+v", got)
	}
	if answer := s.answer(s.authorize(append(to, "scope", "offline_access")...)); answer.Get("error") != "invalid_scope" {
		t.Errorf("offline_access alone became the defaults: %v", answer)
	}
}
