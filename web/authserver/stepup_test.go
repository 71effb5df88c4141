package authserver_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
)

// strictTree asks for a second factor in its journey, and for payments.
func strictTree(t *testing.T) string {
	t.Helper()
	return replaced(t, issuetest.Tree, "excess: narrow\n", "excess: refuse\n",
		"  - {name: password, ask: password}\n", "  - {name: password, ask: password}\n  - {name: code, ask: totp, when: enrolled}\n",
		"      - name: residents\n        grants: [authorization_code]\n        groups: {any: [residential]}\n        scopes: [\"*\"]\n",
		"      - name: payers\n        grants: [authorization_code]\n        groups: {any: [residential]}\n        assurance: two-factor\n        scopes: [\"*\"]\n"+
			"      - name: readers\n        grants: [authorization_code]\n        groups: {any: [residential]}\n        scopes: [billing.read.bill]\n")
}

// replaced puts each second text in the place of the one before it.
func replaced(t *testing.T, tree string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(tree, pairs[i]) {
			t.Fatalf("the tree has no %q", pairs[i])
		}
		tree = strings.Replace(tree, pairs[i], pairs[i+1], 1)
	}
	return tree
}

const essentialMFA = `{"id_token":{"acr":{"essential":true,"values":["mfa"]}}}`

// back goes back to where the ticket leads once the customer proved methods.
func (s *site) back(t *testing.T, acr string, methods ...string) *http.Response {
	t.Helper()
	s.Pass(time.Second)
	s.person, s.cookie = s.SignInBy(s.person.Customer, acr, methods...)
	return s.send(http.MethodGet, base+s.signIn.last(t).Return, "")
}

func TestASecondFactorIsProvedWhereTheRequestAsksForIt(t *testing.T) {
	for _, test := range []struct {
		name     string
		signedIn bool
		changes  []string
		again    bool
	}{
		{"acr_values, nobody there", false, []string{"acr_values", "mfa"}, false},
		{"acr_values, a session of one factor", true, []string{"acr_values", "mfa"}, false},
		{"an essential claim, nobody there", false, []string{"claims", essentialMFA}, false},
		{"an essential claim, a session of one factor", true, []string{"claims", essentialMFA}, false},
		{"a rule, a session of one factor", true, []string{"scope", "openid billing.write.payment"}, false},
		{"a rule, nobody there: nobody signs in twice", false, []string{"scope", "openid billing.write.payment"}, false},
		{"prompt=login beside it", true, []string{"acr_values", "mfa", "prompt", "login"}, true},
		{"max_age beside it", true, []string{"acr_values", "mfa", "max_age", "0"}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSiteOf(t, strictTree(t))
			s.resident()
			if !test.signedIn {
				s.cookie = ""
			}
			s.Pass(time.Second)
			r := s.authorize(test.changes...)
			if r.Header.Get("Location") != base+"/signin?t=ticket" {
				t.Fatalf("%d %s", r.StatusCode, r.Header.Get("Location"))
			}
			if ticket := s.signIn.last(t); !ticket.TwoFactors || ticket.Reauthenticate != test.again {
				t.Fatalf("ticket %+v", ticket)
			}
			answer := s.answer(s.back(t, issue.ACRTwoFactor, "pwd", "otp"))
			if answer.Get("code") == "" || len(s.signIn.tickets) != 1 {
				t.Fatalf("answer %v, sent to sign in %d times", answer, len(s.signIn.tickets))
			}
			claims := payload(t, s.redeem(answer.Get("code")).IDToken)
			if amr, _ := claims["amr"].([]any); claims["acr"] != "mfa" || len(amr) != 2 {
				t.Errorf("OIDC Core §2: the token does not tell the truth: %v", claims)
			}
		})
	}
}

func TestNobodyProvesASecondFactorForNothing(t *testing.T) {
	s := newSiteOf(t, strictTree(t))
	s.resident()
	for name, changes := range map[string][]string{
		"nothing asks for it":           nil,
		"one factor is enough, too":     {"acr_values", "mfa pwd"},
		"a class that nobody knows":     {"acr_values", "urn:example:gold"},
		"a password, which was proved":  {"acr_values", "pwd"},
		"what one factor may have, too": {"scope", "openid billing.read.bill"},
	} {
		t.Run(name, func(t *testing.T) { s.code(changes...) })
	}
	s.cookie = ""
	s.authorize("scope", "openid billing.read.bill")
	if s.signIn.last(t).TwoFactors {
		t.Error("somebody is asked for a second factor who may do without")
	}
}

// RFC 9470 and OIDC Core §5.5.1.1: what is essential and was not reached failed.
func TestTheBrowserIsSentToStepUpOnce(t *testing.T) {
	for _, test := range []struct {
		name    string
		changes []string
		want    string // error; empty: a code
	}{
		{"a rule", []string{"scope", "openid billing.write.payment"}, "access_denied"},
		{"an essential claim", []string{"claims", essentialMFA}, "unmet_authentication_requirements"},
		{"acr_values are a wish", []string{"acr_values", "mfa"}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSiteOf(t, strictTree(t))
			s.resident()
			s.authorize(test.changes...)
			answer := s.answer(s.back(t, issue.ACRPassword, "pwd"))
			if answer.Get("error") != test.want || len(s.signIn.tickets) != 1 {
				t.Errorf("answer %v, sent to sign in %d times", answer, len(s.signIn.tickets))
			}
			if test.want == "" && payload(t, s.redeem(answer.Get("code")).IDToken)["acr"] != "pwd" {
				t.Error("the token claims what was not proved")
			}
		})
	}
}

