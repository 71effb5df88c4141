package authserver_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
)

// freshTree lets customers pay within ten minutes of signing in, at some rate, and
// read at any time.
func freshTree(t *testing.T) string {
	return replaced(t, issuetest.Tree, "excess: narrow\n", "excess: refuse\n",
		"  - {name: password, ask: password}\n", "  - {name: password, ask: password}\n  - {name: code, ask: totp, when: enrolled}\n",
		"      - name: residents\n        grants: [authorization_code]\n        groups: {any: [residential]}\n        scopes: [\"*\"]\n",
		"      - name: payers\n        grants: [authorization_code]\n        groups: {any: [residential]}\n        max_age: 10m\n        rate: {calls: 60, per: 60s, burst: 5}\n        scopes: [\"*\"]\n"+
			"      - name: readers\n        grants: [authorization_code]\n        groups: {any: [residential]}\n        scopes: [billing.read.bill]\n")
}

const pay = "openid offline_access billing.write.payment"

func TestARuleThatWantsAFresherSignInLeadsThere(t *testing.T) {
	for _, row := range []struct {
		name, acr string
		methods   []string
		two       bool
	}{
		{"a session of one factor", issue.ACRPassword, []string{"pwd"}, false},
		{"a session of two, which must not become less", issue.ACRTwoFactor, []string{"pwd", "otp"}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newSiteOf(t, freshTree(t))
			c := s.Customer("Rosa Resident", "residential")
			s.person, s.cookie = s.SignInBy(c, row.acr, row.methods...)
			if answer := s.answer(s.authorize("scope", pay)); answer.Get("code") == "" {
				t.Fatalf("just signed in: %v", answer)
			}
			s.Pass(11 * time.Minute)
			if answer := s.answer(s.authorize()); answer.Get("code") == "" {
				t.Errorf("reading: %v", answer)
			}
			if r := s.authorize("scope", pay); r.Header.Get("Location") != base+"/signin?t=ticket" {
				t.Fatalf("%d %s", r.StatusCode, r.Header.Get("Location"))
			}
			if ticket := s.signIn.last(t); !ticket.Reauthenticate || ticket.TwoFactors != row.two || !ticket.Created.Equal(s.Now()) {
				t.Errorf("ticket %+v", ticket)
			}
			if answer := s.answer(s.authorize("scope", pay, "prompt", "none")); answer.Get("error") != "login_required" {
				t.Errorf("prompt=none: %v", answer)
			}
			if answer := s.answer(s.back(t, row.acr, row.methods...)); answer.Get("code") == "" {
				t.Errorf("back: %v", answer)
			}
		})
	}
}

// A ticket from before leads to nothing but another sign-in: the rule looks at the
// session, whatever was asked for when.
func TestARequestThatWaitedTooLongSignsInAgain(t *testing.T) {
	s := newSiteOf(t, freshTree(t))
	s.resident()
	s.Pass(11 * time.Minute)
	s.authorize("scope", pay)
	first := s.signIn.last(t)
	s.Pass(time.Second)
	s.person, s.cookie = s.SignIn(s.person.Customer)
	s.Pass(11 * time.Minute)
	if r := s.send(http.MethodGet, base+first.Return, ""); r.Header.Get("Location") != base+"/signin?t=ticket" {
		t.Fatalf("%d %s", r.StatusCode, r.Header.Get("Location"))
	}
	if second := s.signIn.last(t); !second.Created.Equal(s.Now()) {
		t.Errorf("the second ticket is from %s, before the sign-in that was too old", second.Created)
	}
	if answer := s.answer(s.back(t, issue.ACRPassword, "pwd")); answer.Get("code") == "" {
		t.Errorf("%v", answer)
	}
}

func TestARefreshOfAnOldSignInSaysWhatIsMissing(t *testing.T) {
	s := newSiteOf(t, freshTree(t))
	s.resident()
	got := s.redeem(s.answer(s.authorize("scope", pay)).Get("code"))
	if rate := payload(t, got.AccessToken)["rate"]; rate != "60/60/5" {
		t.Errorf("rate %v", rate)
	}
	refresh := func(token string) tokens {
		return s.post(apps, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}, basic("my-account", s.secret))
	}
	s.Pass(9 * time.Minute)
	if got = refresh(got.RefreshToken); got.Status != http.StatusOK {
		t.Fatalf("within ten minutes: %+v", got)
	}
	s.Pass(2 * time.Minute)
	again := refresh(got.RefreshToken)
	if again.Error != "invalid_grant" || !strings.Contains(again.Description, "sign in again") {
		t.Errorf("%+v", again)
	}
	if event := s.Events(audit.TokenRefused)[0]; event.Result != "age" {
		t.Errorf("recorded as %s", event.Result)
	}
	if reads := s.redeem(s.answer(s.authorize()).Get("code")); payload(t, reads.AccessToken)["rate"] != nil {
		t.Error("a rule without a rate gives one")
	}
}

func TestRulesAskForAttributes(t *testing.T) {
	tree := replaced(t, issuetest.Tree, "        groups: {any: [residential]}\n",
		"        groups: {any: [residential]}\n        attributes: [{name: account_number, is: [HL-004711]}]\n")
	s := newSiteOf(t, tree)
	s.resident()
	got := s.redeem(s.answer(s.authorize("scope", "openid offline_access billing.read.bill")).Get("code"))
	if got.Status != http.StatusOK {
		t.Fatalf("%+v", got)
	}
	s.Apply(strings.Replace(tree, "is: [HL-004711]", "is: [HL-000000]", 1))
	if answer := s.answer(s.authorize()); answer.Get("error") != "access_denied" {
		t.Errorf("%v", answer)
	}
	again := s.post(apps, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {got.RefreshToken}}, basic("my-account", s.secret))
	if again.Error != "invalid_grant" {
		t.Errorf("%+v", again)
	}
}
