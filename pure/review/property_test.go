package review_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/reach"
	"sallyport/pure/review"
)

// wishes are edits of the tree, each by itself or with any others.
var wishes = [][2]string{
	{"any: [landlords]}, scopes: [billing.read.bill]", "any: [landlords]}, scopes: [billing.read.bill, billing.write.payment]"},
	{"{name: pay, groups: {any: [residents]}", "{name: pay, groups: {any: [residents], none: [landlords]}"},
	{"{name: pay, ", "{name: pay, assurance: two-factor, "},
	{"{name: pay, ", "{name: pay, networks: [192.0.2.0/24], "},
	{"{name: pay, ", "{name: pay, lifetimes: {access: 1h}, "},
	{"{name: see, ", "{name: see, effect: deny, "},
	{"assigned: {apps: [billing.read.bill, billing.write.payment]}", "assigned: {apps: [billing.read.bill]}"},
	{"redirects: [https://my.harbourlight.example/callback]", "redirects: [https://my.harbourlight.example/callback, https://other.example/callback]"},
	{"type: web\n", "type: web\npkce: optional\n"},
	{"{oauth: [billing.write.payment]}]", "{oauth: [billing.write.payment, billing.read.bill]}]"},
	{"{oauth: [billing.read.bill]}]", "{oauth: [billing.read.bill]}, {oauth: [billing.write.payment]}]"},
	{"- {name: billing.read.bill, kind: customer-read}", "- {name: billing.read.all, kind: customer-read}\n  - {name: billing.read.bill, parent: billing.read.all, kind: customer-read}"},
	{"policies:\n", "entitlements: {residents: [billing.read.bill]}\npolicies:\n"},
}

// some applies some of the wishes.
func some(t *rapid.T, tb testing.TB, label string) *config.Snapshot {
	tree, document := tree, document
	for i, w := range wishes {
		if rapid.Bool().Draw(t, fmt.Sprint(label, i)) {
			tree, document = strings.Replace(tree, w[0], w[1], 1), strings.Replace(document, w[0], w[1], 1)
		}
	}
	parsed, _ := config.Parse(map[string][]byte{"tree.yaml": []byte(tree), "billing.openapi.yaml": []byte(document)})
	s, problems := config.Compile(parsed, "preview", nil)
	if s == nil {
		tb.Fatalf("%v\n%s", problems, tree)
	}
	return s
}

// Whatever anybody obtains after a change and did not before is told as widening, to
// them and in their context; whatever is told so is obtained; and a change and its
// inverse widen and narrow the same redirects.
func TestNoWideningIsMissedOrInvented(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		before, after := some(rt, t, "before"), some(rt, t, "after")
		r, err := review.Compare(before, after, review.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		was, is := before.Servers["apps"].Access, after.Servers["apps"].Access
		for range 20 {
			request := access.Request{
				Application: "my-account", Grant: access.AuthorizationCode, At: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
				Scopes:    []access.Scope{rapid.SampledFrom([]access.Scope{"billing.read.bill", "billing.write.payment", "billing.read.all"}).Draw(rt, "scope")},
				Subject:   &access.Subject{Groups: rapid.SampledFrom([][]access.Group{nil, {"landlords"}, {"residents"}, {"landlords", "residents"}}).Draw(rt, "groups")},
				Assurance: rapid.SampledFrom([]access.Assurance{access.OneFactor, access.TwoFactor}).Draw(rt, "assurance"),
			}
			had, has := access.Decide(was, request).Allowed, access.Decide(is, request).Allowed
			if has && !had && !slices.ContainsFunc(r.Lines, func(l review.Line) bool { return covers(l, review.Widening, request) }) {
				rt.Fatalf("%v is obtained now, and no line says so: %v", request, told(r))
			}
			if had && !has && !slices.ContainsFunc(r.Lines, func(l review.Line) bool { return covers(l, review.Narrowing, request) }) {
				rt.Fatalf("%v is not obtained any more, and no line says so: %v", request, told(r))
			}
		}
		for _, l := range r.Lines {
			obtains := l.Kind == review.Kind(access.NewAccess.String()) || l.Kind == review.Kind(access.WiderAccess.String())
			if obtains && !l.Future && (access.Decide(was, *l.Witness).Allowed || !access.Decide(is, *l.Witness).Allowed) {
				rt.Fatalf("the witness of %q shows nothing", l.Sentence)
			}
			if l.Section == review.Widening != l.Widens && l.Section != review.Credentials {
				rt.Fatalf("%q stands in the wrong section", l.Sentence)
			}
		}
		back, err := review.Compare(after, before, review.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		if (len(r.Lines) == 0) != (len(back.Lines) == 0) || len(r.Lines) > 0 && r.Delta() == back.Delta() {
			rt.Fatalf("the inverse is %v, of %v", told(back), told(r))
		}
		opened(rt, before, after, r)
	})
}

// covers reports whether a line of access is about a request.
func covers(l review.Line, section review.Section, r access.Request) bool {
	return l.Section == section && l.Application == r.Application && slices.Contains(l.Scopes, r.Scopes[0]) &&
		slices.ContainsFunc(l.Who, func(w review.Population) bool { return w.Contains(r) })
}

// opened holds operations to it: what a token of one scope opens now and did not is
// told with whoever can get that token, and told once at least.
func opened(rt *rapid.T, before, after *config.Snapshot, r *review.Review) {
	was, is := reach.Of(before), reach.Of(after)
	matrix, err := access.Prove(after.Servers["apps"].Access, access.Options{})
	if err != nil {
		rt.Fatal(err)
	}
	for _, scope := range matrix.Scopes {
		cell, _ := matrix.Cell("my-account", scope)
		if cell.Obtainable == access.Never {
			continue
		}
		for _, o := range is.Opens("apps", scope) {
			opened := slices.ContainsFunc(was.Opens("apps", scope), func(b *reach.Operation) bool { return b.String() == o.String() })
			said := slices.ContainsFunc(r.Lines, func(l review.Line) bool {
				return l.Widens && l.Application == "my-account" && slices.ContainsFunc(l.Opens, func(p review.Opened) bool { return p.String() == o.String() })
			})
			if !opened && !said {
				rt.Fatalf("%s opens %s now, and no line says so: %v", scope, o, told(r))
			}
		}
	}
}
