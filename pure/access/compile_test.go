package access_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
)

// TestCompileRefuses wants exactly one problem for each mistake.
func TestCompileRefuses(t *testing.T) {
	rule := func(change func(*access.RuleSpec)) func(*access.Spec) {
		return func(s *access.Spec) { change(&s.Policies[0].Rules[0]) }
	}
	for _, row := range []struct {
		mistake string
		change  func(*access.Spec)
		path    string
		warning bool
	}{
		{"a server without a name", func(s *access.Spec) { s.Server = "" }, "server", false},
		{"a scope declared twice", func(s *access.Spec) { s.Scopes = append(s.Scopes, s.Scopes[0]) }, "scopes[4]", false},
		{"a scope without a kind", func(s *access.Spec) { s.Scopes[1].Kind = 0 }, "scopes[1].kind", false},
		{"a scope with a space", func(s *access.Spec) {
			s.Scopes = append(s.Scopes, access.ScopeSpec{Name: "a b", Kind: access.CustomerRead})
		}, "scopes[4]", false},
		{"a scope named for another verb", func(s *access.Spec) { s.Scopes[1].Kind = access.CustomerRead }, "scopes[1]", true},
		{"openid as a customer's scope", func(s *access.Spec) {
			s.Scopes = append(s.Scopes, access.ScopeSpec{Name: "openid", Kind: access.CustomerRead})
		}, "scopes[4]", false},
		{"an invented scope of OpenID Connect", func(s *access.Spec) {
			s.Scopes = append(s.Scopes, access.ScopeSpec{Name: "close", Kind: access.OIDC})
		}, "scopes[4].kind", false},
		{"an OIDC default", func(s *access.Spec) {
			s.Scopes = append(s.Scopes, access.ScopeSpec{Name: "openid", Kind: access.OIDC, Default: true})
		}, "scopes[4].default", false},
		{"an application declared twice", func(s *access.Spec) { s.Applications = append(s.Applications, s.Applications[0]) }, "applications[2]", false},
		{"an application with an unknown scope", func(s *access.Spec) { s.Applications[1].Scopes = scopes{"no"} }, "applications[1].scopes[0]", false},
		{"an application with an unknown grant", func(s *access.Spec) { s.Applications[1].Grants = append(s.Applications[1].Grants, "magic") }, "applications[1].grants[2]", false},
		{"an application whose grants cannot reach its scopes", func(s *access.Spec) { s.Applications[1].Grants = []access.GrantType{code} }, "applications[1].scopes", true},
		{"an entitlement to a system scope", entitle(map[access.Group][]access.Scope{"g": {"meter.write.sync"}}), "entitlements[g]", false},
		{"an entitlement to an unknown scope", entitle(map[access.Group][]access.Scope{"g": {"no"}}), "entitlements[g][0]", false},
		{"a policy declared twice", then(access.PolicySpec{Name: "main", All: true}), "policies[1]", false},
		{"a policy for nobody", then(access.PolicySpec{Name: "x"}), "policies[1].applications", false},
		{"a policy for some and all", func(s *access.Spec) { s.Policies[0].All = true }, "policies[0].applications", false},
		{"a policy for an unknown application", then(access.PolicySpec{Name: "x", Applications: []access.ApplicationID{"no"}}), "policies[1].applications[0]", false},
		{"two rules of one name", func(s *access.Spec) { s.Policies[0].Rules = append(s.Policies[0].Rules, s.Policies[0].Rules[0]) }, "policies[0].rules[1]", false},
		{"a rule without an effect", rule(func(r *access.RuleSpec) { r.Effect = 0 }), "policies[0].rules[0].effect", false},
		{"a rule without scopes", rule(func(r *access.RuleSpec) { r.AllScopes = false }), "policies[0].rules[0].scopes", false},
		{"a rule with scopes and *", rule(func(r *access.RuleSpec) { r.Scopes = scopes{"bill.read.invoice"} }), "policies[0].rules[0].scopes", false},
		{"a rule with an unknown scope", rule(func(r *access.RuleSpec) { r.AllScopes, r.Scopes = false, scopes{"no"} }), "policies[0].rules[0].scopes[0]", false},
		{"a rule with an OIDC scope", rule(func(r *access.RuleSpec) { r.AllScopes, r.Scopes = false, scopes{"openid"} }), "policies[0].rules[0].scopes[0]", false},
		{"an empty any-of list", rule(func(r *access.RuleSpec) { r.AnyOf = groups{} }), "policies[0].rules[0].groups.anyOf", false},
		{"an empty list of grants", rule(func(r *access.RuleSpec) { r.Grants = []access.GrantType{} }), "policies[0].rules[0].grants", false},
		{"a rule for refresh", rule(func(r *access.RuleSpec) { r.Grants = []access.GrantType{access.RefreshToken} }), "policies[0].rules[0].grants[0]", false},
		{"an empty list of networks", rule(func(r *access.RuleSpec) { r.Networks = []netip.Prefix{} }), "policies[0].rules[0].networks", false},
		{"a network that cuts through the mapped addresses", rule(func(r *access.RuleSpec) {
			r.Networks = []netip.Prefix{netip.PrefixFrom(netip.MustParseAddr("::ffff:0.0.0.0"), 90)}
		}), "policies[0].rules[0].networks[0]", false},
		{"a window without a zone", rule(func(r *access.RuleSpec) { r.Windows = []access.Window{{To: time.Hour}} }), "policies[0].rules[0].windows[0].zone", false},
		{"a window without a span", rule(func(r *access.RuleSpec) {
			r.Windows = []access.Window{{From: time.Hour, To: time.Hour, Zone: time.UTC}}
		}), "policies[0].rules[0].windows[0]", false},
		{"a deny rule with an assurance", rule(func(r *access.RuleSpec) { r.Effect, r.Assurance = access.Deny, access.TwoFactor }), "policies[0].rules[0].assurance", false},
		{"a deny rule with lifetimes", rule(func(r *access.RuleSpec) { r.Effect, r.Lifetimes.Access = access.Deny, time.Hour }), "policies[0].rules[0].lifetimes", false},
		{"an access token for two days", rule(func(r *access.RuleSpec) { r.Lifetimes.Access = 48 * time.Hour }), "policies[0].rules[0].lifetimes.access", false},
		{"a negative lifetime", rule(func(r *access.RuleSpec) { r.Lifetimes.Idle = -1 }), "policies[0].rules[0].lifetimes", false},
		{"a system scope in a rule for customers", rule(func(r *access.RuleSpec) {
			r.AllScopes, r.Scopes, r.Grants = false, scopes{"meter.write.sync"}, []access.GrantType{code}
		}), "policies[0].rules[0].scopes", true},
		{"groups in a rule for machines", rule(func(r *access.RuleSpec) {
			r.AnyOf, r.Grants = groups{"g"}, []access.GrantType{machine}
		}), "policies[0].rules[0].groups.anyOf", true},
	} {
		t.Run(row.mistake, func(t *testing.T) {
			m, problems := access.Compile(utility(row.change, allowAll("all")))
			if len(problems) != 1 || problems[0].Path != row.path || problems[0].Warning != row.warning {
				t.Fatalf("got %+v, want one at %s", problems, row.path)
			}
			if (m != nil) != row.warning {
				t.Errorf("model %v with warning %v", m != nil, row.warning)
			}
			if problems[0].What == "" || problems[0].Fix == "" {
				t.Errorf("%+v does not say what and how to fix it", problems[0])
			}
		})
	}
}

