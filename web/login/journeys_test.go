package login_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/code"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

const longPassword = "quiet lantern over marshes"

// everything is a site at which people register, recover, agree, and have phones.
func everything(t *testing.T) *site {
	t.Helper()
	s := newSite(t, nil)
	const password, about = "  - {name: password, ask: password}\n", "  - {name: about-you,"
	tree := strings.Replace(signintest.Tree, password, "  - {name: password, ask: password, or: code}\n  - {name: code, ask: totp, factors: [text, call], defer: 3}\n", 1)
	tree = strings.Replace(tree, "environments:\n", "groups:\n  - {name: newcomers}\nattributes:\n  - {name: household, title: People in your household, type: number, owner: retail, purpose: advice, classification: personal, retention: relationship, self_service: true}\nenvironments:\n", 1)
	s.Apply(s.Live, tree+strings.Replace(signintest.Journeys, about, "  - {name: terms, ask: terms}\n"+about, 1)+`
---
kind: document
name: terms
title: Terms of service
versions:
  - version: "2026-01"
    from: "2026-01-01"
    texts:
      - {language: en, title: Terms of service, text: "Pay your bills.\n\nTell us when you move."}
`)
	return s
}

var buttons = regexp.MustCompile(`href="([^"]*instead=[a-z-]+[^"]*)"`)

// instead follows the link to something else that can be done.
func (v *visitor) instead(s *site, page seen, to journey.Purpose) string {
	v.t.Helper()
	for _, link := range buttons.FindAllStringSubmatch(page.text, -1) {
		if address := strings.ReplaceAll(link[1], "&amp;", "&"); strings.Contains(address, "instead="+string(to)) {
			return v.open(address).Header.Get("Location")
		}
	}
	v.t.Fatalf("no link to %s in %s", to, page.text)
	return ""
}

