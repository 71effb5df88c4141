package review_test

import (
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/pure/review"
)

const tree = `kind: tenant
name: harbourlight
environments: {preview: {url: "https://id.harbourlight.example", gateway: "https://api.harbourlight.example"}}
groups: [{name: residents}, {name: landlords}]
---
kind: authorization-server
name: apps
audience: https://api.harbourlight.example/apps
scopes:
  - {name: billing.read.bill, kind: customer-read}
  - {name: billing.write.payment, kind: customer-write}
policies:
  - name: own
    applications: [my-account]
    rules:
      - {name: see, groups: {any: [landlords]}, scopes: [billing.read.bill]}
      - {name: pay, groups: {any: [residents]}, scopes: [billing.read.bill, billing.write.payment]}
---
kind: application
name: my-account
type: web
redirects: [https://my.harbourlight.example/callback]
assigned: {apps: [billing.read.bill, billing.write.payment]}
---
kind: api
name: billing
openapi: billing.openapi.yaml
servers: [apps]
path: /billing
backend: {url: "https://billing.harbourlight.example"}
`

const document = `openapi: 3.1.0
info: {title: Billing, version: "1"}
paths:
  /bills:
    get: {operationId: listBills, security: [{oauth: [billing.read.bill]}], responses: {"200": {description: ok}}}
  /payments:
    post: {operationId: pay, security: [{oauth: [billing.write.payment]}], responses: {"200": {description: ok}}}
components: {securitySchemes: {oauth: {type: openIdConnect, openIdConnectUrl: "https://id.harbourlight.example/apps/.well-known/openid-configuration"}}}
`

// edited is the tree with texts replaced, in pairs; of the document too.
func edited(t testing.TB, pairs ...string) *config.Snapshot {
	t.Helper()
	r := strings.NewReplacer(pairs...)
	parsed, _ := config.Parse(map[string][]byte{"tree.yaml": []byte(r.Replace(tree)), "billing.openapi.yaml": []byte(r.Replace(document))})
	s, problems := config.Compile(parsed, "preview", nil)
	if s == nil {
		t.Fatal(problems)
	}
	return s
}

func compare(t testing.TB, before, after *config.Snapshot) *review.Review {
	t.Helper()
	r, err := review.Compare(before, after, review.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhatWidensComesFirstWithWhatItOpens(t *testing.T) {
	r := compare(t, edited(t), edited(t, "any: [landlords]}, scopes: [billing.read.bill]", "any: [landlords]}, scopes: [billing.read.bill, billing.write.payment]"))
	if !r.Widens() || len(r.Lines) == 0 {
		t.Fatalf("review is %+v", r)
	}
	l := r.Lines[0]
	if l.Section != review.Widening || l.Application != "my-account" || len(l.Who) == 0 || len(l.Causes) != 1 {
		t.Errorf("first line is %+v", l)
	}
	opens := false
	for _, o := range l.Opens {
		opens = opens || o.String() == "POST /billing/payments"
	}
	if !opens {
		t.Errorf("it opens %v", l.Opens)
	}
}

func TestTheSameChangeHasTheSameDelta(t *testing.T) {
	wider := []string{"any: [landlords]}, scopes: [billing.read.bill]", "any: [landlords]}, scopes: [billing.read.bill, billing.write.payment]"}
	one := compare(t, edited(t), edited(t, wider...))
	before, after := edited(t), edited(t, wider...)
	before.Revision, after.Revision = 7, 8
	if compare(t, before, after).Delta() != one.Delta() {
		t.Error("the delta depends on revision numbers")
	}
	if compare(t, edited(t, wider...), edited(t)).Delta() == one.Delta() {
		t.Error("a change and its inverse have the same delta")
	}
	if r := compare(t, before, before); len(r.Lines) != 0 || r.Widens() || !r.Passed() {
		t.Errorf("nothing has a review of %+v", r)
	}
}
