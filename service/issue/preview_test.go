package issue_test

import (
	"encoding/json"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
)

// A preview that mirrors the real thing is a bug waiting: here the two are
// compared claim by claim.
func TestAPreviewIsTheTokenThatIsIssued(t *testing.T) {
	w := issuetest.New(t, issuetest.Tree)
	c := w.Customer("Rosa Resident", "residential")
	person, _ := w.SignIn(c)
	view := w.View()
	server, application := view.Snapshot.Servers["apps"], view.Snapshot.Applications["my-account"]
	verifier := strings.Repeat("v", 43)
	request := oauth.AuthorizationRequest{
		Return:       oauth.Return{ClientID: "my-account", RedirectURI: application.Redirects[0]},
		ResponseType: oauth.ResponseTypeCode, Challenge: oauth.ChallengeOf(verifier),
		Scopes: []oauth.Scope{"openid", "profile", "billing.write.payment"},
	}
	authorized, err := w.Issue.Authorize(t.Context(), view, issue.Authorization{Server: server, Application: application, Request: request, Person: person})
	if err != nil {
		t.Fatal(err)
	}
	issued, err := w.Issue.Redeem(t.Context(), view, server, issue.Client{Application: application}, oauth.TokenRequest{
		Code: authorized.Code, RedirectURI: application.Redirects[0], CodeVerifier: oauth.NewSecret(verifier),
	})
	if err != nil {
		t.Fatal(err)
	}
	events := len(w.Events(""))
	preview, err := w.Issue.Preview(t.Context(), view, issue.PreviewRequest{
		Server: "apps", Application: "my-account", Grant: access.AuthorizationCode, Customer: c.ID,
		Scopes: []access.Scope{"openid", "profile", "billing.write.payment"}, Assurance: access.OneFactor,
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(w.Events("")) != events {
		t.Error("a preview was recorded")
	}
	// What a preview cannot know, and nothing else, differs.
	unknown := map[string]bool{"jti": true, "sid": true, "at_hash": true}
	for name, pair := range map[string][2]map[string]any{
		"access token": {claimsOf(t, issued.AccessToken.Reveal()), object(t, preview.AccessClaims)},
		"ID token":     {claimsOf(t, issued.IDToken.Reveal()), object(t, preview.IDClaims)},
	} {
		for claim := range unknown {
			if (pair[0][claim] == nil) != (pair[1][claim] == nil) {
				t.Errorf("%s: %s is in only one of them", name, claim)
			}
			delete(pair[0], claim)
			delete(pair[1], claim)
		}
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s (-issued +previewed):\n%s", name, diff)
		}
	}
	if got, want := preview.Sizes, (issue.Sizes{AccessToken: len(issued.AccessToken.Reveal()), IDToken: len(issued.IDToken.Reveal())}); got != want {
		t.Errorf("sizes %v, want %v", got, want)
	}
	if preview.Userinfo.Get("name") != "Rosa Resident" || !preview.Trace.Decision.Allowed {
		t.Errorf("preview %+v", preview)
	}
}

func TestAPreviewOfAnOpaqueTokenShowsWhatItHides(t *testing.T) {
	w := issuetest.New(t, issuetest.Tree)
	somewhere := netip.MustParseAddr("192.0.2.7")
	question := issue.PreviewRequest{Server: "enterprise", Application: "payright", Grant: access.ClientCredentials, Address: somewhere}
	jwt, err := w.Issue.Preview(t.Context(), w.View(), question)
	if err != nil {
		t.Fatal(err)
	}
	w.Change("audience: https://api.harbourlight.test/enterprise", "audience: https://api.harbourlight.test/enterprise\naccess_tokens: opaque")
	view := w.View()
	opaque, err := w.Issue.Preview(t.Context(), view, question)
	if err != nil {
		t.Fatal(err)
	}
	if jwt.AccessFormat != "jwt" || opaque.AccessFormat != "opaque" || opaque.AccessClaims.Get("scope") != jwt.AccessClaims.Get("scope") {
		t.Errorf("%+v became %+v", jwt, opaque)
	}
	issued, err := w.Issue.ClientCredentials(t.Context(), view, view.Snapshot.Servers["enterprise"],
		issue.Client{Application: view.Snapshot.Applications["payright"], Address: somewhere}, oauth.TokenRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(issued.AccessToken.Reveal()); got != opaque.Sizes.AccessToken {
		t.Errorf("%d bytes, and %d in the preview", got, opaque.Sizes.AccessToken)
	}
	opening, err := w.Ring.Opening(t.Context(), view.Env, "enterprise")
	if err != nil {
		t.Fatal(err)
	}
	said, err := opening.Open(issued.AccessToken.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(said, &claims); err != nil {
		t.Fatal(err)
	}
	for name, value := range object(t, opaque.AccessClaims) {
		if name != "jti" && !cmp.Equal(value, claims[name]) {
			t.Errorf("%s is %v, and %v in the preview", name, claims[name], value)
		}
	}
}

func TestAPreviewOfAnInventedCustomerSaysWhyNot(t *testing.T) {
	w := issuetest.New(t, issuetest.Tree)
	ask := func(r issue.PreviewRequest) issue.Preview {
		t.Helper()
		p, err := w.Issue.Preview(t.Context(), w.View(), r)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	landlord := issue.PreviewRequest{Server: "apps", Application: "my-account", Grant: access.AuthorizationCode, Groups: []string{"landlords"}}
	if p := ask(landlord); !p.Decision.Allowed || p.Decision.Rule != "landlords-see" || p.AccessClaims.Get("scope") != "billing.read.bill" {
		t.Errorf("%+v", p)
	}
	landlord.Groups = nil
	if p := ask(landlord); p.Decision.Allowed || len(p.AccessClaims) != 0 || len(p.Trace.Steps) == 0 {
		t.Errorf("%+v", p)
	}
	machine := issue.PreviewRequest{Server: "enterprise", Application: "payright", Grant: access.ClientCredentials}
	if p := ask(machine); p.Decision.Allowed {
		t.Error("an unknown address met a network condition")
	}
	for name, test := range map[string]struct {
		request issue.PreviewRequest
		want    error
	}{
		"no such server":      {issue.PreviewRequest{Server: "nowhere"}, issue.ErrNoServer},
		"no such application": {issue.PreviewRequest{Server: "apps", Application: "nobody"}, issue.ErrNoApplication},
	} {
		if _, err := w.Issue.Preview(t.Context(), w.View(), test.request); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func object(t *testing.T, c issue.Claims) map[string]any {
	t.Helper()
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var o map[string]any
	if err := json.Unmarshal(raw, &o); err != nil {
		t.Fatal(err)
	}
	return o
}
