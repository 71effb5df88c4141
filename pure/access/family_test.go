package access_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
)

// household has bill.write.all over bill.write.payment and bill.read.all, and that
// over bill.read.invoice; meter.read.usage is no relation.
func household(change func(*access.Spec), list ...access.RuleSpec) access.Spec {
	return utility(func(s *access.Spec) {
		parents := map[access.Scope]access.Scope{"bill.write.payment": "bill.write.all", "bill.read.invoice": "bill.read.all"}
		for i := range s.Scopes {
			s.Scopes[i].Default = false
			s.Scopes[i].Parent = parents[s.Scopes[i].Name]
		}
		s.Scopes = append(s.Scopes,
			access.ScopeSpec{Name: "bill.write.all", Kind: access.CustomerWrite},
			access.ScopeSpec{Name: "bill.read.all", Kind: access.CustomerRead, Parent: "bill.write.all"})
		s.Applications[0].Scopes = append(s.Applications[0].Scopes, "bill.write.all")
		if change != nil {
			change(s)
		}
	}, list...)
}

func TestWhatIsSaidOfAScopeIsSaidOfItsFamily(t *testing.T) {
	tree := scopes{"bill.write.all", "bill.read.all", "bill.read.invoice", "bill.write.payment", "meter.read.usage"}
	for _, row := range []struct {
		sentence string
		spec     access.Spec
		want     scopes
	}{
		{"an allow rule covers the descendants", household(nil, allow("r", "bill.read.all")), scopes{"bill.read.all", "bill.read.invoice"}},
		{"but no ancestor", household(nil, allow("r", "bill.read.invoice")), scopes{"bill.read.invoice"}},
		{"a deny rule fires for ancestors and descendants, not for siblings", household(nil, deny("no", "bill.read.all"), allowAll("all")), scopes{"bill.write.payment", "meter.read.usage"}},
		{"an assignment covers the descendants", household(assign("bill.read.all"), allowAll("all")), scopes{"bill.read.all", "bill.read.invoice"}},
		{
			"an entitlement covers the descendants",
			household(entitle(map[access.Group][]access.Scope{"landlords": {"bill.write.all"}}), allowAll("all")), tree[:4],
		},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			m := compile(t, row.spec)
			var got scopes
			for _, s := range tree {
				if d := access.Decide(m, member("landlords", s)); d.Allowed {
					if got = append(got, s); !cmp.Equal(d.Granted, []access.Scope{s}) {
						t.Errorf("a token for %s has %v", s, d.Granted)
					}
				}
			}
			if !cmp.Equal(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func TestAFamilyIsTold(t *testing.T) {
	m := compile(t, household(nil, allowAll("all")))
	if got := m.Ancestors("bill.read.invoice"); !slices.Equal(got, scopes{"bill.read.all", "bill.write.all"}) {
		t.Errorf("got %v", got)
	}
	if got := m.Descendants("bill.write.all"); !slices.Equal(got, scopes{"bill.read.all", "bill.read.invoice", "bill.write.payment"}) {
		t.Errorf("got %v", got)
	}
	if m.Ancestors("bill.write.all") != nil || m.Descendants("meter.read.usage") != nil || m.Ancestors("no") != nil || m.Descendants("openid") != nil {
		t.Error("a scope without a family has one")
	}
}

func TestAFamilyThatWouldMeanTooMuchIsRefused(t *testing.T) {
	parents := func(of map[access.Scope]access.Scope) access.Spec {
		return utility(func(s *access.Spec) {
			for i := range s.Scopes {
				s.Scopes[i].Parent = of[s.Scopes[i].Name]
			}
		}, allowAll("all"))
	}
	for _, row := range []struct {
		sentence string
		of       map[access.Scope]access.Scope
		want     []string
	}{
		{"an unknown parent", map[access.Scope]access.Scope{"bill.read.invoice": "bill.read.no"}, []string{"scope bill.read.no is not declared"}},
		{"OpenID Connect's own", map[access.Scope]access.Scope{"bill.read.invoice": "openid"}, []string{"scope openid is not declared"}},
		{"writing below reading", map[access.Scope]access.Scope{"bill.write.payment": "bill.read.invoice"}, []string{"scope bill.write.payment writes, and its parent bill.read.invoice only reads"}},
		{"the system's below a customer's", map[access.Scope]access.Scope{"meter.write.sync": "bill.write.payment"}, []string{"scope meter.write.sync is system-write, and its parent bill.write.payment is customer-write"}},
		{"itself", map[access.Scope]access.Scope{"bill.read.invoice": "bill.read.invoice"}, []string{"scopes are each other's parents: bill.read.invoice → bill.read.invoice"}},
		{
			"a circle, once",
			map[access.Scope]access.Scope{"bill.read.invoice": "meter.read.usage", "meter.read.usage": "bill.read.invoice"},
			[]string{"scopes are each other's parents: bill.read.invoice → meter.read.usage → bill.read.invoice"},
		},
	} {
		m, problems := access.Compile(parents(row.of))
		var got []string
		for _, p := range problems {
			if !p.Warning {
				if got = append(got, p.What); !strings.HasPrefix(p.Path, "scopes[") || !strings.HasSuffix(p.Path, "].parent") {
					t.Errorf("%s: told at %s", row.sentence, p.Path)
				}
			}
		}
		if m != nil || !slices.Equal(got, row.want) {
			t.Errorf("%s: got %q", row.sentence, got)
		}
	}
}