func TestPromptNoneStepsNobodyUp(t *testing.T) {
	s := newSiteOf(t, strictTree(t))
	s.resident()
	for name, changes := range map[string][]string{
		"acr_values": {"acr_values", "mfa"}, "an essential claim": {"claims", essentialMFA}, "a rule": {"scope", "openid billing.write.payment"},
	} {
		t.Run(name, func(t *testing.T) {
			if answer := s.answer(s.authorize(append(changes, "prompt", "none")...)); answer.Get("error") != "login_required" {
				t.Errorf("answer %v", answer)
			}
		})
	}
	if len(s.signIn.tickets) != 0 || len(s.Events(audit.AuthRefused)) != 0 {
		t.Error("somebody was sent to sign in, or a question became an event")
	}
}

// Where no second factor can be proved, nobody is sent to prove one.
func TestWithoutASecondFactorInTheJourneyARuleRefuses(t *testing.T) {
	s := newSiteOf(t, replaced(t, strictTree(t), "  - {name: code, ask: totp, when: enrolled}\n", ""))
	s.resident()
	answer := s.answer(s.authorize("scope", "openid billing.write.payment"))
	if answer.Get("error") != "access_denied" || !strings.Contains(answer.Get("error_description"), "two-factor") {
		t.Errorf("answer %v", answer)
	}
	s.cookie = ""
	s.authorize("scope", "openid billing.write.payment", "acr_values", "mfa")
	if s.signIn.last(t).TwoFactors {
		t.Error("a second factor is asked for that nobody can prove")
	}
}

// What waits for a second factor says so when it is opened again without a
// session: the first factor alone is no way around it.
func TestARequestThatWaitsForASecondFactorGoesOnWaitingForIt(t *testing.T) {
	s := newSiteOf(t, strictTree(t))
	s.resident()
	s.authorize("scope", "openid billing.write.payment")
	waiting := s.signIn.last(t).Return
	s.cookie = ""
	s.send(http.MethodGet, base+waiting, "")
	if ticket := s.signIn.last(t); len(s.signIn.tickets) != 2 || !ticket.TwoFactors {
		t.Errorf("tickets %+v", s.signIn.tickets)
	}
}

// A class that is essential is named as it was asked for, though more was
// proved (OIDC Core §5.5.1.1); rules go by what was proved.
func TestAnEssentialClassIsNamedAsItWasAskedFor(t *testing.T) {
	s := newSiteOf(t, strictTree(t))
	s.person, s.cookie = s.SignInBy(s.resident(), issue.ACRTwoFactor, "pwd", "otp")
	got := s.flow("scope", "openid billing.write.payment", "claims", `{"id_token":{"acr":{"essential":true,"value":"pwd"}}}`)
	if acr := payload(t, got.IDToken)["acr"]; acr != "pwd" {
		t.Errorf("acr %v", acr)
	}
	if got := s.refresh(got.RefreshToken); got.Status != http.StatusOK || !strings.Contains(got.Scope, "billing.write.payment") {
		t.Errorf("refreshed: %+v", got)
	}
	if acr := payload(t, s.flow("acr_values", "pwd").IDToken)["acr"]; acr != "mfa" {
		t.Errorf("OIDC Core §3.1.2.1: acr_values are a wish, and the truth is %v", acr)
	}
}

func TestMetadataNamesTheClassesThatTheJourneyReaches(t *testing.T) {
	s := newSiteOf(t, strictTree(t))
	if text := body(s.send(http.MethodGet, apps+"/.well-known/openid-configuration", "")); !strings.Contains(text, `"acr_values_supported":["pwd","mfa"]`) {
		t.Error(text)
	}
	s.Apply(issuetest.Tree)
	if text := body(s.send(http.MethodGet, apps+"/.well-known/openid-configuration", "")); !strings.Contains(text, `"acr_values_supported":["pwd"]`) {
		t.Error(text)
	}
}

// Who is signed in and steps up need not type their name again.
func TestTheNameIsThereAlready(t *testing.T) {
	s := newSiteOf(t, strictTree(t))
	s.resident()
	hint := s.flow().IDToken
	for name, test := range map[string]struct {
		changes []string
		want    string
	}{
		"stepping up":                    {[]string{"acr_values", "mfa"}, "rosa.resident@mail.test"},
		"for a rule":                     {[]string{"scope", "openid billing.write.payment"}, "rosa.resident@mail.test"},
		"as the application says":        {[]string{"acr_values", "mfa", "login_hint", "otis"}, "otis"},
		"as the customer of an ID token": {[]string{"acr_values", "mfa", "id_token_hint", hint}, "rosa.resident@mail.test"},
		"again":                          {[]string{"acr_values", "mfa", "prompt", "login"}, ""},
		"as somebody else":               {[]string{"acr_values", "mfa", "prompt", "select_account"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s.Pass(time.Second)
			s.authorize(test.changes...)
			if got := s.signIn.last(t).Hint; got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
	_, s.cookie = s.SignIn(s.Customer("Someone Else", "residential"))
	s.authorize("id_token_hint", hint, "acr_values", "mfa")
	if got := s.signIn.last(t).Hint; got != "" {
		t.Errorf("%q for another's ID token", got)
	}
}
