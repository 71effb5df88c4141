package debug_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/debug"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/issue/issuetest"
	"sallyport/service/subscribe"
	"sallyport/service/verify"
)

// secretive is a server whose every name begins with hush, but those of the
// application that a stranger develops, of its rules and of its scopes.
const secretive = `
kind: tenant
name: harbourlight
title: Harbourlight Energy
environments:
  production: {url: "${listen.url}/hl"}
groups:
  - {name: hush-group}
  - {name: hush-staff}
attributes:
  - {name: hush_attribute, title: A, owner: Operations, purpose: Tests, classification: internal, retention: relationship}
---
kind: journey
name: sign-in
purpose: sign-in
steps:
  - {name: identifier, ask: identifier}
  - {name: password, ask: password}
---
kind: authorization-server
name: apps
audience: https://api.harbourlight.test/apps
scopes:
  - {name: usage.read.interval, kind: customer-read, title: Read, default: true}
  - {name: usage.write.plan, kind: customer-write, title: Plan}
  - {name: hush.write.all, kind: customer-write, title: All, default: true}
entitlements:
  hush-group: [usage.read.interval, usage.write.plan]
  hush-staff: [hush.write.all]
claims:
  - {name: plan, attribute: hush_attribute, in: [access]}
  - {name: level, value: gold, in: [access, userinfo]}
  - {name: tier, expression: "'hush-expression'.size() > 3 ? 'eco' : 'hush'", type: string, most: 16, in: [access]}
policies:
  - name: hush-policy-of-others
    applications: [hush-other]
    rules: [{name: hush-rule, grants: [authorization_code], scopes: ["*"]}]
  - name: hush-policy
    applications: [sunshare, hush-other]
    rules:
      - {name: hush-deny, effect: deny, networks: [203.0.113.0/24], scopes: [hush.write.all]}
      - {name: stop-plans, effect: deny, networks: [198.51.100.0/24], scopes: [usage.write.plan]}
      - {name: staff-see, grants: [authorization_code], groups: {any: [hush-staff]}, scopes: ["*"]}
      - {name: not-staff, grants: [authorization_code], groups: {none: [hush-group]}, scopes: ["*"]}
      - {name: from-office, grants: [authorization_code], networks: [192.0.2.0/24], scopes: ["*"]}
      - {name: strongly, grants: [authorization_code], assurance: phishing-resistant, scopes: ["*"]}
---
kind: application
name: sunshare
type: web
redirects: ["https://sunshare.test/back"]
assigned: {apps: [usage.read.interval, usage.write.plan]}
---
kind: application
name: hush-other
type: web
redirects: ["https://hush.test/back"]
assigned: {apps: [usage.read.interval, hush.write.all]}
`

func newService(w *issuetest.World) *debug.Service {
	return debug.New(debug.Config{
		Issue: w.Issue, Verify: verify.New(verify.Config{Ring: w.Ring, Registry: w.Feed, Now: w.Now}),
		Ledger: &audit.Reader{Store: w.Store, Now: w.Now}, Now: w.Now,
	})
}

