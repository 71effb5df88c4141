package config_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/config"
)

// small is a tree with something of all that an admission touches.
var small = map[string][]byte{
	"tree.yaml": []byte(`kind: tenant
name: acme
environments: {preview: {url: "https://id.acme.example"}}
groups: [{name: residents}]
---
# Who issues what.
kind: authorization-server
name: apps
audience: https://api.acme.example
scopes:
  - {name: billing.read.bill, kind: customer-read} # since 2024
entitlements:
  residents: [billing.read.bill]
policies:
  - name: own
    applications: [my-account]
    rules:
      - {name: abroad, effect: deny, scopes: ["*"]} # fraud case
      - name: pay # as agreed
        scopes: [billing.read.bill]
  - name: rest
    applications: ["*"]
    rules:
      - {name: all, scopes: ["*"]}
---
# Ours.
kind: application
name: my-account
type: web
redirects: [https://my.acme.example/callback]
assigned: {apps: [billing.read.bill]}
---
kind: application
name: kiosk
type: web
redirects: [https://kiosk.acme.example/callback] # in the shops
---
kind: api
name: billing
openapi: billing.openapi.yaml
servers: [apps]
path: /billing
backend: {url: "https://billing.acme.example"}
public: [status]
`),
	"billing.openapi.yaml": []byte(`openapi: 3.1.0
info: {title: Billing, version: "1"}
security: [{oauth: [billing.read.bill]}]
paths:
  /bills: # all of them
    get: {operationId: listBills, responses: {"200": {description: ok}}}
  /status:
    get: {operationId: status, security: [], responses: {"200": {description: ok}}}
components:
  securitySchemes:
    oauth: {type: oauth2, flows: {authorizationCode: {authorizationUrl: /a, tokenUrl: /t, scopes: {billing.read.bill: Bills}}}}
`),
}

func TestAnAdmittedScopeStandsWhereItIsUsedAndCommentsStay(t *testing.T) {
	after, problems := config.Admit(parse(t, small), config.Admission{
		Server:       "apps",
		Scope:        config.ScopeSpec{Name: "billing.read.usage", Kind: "customer-read", Title: "See: your usage", Parent: "billing.read.bill", Tags: map[string]string{"owner": "billing", "board": "2026-11"}},
		Applications: []string{"my-account", "kiosk"}, Policy: "own", Groups: []string{"residents"}, Operations: []string{"billing/listBills"},
	})
	if config.Refused(problems) {
		t.Fatal(config.Render(problems, nil))
	}
	if problems := config.Check(after, builtin); len(problems) > 0 {
		t.Error(config.Render(problems, after.Files()))
	}
	want := map[string][]string{
		"tree.yaml": {
			"# Who issues what.\n", "  - {name: billing.read.bill, kind: customer-read} # since 2024\n",
			`  - {name: billing.read.usage, kind: customer-read, title: "See: your usage", parent: billing.read.bill, tags: {board: 2026-11, owner: billing}}` + "\n",
			"  residents: [billing.read.bill, billing.read.usage]\n", "      - {name: abroad, effect: deny, scopes: [\"*\"]} # fraud case\n",
			"      - name: pay # as agreed\n        scopes: [billing.read.bill, billing.read.usage]\n", "# Ours.\n",
			"assigned: {apps: [billing.read.bill, billing.read.usage]}\n", "# in the shops\nassigned:\n  apps: [billing.read.usage]\n---\nkind: api\n",
		},
		"billing.openapi.yaml": {
			"  /bills: # all of them\n", "security: [{oauth: [billing.read.bill]}, {oauth: [billing.read.usage]}]",
			`scopes: {billing.read.bill: Bills, billing.read.usage: "See: your usage"}`, "security: [{oauth: [billing.read.bill]}]\npaths:",
		},
	}
	for file, texts := range want {
		for _, text := range texts {
			if !strings.Contains(string(after.Files()[file]), text) {
				t.Errorf("%s has no %q:\n%s", file, text, after.Files()[file])
			}
		}
	}
}

