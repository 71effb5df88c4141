package issue_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/customer"
	"sallyport/service/issue"
	"sallyport/store"
)

func TestAdmitSaysWhoMustSignIn(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	minute, hour, zero := time.Minute, time.Hour, time.Duration(0)
	me := customer.ID{1}
	session := func(age time.Duration, acr string) *issue.Person {
		return &issue.Person{Customer: customer.Customer{ID: me}, Session: store.Session{
			SignedIn: now.Add(-age), Assurance: acr, Expires: now.Add(time.Hour),
		}}
	}
	ended := session(0, "pwd")
	ended.Session.Ended = now
	claimed := func(essential bool, values ...string) oauth.AuthorizationRequest {
		claim := oauth.ClaimRequest{Essential: essential}
		for _, v := range values {
			raw, _ := json.Marshal(v)
			claim.Values = append(claim.Values, raw)
		}
		return oauth.AuthorizationRequest{Claims: oauth.ClaimsRequest{IDToken: map[oauth.ClaimName]oauth.ClaimRequest{"acr": claim}}}
	}
	values := func(acrs ...oauth.ACR) oauth.AuthorizationRequest { return oauth.AuthorizationRequest{ACRValues: acrs} }
	quiet := func(r oauth.AuthorizationRequest) oauth.AuthorizationRequest {
		r.Prompts = []oauth.Prompt{oauth.PromptNone}
		return r
	}
	login := oauth.AuthorizationRequest{Prompts: []oauth.Prompt{oauth.PromptLogin}}
	none := oauth.AuthorizationRequest{Prompts: []oauth.Prompt{oauth.PromptNone}}
	for _, test := range []struct {
		name      string
		request   oauth.AuthorizationRequest
		person    *issue.Person
		hint      string
		continued bool
		began     time.Duration // ago
		maxAge    time.Duration // of the application
		pwdOnly   bool          // the journey proves no second factor
		want      issue.Admission
		two       bool // a second factor must be proved
		reason    issue.Reason
	}{
		{name: "nobody", want: issue.SignIn},
		{name: "nobody, without a page", request: none, reason: issue.LoginNeeded},
		{name: "somebody", person: session(time.Hour, "pwd"), want: issue.Proceed},
		{name: "somebody, without a page", request: none, person: session(time.Hour, "pwd"), want: issue.Proceed},
		{name: "a session that has ended", person: ended, want: issue.SignIn},
		{name: "a sign-in as old as the application takes", person: session(minute, "pwd"), maxAge: minute, want: issue.Proceed},
		{name: "an older one", person: session(minute+1, "pwd"), maxAge: minute, want: issue.SignInAgain},
		{name: "an older one, without a page", request: none, person: session(minute+1, "pwd"), maxAge: minute, reason: issue.LoginNeeded},
		{name: "an older one, of which the request takes more", request: oauth.AuthorizationRequest{MaxAge: &hour}, person: session(minute+1, "pwd"), maxAge: minute, want: issue.SignInAgain},
		{name: "one of the request's age, of which the application takes more", request: oauth.AuthorizationRequest{MaxAge: &minute}, person: session(minute+1, "pwd"), maxAge: hour, want: issue.SignInAgain},
		{name: "an older one, back from signing in", person: session(0, "pwd"), maxAge: minute, continued: true, began: 2 * minute, want: issue.Proceed},
		// A ticket lies ready for an hour; whoever took a cookie meanwhile could be back by it.
		{name: "one that is older by now, though the request is older still", person: session(2*minute, "pwd"), maxAge: minute, continued: true, began: 3 * minute, want: issue.SignInAgain},
		{name: "prompt=login", request: login, person: session(time.Hour, "pwd"), want: issue.SignInAgain},
		{name: "prompt=login, back from it", request: login, person: session(0, "pwd"), continued: true, began: minute, want: issue.Proceed},
		{name: "prompt=login, back without it", request: login, person: session(2*minute, "pwd"), continued: true, began: minute, want: issue.SignInAgain},
		// A sign-in before the request does not answer it, however fresh.
		{name: "prompt=login, signed in just before", request: login, person: session(time.Second, "pwd"), want: issue.SignInAgain},
		{name: "max_age kept", request: oauth.AuthorizationRequest{MaxAge: &minute}, person: session(minute, "pwd"), want: issue.Proceed},
		{name: "max_age over", request: oauth.AuthorizationRequest{MaxAge: &minute}, person: session(minute+time.Second, "pwd"), want: issue.SignInAgain},
		{name: "max_age=0", request: oauth.AuthorizationRequest{MaxAge: &zero}, person: session(0, "pwd"), want: issue.SignInAgain},
		{name: "max_age=0, back", request: oauth.AuthorizationRequest{MaxAge: &zero}, person: session(0, "pwd"), continued: true, began: minute, want: issue.Proceed},
		{name: "acr_values that nobody reaches are voluntary", request: values("phr"), person: session(0, "pwd"), want: issue.Proceed},
		{name: "the same where no second factor is proved", request: values("mfa"), person: session(0, "pwd"), pwdOnly: true, want: issue.Proceed},
		{name: "acr_values that a second factor reaches", request: values("mfa"), person: session(0, "pwd"), want: issue.SignIn, two: true},
		{name: "the same with a class of somebody else's beside it", request: values("urn:other", "mfa"), person: session(0, "pwd"), want: issue.SignIn, two: true},
		{name: "the same with nobody there", request: values("mfa"), want: issue.SignIn, two: true},
		{name: "the same, without a page", request: quiet(values("mfa")), person: session(0, "pwd"), reason: issue.LoginNeeded},
		{name: "the same, back with less: it was voluntary", request: values("mfa"), person: session(0, "pwd"), continued: true, began: minute, want: issue.Proceed, two: true},
		{name: "acr_values that are content with a password", request: values("mfa", "pwd"), person: session(0, "pwd"), want: issue.Proceed},
		{name: "the same with nobody there, content", request: values("mfa", "pwd"), want: issue.SignIn},
		{name: "acr_values that the session exceeds", request: values("pwd"), person: session(0, "mfa"), want: issue.Proceed},
		{name: "acr_values that an old session has", request: values("mfa"), person: session(time.Hour, "mfa"), want: issue.Proceed, two: true},
		{name: "an old session whose factors are older than max_age", request: oauth.AuthorizationRequest{ACRValues: []oauth.ACR{"mfa"}, MaxAge: &minute}, person: session(time.Hour, "mfa"), want: issue.SignInAgain, two: true},
		{name: "a voluntary acr that nobody reaches", request: claimed(false, "phr"), person: session(0, "pwd"), want: issue.Proceed},
		{name: "an essential acr that nobody reaches", request: claimed(true, "phr"), person: session(0, "pwd"), reason: issue.UnmetACR},
		{name: "the same with nobody there: no page is shown for nothing", request: claimed(true, "mfa"), pwdOnly: true, reason: issue.UnmetACR},
		{name: "an essential acr that a second factor reaches", request: claimed(true, "mfa"), person: session(0, "pwd"), want: issue.SignIn, two: true},
		{name: "the same, back with less", request: claimed(true, "mfa"), person: session(0, "pwd"), continued: true, began: minute, reason: issue.UnmetACR},
		{name: "the same, back with it", request: claimed(true, "mfa"), person: session(0, "mfa"), continued: true, began: minute, want: issue.Proceed, two: true},
		{name: "an essential acr that the session has, though no sign-in reaches it now", request: claimed(true, "mfa"), person: session(0, "mfa"), pwdOnly: true, want: issue.Proceed},
		{name: "an essential acr that the session exceeds", request: claimed(true, "pwd"), person: session(0, "mfa"), want: issue.Proceed},
		{name: "an essential acr of any value", request: claimed(true), person: session(0, "pwd"), want: issue.Proceed},
		{name: "a hint at the same customer", person: session(0, "pwd"), hint: me.String(), want: issue.Proceed},
		{name: "a hint at another", person: session(0, "pwd"), hint: "cus_other", want: issue.SignInAgain},
		{name: "a hint at another, who signed in again as the same", person: session(0, "pwd"), hint: "cus_other", continued: true, began: minute, reason: issue.WrongPerson},
	} {
		t.Run(test.name, func(t *testing.T) {
			visit := issue.Visit{
				Request: test.request, Person: test.person, Subject: test.hint, Reachable: []oauth.ACR{"pwd", "mfa"},
				MaxAge: test.maxAge, Began: now.Add(-test.began), Continued: test.continued, Now: now,
			}
			if test.pwdOnly {
				visit.Reachable = []oauth.ACR{"pwd"}
			}
			got, err := issue.Admit(visit)
			var refusal *issue.Refusal
			if errors.As(err, &refusal) != (test.reason != "") || refusal != nil && refusal.Reason != test.reason || got != test.want {
				t.Errorf("%v, %v; want %v, %q", got, err, test.want, test.reason)
			}
			if test.reason == "" && visit.TwoFactors() != test.two {
				t.Errorf("two factors: %v", !test.two)
			}
		})
	}
}
