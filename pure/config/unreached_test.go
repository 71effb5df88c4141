package config_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// unreachedTree has one server with the given policies.
func unreachedTree(t interface{ Fatal(...any) }, policies string) *config.LiveServer {
	text := `kind: tenant
name: t
environments: {e: {url: "https://id.example"}}
groups: [{name: g}, {name: h}]
---
kind: authorization-server
name: s
audience: https://api.example
scopes:
  - {name: a.read.x, kind: customer-read, default: true}
  - {name: a.write.x, kind: customer-write}
  - {name: m.read.x, kind: system-read, default: true}
  - {name: m.write.x, kind: system-write}
policies:
` + policies + `
---
kind: application
name: one
type: web
redirects: [https://one.example/back]
grants: [authorization_code, client_credentials]
assigned: {s: [a.read.x, a.write.x, m.read.x, m.write.x]}
---
kind: application
name: two
type: machine
assigned: {s: [m.read.x]}
`
	tree, problems := config.Parse(map[string][]byte{"tree.yaml": []byte(text)})
	if config.Refused(problems) {
		t.Fatal(problems)
	}
	s, problems := config.Compile(tree, "e", nil)
	if s == nil {
		t.Fatal(problems, text)
	}
	return s.Servers["s"]
}

func TestRulesThatNobodyComesToAreTold(t *testing.T) {
	const open = `{name: open, grants: [authorization_code, client_credentials], scopes: ["*"]}`
	for name, test := range map[string]struct {
		policies string
		want     map[config.RulePlace]string
	}{
		"behind one that takes everything": {
			`  - {name: p, applications: ["*"], rules: [` + open + `, {name: later, grants: [client_credentials], scopes: [m.read.x]}]}`,
			map[config.RulePlace]string{{Policy: 0, Rule: 1}: `the rule "open"`},
		},
		"behind a policy for everybody": {
			`  - {name: p, applications: ["*"], rules: [` + open + "]}\n" + `  - {name: q, applications: [one], rules: [` + open + `]}`,
			map[config.RulePlace]string{{Policy: 1, Rule: 0}: `the policy "p"`},
		},
		"behind policies that name all of its applications": {
			`  - {name: p, applications: [one, two], rules: [` + open + "]}\n" + `  - {name: q, applications: [one], rules: [` + open + `]}`,
			map[config.RulePlace]string{{Policy: 1, Rule: 0}: "all of its applications"},
		},
		"not a deny behind an allow with a network, for whom it does not know": {
			`  - {name: p, applications: ["*"], rules: [{name: near, networks: [10.0.0.0/8], grants: [client_credentials], scopes: ["*"]}, {name: far, effect: deny, networks: [10.1.0.0/16], grants: [client_credentials], scopes: ["*"]}]}`,
			nil,
		},
		"not an allow behind a deny of its scopes, for it still lets customers sign in": {
			`  - {name: p, applications: ["*"], rules: [{name: no, effect: deny, grants: [authorization_code], scopes: [a.read.x]}, {name: yes, grants: [authorization_code], scopes: [a.read.x]}]}`,
			nil,
		},
	} {
		got := unreachedTree(t, test.policies).Unreached()
		for place, want := range test.want {
			if !strings.Contains(got[place], want) {
				t.Errorf("%s: of %v it says %q", name, place, got[place])
			}
		}
		if len(got) != len(test.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// What is called unreached decides nothing, whatever is asked.
func TestAnUnreachedRuleNeverDecides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := func(what string, of ...string) string { return rapid.SampledFrom(of).Draw(t, what) }
		var text strings.Builder
		for p := range rapid.IntRange(1, 3).Draw(t, "policies") {
			fmt.Fprintf(&text, "  - name: p%d\n    applications: %s\n    rules:\n", p, one("for", `["*"]`, "[one]", "[two]", "[one, two]"))
			for r := range rapid.IntRange(1, 4).Draw(t, "rules") {
				effect := one("effect", "allow", "allow", "deny")
				fmt.Fprintf(&text, "      - {name: r%d, effect: %s, grants: %s, scopes: %s%s%s%s}\n", r, effect,
					one("grants", "[authorization_code]", "[client_credentials]", "[authorization_code, client_credentials]"),
					one("scopes", `["*"]`, "[a.read.x]", "[a.read.x, a.write.x]", "[m.read.x]", "[a.read.x, m.read.x, m.write.x]"),
					one("groups", "", "", ", groups: {any: [g]}", ", groups: {any: [g, h]}", ", groups: {none: [g]}"),
					one("networks", "", "", ", networks: [10.0.0.0/8]", ", networks: [10.1.0.0/16]"),
					map[bool]string{true: one("assurance", "", "", ", assurance: two-factor")}[effect == "allow"])
			}
		}
		s := unreachedTree(t, text.String())
		unreached := map[[2]string]bool{}
		for place := range s.Unreached() {
			p := s.Policies[place.Policy]
			unreached[[2]string{p.Name, p.Rules[place.Rule].Name}] = true
		}
		for _, r := range everyRequest() {
			if d := access.Decide(s.Access, r); unreached[[2]string{string(d.Policy), string(d.Rule)}] && d.Rule != "" {
				t.Fatalf("%+v is decided by %s/%s, which is called unreached:\n%s", r, d.Policy, d.Rule, text.String())
			}
		}
	})
}

func everyRequest() []access.Request {
	var all []access.Request
	for _, application := range []access.ApplicationID{"one", "two"} {
		for _, address := range []netip.Addr{{}, netip.MustParseAddr("10.1.0.1"), netip.MustParseAddr("10.2.0.1"), netip.MustParseAddr("192.0.2.1")} {
			base := access.Request{Application: application, Address: address, At: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}
			for _, scopes := range [][]access.Scope{nil, {"openid"}, {"a.read.x"}, {"a.write.x"}, {"a.read.x", "a.write.x"}} {
				for _, groups := range [][]access.Group{nil, {"g"}, {"h"}, {"g", "h"}} {
					for _, level := range []access.Assurance{access.OneFactor, access.TwoFactor} {
						r := base
						r.Grant, r.Subject, r.Scopes, r.Assurance = access.AuthorizationCode, &access.Subject{Groups: groups}, scopes, level
						all = append(all, r)
					}
				}
			}
			for _, scopes := range [][]access.Scope{nil, {"m.read.x"}, {"m.write.x"}, {"m.read.x", "m.write.x"}} {
				r := base
				r.Grant, r.Scopes = access.ClientCredentials, scopes
				all = append(all, r)
			}
		}
	}
	return all
}