func TestCompileReportsEveryMistakeAtOnce(t *testing.T) {
	s := utility(nil, allow("a", "no"), allow("b", "nor-this"))
	s.Server = ""
	if _, problems := access.Compile(s); len(problems) != 3 {
		t.Errorf("got %v", problems)
	}
}

func TestAModelDoesNotFollowChangesOfItsSpec(t *testing.T) {
	s := utility(nil, with(allowAll("l"), func(r *access.RuleSpec) { r.AnyOf = groups{"landlords"} }))
	m := compile(t, s)
	before := access.Explain(m, person("bill.read.invoice")).String()
	s.Policies[0].Rules[0].AnyOf[0] = "everybody"
	s.Scopes[0].Name = "changed"
	s.Applications[0].Scopes[0] = "changed"
	if diff := cmp.Diff(before, access.Explain(m, person("bill.read.invoice")).String()); diff != "" {
		t.Error(diff)
	}
}

func TestTooManyScopesAreRefusedUnread(t *testing.T) {
	s := utility(nil)
	s.Scopes = slices.Repeat(s.Scopes, access.MaxScopes)
	if m, problems := access.Compile(s); m != nil || len(problems) != 1 || !strings.Contains(problems[0].What, "4096") {
		t.Errorf("got %v", problems)
	}
}
