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
	minute, zero := time.Minute, time.Duration(0)
	me := customer.ID{1}
	session := func(age time.Duration, acr string) *issue.Person {
		return &issue.Person{Customer: customer.Customer{ID: me}, Session: store.Session{
			SignedIn: now.Add(-age), Assurance: acr, Expires: now.Add(time.Hour),
		}}
	}
	ended := session(0, "pwd")
	ended.Session.Ended = now
	acr := func(essential bool, values ...string) oauth.ClaimsRequest {
		claim := oauth.ClaimRequest{Essential: essential}
		for _, v := range values {
			raw, _ := json.Marshal(v)
			claim.Values = append(claim.Values, raw)
		}
		return oauth.ClaimsRequest{IDToken: map[oauth.ClaimName]oauth.ClaimRequest{"acr": claim}}
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
		want      issue.Admission
		reason    issue.Reason
	}{
		{name: "nobody", want: issue.SignIn},
		{name: "nobody, without a page", request: none, reason: issue.LoginNeeded},
		{name: "somebody", person: session(time.Hour, "pwd"), want: issue.Proceed},
		{name: "somebody, without a page", request: none, person: session(time.Hour, "pwd"), want: issue.Proceed},
		{name: "a session that has ended", person: ended, want: issue.SignIn},
		{name: "prompt=login", request: login, person: session(time.Hour, "pwd"), want: issue.SignInAgain},
		{name: "prompt=login, back from it", request: login, person: session(0, "pwd"), continued: true, began: minute, want: issue.Proceed},
		{name: "prompt=login, back without it", request: login, person: session(2*minute, "pwd"), continued: true, began: minute, want: issue.SignInAgain},
		// A sign-in before the request does not answer it, however fresh.
		{name: "prompt=login, signed in just before", request: login, person: session(time.Second, "pwd"), want: issue.SignInAgain},
		{name: "max_age kept", request: oauth.AuthorizationRequest{MaxAge: &minute}, person: session(minute, "pwd"), want: issue.Proceed},
		{name: "max_age over", request: oauth.AuthorizationRequest{MaxAge: &minute}, person: session(minute+time.Second, "pwd"), want: issue.SignInAgain},
		{name: "max_age=0", request: oauth.AuthorizationRequest{MaxAge: &zero}, person: session(0, "pwd"), want: issue.SignInAgain},
		{name: "max_age=0, back", request: oauth.AuthorizationRequest{MaxAge: &zero}, person: session(0, "pwd"), continued: true, began: minute, want: issue.Proceed},
		{name: "acr_values that nobody reaches are voluntary", request: oauth.AuthorizationRequest{ACRValues: []oauth.ACR{"mfa"}}, person: session(0, "pwd"), want: issue.Proceed},
		{name: "acr_values that a sign-in reaches", request: oauth.AuthorizationRequest{ACRValues: []oauth.ACR{"pwd"}}, person: session(0, "mfa"), want: issue.SignInAgain},
		{name: "a voluntary acr that nobody reaches", request: oauth.AuthorizationRequest{Claims: acr(false, "mfa")}, person: session(0, "pwd"), want: issue.Proceed},
		{name: "an essential acr that nobody reaches", request: oauth.AuthorizationRequest{Claims: acr(true, "mfa")}, person: session(0, "pwd"), reason: issue.UnmetACR},
		{name: "the same with nobody there: no page is shown for nothing", request: oauth.AuthorizationRequest{Claims: acr(true, "mfa")}, reason: issue.UnmetACR},
		{name: "an essential acr that the session has", request: oauth.AuthorizationRequest{Claims: acr(true, "mfa")}, person: session(0, "mfa"), want: issue.Proceed},
		{name: "an essential acr of any value", request: oauth.AuthorizationRequest{Claims: acr(true)}, person: session(0, "pwd"), want: issue.Proceed},
		{name: "a hint at the same customer", person: session(0, "pwd"), hint: me.String(), want: issue.Proceed},
		{name: "a hint at another", person: session(0, "pwd"), hint: "cus_other", want: issue.SignIn},
		{name: "a hint at another, who signed in again as the same", person: session(0, "pwd"), hint: "cus_other", continued: true, began: minute, reason: issue.WrongPerson},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := issue.Admit(issue.Visit{
				Request: test.request, Person: test.person, Subject: test.hint, Began: now.Add(-test.began), Continued: test.continued, Now: now,
			})
			var refusal *issue.Refusal
			if errors.As(err, &refusal) != (test.reason != "") || refusal != nil && refusal.Reason != test.reason || got != test.want {
				t.Errorf("%v, %v; want %v, %q", got, err, test.want, test.reason)
			}
		})
	}
}
