package access_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sallyport/pure/access"
)

// estate is 300 applications, 200 rules, 200 scopes and 8 groups, the size that
// has to be proven within 100 ms. The policies share the rules out; each
// application is in one of them, or in each by chance where policies fall through.
func estate(policies int, fallThrough bool) access.Spec {
	random := rand.New(rand.NewPCG(1, 2))
	s := access.Spec{Server: "estate", FallThrough: fallThrough, Entitlements: map[access.Group][]access.Scope{}}
	pick := func(n int) scopes {
		var names scopes
		for _, i := range random.Perm(200)[:n] {
			names = append(names, s.Scopes[i].Name)
		}
		return names
	}
	for i := range 200 {
		kind := access.CustomerRead
		if i%5 == 0 {
			kind = access.SystemRead
		}
		s.Scopes = append(s.Scopes, access.ScopeSpec{Name: access.Scope(fmt.Sprintf("app%d.read.thing", i)), Kind: kind, Default: i%20 == 1})
	}
	group := func() groups { return groups{access.Group(fmt.Sprint("g", random.IntN(8)))} }
	for i := range 8 {
		s.Entitlements[access.Group(fmt.Sprint("g", i))] = nil
		for _, scope := range random.Perm(200)[:80] {
			if s.Scopes[scope].Kind.Customer() {
				g := access.Group(fmt.Sprint("g", i))
				s.Entitlements[g] = append(s.Entitlements[g], s.Scopes[scope].Name)
			}
		}
	}
	for i := range 300 {
		s.Applications = append(s.Applications, access.ApplicationSpec{
			ID:     access.ApplicationID(fmt.Sprint("app", i)),
			Scopes: pick(5 + random.IntN(40)), Grants: []access.GrantType{code, machine},
		})
	}
	for i := range policies {
		p := access.PolicySpec{Name: access.PolicyName(fmt.Sprint("p", i))}
		for j := range 200 / policies {
			r := access.RuleSpec{Name: access.RuleName(fmt.Sprint("r", j)), Effect: access.Allow, Scopes: pick(3 + random.IntN(40))}
			r.Lifetimes.Access = time.Duration(1+random.IntN(4)) * 5 * time.Minute
			if random.IntN(10) == 0 {
				r.Effect, r.Lifetimes = access.Deny, access.Lifetimes{}
				r.Scopes = r.Scopes[:3]
			}
			switch random.IntN(4) {
			case 0, 1:
				r.AnyOf = group()
			case 2:
				r.NoneOf = group()
			}
			p.Rules = append(p.Rules, r)
		}
		for j := range 300 {
			if (fallThrough && random.IntN(2) == 0) || (!fallThrough && j%policies == i) {
				p.Applications = append(p.Applications, s.Applications[j].ID)
			}
		}
		s.Policies = append(s.Policies, p)
	}
	return s
}

func BenchmarkProve(b *testing.B) {
	for _, shape := range []struct {
		policies    int
		fallThrough bool
	}{{1, false}, {10, false}, {40, false}, {10, true}} {
		b.Run(fmt.Sprintf("policies=%d,fallThrough=%v", shape.policies, shape.fallThrough), func(b *testing.B) {
			m := compile(b, estate(shape.policies, shape.fallThrough))
			for b.Loop() {
				if _, err := access.Prove(m, access.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	m := compile(b, estate(10, false))
	r := access.Request{Application: "app7", Grant: code, Subject: &access.Subject{Groups: groups{"g1", "g3"}}, At: noon}
	b.ReportAllocs()
	for b.Loop() {
		access.Decide(m, r)
	}
}

// BenchmarkDiff compares an estate with itself after one rule was edited, and
// after everything was.
func BenchmarkDiff(b *testing.B) {
	for _, shape := range []struct {
		policies    int
		fallThrough bool
	}{{1, false}, {10, false}, {40, false}, {10, true}} {
		before := compile(b, estate(shape.policies, shape.fallThrough))
		for _, edit := range []struct {
			name string
			make func(*access.PolicySpec)
		}{
			{"widened", func(p *access.PolicySpec) { p.Rules[2].AnyOf, p.Rules[2].NoneOf = nil, nil }},
			{"lengthened", func(p *access.PolicySpec) { p.Rules[3].Lifetimes.Access = 25 * time.Minute }},
			{"removed", func(p *access.PolicySpec) { p.Rules = slices.Delete(p.Rules, 1, 2) }},
			{"moved", func(p *access.PolicySpec) { p.Rules[0], p.Rules[3] = p.Rules[3], p.Rules[0] }},
		} {
			b.Run(fmt.Sprintf("policies=%d,fallThrough=%v,%s", shape.policies, shape.fallThrough, edit.name), func(b *testing.B) {
				spec := estate(shape.policies, shape.fallThrough)
				edit.make(&spec.Policies[len(spec.Policies)/2])
				after := compile(b, spec)
				changes := 0
				for b.Loop() {
					d, err := access.Diff(before, after, access.DiffOptions{})
					if err != nil {
						b.Fatal(err)
					}
					changes = len(d.Changes)
				}
				b.ReportMetric(float64(changes), "changes")
			})
		}
	}
}

func BenchmarkFindings(b *testing.B) {
	for _, policies := range []int{1, 10} {
		m := compile(b, estate(policies, policies == 10))
		b.Run(fmt.Sprint("policies=", policies), func(b *testing.B) {
			for b.Loop() {
				if _, err := access.Findings(m, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
