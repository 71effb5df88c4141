package reach_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/reach"
)

const tenant = `kind: tenant
name: harbourlight
environments: {preview: {url: "https://id.harbourlight.example", gateway: "https://api.harbourlight.example"}}
groups: [{name: residents}]
---
kind: authorization-server
name: apps
audience: https://api.harbourlight.example/apps
scopes:
  - {name: billing.read.bill, kind: customer-read}
  - {name: billing.write.payment, kind: customer-write}
  - {name: billing.write.refund, kind: customer-write}
policies:
  - name: own
    applications: [my-account]
    rules:
      - {name: pay, groups: {any: [residents]}, scopes: [billing.read.bill, billing.write.payment]}
---
kind: application
name: my-account
type: web
redirects: [https://my.harbourlight.example/callback]
assigned: {apps: [billing.read.bill, billing.write.payment]}
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
backend: {url: "https://billing.harbourlight.example"}
public: [status]
---
kind: product
name: bills
apis: [billing]
applications: [my-account]
`

const document = `openapi: 3.1.0
info: {title: Billing, version: "1"}
paths:
  /bills:
    get: {operationId: listBills, security: [{oauth: [billing.read.bill]}], responses: {"200": {description: ok}}}
  /payments:
    post: {operationId: pay, security: [{oauth: [billing.read.bill, billing.write.payment]}, {oauth: [billing.write.refund]}], responses: {"200": {description: ok}}}
  /status:
    get: {operationId: status, security: [], responses: {"200": {description: ok}}}
components: {securitySchemes: {oauth: {type: openIdConnect, openIdConnectUrl: "https://id.harbourlight.example/apps/.well-known/openid-configuration"}}}
`

// snapshot compiles a tree.
func snapshot(t testing.TB, yaml, openapi string) *config.Snapshot {
	t.Helper()
	tree, _ := config.Parse(map[string][]byte{"tree.yaml": []byte(yaml), "billing.openapi.yaml": []byte(openapi)})
	s, problems := config.Compile(tree, "preview", nil)
	if s == nil {
		t.Fatal(problems)
	}
	return s
}

func named(operations []*reach.Operation) (names []string) {
	for _, o := range operations {
		names = append(names, o.String())
	}
	return names
}

func TestAScopeOpensWhatItAloneSatisfies(t *testing.T) {
	m := reach.Of(snapshot(t, tenant, document))
	for _, test := range []struct {
		scope        access.Scope
		opens, helps []string
	}{
		{"billing.read.bill", []string{"GET /billing/bills"}, []string{"POST /billing/payments"}},
		{"billing.write.payment", nil, []string{"POST /billing/payments"}},
		{"billing.write.refund", []string{"POST /billing/payments"}, nil},
	} {
		t.Run(string(test.scope), func(t *testing.T) {
			s, known := m.Scope("apps", test.scope)
			if d := cmp.Diff(test.opens, named(s.Opens)); d != "" || !known {
				t.Errorf("opens: %s", d)
			}
			if d := cmp.Diff(test.helps, named(s.Helps)); d != "" {
				t.Errorf("helps to open: %s", d)
			}
		})
	}
	if _, known := m.Scope("apps", "openid"); known {
		t.Error("a scope of OpenID Connect's own opens something")
	}
}

func TestAnApplicationReachesWhatItCanObtainTogether(t *testing.T) {
	m := reach.Of(snapshot(t, tenant, document))
	all, err := m.Applications(reach.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[access.ApplicationID]string{}
	for _, a := range all {
		for _, r := range a.Reaches {
			for _, by := range r.By {
				got[a.Application] += fmt.Sprintf("%s by %v %v; ", r.Operation, by.Scopes, r.Products)
			}
		}
	}
	want := map[access.ApplicationID]string{
		"my-account": "GET /billing/bills by [billing.read.bill] [bills]; POST /billing/payments by [billing.read.bill billing.write.payment] [bills]; ",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
