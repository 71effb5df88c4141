package review_test

import (
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/pure/review"
)

// more is a tree with a list of expectations, a migration and a brand.
const more = tree + `---
kind: expectations
name: board
owner: Scope board
reason: decided in May
statements:
  - {must: never, server: apps, application: any future application, scopes: [billing.write.payment], reason: "nobody, without a rule"}
  - {must: obtain, server: apps, application: my-account, scopes: [billing.read.bill], reason: it shows bills}
---
kind: migration
name: old
source: {format: csv}
key: id
map:
  - {from: mail, to: email}
  - {from: kind, to: group, values: {"a": residents}}
drop:
  - {field: state, equals: [closed, blocked], reason: gone}
hash: {from: password, scheme: auto}
---
kind: brand
name: house
help: https://my.harbourlight.example/help
links: [{label: Terms, url: "https://my.harbourlight.example/terms"}]
`

// moreOf is that tree with texts replaced.
func moreOf(t *testing.T, pairs ...string) *config.Snapshot {
	t.Helper()
	text := more
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) && !strings.Contains(document, pairs[i]) {
			t.Fatalf("there is no %q", pairs[i])
		}
	}
	r := strings.NewReplacer(pairs...)
	parsed, _ := config.Parse(map[string][]byte{"tree.yaml": []byte(r.Replace(text)), "billing.openapi.yaml": []byte(r.Replace(document))})
	s, problems := config.Compile(parsed, "preview", nil)
	if s == nil {
		t.Fatal(problems)
	}
	return s
}

// What loosens the ways by which widening is found is no less than widening.
func TestWhatWouldLetSomethingThroughLaterWidens(t *testing.T) {
	statement := "  - {must: never, server: apps, application: any future application, scopes: [billing.write.payment], reason: \"nobody, without a rule\"}\n"
	body := "post: {operationId: pay, requestBody: {content: {application/json: {schema: {type: object, title: A, maxProperties: 3}}}},"
	for _, test := range []struct {
		name   string
		before []string
		after  []string
		says   string
	}{
		{"an expectation that goes", nil, []string{statement, ""}, "it no longer demands: must never"},
		{"one that is weakened", nil, []string{"must: never, server: apps, application: any future application", "must: never, server: apps, application: my-account-2"}, "it no longer demands: must never"},
		{"a list of them that goes", nil, []string{more[strings.Index(more, "kind: expectations"):strings.Index(more, "kind: migration")], ""}, "expectations board was removed: it no longer demands"},
		{"a budget that is raised", nil, []string{"groups: [{name: residents}", "governance: {scopes: 200}\ngroups: [{name: residents}"}, "governance.scopes was 70, and is now 200"},
		{"a server's budget that is raised", nil, []string{"audience:", "scope_budget: 200\naudience:"}, "scope_budget was 70, and is now 200"},
		{"a token that may be longer", nil, []string{"groups: [{name: residents}", "governance: {token: {refuse: 16384}}\ngroups: [{name: residents}"}, "governance.token.refuse was 6144, and is now 16384"},
		{"passwords of another field", nil, []string{"from: password", "from: mail"}, "hash.from was password, and is now mail"},
		{"another record's name", nil, []string{"key: id", "key: mail"}, "key was id, and is now mail"},
		{"fewer that are left out", nil, []string{"equals: [closed, blocked]", "equals: [closed]"}, "drop was"},
		{"help elsewhere", nil, []string{"example/help", "example/evil"}, "help was"},
		{"an API in another's place", nil, []string{"kind: api\nname: billing\n", "kind: api\nname: billing-2\n", "https://billing.harbourlight.example", "https://evil.example"}, "api billing-2 is new: servers apps; path /billing; backend.url https://evil.example"},
		{"data that nobody speaks of any more", []string{"path: /billing\n", "path: /billing\ndata: [bills]\n"}, nil, "is no longer said to handle bills"},
		{"requests that were refused", []string{"path: /billing\n", "path: /billing\nvalidate: true\n", "post: {operationId: pay,", body}, []string{"path: /billing\n", "path: /billing\nvalidate: true\n", "post: {operationId: pay,", strings.Replace(body, "3", "300", 1)}, "which requests are let through is described otherwise: POST /payments"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := compare(t, moreOf(t, test.before...), moreOf(t, test.after...))
			for _, l := range r.Lines {
				if l.Widens && strings.Contains(l.Sentence, test.says) {
					return
				}
			}
			t.Errorf("nothing that widens says %q:\n%s", test.says, strings.Join(told(r), "\n"))
		})
	}
}

// The words of a request's description are no requests.
func TestWordsAboutRequestsLetNothingThrough(t *testing.T) {
	with := func(schema string) *config.Snapshot {
		return moreOf(t, "path: /billing\n", "path: /billing\nvalidate: true\n", "post: {operationId: pay,", "post: {operationId: pay, requestBody: {content: {application/json: {schema: "+schema+"}}},")
	}
	r := compare(t, with("{type: object, title: A, properties: {title: {type: string}}}"), with("{type: object, title: B, description: more, properties: {title: {type: string, description: a title}}}"))
	if r.Widens() {
		t.Error(told(r))
	}
	r = compare(t, with("{type: object, properties: {example: {type: string}}}"), with("{type: object, properties: {example: {}}}"))
	if !r.Widens() {
		t.Error("a property called example is taken for an example")
	}
}

// No two values read the same, so that a difference between them is told.
func TestValuesThatDifferNeverReadTheSame(t *testing.T) {
	for _, test := range [][2][]string{
		{{"equals: [closed, blocked]", "equals: [closed blocked]"}, nil},
		{{"values: {\"a\": residents}", "values: {\"a\": residents, \"b\": residents}"}, {"values: {\"a\": residents}", "values: {\"a=residents b\": residents}"}},
		{{"{label: Terms, url: \"https://my.harbourlight.example/terms\"}", "{label: \"Terms, url https://my.harbourlight.example/terms; label More\", url: \"https://x.example/\"}"}, {"{label: Terms, url: \"https://my.harbourlight.example/terms\"}", "{label: Terms, url: \"https://my.harbourlight.example/terms\"}, {label: More, url: \"https://x.example/\"}"}},
	} {
		before, after := moreOf(t, test[0]...), moreOf(t, test[1]...)
		if r := compare(t, before, after); len(r.Lines) == 0 {
			t.Errorf("nothing is told from %q to %q", test[0], test[1])
		}
	}
}

// A policy that names applications by a tag is told, though nobody wears it yet.
func TestTagsOfPoliciesAreTold(t *testing.T) {
	before, after := edited(t), edited(t, "applications: [my-account]", "applications: [my-account, \"tag:tier=partner\"]")
	r := compare(t, before, after)
	if len(r.Lines) != 1 || !strings.Contains(r.Lines[0].Sentence, "tag:tier=partner") || r.Lines[0].Section != review.Neutral {
		t.Errorf("%v", told(r))
	}
	if compare(t, after, before).Delta() == r.Delta() {
		t.Error("it and its inverse have one digest")
	}
}