// What is told behind the end of a recovery stands in the answer to its last form: no
// address leads there afterwards.
func TestWhoeverRecoversIsShownWhatWasAddedLately(t *testing.T) {
	s := everything(t)
	dana := s.Customer("dana", s.Hash("apple"))
	err := s.Store.Write(t.Context(), s.Live.ID, func(tx store.Tx) error {
		return tx.PutIdentifier(t.Context(), dana, customer.Identifier{
			Kind: customer.Email, Value: "dana@mail.test", Display: "dana@mail.test", Verified: true, Source: "customer", Proof: customer.Proof{At: s.Now(), By: "code"},
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	v := newVisitor(t)
	page := v.instead(s, v.open(s.ticket()), journey.Recovery)
	v.name(page, "dana@mail.test")
	v.send(http.MethodPost, page, url.Values{"step": {"address"}, "code": {s.Outbox.Last().Code}})
	shown := v.send(http.MethodPost, page, url.Values{"step": {"password"}, "new-password": {longPassword}})
	if shown.StatusCode != http.StatusOK || !strings.Contains(shown.text, `id="recent"`) || !strings.Contains(shown.text, "An address") {
		t.Errorf("%d %s", shown.StatusCode, shown.text)
	}
}

func journeyStory(t *testing.T, pages map[string]seen) {
	s := everything(t)
	v := newVisitor(t)
	send := func(page string, form ...string) seen {
		values := url.Values{}
		for i := 0; i < len(form); i += 2 {
			values.Set(form[i], form[i+1])
		}
		return v.send(http.MethodPost, page, values)
	}
	next := func(page string, form ...string) seen { return v.open(send(page, form...).Header.Get("Location")) }

	pages["with-ways"] = v.open(s.ticket())
	page := v.instead(s, pages["with-ways"], journey.Registration)
	pages["register"] = v.open(page)
	pages["register-refused"] = v.name(page, "ana")
	pages["verify"] = next(page, "username", "ana@mail.test")
	message := s.Outbox.Last()
	pages["verify-missing"] = send(page, "step", "address", "code", "")
	pages["verify-wrong"] = send(page, "step", "address", "code", "12")
	link, err := url.Parse(message.Link)
	if err != nil || link.Query().Get(code.LinkKey) == "" {
		t.Fatalf("the link is %q, %v", message.Link, err)
	}
	pages["verify-link"] = v.open(message.Link)
	pages["verify-link-elsewhere"] = newVisitor(t).open(message.Link)
	pages["new-password"] = next(page, "step", "address", "code", link.Query().Get(code.LinkKey))
	pages["new-password-common"] = send(page, "step", "password", "new-password", "password123")
	pages["terms"] = next(page, "step", "password", "new-password", longPassword)
	pages["terms-missing"] = send(page, "step", "terms", "seen-document-terms", "2026-01")
	pages["profile"] = next(page, "step", "terms", "seen-document-terms", "2026-01", "agree-document-terms", "2026-01")
	pages["profile-wrong"] = send(page, "step", "about-you", "field-name", "Ana", "field-household", "many")
	if got := send(page, "step", "about-you", "field-name", "Ana", "field-household", "3"); got.Header.Get("Location") != s.url+"/customers/authorize/continue?r=abc" {
		t.Errorf("a registration leads to %q", got.Header.Get("Location"))
	}

	v = newVisitor(t)
	page = v.instead(s, v.open(s.ticket()), journey.Registration)
	v.name(page, "ana@mail.test")
	pages["known"] = send(page, "step", "address", "code", s.Outbox.Last().Code)

	v, page = newVisitor(t), s.ticket()
	pages["password-or-code"] = next(page, "username", "ana@mail.test")
	pages["recover"] = v.open(v.instead(s, pages["password-or-code"], journey.Recovery))
	pages["verify-unsure"] = next(page, "username", "ana@mail.test", "act", "code")
	pages["enrol-or-phone"] = next(page, "username", "ana@mail.test", "password", longPassword)
	pages["phone"] = next(page, "act", "phone")
	pages["phone-refused"] = send(page, "act", "phone", "phone", "home", "way", "call")
	pages["call"] = next(page, "act", "phone", "phone", "(212) 555-0123", "way", "call")
	pages["call-wrong"] = send(page, "code", "1")
	next(page, "code", s.Outbox.Last().Code)
	if got := send(page, "codes-kept", "1"); got.Header.Get("Location") != s.url+"/customers/authorize/continue?r=abc" {
		t.Errorf("with a phone it leads to %q", got.Header.Get("Location"))
	}
}

var journeyStatuses = map[string]int{
	"register-refused": 422, "verify-missing": 422, "verify-wrong": 422, "verify-link-elsewhere": 422, "new-password-common": 422,
	"terms-missing": 422, "profile-wrong": 422, "known": 409, "phone-refused": 422, "call-wrong": 422,
}

// What differs between two answers to different people, besides what they typed: what
// is sealed, which has the same length.
var alike = regexp.MustCompile(`(t=|-flow-)[A-Za-z0-9_=-]+`)

// shape is an answer as somebody sees it who wants to know whether there is anybody.
func shape(a seen, typed string) string {
	var lines []string
	for name, values := range a.Header {
		for _, value := range values {
			if name != "Date" {
				lines = append(lines, fmt.Sprintf("%s: %s %d", name, alike.ReplaceAllString(strings.Split(value, ";")[0], ""), len(value)))
			}
		}
	}
	slices.Sort(lines)
	text := reference.ReplaceAllString(alike.ReplaceAllString(strings.ReplaceAll(strings.ReplaceAll(a.text, "&#43;", "+"), typed, "NAME"), ""), "")
	return fmt.Sprint(a.StatusCode, lines, len(a.text), text)
}

func TestPagesOfAnAddressTellNobodyWhetherItIsKnown(t *testing.T) {
	for _, purpose := range []journey.Purpose{journey.Registration, journey.Recovery, journey.SignIn} {
		s := everything(t)
		know(s, "dana@mail.test")
		walk := func(address string) (shapes []string) {
			v := newVisitor(t)
			page := s.ticket(func(t *signin.Ticket) { t.Purpose = purpose })
			note := func(a seen) { shapes = append(shapes, shape(a, address)) }
			step := "address"
			note(v.name(page, address))
			if purpose == journey.SignIn {
				step = "password"
				note(v.send(http.MethodPost, page, url.Values{"username": {address}, "act": {"code"}}))
			}
			note(v.open(page))
			note(v.send(http.MethodPost, page, url.Values{"step": {step}, "code": {"wrong"}}))
			note(v.send(http.MethodPost, page, url.Values{"step": {step}, "act": {"again"}}))
			note(v.send(http.MethodPost, page, url.Values{"step": {step}, "act": {"again"}, "way": {"call"}}))
			note(v.send(http.MethodPost, page, url.Values{"step": {step}, "code": {"000000"}}))
			return shapes
		}
		for _, pair := range [][2]string{{"dana@mail.test", "emma@mail.test"}, {"+12125550142", "+12125550143"}} {
			if purpose == journey.Registration && pair[0][0] == '+' {
				continue // only mailboxes register here
			}
			if pair[0][0] == '+' {
				know(s, pair[0])
			}
			known, unknown := walk(pair[0]), walk(pair[1])
			for i := range known {
				if known[i] != unknown[i] {
					t.Errorf("%s, answer %d: known and unknown differ:\n%s\n%s", purpose, i, known[i], unknown[i])
				}
			}
		}
	}
}

// know registers an address, whose owner has a password then.
func know(s *site, address string) {
	v := &visitor{t: s.T.(*testing.T), client: newVisitor(s.T.(*testing.T)).client}
	page := s.ticket(func(t *signin.Ticket) { t.Purpose = journey.Registration })
	v.name(page, address)
	v.send(http.MethodPost, page, url.Values{"step": {"address"}, "code": {s.Outbox.Last().Code}})
	v.send(http.MethodPost, page, url.Values{"step": {"password"}, "new-password": {longPassword}})
}
