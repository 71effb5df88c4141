package config_test

import (
	"fmt"
	"testing"

	"sallyport/pure/access"
	"sallyport/pure/claim"
	"sallyport/pure/config"
)

// withClaims is the Harbourlight tree with other claims of its server apps.
func withClaims(t *testing.T, claims string) *config.Tree {
	t.Helper()
	_, files := harbourlight(t)
	const groups = `  - {name: roles, groups: "*", in: [access]}`
	return parse(t, edit(t, files, "servers.yaml", groups, claims))
}

func TestClaimsAreCompiledInOrder(t *testing.T) {
	tree := withClaims(t, `
  - {name: all, groups: "*", in: [userinfo]}
  - {name: begin, groups: res, in: [userinfo]}
  - {name: star, groups: res*, in: [userinfo]}
  - {name: long, groups: {starts_with: res}, in: [userinfo]}
  - {name: one, groups: {equals: staff}, in: [userinfo]}
  - {name: part, groups: {contains: lord}, in: [userinfo], most: 99}
  - {name: tongue, expression: "customer.attributes.language == 'de' ? 'Deutsch' : 'English'", type: string, in: [access, id]}`)
	set := compile(t, tree, "preview").Servers["apps"].Told
	want := []string{
		"locale: attribute language", "all: all groups", "begin: groups that begin with res", "star: groups that begin with res",
		"long: groups that begin with res", "one: the group staff", "part: groups that contain lord",
		"tongue: the expression customer.attributes.language == 'de' ? 'Deutsch' : 'English'",
	}
	if set.Len() != len(want) {
		t.Fatalf("%d claims, want %d", set.Len(), len(want))
	}
	for i := range want {
		if got := fmt.Sprintf("%s: %s", set.At(i).Name(), set.At(i).Source()); got != want[i] {
			t.Errorf("%s, want %s", got, want[i])
		}
	}
	if got := set.At(6).Most(); got != 99 {
		t.Errorf("bound %d", got)
	}
	if got := set.At(7).Attributes(); len(got) != 1 || got[0] != "language" {
		t.Errorf("the expression reads %v", got)
	}
	if set.Bound(claim.Userinfo, nil) >= set.Bound(claim.Userinfo, []access.Scope{"profile"}) {
		t.Error("a claim for a scope takes nothing")
	}
}

// The short form means a text, as it did before there were filters: the digests of
// revisions that have it stay what they are.
func TestTheShortFormOfAFilterKeepsItsMeaning(t *testing.T) {
	short, _ := harbourlight(t)
	long := withClaims(t, `  - {name: roles, groups: {starts_with: res}, in: [access]}`)
	changes := config.Diff(short, long)
	if len(changes) != 1 || len(changes[0].Fields) != 1 {
		t.Fatal(changes)
	}
	if got := changes[0].Fields[0].String(); got != "claims[roles].groups * → {starts_with: res}" {
		t.Error(got)
	}
}

func TestCustomersAreAskedForScopesThatSaySo(t *testing.T) {
	_, files := harbourlight(t)
	tree := parse(t, edit(t, files, "servers.yaml", "{name: outage.read.status, ", "{name: outage.read.status, consent: required, "))
	asks := compile(t, tree, "preview").Servers["apps"].Asks
	if !asks["outage.read.status"] || len(asks) != 1 {
		t.Error(asks)
	}
}
