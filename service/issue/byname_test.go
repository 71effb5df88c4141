package issue_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
)

// named gets a code for a request that asks for an address by the claims parameter.
func named(t *testing.T, w *issuetest.World, person issue.Person, scopes ...oauth.Scope) oauth.TokenRequest {
	t.Helper()
	view := w.View()
	application := view.Snapshot.Applications["my-account"]
	verifier := strings.Repeat("v", 43)
	authorized, err := w.Issue.Authorize(t.Context(), view, issue.Authorization{
		Server: view.Snapshot.Servers["apps"], Application: application, Person: person, Request: oauth.AuthorizationRequest{
			Return:       oauth.Return{ClientID: "my-account", RedirectURI: application.Redirects[0]},
			ResponseType: oauth.ResponseTypeCode, Challenge: oauth.ChallengeOf(verifier), Scopes: scopes,
			Claims: oauth.ClaimsRequest{
				IDToken:  map[oauth.ClaimName]oauth.ClaimRequest{"email": {}},
				UserInfo: map[oauth.ClaimName]oauth.ClaimRequest{"email": {}},
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return oauth.TokenRequest{Code: authorized.Code, RedirectURI: application.Redirects[0], CodeVerifier: oauth.NewSecret(verifier)}
}

// A hook that judges the scope email must not be got round by asking for the same
// claim by its name (OpenID Connect Core 1.0 §5.5).
func TestAskingByNameIsNoWayAroundAHook(t *testing.T) {
	judging := func(url, judges string) string {
		return strings.Replace(guarded(url, config.HookRefuse), "judges: [billing.write.payment, payments.write.posting]", "judges: "+judges, 1)
	}
	for name, row := range map[string]struct {
		judges string
		scopes []oauth.Scope
		answer string
		told   bool
	}{
		"the hook takes the scope":              {`[email]`, []oauth.Scope{"openid", "email"}, `{"id":"%ID%","remove":["email"]}`, false},
		"the hook leaves the scope":             {`[email]`, []oauth.Scope{"openid", "email"}, `{"id":"%ID%"}`, true},
		"the scope was never asked for":         {`[email]`, []oauth.Scope{"openid"}, `{"id":"%ID%"}`, false},
		"the hook judges whatever there is":     {`["*"]`, []oauth.Scope{"openid"}, `{"id":"%ID%"}`, false},
		"the hook has nothing to do with it":    {`[billing.write.payment]`, []oauth.Scope{"openid"}, `{"id":"%ID%"}`, true},
		"the hook judges another of the claims": {`[phone]`, []oauth.Scope{"openid"}, `{"id":"%ID%"}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t)
			w := issuetest.New(t, judging(r.url, row.judges))
			c := w.Customer("Rosa Resident", "residential")
			person, _ := w.SignIn(c)
			r.say(row.answer)
			issued, err := redeem(t, w, named(t, w, person, row.scopes...))
			if err != nil {
				t.Fatal(err)
			}
			r.say(`{"id":"%ID%"}`)
			again, err := refresh(t, w, issued.RefreshToken)
			if err != nil {
				t.Fatal(err)
			}
			for when, answer := range map[string]oauth.TokenResponse{"at first": issued, "refreshed": again} {
				if _, told := claimsOf(t, answer.IDToken.Reveal())["email"]; told != row.told {
					t.Errorf("%s the ID token tells it: %v", when, told)
				}
				if _, told := userinfoBy(t, w, c, answer)["email"]; told != row.told {
					t.Errorf("%s userinfo tells it: %v", when, told)
				}
			}
		})
	}
}

// userinfoBy is what the holder of an access token reads.
func userinfoBy(t *testing.T, w *issuetest.World, c customer.Customer, answer oauth.TokenResponse) map[string]any {
	t.Helper()
	view, b := w.View(), issue.Bearer{Subject: c.ID.String(), Application: "my-account"}
	raw, err := base64.RawURLEncoding.DecodeString(claimsOf(t, answer.AccessToken.Reveal())["jti"].(string))
	if err != nil {
		t.Fatal(err)
	}
	copy(b.Grant[:], raw)
	for _, scope := range answer.Scopes {
		b.Scopes = append(b.Scopes, access.Scope(scope))
	}
	told, err := w.Issue.Userinfo(t.Context(), view, view.Snapshot.Servers["apps"], b)
	if err != nil {
		t.Fatal(err)
	}
	return object(t, told)
}
