package authserver_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
	"sallyport/store"
)

// sunTree has an application of somebody else's, which customers are asked about.
const sunTree = `---
kind: application
name: sunshare
title: SunShare Solar
owner: SunShare Cooperative
home: https://sunshare.example/
consent: required
type: web
authentication: client_secret_post
redirects: ["https://sunshare.example/callback"]
assigned: {apps: [billing.read.bill, billing.write.payment, outage.write.report]}
`

// sun is a site with a customer and that application.
type sun struct {
	*site
	clientSecret string
}

func newSun(t *testing.T) *sun {
	t.Helper()
	s := newSiteOf(t, issuetest.Tree+sunTree)
	s.resident()
	return &sun{s, s.Secret("sunshare")}
}

func (s *sun) ask(changes ...string) *http.Response {
	s.T.Helper()
	return s.authorize(append([]string{"client_id", "sunshare", "redirect_uri", "https://sunshare.example/callback"}, changes...)...)
}

var (
	sealedQuestion = regexp.MustCompile(`name="request" value="([^"]+)"`)
	listed         = regexp.MustCompile(`<li>(.*)</li>`)
)

// question reads the page that asks: its sealed part, and what it lists.
func (s *sun) question(r *http.Response) (sealed string, items []string) {
	s.T.Helper()
	page := body(r)
	found := sealedQuestion.FindStringSubmatch(page)
	if r.StatusCode != http.StatusOK || found == nil || !strings.Contains(page, `id="consent-allow"`) || !strings.Contains(page, `id="consent-deny"`) {
		s.T.Fatalf("%d %s: no question: %s", r.StatusCode, r.Header.Get("Location"), page)
	}
	for _, item := range listed.FindAllStringSubmatch(page, -1) {
		items = append(items, item[1])
	}
	return found[1], items
}

func (s *sun) say(decision, sealed string, options ...func(*http.Request)) *http.Response {
	s.T.Helper()
	form := url.Values{"request": {sealed}, "decision": {decision}}
	return s.send(http.MethodPost, apps+"/authorize/consent", form.Encode(), options...)
}

// allow goes from a request through a yes to a code.
func (s *sun) allow(changes ...string) string {
	s.T.Helper()
	sealed, _ := s.question(s.ask(changes...))
	code := s.answer(s.say("allow", sealed)).Get("code")
	if code == "" {
		s.T.Fatal("no code")
	}
	return code
}

func (s *sun) tokens(form url.Values) tokens {
	s.T.Helper()
	return s.post(apps, change(form, "client_id", "sunshare", "client_secret", s.clientSecret))
}

func (s *sun) redeem(code string) tokens {
	s.T.Helper()
	return s.tokens(url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"https://sunshare.example/callback"}, "code_verifier": {verifier},
	})
}

func (s *sun) refresh(token string) tokens {
	s.T.Helper()
	return s.tokens(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}})
}

func (s *sun) consents() []issue.Consent {
	s.T.Helper()
	consents, err := s.Issue.Consents(s.T.Context(), s.Live.ID, s.person.Customer.ID)
	if err != nil {
		s.T.Fatal(err)
	}
	return consents
}

func (s *sun) withdraw() error {
	return s.Issue.Withdraw(s.T.Context(), s.Live.ID, issue.Withdrawal{
		Customer: s.person.Customer.ID, Application: "sunshare", Server: "apps", By: audit.Customer(s.person.Customer.ID.String()),
	})
}

// lastEvent gives scopes and result of the newest event of a type.
func (s *sun) lastEvent(kind audit.Type) (scopes []string, e store.ChainedEvent) {
	s.T.Helper()
	events := s.Events(kind)
	if len(events) == 0 {
		s.T.Fatalf("no event %s", kind)
	}
	var body struct {
		Detail struct {
			Scopes []string `json:"scopes"`
		} `json:"detail"`
	}
	if err := json.Unmarshal(events[0].Body, &body); err != nil {
		s.T.Fatal(err)
	}
	return body.Detail.Scopes, events[0]
}

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

