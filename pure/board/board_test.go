package board_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/board"
	"sallyport/pure/config"
	"sallyport/pure/review"
)

const tree = `kind: tenant
name: harbourlight
environments: {preview: {url: "https://id.harbourlight.example", gateway: "https://api.harbourlight.example"}}
groups: [{name: residents}]
---
kind: authorization-server
name: apps
audience: https://api.harbourlight.example/apps
scope_budget: 12
scopes:
  - {name: billing.read.bill, kind: customer-read, title: Bills, tags: {owner: billing}}
  - {name: billing.write.payment, kind: customer-write, title: Pay, tags: {owner: billing}}
  #scope
policies:
  - name: own
    applications: [my-account]
    rules:
      - {name: pay, groups: {any: [residents]}, scopes: [billing.read.bill, billing.write.payment]} #rule
  - name: shops
    applications: [kiosk]
    rules:
      - {name: look, scopes: [billing.read.bill]}
---
kind: application
name: my-account
type: web
redirects: [https://my.harbourlight.example/callback]
assigned: {apps: [billing.read.bill, billing.write.payment]} #assigned
---
kind: application
name: kiosk
type: web
redirects: [https://kiosk.harbourlight.example/callback]
assigned: {apps: [billing.read.bill]}
---
kind: api
name: billing
openapi: billing.openapi.yaml
servers: [apps]
path: /billing
data: [billing]
backend: {url: "https://billing.harbourlight.example"}
---
kind: expectations
name: agreed
server: apps
owner: Scope board
statements:
  - {must: nobody-but, applications: [my-account], scopes: [billing.write.payment], reason: money}
`

const document = `openapi: 3.1.0
info: {title: Billing, version: "1"}
paths:
  /bills:
    get: {operationId: listBills, security: [{oauth: [billing.read.bill]}], responses: {"200": {description: ok}}}
  /payments:
    post: {operationId: pay, security: [{oauth: [billing.write.payment]}], responses: {"200": {description: ok}}}
  /usage:
    get: {operationId: usage, security: [{oauth: [billing.write.payment]}], responses: {"200": {description: ok}}}
components: {securitySchemes: {oauth: {type: openIdConnect, openIdConnectUrl: "https://id.harbourlight.example/apps/.well-known/openid-configuration"}}}
`

// edited is the tree with texts in the place of others.
func edited(t testing.TB, pairs ...string) *config.Tree {
	t.Helper()
	text := tree
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the tree has no %q", pairs[i])
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	made, problems := config.Parse(map[string][]byte{"tree.yaml": []byte(text), "billing.openapi.yaml": []byte(document)})
	if config.Refused(problems) {
		t.Fatal(config.Render(problems, nil))
	}
	return made
}

func compiled(t testing.TB, tree *config.Tree) *config.Snapshot {
	t.Helper()
	s, problems := config.Compile(tree, "preview", nil)
	if s == nil {
		t.Fatal(config.Render(problems, tree.Files()))
	}
	return s
}

