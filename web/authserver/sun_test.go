package authserver_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

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
