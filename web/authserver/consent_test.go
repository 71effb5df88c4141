package authserver_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/service/audit"
	"sallyport/service/issue"
)

const everything = "openid profile email phone offline_access billing.read.bill billing.write.payment"

func TestTheCustomerIsAskedInWordsTheyKnow(t *testing.T) {
	s := newSun(t)
	r := s.ask("scope", everything)
	csp := r.Header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "script") || !strings.Contains(csp, "form-action 'self' https://sunshare.example") || r.Header.Get("X-Frame-Options") != "DENY" {
		t.Errorf("policy %q", csp)
	}
	page := body(r)
	for _, want := range []string{
		"<h1>Allow SunShare Solar?</h1>", `<a href="https://sunshare.example/" rel="noreferrer">SunShare Solar</a> belongs to SunShare Cooperative.`,
		"<b>Rosa Resident, rosa.resident@mail.test</b>", `id="not-you" href="` + apps + `/authorize/continue?r=`,
		`<form method="post" action="` + apps + `/authorize/consent">`,
		`<button class="button" id="consent-allow" type="submit" name="decision" value="allow">Allow</button>`,
		`<button class="button" id="consent-deny" type="submit" name="decision" value="deny">Do not allow</button>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s:\n%s", want, page)
		}
	}
	var items []string
	for _, item := range listed.FindAllStringSubmatch(page, -1) {
		items = append(items, item[1])
	}
	want := []string{
		"Pay", "See bills", "That it is you, whenever you sign in to it", "Your name and username", "Your email address", "Your phone number",
		"Account number", "Which groups of customers you belong to", "All of this also while you are not here, until you take it back",
	}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(s.Events(audit.Authorized)) != 0 || len(s.consents()) != 0 {
		t.Error("something was granted or stored before the answer")
	}
}

func TestAYesIsRememberedForExactlyWhatWasShown(t *testing.T) {
	s := newSun(t)
	if got := s.redeem(s.allow("scope", "openid billing.read.bill")); got.Scope != "openid billing.read.bill" {
		t.Fatalf("%+v", got)
	}
	scopes, event := s.lastEvent(audit.ConsentGiven)
	if diff := cmp.Diff([]string{"billing.read.bill", "openid"}, scopes); diff != "" || event.Actor != "customer/"+s.person.Customer.ID.String() || event.Application != "sunshare" {
		t.Errorf("%s %+v", diff, event)
	}
	for name, scope := range map[string]string{"the same": "openid billing.read.bill", "less": "billing.read.bill"} {
		if answer := s.answer(s.ask("scope", scope)); answer.Get("code") == "" {
			t.Errorf("%s asks again: %v", name, answer)
		}
	}
	sealed, items := s.question(s.ask("scope", "openid billing.read.bill billing.write.payment email"))
	want := []string{"Pay <b>(new)</b>", "See bills", "That it is you, whenever you sign in to it", "Your email address <b>(new)</b>", "Account number"}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	s.Pass(time.Minute)
	s.answer(s.say("allow", sealed))
	want2 := []issue.Consent{{
		Application: "sunshare", Server: "apps", Scopes: []access.Scope{"billing.read.bill", "billing.write.payment", "email", "openid"},
		Given: s.Now().Add(-time.Minute), Updated: s.Now(),
	}}
	if diff := cmp.Diff(want2, s.consents()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if answer := s.answer(s.ask("scope", "openid email billing.write.payment")); answer.Get("code") == "" {
		t.Errorf("asked again: %v", answer)
	}
	// What one customer allows, another does not; nor to another server or application.
	s.person, s.cookie = s.SignIn(s.Customer("Someone Else", "residential"))
	s.question(s.ask("scope", "openid"))
}

func TestANoIsToldToTheApplicationAndNotRemembered(t *testing.T) {
	s := newSun(t)
	for _, decision := range []string{"deny", "", "ALLOW", "yes"} { // only a yes that is spelled out is one
		sealed, _ := s.question(s.ask())
		answer := s.answer(s.say(decision, sealed))
		if answer.Get("error") != "access_denied" || answer.Get("state") != "st4te" || answer.Get("iss") != apps || answer.Has("code") {
			t.Fatalf("%q: %v", decision, answer)
		}
		scopes, event := s.lastEvent(audit.ConsentDenied)
		if len(scopes) != 2 || event.Result != "consent-denied" || answer.Get("reference") != event.Trace {
			t.Errorf("%v %+v %v", scopes, event, answer)
		}
	}
	if len(s.consents()) != 0 {
		t.Error("a no became a consent")
	}
	s.question(s.ask())
}

// OIDC Core §5.5: what is asked for by the names of claims tells as much as a scope.
func TestClaimsByNameAreAskedForLikeTheirScopes(t *testing.T) {
	s := newSun(t)
	s.allow("scope", "openid")
	_, items := s.question(s.ask("scope", "openid", "claims", `{"userinfo":{"email":null},"id_token":{"phone_number":{"essential":true}}}`))
	if !slices.Contains(items, "Your email address <b>(new)</b>") || !slices.Contains(items, "Your phone number <b>(new)</b>") {
		t.Errorf("%q", items)
	}
}

func TestPromptsAboutConsent(t *testing.T) {
	s := newSun(t)
	if answer := s.answer(s.ask("prompt", "none")); answer.Get("error") != "consent_required" {
		t.Errorf("prompt=none: %v", answer)
	}
	s.allow()
	if answer := s.answer(s.ask("prompt", "none")); answer.Get("code") == "" {
		t.Errorf("prompt=none, allowed: %v", answer)
	}
	if answer := s.answer(s.ask("prompt", "none", "scope", "openid billing.read.bill offline_access")); answer.Get("error") != "consent_required" {
		t.Errorf("OIDC Core §11: offline access without consent: %v", answer)
	}
	s.allow("prompt", "consent") // asks whatever was allowed before
	s.allow("prompt", "consent")
	if n := len(s.Events(audit.AuthRefused)); n != 0 {
		t.Errorf("%d questions by prompt=none became events", n)
	}
	// An application of our own is asked about only if it wants to be.
	s.code()
	sealed, _ := s.question(s.authorize("prompt", "consent"))
	if answer := s.answer(s.say("allow", sealed)); answer.Get("code") == "" || len(s.consents()) != 1 {
		t.Errorf("%v, %+v", answer, s.consents())
	}
}

func TestTheQuestionComesBehindSigningIn(t *testing.T) {
	s := newSun(t)
	c := s.person.Customer
	s.cookie = ""
	s.ask("prompt", "login consent")
	s.Pass(time.Second)
	s.person, s.cookie = s.SignIn(c)
	sealed, _ := s.question(s.send(http.MethodGet, base+s.signIn.last(t).Return, ""))
	if answer := s.answer(s.say("allow", sealed)); answer.Get("code") == "" || len(s.signIn.tickets) != 1 {
		t.Errorf("%v after %d sign-ins", answer, len(s.signIn.tickets))
	}
}

func TestSomebodyElseCanSignInInstead(t *testing.T) {
	s := newSun(t)
	s.Pass(time.Second)
	page := body(s.ask("login_hint", "rosa"))
	href := regexp.MustCompile(`id="not-you" href="([^"]+)"`).FindStringSubmatch(page)[1]
	r := s.send(http.MethodGet, href, "")
	ticket := s.signIn.last(t)
	if r.Header.Get("Location") != base+"/signin?t=ticket" || !ticket.Reauthenticate || ticket.Hint != "" {
		t.Fatalf("%s %+v", r.Header.Get("Location"), ticket)
	}
	s.Pass(time.Second)
	s.person, s.cookie = s.SignIn(s.Customer("Someone Else", "residential"))
	if page := body(s.send(http.MethodGet, base+ticket.Return, "")); !strings.Contains(page, "<b>Someone Else, ") {
		t.Error(page)
	}
}

// A request that hardly fits into a URL has no room for the way round.
func TestALongRequestIsAskedAboutToo(t *testing.T) {
	s := newSun(t)
	long := []string{"claims", `{"userinfo":{"` + strings.Repeat("a", 5<<10) + `":null}}`}
	sealed, _ := s.question(s.ask(long...))
	if page := body(s.ask(long...)); strings.Contains(page, "not-you") {
		t.Error("an address that is too long")
	}
	if answer := s.answer(s.say("allow", sealed)); answer.Get("code") == "" {
		t.Errorf("%v", answer)
	}
}