// of is the board of a change from one tree to another.
func of(t testing.TB, before, after *config.Tree) *board.Board {
	t.Helper()
	was, is := compiled(t, before), compiled(t, after)
	r, err := review.Compare(was, is, review.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return board.Of(was, is, r, board.Options{})
}

// admitted is the tree with a scope that was proposed.
func admitted(t testing.TB, of *config.Tree, a config.Admission) *config.Tree {
	t.Helper()
	after, problems := config.Admit(of, a)
	if after == nil {
		t.Fatal(problems)
	}
	return after
}

// words are what is told of a scope, one line each.
func words(s *board.Scope) (all []string) {
	for _, f := range s.Told() {
		doubt := ""
		if f.Doubt {
			doubt = "!"
		}
		all = append(all, doubt+f.What+": "+strings.Join(f.Lines, " | "))
	}
	return all
}

func TestABoardSeesWhatANewScopeOpensAndWhoGainsIt(t *testing.T) {
	before := edited(t)
	after := admitted(t, before, config.Admission{
		Server: "apps", Scope: config.ScopeSpec{Name: "billing.read.usage", Kind: "customer-read", Title: "Usage", Parent: "billing.write.payment", Tags: map[string]string{"owner": "billing"}},
		Applications: []string{"my-account"}, Policy: "own", Operations: []string{"billing/listBills", "billing/usage"},
	})
	b := of(t, before, after)
	if len(b.Scopes) != 1 || b.Scope("apps", "billing.read.usage") == nil {
		t.Fatalf("%+v", b)
	}
	want := []string{
		`declared: customer-read, "Usage", parent billing.write.payment | owner=billing`,
		"name: good: it is app.verb.target, as the others are",
		"opens: GET /billing/bills of billing | GET /billing/usage of billing",
		"data: billing",
		"gained by: my-account by authorization_code |   any customer in residents, from anywhere |   for example by authorization_code, a customer in residents, asking for billing.read.usage",
		"later: no application that is registered later gains it by that",
		"held with: billing.write.payment, which my-account can obtain",
		"would open: to kiosk, if granted: GET /billing/usage of billing",
		"expected: nobody but my-account may obtain billing.write.payment (Scope board, tree.yaml:51)",
	}
	if diff := cmp.Diff(want, words(&b.Scopes[0])); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	server := b.Servers[0]
	if server.Told() != "3 of 12 scopes, 2 before" || len(server.Sizes) != 1 || server.Sizes[0].Application != "my-account" || server.Sizes[0].After <= server.Sizes[0].Before {
		t.Errorf("%s: %+v", server.Told(), server)
	}
}

func TestABoardSeesWhatIsMissingAndWhatAScopeWillBeTakenFor(t *testing.T) {
	tests := []struct {
		name  string
		scope string // of the tree
		want  []string
	}{
		{"nothing but a declaration, with the name of another", "- {name: billing.read.bills, kind: customer-read}", []string{
			"!name: doubtful: it will be taken for billing.read.bill; rather billing.read.bill", "!looks like: billing.read.bill", "gained by: nobody who does not have it already",
			"!missing: no operation asks for it: name it under security: of an operation, or leave it out until there is one",
			"!missing: no rule allows it: list it in a rule that allows", "!missing: it is assigned to no application: list it in assigned: of an application",
			"!missing: it has no title: give it one: customers are asked for their consent with it", "!missing: no expectation speaks of it: write down who must never obtain it: kind: expectations",
			"!missing: it has no tag owner: give it one: every other scope of the server has it",
		}},
		{"the name of an environment", "- {name: billing.read.usage-preview, kind: customer-read, title: Usage, tags: {owner: me}}", []string{
			`!name: refused: it has the name of an environment in it, "preview"; rather billing.read.usage`,
		}},
		{"a family of its own", "- {name: meter.read.interval, kind: customer-read, title: Intervals, tags: {owner: me}}", []string{
			"!name: doubtful: no other scope of apps begins with meter: it begins a family of its own",
		}},
		{"a family with a slip of the pen", "- {name: billings.read.interval, kind: customer-read, title: Intervals, tags: {owner: me}}", []string{
			"!name: doubtful: no other scope of apps begins with billings; rather billing.read.interval",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := of(t, edited(t), edited(t, "#scope", test.scope))
			if len(b.Scopes) != 1 {
				t.Fatalf("%+v", b.Scopes)
			}
			told := words(&b.Scopes[0])
			for _, want := range test.want {
				if !strings.Contains("\n"+strings.Join(told, "\n")+"\n", "\n"+want+"\n") {
					t.Errorf("no %q in\n%s", want, strings.Join(told, "\n"))
				}
			}
		})
	}
}

func TestABoardSeesThatAnyFutureApplicationGainsAScope(t *testing.T) {
	before := edited(t, "applications: [kiosk]", `applications: ["*"]`, "scopes: [billing.read.bill]}", `scopes: ["*"]}`)
	after := edited(t, "applications: [kiosk]", `applications: ["*"]`, "scopes: [billing.read.bill]}", `scopes: ["*"]}`, "#scope", "- {name: billing.read.usage, kind: customer-read}")
	told := words(of(t, before, after).Scope("apps", "billing.read.usage"))
	if all := strings.Join(told, "\n"); !strings.Contains(all, "!gained by: ANY FUTURE APPLICATION by authorization_code") || strings.Contains(all, "later:") {
		t.Error(all)
	}
}

func TestABoardSeesWhatIsDeclaredOtherwiseGoesOrIsCalledOtherwise(t *testing.T) {
	before := edited(t, "#scope", "- {name: usage.read.interval, kind: customer-read, title: Intervals}", "[billing.read.bill, billing.write.payment]} #assigned", "[billing.read.bill, billing.write.payment, usage.read.interval]} #assigned")
	t.Run("deprecated", func(t *testing.T) {
		after, problems := config.Retire(before, config.Retirement{Scope: "billing.read.bill", Instead: "usage.read.interval"})
		if after == nil {
			t.Fatal(problems)
		}
		s := of(t, before, after).Scope("apps", "billing.read.bill")
		want := []board.Difference{{"maturity", "stable", "deprecated"}, {"instead", "", "usage.read.interval"}}
		if diff := cmp.Diff(want, s.Differs); diff != "" || s.Fate != board.Changed {
			t.Errorf("%s: %s", s.Fate, diff)
		}
		if diff := cmp.Diff(&board.Affected{Assigned: []string{"kiosk", "my-account"}, Obtained: []string{"kiosk", "my-account"}}, s.Affected); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("removed", func(t *testing.T) {
		b := of(t, before, edited(t))
		s := b.Scope("apps", "usage.read.interval")
		if s == nil || s.Fate != board.Removed || !cmp.Equal(s.Affected.Assigned, []string{"my-account"}) || len(s.Missing)+len(s.Gains) > 0 {
			t.Errorf("%+v", b)
		}
	})
	t.Run("renamed", func(t *testing.T) {
		b := of(t, before, edited(t, "#scope", "- {name: usage.read.quarter, kind: customer-read, title: Intervals}"))
		if len(b.Scopes) != 1 || b.Scopes[0].Fate != board.Renamed || b.Scopes[0].Was != "usage.read.interval" || b.Scopes[0].Affected == nil {
			t.Errorf("%+v", b.Scopes)
		}
	})
	t.Run("one of two that could be meant is neither", func(t *testing.T) {
		b := of(t, before, edited(t, "#scope", "- {name: usage.read.quarter, kind: customer-read, title: Intervals}\n  - {name: usage.read.hour, kind: customer-read, title: Intervals}"))
		if len(b.Scopes) != 3 || b.Scopes[0].Fate != board.New || b.Scopes[2].Fate != board.Removed {
			t.Errorf("%+v", b.Scopes)
		}
	})
	t.Run("nothing", func(t *testing.T) {
		if b := of(t, before, edited(t, "#scope", "- {name: usage.read.interval, kind: customer-read, title: Quarters}", "#assigned", "")); b != nil {
			t.Errorf("%+v", b)
		}
	})
}

// An environment's first revision has a board too.
func TestWithoutARevisionEveryScopeIsNew(t *testing.T) {
	after := compiled(t, edited(t))
	r, err := review.Compare(nil, after, review.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := board.Of(nil, after, r, board.Options{})
	if len(b.Scopes) != 2 || b.Scopes[0].Fate != board.New || b.Servers[0].Told() != "2 of 12 scopes, 0 before" {
		t.Errorf("%+v", b)
	}
}