// Attacks on the answer: changed, repeated, of another session, too late, of
// another server, from another site.
func TestOnlyTheExactQuestionIsAnsweredAndOnce(t *testing.T) {
	s := newSun(t)
	sealed, _ := s.question(s.ask())
	for at := 0; at < len(sealed); at += 41 {
		changed := []byte(sealed)
		changed[at] ^= 1
		for _, value := range []string{string(changed), sealed[:at], sealed + "A"} {
			onOwnPage(t, s.say("allow", value))
		}
	}
	for _, origin := range []string{"https://evil.test", "https://sunshare.example", "null"} {
		if r := s.say("allow", sealed, with("Origin", origin), with("Sec-Fetch-Site", "cross-site")); r.StatusCode != http.StatusForbidden || r.Header.Get("Location") != "" {
			t.Errorf("a form of %s was taken: %d", origin, r.StatusCode)
		}
	}
	waiting := regexp.MustCompile(`authorize/continue\?r=([^"]+)`).FindStringSubmatch(body(s.ask()))[1]
	onOwnPage(t, s.say("allow", waiting)) // what is sealed for another purpose
	onOwnPage(t, s.send(http.MethodPost, partners+"/authorize/consent", url.Values{"request": {sealed}, "decision": {"allow"}}.Encode()))

	mine, me := s.cookie, s.person
	_, s.cookie = s.SignIn(s.Customer("Mallory", "residential"))
	onOwnPage(t, s.say("allow", sealed))
	_, s.cookie = s.SignIn(me.Customer) // not even another session of the same customer
	onOwnPage(t, s.say("allow", sealed))
	if s.cookie = mine; len(s.consents()) != 0 {
		t.Fatal("a consent was stored")
	}

	if answer := s.answer(s.say("allow", sealed)); answer.Get("code") == "" {
		t.Fatalf("%v", answer)
	}
	onOwnPage(t, s.say("allow", sealed))
	onOwnPage(t, s.say("deny", sealed))
	if err := s.withdraw(); err != nil {
		t.Fatal(err)
	}
	onOwnPage(t, s.say("allow", sealed)) // a page that lies open does not undo it
	late, _ := s.question(s.ask())
	s.Pass(31 * time.Minute)
	onOwnPage(t, s.say("allow", late))
	if len(s.consents()) != 0 {
		t.Error("a consent was stored")
	}
}

func TestAnAnswerWithoutASessionBeginsAgain(t *testing.T) {
	s := newSun(t)
	sealed, _ := s.question(s.ask())
	s.SignOut(s.person)
	if r := s.say("allow", sealed); r.Header.Get("Location") != base+"/signin?t=ticket" || len(s.consents()) != 0 {
		t.Errorf("%d %s", r.StatusCode, r.Header.Get("Location"))
	}
}

func TestOfManyWhoSayYesOneIsHeard(t *testing.T) {
	s := newSun(t)
	sealed, _ := s.question(s.ask())
	var codes sync.Map
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			if location, err := s.say("allow", sealed).Location(); err == nil && location.Query().Has("code") {
				codes.Store(i, true)
			}
		})
	}
	wait.Wait()
	n := 0
	codes.Range(func(any, any) bool { n++; return true })
	if n != 1 || len(s.Events(audit.ConsentGiven)) != 1 {
		t.Errorf("%d codes, %d events", n, len(s.Events(audit.ConsentGiven)))
	}
}

