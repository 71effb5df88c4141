package config_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/config"
)

// edits of the demo's tree that touch different places: file, old, new.
var edits = []struct{ name, file, old, new string }{
	{"a lifetime", "servers.yaml", "lifetimes: {access: 5m}", "lifetimes: {access: 4m}"},
	{"how excess is treated", "servers.yaml", "excess: narrow", "excess: refuse"},
	{"a title", "sallyport.yaml", "title: Harbourlight Energy", "title: Harbourlight"},
	{"an application's title", "applications.yaml", "name: payright", "name: payright\nnotes: audited each May"},
	{"a document", "apis/billing.openapi.yaml", "Prices", "Prices of today"},
}

func edited(t testing.TB, files map[string][]byte, which ...int) map[string][]byte {
	t.Helper()
	after := maps.Clone(files)
	for _, i := range which {
		e := edits[i]
		text := strings.Replace(string(after[e.file]), e.old, e.new, 1)
		if text == string(after[e.file]) {
			t.Fatalf("%s: %s has no %q", e.name, e.file, e.old)
		}
		after[e.file] = []byte(text)
	}
	return after
}

func merged(t testing.TB, base, mine, theirs map[string][]byte) *config.Tree {
	t.Helper()
	tree, conflicts := config.Merge(parse(t, base), parse(t, mine), parse(t, theirs))
	if len(conflicts) > 0 {
		t.Fatalf("conflicts: %v", conflicts)
	}
	return tree
}

func TestMergeOfEditsInDifferentPlacesHasBoth(t *testing.T) {
	_, files := harbourlight(t)
	for i := range edits {
		for j := range edits {
			if i == j {
				continue
			}
			got := merged(t, files, edited(t, files, i), edited(t, files, j))
			if want := parse(t, edited(t, files, i, j)); got.Digest() != want.Digest() {
				t.Errorf("%s and %s: %v", edits[i].name, edits[j].name, config.Diff(want, got))
			}
		}
	}
}

// Undoing one of several edits leaves the others, whichever came first.
func TestMergeTakesOneEditBack(t *testing.T) {
	_, files := harbourlight(t)
	rapid.Check(t, func(r *rapid.T) {
		order := rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(r, "order")
		n := rapid.IntRange(1, len(order)).Draw(r, "edits")
		undone := order[0]
		got := merged(t, edited(t, files, undone), edited(t, files, order[:n]...), files)
		if want := parse(t, edited(t, files, order[1:n]...)); got.Digest() != want.Digest() {
			r.Errorf("%v", config.Diff(want, got))
		}
	})
}

const mergeTree = `kind: tenant
name: acme
environments:
  preview: {url: "https://id.acme.example"}
groups: [{name: members}, {name: staff}]
---
# The customers' server.
kind: authorization-server
name: apps
audience: https://api.acme.example
scopes:
  - {name: billing.read.bill, kind: customer-read}
policies:
  - name: first # the one that counts
    applications: [web]
    rules: [{name: a, groups: {any: [members]}, scopes: [billing.read.bill]}]
  - name: last
    applications: [web]
    rules: [{name: b, scopes: []}]
---
kind: application
name: web
type: web
redirects: [https://my.acme.example/cb]
assigned: {apps: [billing.read.bill]}
`

