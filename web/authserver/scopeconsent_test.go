package authserver_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
)

// payTree asks customers about payments, whoever wants them: my-account is the
// organisation's own, and asks for nothing else.
func payTree(t *testing.T) string {
	return replaced(t, issuetest.Tree, "kind: customer-write, title: Pay}", "kind: customer-write, title: Pay, consent: required}")
}

const paying = "openid profile offline_access billing.read.bill billing.write.payment"

func newPayer(t *testing.T) *sun {
	s := newSiteOf(t, payTree(t))
	s.resident()
	return &sun{s, ""}
}

func (s *sun) refreshOwn(token string) tokens {
	return s.post(apps, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}, basic("my-account", s.secret))
}

func (s *sun) redeemOwn(code string) tokens { return s.site.redeem(code) }

func TestAScopeAsksWhereTheApplicationDoesNot(t *testing.T) {
	s := newPayer(t)
	if answer := s.answer(s.authorize("scope", "openid profile billing.read.bill")); answer.Get("code") == "" {
		t.Fatalf("what asks nobody: %v", answer)
	}
	sealed, items := s.question(s.authorize("scope", paying))
	if !slices.Contains(items, "Pay") || slices.Contains(items, "See bills") || slices.Contains(items, "Your name and username") {
		t.Errorf("the page lists %q", items)
	}
	code := s.answer(s.say("allow", sealed)).Get("code")
	if got := s.redeemOwn(code); !strings.Contains(got.Scope, "billing.write.payment") || !strings.Contains(got.Scope, "billing.read.bill") {
		t.Fatalf("%+v", got)
	}
	consents := s.consents()
	if len(consents) != 1 || consents[0].Application != "my-account" || len(consents[0].Scopes) != 1 || consents[0].Scopes[0] != "billing.write.payment" {
		t.Errorf("remembered %+v", consents)
	}
	if scopes, _ := s.lastEvent(audit.ConsentGiven); cmp.Diff([]string{"billing.write.payment"}, scopes) != "" {
		t.Errorf("recorded %q", scopes)
	}
	if answer := s.answer(s.authorize("scope", paying)); answer.Get("code") == "" {
		t.Errorf("asked again: %v", answer)
	}
	if answer := s.answer(s.authorize("scope", paying, "prompt", "none")); answer.Get("code") == "" {
		t.Errorf("prompt=none: %v", answer)
	}
}

func TestANoToAScopeIsANoToTheRequest(t *testing.T) {
	s := newPayer(t)
	if answer := s.answer(s.authorize("scope", paying, "prompt", "none")); answer.Get("error") != "consent_required" {
		t.Errorf("prompt=none: %v", answer)
	}
	sealed, _ := s.question(s.authorize("scope", paying))
	if answer := s.answer(s.say("deny", sealed)); answer.Get("error") != "access_denied" {
		t.Errorf("%v", answer)
	}
	if len(s.consents()) != 0 {
		t.Error("a no was remembered")
	}
}

func TestTheConsentForAScopeIsWithdrawnLikeOthers(t *testing.T) {
	s := newPayer(t)
	sealed, _ := s.question(s.authorize("scope", paying))
	got := s.redeemOwn(s.answer(s.say("allow", sealed)).Get("code"))
	s.Pass(time.Second)
	waiting := s.answer(s.authorize("scope", paying)).Get("code")
	view := s.View()
	held, err := s.Issue.Held(t.Context(), view, s.person.Customer)
	if err != nil || len(held) != 1 || !held[0].Allowed {
		t.Fatalf("%+v %v", held, err)
	}
	err = s.Issue.WithdrawAll(t.Context(), view, s.person.Customer, issue.Withdrawal{Application: "my-account", By: audit.Customer(s.person.Customer.ID.String())})
	if err != nil {
		t.Fatal(err)
	}
	if again := s.refreshOwn(got.RefreshToken); again.Error != "invalid_grant" {
		t.Errorf("refreshed: %+v", again)
	}
	if late := s.redeemOwn(waiting); late.Error != "invalid_grant" {
		t.Errorf("a code from before: %+v", late)
	}
	s.question(s.authorize("scope", paying))
}

// A scope that begins to ask ends, at the next refresh, what was given without asking.
func TestAScopeThatBeginsToAskIsNotRefreshedWithout(t *testing.T) {
	s := newSite(t)
	s.resident()
	payer := &sun{s, ""}
	got := s.redeem(s.answer(s.authorize("scope", paying)).Get("code"))
	s.Apply(payTree(t))
	if again := payer.refreshOwn(got.RefreshToken); again.Error != "invalid_grant" {
		t.Errorf("%+v", again)
	}
}

// Whoever has what opens more has what asks, too.
func TestAScopeAboveOneThatAsksAsksToo(t *testing.T) {
	tree := replaced(t, payTree(t),
		"  - {name: billing.write.payment,", "  - {name: billing.write.everything, kind: customer-write, title: Everything about bills}\n  - {name: billing.write.payment, parent: billing.write.everything,",
		"  residential: [billing.read.bill, ", "  residential: [billing.write.everything, billing.read.bill, ",
		"assigned: {apps: [billing.read.bill, ", "assigned: {apps: [billing.write.everything, billing.read.bill, ")
	s := newSiteOf(t, tree)
	s.resident()
	payer := &sun{s, ""}
	_, items := payer.question(s.authorize("scope", "openid billing.write.everything"))
	if !slices.Contains(items, "Everything about bills") {
		t.Errorf("%q", items)
	}
	if r := s.authorize("scope", "openid billing.read.bill"); r.StatusCode != http.StatusSeeOther {
		t.Errorf("%d", r.StatusCode)
	}
}