// What is granted is decided under the revision that is live when the answer comes.
func TestTheAnswerMeetsTheRevisionThatIsLiveThen(t *testing.T) {
	s := newSun(t)
	sealed, _ := s.question(s.ask("scope", "openid billing.read.bill billing.write.payment"))
	narrower := strings.Replace(sunTree, "billing.write.payment, ", "", 1)
	s.Apply(issuetest.Tree + narrower)
	s.answer(s.say("allow", sealed))
	if got := s.consents()[0].Scopes; !slices.Equal(got, []access.Scope{"billing.read.bill", "openid"}) {
		t.Errorf("consent to %q, of which not all can be granted", got)
	}
	// A page that shows less than would be granted now is asked again.
	sealed, _ = s.question(s.ask("scope", "openid billing.read.bill billing.write.payment", "prompt", "consent"))
	s.Apply(issuetest.Tree + sunTree)
	if _, items := s.question(s.say("allow", sealed)); !slices.Contains(items, "Pay <b>(new)</b>") {
		t.Errorf("%q", items)
	}
	sealed, _ = s.question(s.ask("prompt", "consent"))
	s.Apply(issuetest.Tree + strings.Replace(sunTree, "https://sunshare.example/callback", "https://new.example/callback", 1))
	onOwnPage(t, s.say("allow", sealed))
	s.Apply(issuetest.Tree + sunTree)
	s.Disable(s.person.Customer)
	if r := s.say("allow", sealed); strings.Contains(r.Header.Get("Location"), "code=") {
		t.Error("a customer who was switched off got a code")
	}
}

func TestAWithdrawalEndsEverythingThatWasGranted(t *testing.T) {
	s := newSun(t)
	scope := []string{"scope", "openid offline_access billing.read.bill"}
	got := s.redeem(s.allow(scope...))
	if again := s.refresh(got.RefreshToken); again.Status != http.StatusOK {
		t.Fatalf("%+v", again)
	} else {
		got = again
	}
	code := s.answer(s.ask(scope...)).Get("code")
	mine := s.flow() // of another application
	if err := s.withdraw(); err != nil {
		t.Fatal(err)
	}
	if again := s.refresh(got.RefreshToken); again.Error != "invalid_grant" {
		t.Errorf("refreshed: %+v", again)
	}
	if r := s.userinfo(got.AccessToken); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("userinfo: %d", r.StatusCode)
	}
	if late := s.redeem(code); late.Error != "invalid_grant" {
		t.Errorf("a code from before was redeemed: %+v", late)
	}
	if r := s.userinfo(mine.AccessToken); r.StatusCode != http.StatusOK {
		t.Errorf("another application's token died with it: %d", r.StatusCode)
	}
	scopes, event := s.lastEvent(audit.ConsentWithdrawn)
	if diff := cmp.Diff([]string{"billing.read.bill", "offline_access", "openid"}, scopes); diff != "" || event.Application != "sunshare" {
		t.Errorf("%s %+v", diff, event)
	}
	s.question(s.ask("scope", "openid"))
	if err := s.withdraw(); err == nil || err != issue.ErrNoConsent {
		t.Errorf("withdrawn twice: %v", err)
	}
}

// Whoever has very many grants is told of as a whole, which spares the feed.
func TestAWithdrawalOfManyGrantsIsToldAtOnce(t *testing.T) {
	s := newSun(t)
	s.allow("scope", "openid")
	var last tokens
	for range 101 {
		last = s.redeem(s.answer(s.ask("scope", "openid")).Get("code"))
	}
	position := s.feedEnd(t)
	if err := s.withdraw(); err != nil {
		t.Fatal(err)
	}
	entries, err := s.Store.FeedAfter(t.Context(), position, 1000)
	if err != nil || len(entries) != 1 || entries[0].Kind != store.CustomerRevoked {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	if r := s.userinfo(last.AccessToken); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("userinfo: %d", r.StatusCode)
	}
}

func (s *sun) feedEnd(t *testing.T) (position int64) {
	t.Helper()
	for {
		entries, err := s.Store.FeedAfter(t.Context(), position, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			return position
		}
		position = entries[len(entries)-1].Position
	}
}

// An application that was our own and is not any more needs what nobody gave it.
func TestWhatWasGrantedWithoutConsentDoesNotOutliveTheNeedForOne(t *testing.T) {
	s := newSiteOf(t, issuetest.Tree)
	s.resident()
	got := s.flow()
	s.Change("name: my-account\n", "name: my-account\nconsent: required\n")
	if again := s.refresh(got.RefreshToken); again.Error != "invalid_grant" {
		t.Errorf("refreshed: %+v", again)
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