func TestAnAdmissionIsRefusedWithEveryReason(t *testing.T) {
	tests := []struct {
		name string
		of   config.Admission
		want []string
	}{
		{"the scope exists", config.Admission{Server: "apps", Scope: config.ScopeSpec{Name: "billing.read.bill", Kind: "customer-read"}}, []string{
			`SP-1101 the authorization server "apps" has the scope "billing.read.bill" already; give it another name, or use the one that is there`,
		}},
		{"the name is no name, and what was meant is suggested", config.Admission{Server: "apps", Scope: config.ScopeSpec{Name: "view billing usage", Kind: "customer-red"}}, []string{
			`SP-1108 there is no kind of scope "customer-red"; did you mean "customer-read"?`,
			`SP-1401 "view billing usage" is no name of a scope: it has not the three parts of app.verb.target; did you mean billing.read.usage?`,
		}},
		{"everything named is unknown", config.Admission{
			Server: "apps", Scope: config.ScopeSpec{Name: "billing.read.usage", Kind: "customer-read", Parent: "billing.read.bil"}, Applications: []string{"my-acount"}, Policy: "owm",
			Groups: []string{"resident"}, Operations: []string{"listBills", "biling/x", "billing/listBill"},
		}, []string{
			`SP-1105 "listBills" names no operation; write it api/operationId, such as billing/pay`,
			`SP-1105 the API "billing" has no operation "listBill"; did you mean "listBills"?`,
			`SP-1105 the authorization server "apps" has no policy "owm"; did you mean "own"?`,
			`SP-1105 the authorization server "apps" has no scope "billing.read.bil"; did you mean "billing.read.bill"?`,
			`SP-1105 the tenant has no group "resident"; did you mean "residents"?`,
			`SP-1105 there is no API "biling"; did you mean "billing"?`,
			`SP-1105 there is no application "my-acount"; did you mean "my-account"?`,
		}},
		{"the server is unknown", config.Admission{Server: "app", Scope: config.ScopeSpec{Name: "billing.read.usage", Kind: "customer-read"}}, []string{
			`SP-1105 there is no authorization server "app"; did you mean "apps"?`,
		}},
		{"the rule denies, another is unknown", config.Admission{Server: "apps", Scope: config.ScopeSpec{Name: "billing.read.usage", Kind: "customer-read"}, Policy: "own", Rules: []string{"abroad", "pays"}}, []string{
			`SP-1105 the policy "own" has no rule "pays"; did you mean "pay"?`,
			`SP-1411 the rule "abroad" of the policy "own" denies; name a rule that allows; only pay is known`,
		}},
		{"a rule without its policy", config.Admission{Server: "apps", Scope: config.ScopeSpec{Name: "billing.read.usage", Kind: "customer-read"}, Rules: []string{"pay"}}, []string{
			`SP-1107 a rule is named without its policy; name the policy that the rule is in`,
		}},
		{"the operation is public", config.Admission{Server: "apps", Scope: config.ScopeSpec{Name: "billing.read.usage", Kind: "customer-read"}, Operations: []string{"billing/status"}}, []string{
			`SP-1502 the operation billing/status is public: no scope is needed for it; leave it out`,
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			after, problems := config.Admit(parse(t, small), test.of)
			if after != nil {
				t.Error("there is a tree")
			}
			if diff := cmp.Diff(test.want, told(problems)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// told gives problems without their places.
func told(problems []config.Problem) (all []string) {
	for _, p := range problems {
		all = append(all, string(p.Code)+" "+p.What+"; "+p.Fix)
	}
	return all
}

func TestARuleThatListsEverythingStaysAsItIs(t *testing.T) {
	after, problems := config.Admit(parse(t, small), config.Admission{
		Server: "apps", Scope: config.ScopeSpec{Name: "billing.read.usage", Kind: "customer-read"}, Policy: "rest", Rules: []string{"all"},
	})
	if config.Refused(problems) {
		t.Fatal(told(problems))
	}
	if text := string(after.Files()["tree.yaml"]); !strings.Contains(text, `- {name: all, scopes: ["*"]}`) {
		t.Error(text)
	}
}

func TestAScopeIsRetiredInItsPlace(t *testing.T) {
	until := time.Date(2027, 3, 31, 0, 0, 0, 0, time.UTC)
	tree, problems := config.Admit(parse(t, small), config.Admission{Server: "apps", Scope: config.ScopeSpec{Name: "billing.read.usage", Kind: "customer-read"}})
	if config.Refused(problems) {
		t.Fatal(told(problems))
	}
	after, problems := config.Retire(tree, config.Retirement{Scope: "billing.read.bill", Until: until, Instead: "billing.read.usage"})
	if config.Refused(problems) {
		t.Fatal(told(problems))
	}
	const want = "{name: billing.read.bill, kind: customer-read, maturity: deprecated, until: \"2027-03-31\", instead: billing.read.usage} # since 2024\n"
	if text := string(after.Files()["tree.yaml"]); !strings.Contains(text, want) {
		t.Error(text)
	}
	if problems := config.Check(after, builtin); len(problems) > 0 {
		t.Error(config.Render(problems, after.Files()))
	}
	for _, test := range []struct {
		of   config.Retirement
		want string
	}{
		{config.Retirement{Scope: "billing.read.bil"}, `SP-1105 no authorization server has the scope "billing.read.bil"; did you mean "billing.read.bill"?`},
		{config.Retirement{Scope: "billing.read.bill", Server: "ap"}, `SP-1105 there is no authorization server "ap"; only apps is known`},
		{config.Retirement{Scope: "billing.read.bill", Instead: "billing.read.bill"}, `SP-1953 the scope "billing.read.bill" cannot stand in its own place; name another scope, or none`},
		{config.Retirement{Scope: "billing.read.bill", Instead: "billing.read.usages"}, `SP-1105 the authorization server "apps" has no scope "billing.read.usages"; did you mean "billing.read.usage"?`},
	} {
		if _, problems := config.Retire(tree, test.of); !cmp.Equal(told(problems), []string{test.want}) {
			t.Errorf("%+v: %v", test.of, told(problems))
		}
	}
}