func TestMergeWithinAnObject(t *testing.T) {
	with := func(pairs ...string) map[string][]byte {
		return map[string][]byte{"tree.yaml": []byte(strings.NewReplacer(pairs...).Replace(mergeTree))}
	}
	const (
		between = "  - name: last\n"
		another = "  - name: middle\n    applications: [web]\n    rules: [{name: m, scopes: [billing.read.bill]}]\n"
	)
	for _, test := range []struct {
		name         string
		mine, theirs map[string][]byte
		want         map[string][]byte // nil: a conflict
		conflicts    []string
	}{
		{
			"two policies", with("groups: {any: [members]}", "groups: {any: [staff]}"), with("scopes: []", "scopes: [billing.read.bill]"),
			with("groups: {any: [members]}", "groups: {any: [staff]}", "scopes: []", "scopes: [billing.read.bill]"), nil,
		},
		{
			"a policy between two, and one that changed", with(between, another+between), with("any: [members]", "any: [staff]"),
			with(between, another+between, "any: [members]", "any: [staff]"), nil,
		},
		{
			"a policy in the same place, from the other side", with("any: [members]", "any: [staff]"), with(between, another+between),
			with(between, another+between, "any: [members]", "any: [staff]"), nil,
		},
		{"the same edit", with("name: b", "name: c"), with("name: b", "name: c"), with("name: b", "name: c"), nil},
		{"items of one set", with("any: [members]", "any: [members, staff]"), with("any: [members]", "any: [staff]"), with("any: [members]", "any: [staff]"), nil},
		{
			"one value in two ways", with("audience: https://api", "audience: https://one"), with("audience: https://api", "audience: https://two"),
			nil,
			[]string{"authorization-server apps, audience"},
		},
		{
			"a rule in two ways", with("scopes: []", "scopes: [billing.read.bill]"), with("name: b, scopes: []", "name: b, effect: deny, scopes: []"),
			with("name: b, scopes: []", "name: b, effect: deny, scopes: [billing.read.bill]"), nil,
		},
		{
			"a policy that went and changed", with(mergeTree[strings.Index(mergeTree, between):strings.Index(mergeTree, "---\nkind: application")], ""),
			with("name: b", "name: c"), nil,
			[]string{"authorization-server apps, policies[last]"},
		},
		{
			"an object that went and changed",
			map[string][]byte{"tree.yaml": []byte(mergeTree[:strings.Index(mergeTree, "---\nkind: application")])},
			with("type: web", "type: native"), nil,
			[]string{"application web"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			tree, conflicts := config.Merge(parse(t, with()), parse(t, test.mine), parse(t, test.theirs))
			var told []string
			for _, c := range conflicts {
				told = append(told, c.String())
			}
			if diff := cmp.Diff(test.conflicts, told); diff != "" {
				t.Fatal(diff)
			}
			if test.want == nil {
				if tree != nil {
					t.Error("there is a tree besides the conflict")
				}
				return
			}
			if want := parse(t, test.want); tree.Digest() != want.Digest() {
				t.Errorf("%v", config.Diff(want, tree))
			}
			if text := string(tree.Files()["tree.yaml"]); !strings.Contains(text, "# The customers' server.") || !strings.Contains(text, "# the one that counts") {
				t.Errorf("comments are lost:\n%s", text)
			}
		})
	}
}

func TestMergeOfTwoOrdersIsAConflict(t *testing.T) {
	policies := []string{"a", "b", "c"}
	ordered := func(order ...string) map[string][]byte {
		text := mergeTree[:strings.Index(mergeTree, "  - name: first")]
		for _, name := range order {
			text += fmt.Sprintf("  - {name: %s, applications: [web], rules: [{name: r, scopes: []}]}\n", name)
		}
		return map[string][]byte{"tree.yaml": []byte(text)}
	}
	base := ordered(policies...)
	tree, conflicts := config.Merge(parse(t, base), parse(t, ordered("b", "a", "c")), parse(t, ordered("a", "c", "b")))
	if tree != nil || len(conflicts) != 1 || conflicts[0].Path != "policies order" {
		t.Errorf("conflicts %v", conflicts)
	}
	if got := merged(t, base, ordered("b", "a", "c"), ordered("a", "b", "c", "d")); !slices.Equal(policyNames(got), []string{"b", "a", "c", "d"}) {
		t.Errorf("policies are %v", policyNames(got))
	}
	if got := merged(t, base, ordered("a", "x", "b", "c"), ordered("c", "a", "b")); !slices.Equal(policyNames(got), []string{"c", "a", "x", "b"}) {
		t.Errorf("policies are %v", policyNames(got))
	}
}

func policyNames(t *config.Tree) (names []string) {
	for line := range strings.Lines(string(t.Files()["tree.yaml"])) {
		if _, name, found := strings.Cut(line, "- {name: "); found && strings.Contains(line, "rules:") {
			name, _, _ = strings.Cut(name, ",")
			names = append(names, name)
		}
	}
	return names
}

// Two files of one document: what only one side wants changed must not change for
// the other object.
func TestMergeNoticesThatAnAssetIsShared(t *testing.T) {
	_, files := harbourlight(t)
	theirs := edited(t, files, 4)
	mine := edit(t, files, "apis/billing.yaml", "name: billing", "name: billing2")
	_, conflicts := config.Merge(parse(t, files), parse(t, mine), parse(t, theirs))
	if len(conflicts) == 0 {
		t.Error("an object that is gone here was changed there")
	}
}
