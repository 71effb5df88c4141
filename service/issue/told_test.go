package issue_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
	"sallyport/store"
)

// tellingTree is a tree whose tokens say what they can.
func tellingTree(t *testing.T) string {
	t.Helper()
	tree := issuetest.Tree
	for _, edit := range [][2]string{
		{"attributes:\n", "attributes:\n  - {name: balance, type: number, owner: o, purpose: p, classification: personal, retention: relationship}\n"},
		{accountNumber, accountNumber + `  - {name: groups, groups: "*", in: [access], most: 200}
  - {name: own, groups: {starts_with: res}, in: [access, id, userinfo]}
  - {name: balance, attribute: balance, in: [access]}
  - {name: share, expression: "100 / customer.attributes.balance", type: int, in: [access, userinfo]}
  - {name: greeting, expression: "'Dear ' + customer.name + ' of ' + application.name", type: string, in: [id, userinfo]}
  - {name: how, expression: "grant + ' by ' + assurance", type: string, in: [access, userinfo]}
  - {name: payer, expression: "'billing.write.payment' in scopes", type: bool, in: [access]}
`},
		{"        scopes: [\"*\"]\n", "        scopes: [\"*\"]\n        rate: {calls: 100, per: 60s, burst: 20}\n"},
	} {
		if !strings.Contains(tree, edit[0]) {
			t.Fatalf("the tree has no %q", edit[0])
		}
		tree = strings.Replace(tree, edit[0], edit[1], 1)
	}
	return tree
}

// withBalance gives a customer an attribute.
func withBalance(t *testing.T, w *issuetest.World, c customer.Customer, balance string) customer.Customer {
	t.Helper()
	c.Attributes = map[string]string{"account_number": "HL-004711", "balance": balance}
	err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error { return tx.UpdateCustomer(t.Context(), c) })
	if err != nil {
		t.Fatal(err)
	}
	if c, err = w.Store.Customer(t.Context(), w.Live.ID, c.ID); err != nil {
		t.Fatal(err)
	}
	return c
}

var asked = []oauth.Scope{"openid", "profile", "billing.write.payment"}