func ask(t *testing.T, w *issuetest.World, q issue.PreviewRequest) debug.Answer {
	t.Helper()
	q.Server, q.Application, q.Grant = "apps", "sunshare", access.AuthorizationCode
	a, err := newService(w).Ask(t.Context(), w.View(), q)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Whatever a stranger asks, they learn nothing that is not their application's.
func TestAnOutlineNamesNothingButWhatIsTheApplications(t *testing.T) {
	w := issuetest.New(t, secretive)
	fired := false
	for _, groups := range [][]string{nil, {"hush-group"}, {"hush-staff"}, {"hush-group", "hush-staff"}, {"made-up"}} {
		for _, scopes := range [][]access.Scope{nil, {"usage.read.interval"}, {"usage.write.plan"}, {"openid", "profile"}, {"hush.write.all"}, {"nothing.read.here"}, {"offline_access"}} {
			for _, address := range []string{"", "192.0.2.7", "198.51.100.7", "203.0.113.7", "10.0.0.1"} {
				for _, level := range []access.Assurance{access.OneFactor, access.PhishingResistant} {
					q := issue.PreviewRequest{Groups: groups, Scopes: scopes, Assurance: level}
					if address != "" {
						q.Address = netip.MustParseAddr(address)
					}
					a := ask(t, w, q)
					o := a.Outline()
					told, err := json.Marshal(o)
					if err != nil {
						t.Fatal(err)
					}
					text := string(told)
					if len(scopes) == 1 && scopes[0] == "hush.write.all" {
						text = strings.ReplaceAll(text, "hush.write.all", "") // they said so themselves
					}
					for _, word := range []string{"hush", "192.0.2.0", "198.51", "203.0", "hush_attribute"} {
						if strings.Contains(text, word) {
							t.Fatalf("%v %v from %q tells %q:\n%s", groups, scopes, address, word, text)
						}
					}
					if o.Allowed != a.Allowed() || o.Why != a.Preview.Decision.Error.Description && a.Refusal == "" {
						t.Errorf("the outline says otherwise: %+v", o)
					}
					fired = fired || slices.ContainsFunc(o.Rules, func(r debug.TestedRule) bool { return r.Rule == "stop-plans" && r.Matched })
				}
			}
		}
	}
	if !fired {
		t.Error("no deny rule ever fired, so nothing was shown of one")
	}
}

func TestAnOutlineSaysWhichConditionOfWhichRuleFailed(t *testing.T) {
	w := issuetest.New(t, secretive)
	o := ask(t, w, issue.PreviewRequest{Groups: []string{"hush-group"}, Scopes: []access.Scope{"usage.read.interval"}, Address: netip.MustParseAddr("10.0.0.1"), Assurance: access.OneFactor}).Outline()
	var got []string
	for _, r := range o.Rules {
		got = append(got, string(r.Rule)+" "+string(r.Failed))
	}
	want := []string{"staff-see groups.anyOf", "not-staff groups.noneOf", "from-office networks", "strongly assurance"}
	if !slices.Equal(got, want) || o.Allowed || o.Needed != access.PhishingResistant {
		t.Errorf("%v, allowed %t, needs %s", got, o.Allowed, o.Needed)
	}
	if last := o.Checks[len(o.Checks)-1]; last.Passed || last.Text != o.Why || o.Why == "" {
		t.Errorf("the last check is %+v", last)
	}
}

func TestEveryClaimHasASource(t *testing.T) {
	w := issuetest.New(t, issuetest.Tree)
	c := w.Customer("Rosa Resident", "residential")
	a, err := newService(w).Ask(t.Context(), w.View(), issue.PreviewRequest{
		Server: "apps", Application: "my-account", Grant: access.AuthorizationCode, Customer: c.ID, Assurance: access.OneFactor,
		Scopes: []access.Scope{"openid", "profile", "billing.read.bill"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if all := len(a.Preview.AccessClaims) + len(a.Preview.IDClaims) + len(a.Preview.Userinfo); len(a.Sources) != all {
		t.Errorf("%d sources of %d claims", len(a.Sources), all)
	}
	for _, want := range []debug.ClaimSource{
		{Claim: "iss", In: debug.AccessToken, Kind: debug.Protocol},
		{Claim: "account_number", In: debug.AccessToken, Kind: debug.Attribute, From: "account_number"},
		{Claim: "name", In: debug.Userinfo, Kind: debug.Directory},
		{Claim: "groups", In: debug.Userinfo, Kind: debug.Groups, From: "*"},
	} {
		if !slices.Contains(a.Sources, want) {
			t.Errorf("no %+v in %+v", want, a.Sources)
		}
	}
}

func TestOnlyOfferedOperationsAreOutlined(t *testing.T) {
	a := debug.Answer{Operations: []debug.CallVerdict{{API: "own", Provided: true}, {API: "hidden", Verdict: subscribe.Admission{Check: subscribe.CheckProduct}}}}
	if o := a.Outline().Operations; len(o) != 1 || o[0].API != "own" {
		t.Errorf("outlined are %+v", o)
	}
}

func TestTheClaimsOfAnOpaqueTokenAreNotReadToItsHolder(t *testing.T) {
	w := issuetest.New(t, strings.Replace(secretive, "name: sunshare\n", "name: sunshare\naccess_tokens: opaque\n", 1))
	a := ask(t, w, issue.PreviewRequest{Groups: []string{"hush-group"}, Scopes: []access.Scope{"usage.read.interval"}, Address: netip.MustParseAddr("192.0.2.1"), Assurance: access.OneFactor})
	o := a.Outline()
	if a.Preview.AccessClaims.Get("level") != "gold" || o.Access.Get("level") != nil || o.Access.Get("client_id") != "sunshare" {
		t.Errorf("whole %v, outlined %v", a.Preview.AccessClaims, o.Access)
	}
	if slices.ContainsFunc(o.Sources, func(s debug.ClaimSource) bool { return s.Claim == "level" && s.In == debug.AccessToken }) {
		t.Error("the outline tells that there is such a claim")
	}
}

func TestRefusalsAreToldWithoutWhomTheyWereAbout(t *testing.T) {
	w := issuetest.New(t, secretive)
	person, _ := w.SignIn(w.Customer("Rosa Resident", "hush-group"))
	view := w.View()
	server, application := view.Snapshot.Servers["apps"], view.Snapshot.Applications["sunshare"]
	_, err := w.Issue.Authorize(t.Context(), view, issue.Authorization{
		Server: server, Application: application, Person: person, Address: netip.MustParseAddr("10.9.8.7"),
		Request: oauth.AuthorizationRequest{
			Return:       oauth.Return{ClientID: "sunshare", RedirectURI: application.Redirects[0]},
			ResponseType: oauth.ResponseTypeCode, Challenge: oauth.ChallengeOf(strings.Repeat("v", 43)), Scopes: []oauth.Scope{"hush.write.all"},
		},
	})
	var refused *issue.Refusal
	if !errors.As(err, &refused) {
		t.Fatalf("it was not refused: %v", err)
	}
	told, err := newService(w).Refusals(t.Context(), w.Live, "sunshare")
	if err != nil || len(told) != 1 {
		t.Fatalf("%+v, %v", told, err)
	}
	if r := told[0]; r.Reference != refused.Reference || r.Why == "" || !slices.Equal(r.Asked, []access.Scope{"hush.write.all"}) || r.Server != "apps" {
		t.Errorf("told is %+v", r)
	}
	text, _ := json.Marshal(told)
	for _, word := range []string{"cus_", "hush-", "10.9.8.7", person.Customer.ID.String(), "Rosa"} {
		if strings.Contains(string(text), word) {
			t.Errorf("it tells %q: %s", word, text)
		}
	}
	for _, other := range []string{"hush-other", "", "sunshare result:ok", "sunshare\tactor:x"} {
		if told, err := newService(w).Refusals(t.Context(), w.Live, other); len(told) != 0 || err != nil && !errors.Is(err, audit.ErrQuery) {
			t.Errorf("%q: %+v, %v", other, told, err)
		}
	}
}

// deaf verifies nothing.
type deaf struct{ refusal error }

func (d deaf) VerifyAny(context.Context, *environment.Live, []*config.LiveServer, string) (*verify.Token, error) {
	return nil, d.refusal
}

func TestEveryCheckOfATokenIsToldInWords(t *testing.T) {
	w := issuetest.New(t, issuetest.Tree)
	for _, check := range []verify.Check{
		verify.Form, verify.Type, verify.Key, verify.Signature, verify.Issuer, verify.Audience, verify.Expiry, verify.Future, verify.Revocation, verify.Application,
	} {
		s := debug.New(debug.Config{Verify: deaf{&verify.Refusal{Check: check}}})
		i, err := s.Inspect(t.Context(), w.Live, "x")
		if err != nil || i.Good || i.Check != check || i.Text == "" || i.Known || strings.Contains(i.Text, "fails the check") {
			t.Errorf("%s: %+v, %v", check, i, err)
		}
	}
	if _, err := debug.New(debug.Config{Verify: deaf{environment.ErrStale}}).Inspect(t.Context(), w.Live, "x"); !errors.Is(err, environment.ErrStale) {
		t.Errorf("a deaf node says %v of a token", err)
	}
}
