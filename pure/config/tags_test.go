package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

const taggedTree = `kind: tenant
name: t
environments: {e: {url: "https://id.example", accepts: [preview, stable]}}
governance: {token: {review: 1800}}
---
kind: authorization-server
name: s
audience: https://api.example
scope_budget: 80
scopes: [{name: a.read.x, kind: system-read, maturity: preview}]
policies:
  - {name: partners, applications: [own, "tag:tier=partner"], rules: [{name: any, scopes: ["*"]}]}
  - {name: nobody, applications: ["tag:tier=gold"], rules: [{name: any, scopes: ["*"]}]}
---
kind: application
name: own
type: machine
assigned: {s: [a.read.x]}
---
kind: application
name: sunshare
type: machine
tags: {tier: partner}
assigned: {s: [a.read.x]}
---
kind: application
name: other
type: machine
tags: {tier: supplier}
assigned: {s: [a.read.x]}
---
kind: application
name: elsewhere
type: machine
tags: {tier: partner}
`

func TestAPolicyByTagIsForWhoWearsItAndIsAssigned(t *testing.T) {
	tree, problems := config.Parse(map[string][]byte{"t.yaml": []byte(taggedTree)})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	snapshot, problems := config.Compile(tree, "e", nil)
	if snapshot == nil {
		t.Fatal(problems)
	}
	s := snapshot.Servers["s"]
	if diff := cmp.Diff([]string{"own", "sunshare"}, s.Policies[0].Applications); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string][]string{"partners": {"tag:tier=partner"}, "nobody": {"tag:tier=gold"}}, s.Tagged); diff != "" {
		t.Error(diff)
	}
	if len(problems) != 1 || problems[0].Code != config.TagUnworn {
		t.Errorf("a tag that nobody wears gives %v", problems)
	}
	x, err := access.Prove(s.Access, access.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[access.ApplicationID]access.Obtainable{"own": access.Always, "sunshare": access.Always, "other": access.Never, "": access.Never} {
		if cell, _ := x.Cell(id, "a.read.x"); cell.Obtainable != want {
			t.Errorf("%q gets the scope %s; want %s", id, cell.Obtainable, want)
		}
	}
}

func TestBoundsThatAreLeftOutFollowThoseThatAreSaid(t *testing.T) {
	tree, _ := config.Parse(map[string][]byte{"t.yaml": []byte(taggedTree)})
	s := compile(t, tree, "e")
	want := config.Governance{Scopes: 70, Token: config.TokenSizes{Target: 1536, Warn: 1800, Review: 1800, Refuse: 6144}}
	if diff := cmp.Diff(want, s.Tenant.Governance); diff != "" {
		t.Error(diff)
	}
	if s.Servers["s"].Budget != 80 {
		t.Errorf("the server's own budget is %d", s.Servers["s"].Budget)
	}
	if !s.Accepts("preview") || !s.Accepts("") || s.Accepts("deprecated") {
		t.Error("the environment takes other maturities than it says")
	}
}

func TestADifferenceTellsTagsMaturitiesAndBounds(t *testing.T) {
	before, _ := config.Parse(map[string][]byte{"t.yaml": []byte(taggedTree)})
	text := strings.NewReplacer("tier: supplier", "tier: partner", "maturity: preview}", "tags: {pii: \"\"}}", "review: 1800", "review: 3000").Replace(taggedTree)
	after, _ := config.Parse(map[string][]byte{"t.yaml": []byte(text)})
	var told []string
	for _, c := range config.Diff(before, after) {
		told = append(told, c.String())
	}
	want := []string{
		"~ application other: tags.tier supplier → partner",
		"~ scope s/a.read.x\n    maturity - preview\n    tags + {pii: \"\"}",
		"~ tenant t: governance.token.review 1800 → 3000",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

func TestScopesAreSuggestedInTheirForm(t *testing.T) {
	for _, c := range []struct{ text, meant string }{
		{"billing.payment.write", "billing.write.payment"},
		{"read.billing.bill", "billing.read.bill"},
		{"billing:read:bill", "billing.read.bill"},
		{"Billing.Read.Bill", "billing.read.bill"},
		{"billing_get_last_bill", ""}, // one word: nobody can tell where it ends
		{"billing/get/last/bill", "billing.read.last-bill"},
		{"billing.delete.bill", "billing.write.bill"},
		{"billing.view", ""},
		{"billing.bill.payment", ""},
		{"billing.read.bill", ""},
		{"", ""},
	} {
		if got := config.SuggestScope(c.text); got != c.meant {
			t.Errorf("%q is taken for %q; want %q", c.text, got, c.meant)
		}
	}
}

func FuzzSuggestedScopesHaveTheForm(f *testing.F) {
	f.Add("billing.payment.write")
	f.Add("a b c read")
	f.Fuzz(func(t *testing.T, text string) {
		if meant := config.SuggestScope(text); meant != "" && (len(strings.Split(meant, ".")) != 3 || config.SuggestScope(meant) != "") {
			t.Errorf("%q is taken for %q, which is no name", text, meant)
		}
	})
}

func FuzzTagsAreReadAsTheyAreWritten(f *testing.F) {
	f.Add("tag:tier=partner")
	f.Add("pii")
	f.Add("tag:a=")
	f.Fuzz(func(t *testing.T, text string) {
		tag, ok := config.ParseTag(text)
		if !ok {
			return
		}
		if again, ok := config.ParseTag(tag.String()); !ok || again != tag {
			t.Errorf("%q is %v, which reads as %v", text, tag, again)
		}
		if !tag.Worn(map[string]string{tag.Key: tag.Value}) || tag.Worn(nil) {
			t.Errorf("%q is worn by the wrong ones", text)
		}
	})
}