// issued walks a customer to tokens of my-account.
func issued(t *testing.T, w *issuetest.World, c customer.Customer) oauth.TokenResponse {
	t.Helper()
	person, _ := w.SignIn(c)
	view := w.View()
	server, application := view.Snapshot.Servers["apps"], view.Snapshot.Applications["my-account"]
	verifier := strings.Repeat("v", 43)
	authorized, err := w.Issue.Authorize(t.Context(), view, issue.Authorization{
		Server: server, Application: application, Person: person, Request: oauth.AuthorizationRequest{
			Return: oauth.Return{ClientID: "my-account", RedirectURI: application.Redirects[0]}, ResponseType: oauth.ResponseTypeCode,
			Challenge: oauth.ChallengeOf(verifier), Scopes: asked,
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := w.Issue.Redeem(t.Context(), view, server, issue.Client{Application: application}, oauth.TokenRequest{
		Code: authorized.Code, RedirectURI: application.Redirects[0], CodeVerifier: oauth.NewSecret(verifier),
	})
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func previewed(t *testing.T, w *issuetest.World, c customer.Customer) issue.Preview {
	t.Helper()
	p, err := w.Issue.Preview(t.Context(), w.View(), issue.PreviewRequest{
		Server: "apps", Application: "my-account", Grant: access.AuthorizationCode, Customer: c.ID,
		Scopes: []access.Scope{"openid", "profile", "billing.write.payment"}, Assurance: access.OneFactor,
	})
	if err != nil || !p.Decision.Allowed {
		t.Fatal(p.Decision, err)
	}
	return p
}

func userinfo(t *testing.T, w *issuetest.World, c customer.Customer, answer oauth.TokenResponse) map[string]any {
	t.Helper()
	var grant store.GrantID
	id, _ := claimsOf(t, answer.AccessToken.Reveal())["jti"].(string)
	raw, err := base64.RawURLEncoding.DecodeString(id)
	if err != nil {
		t.Fatal(err)
	}
	copy(grant[:], raw)
	view := w.View()
	told, err := w.Issue.Userinfo(t.Context(), view, view.Snapshot.Servers["apps"], issue.Bearer{
		Subject: c.ID.String(), Application: "my-account", Grant: grant, Scopes: []access.Scope{"openid", "profile", "billing.write.payment"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return object(t, told)
}

// Whoever has five hundred groups signs in like everybody: the list is left out, and
// the token says so, and so does its preview.
func TestTooManyGroupsKeepNobodyFromSigningIn(t *testing.T) {
	w := issuetest.New(t, tellingTree(t))
	groups := []string{"residential"}
	for i := range 499 {
		groups = append(groups, fmt.Sprintf("group-%03d", i))
	}
	c := withBalance(t, w, w.Customer("Rosa Resident", groups...), "50")
	answer := issued(t, w, c)
	claims := claimsOf(t, answer.AccessToken.Reveal())
	want := map[string]any{
		"own": []any{"residential"}, "balance": 50.0, "share": 2.0, "payer": true, "how": "authorization_code by one-factor",
		"overage": []any{"groups"}, "rate": "100/60/20", "account_number": "HL-004711",
	}
	for name, value := range want {
		if diff := cmp.Diff(value, claims[name]); diff != "" {
			t.Errorf("%s (-want +got): %s", name, diff)
		}
	}
	if claims["groups"] != nil {
		t.Errorf("groups are %v", claims["groups"])
	}
	if len(answer.AccessToken.Reveal()) > 2000 {
		t.Errorf("the token has %d bytes", len(answer.AccessToken.Reveal()))
	}
	p := previewed(t, w, c)
	left := []issue.LeftOut{{Claim: "groups", In: "access", Reason: issue.TooLong}, {Claim: "groups", In: "userinfo", Reason: issue.TooLong}}
	if diff := cmp.Diff(left, p.LeftOut); diff != "" {
		t.Error(diff)
	}
}

func TestAPreviewTellsWhatIsIssuedAndWhereItIsFrom(t *testing.T) {
	w := issuetest.New(t, tellingTree(t))
	c := withBalance(t, w, w.Customer("Rosa Resident", "residential"), "4")
	answer, p := issued(t, w, c), previewed(t, w, c)
	for name, pair := range map[string][2]map[string]any{
		"access token": {claimsOf(t, answer.AccessToken.Reveal()), object(t, p.AccessClaims)},
		"ID token":     {claimsOf(t, answer.IDToken.Reveal()), object(t, p.IDClaims)},
		"userinfo":     {userinfo(t, w, c, answer), object(t, p.Userinfo)},
	} {
		for _, unknown := range []string{"jti", "sid", "at_hash"} {
			delete(pair[0], unknown)
			delete(pair[1], unknown)
		}
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s (-issued +previewed):\n%s", name, diff)
		}
	}
	if want := len(p.AccessClaims) + len(p.IDClaims) + len(p.Userinfo); len(p.Sources) != want {
		t.Fatalf("%d sources of %d claims", len(p.Sources), want)
	}
	from, bytes := map[string]string{}, 0
	for _, source := range p.Sources {
		from[string(source.In)+"/"+source.Claim] = source.From
		if source.In == "access" {
			bytes += source.Bytes
		}
		if source.From == "" || source.Bytes == 0 || source.Most > 0 && source.Bytes > source.Most {
			t.Errorf("%+v", source)
		}
	}
	for claim, want := range map[string]string{
		"access/balance": "attribute balance", "access/groups": "all groups", "id/own": "groups that begin with res",
		"userinfo/greeting": "the expression 'Dear ' + customer.name + ' of ' + application.name", "access/rate": "the rule's rate",
		"userinfo/name": "the customer's name", "access/iss": "the server's issuer",
	} {
		if from[claim] != want {
			t.Errorf("%s is from %q, want %q", claim, from[claim], want)
		}
	}
	raw, err := json.Marshal(p.AccessClaims)
	if err != nil || len(raw) != bytes+1 { // two braces, and a comma less
		t.Errorf("%d bytes, and claims of %d", len(raw), bytes)
	}
}

// A claim that cannot be computed is left out, and the ledger says which and why,
// once in ten seconds and without a value.
func TestAClaimThatFailsIsToldToOperators(t *testing.T) {
	w := issuetest.New(t, tellingTree(t))
	c := withBalance(t, w, w.Customer("Rosa Resident", "residential"), "0")
	odd := withBalance(t, w, w.Customer("Otto Odd", "residential"), "secret-balance")
	for range 3 {
		answer := issued(t, w, c)
		if claimsOf(t, answer.AccessToken.Reveal())["share"] != nil || userinfo(t, w, c, answer)["share"] != nil {
			t.Fatal("a share of nothing")
		}
	}
	issued(t, w, odd)
	w.Pass(11 * time.Second)
	issued(t, w, c)
	var got []string
	for _, event := range w.Events(audit.ClaimFailed) {
		if strings.Contains(string(event.Body), "secret-balance") || strings.Contains(string(event.Body), c.ID.String()) {
			t.Errorf("too much is told: %s", event.Body)
		}
		var body struct {
			Detail struct {
				Claim, In, Reason string
				Times             int
			}
		}
		if err := json.Unmarshal(event.Body, &body); err != nil {
			t.Fatal(err)
		}
		d := body.Detail
		got = append([]string{fmt.Sprintf("%s in %s: %s, %d", d.Claim, d.In, d.Reason, d.Times)}, got...)
	}
	want := []string{
		"share in access: division-by-zero, 1", "share in userinfo: division-by-zero, 1",
		"balance in access: attribute-not-of-its-type, 1", "share in access: attribute-not-of-its-type, 1",
		"share in access: division-by-zero, 3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	events := len(w.Events(audit.ClaimFailed))
	if p := previewed(t, w, c); len(p.LeftOut) != 2 || len(w.Events(audit.ClaimFailed)) != events {
		t.Errorf("a preview of it says %v", p.LeftOut)
	}
}

// What rules ask of a customer is kept with the decision, where it can be erased.
func TestAttributesOfADecisionLieInItsErasablePart(t *testing.T) {
	tree := strings.Replace(tellingTree(t), "        groups: {any: [residential]}\n",
		"        groups: {any: [residential]}\n        attributes: [{name: balance, at_least: \"10\"}]\n", 1)
	w := issuetest.New(t, tree)
	c := withBalance(t, w, w.Customer("Rosa Resident", "residential"), "8642")
	issued(t, w, c)
	for _, kind := range []audit.Type{audit.Authorized, audit.TokenIssued} {
		event := w.Events(kind)[0].Event
		if strings.Contains(string(event.Body), "8642") || strings.Contains(string(event.Body)+string(event.Personal), "HL-004711") {
			t.Errorf("%s: %s", kind, event.Body)
		}
		record, err := issue.ReadRecord(event)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[access.Attribute]string{"balance": "8642"}, record.Request.Subject.Attributes); diff != "" || record.Request.Authenticated.IsZero() {
			t.Errorf("%s: %s %v", kind, diff, record.Request.Authenticated)
		}
		again := access.Decide(w.View().Snapshot.Servers["apps"].Access, record.Request)
		if diff := cmp.Diff(record.Outcome, again); diff != "" {
			t.Errorf("%s, decided again: %s", kind, diff)
		}
		event.Personal = nil // erased
		if record, err = issue.ReadRecord(event); err != nil || access.Decide(w.View().Snapshot.Servers["apps"].Access, record.Request).Allowed {
			t.Errorf("%s: what is erased still decides: %v", kind, err)
		}
	}
}
