package access_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sallyport/pure/access"
)

// extent is how much an estate has of everything.
type extent struct {
	applications, rules, scopes, groups int
	policies                            int
	fallThrough                         bool
	described                           bool // rules look at three attributes with five constants each
}

// budgeted is the size that has to be proven within 100 ms.
func budgeted(policies int, fallThrough bool) extent {
	return extent{applications: 300, rules: 200, scopes: 200, groups: 8, policies: policies, fallThrough: fallThrough}
}

// large is the size that has to be proven within 5 s.
func large(policies int, fallThrough bool) extent {
	return extent{applications: 1000, rules: 500, scopes: 500, groups: 10, policies: policies, fallThrough: fallThrough}
}

func (e extent) String() string {
	text := fmt.Sprintf("%dx%dx%dx%d,policies=%d", e.applications, e.rules, e.scopes, e.groups, e.policies)
	if e.fallThrough {
		text += ",fallThrough"
	}
	if e.described {
		text += ",described"
	}
	return text
}

// estate is a server of some extent. The policies share the rules out; each
// application is in one of them, or in each by chance where policies fall through.
func estate(e extent) access.Spec {
	random := rand.New(rand.NewPCG(1, 2))
	s := access.Spec{Server: "estate", FallThrough: e.fallThrough, Entitlements: map[access.Group][]access.Scope{}}
	pick := func(n int) scopes {
		var names scopes
		for _, i := range random.Perm(e.scopes)[:n] {
			names = append(names, s.Scopes[i].Name)
		}
		return names
	}
	for i := range e.scopes {
		kind := access.CustomerRead
		if i%5 == 0 {
			kind = access.SystemRead
		}
		s.Scopes = append(s.Scopes, access.ScopeSpec{Name: access.Scope(fmt.Sprintf("app%d.read.thing", i)), Kind: kind, Default: i%20 == 1})
	}
	group := func() groups { return groups{access.Group(fmt.Sprint("g", random.IntN(e.groups)))} }
	for i := range e.groups {
		g := access.Group(fmt.Sprint("g", i))
		s.Entitlements[g] = nil
		for _, scope := range random.Perm(e.scopes)[:e.scopes*2/5] {
			if s.Scopes[scope].Kind.Customer() {
				s.Entitlements[g] = append(s.Entitlements[g], s.Scopes[scope].Name)
			}
		}
	}
	for i := range e.applications {
		s.Applications = append(s.Applications, access.ApplicationSpec{
			ID:     access.ApplicationID(fmt.Sprint("app", i)),
			Scopes: pick(5 + random.IntN(40)), Grants: []access.GrantType{code, machine},
		})
	}
	if e.described {
		s.Attributes = describedBy()
	}
	for i := range e.policies {
		p := access.PolicySpec{Name: access.PolicyName(fmt.Sprint("p", i))}
		for j := range e.rules / e.policies {
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
			if e.described && random.IntN(2) == 0 {
				r.Attributes = []access.AttributeCond{describe(random)}
			}
			p.Rules = append(p.Rules, r)
		}
		for j := range e.applications {
			if (e.fallThrough && random.IntN(2) == 0) || (!e.fallThrough && j%e.policies == i) {
				p.Applications = append(p.Applications, s.Applications[j].ID)
			}
		}
		s.Policies = append(s.Policies, p)
	}
	return s
}

func describedBy() []access.AttributeSpec {
	return []access.AttributeSpec{{Name: "tariff", Type: access.Text}, {Name: "balance", Type: access.Number}, {Name: "since", Type: access.Date}}
}

// describe asks for one of five constants of one of three attributes.
func describe(random *rand.Rand) access.AttributeCond {
	switch random.IntN(3) {
	case 0:
		return access.AttributeCond{Name: "tariff", Is: []string{fmt.Sprint("tariff-", random.IntN(5))}}
	case 1:
		return access.AttributeCond{Name: "balance", AtLeast: fmt.Sprint(10 * (1 + random.IntN(5)))}
	}
	return access.AttributeCond{Name: "since", Below: fmt.Sprintf("202%d-01-01", random.IntN(5))}
}

// BenchmarkProve proves the sizes of the budgets in every arrangement of policies,
// and one between them and one below, so that growth shows.
func BenchmarkProve(b *testing.B) {
	described := extent{applications: 300, rules: 200, scopes: 200, groups: 4, policies: 10, described: true}
	for _, e := range []extent{
		{applications: 100, rules: 67, scopes: 67, groups: 8, policies: 10, fallThrough: true},
		budgeted(1, false), budgeted(10, false), budgeted(40, false), budgeted(10, true), described,
		large(1, false), large(10, false), large(10, true),
	} {
		b.Run(e.String(), func(b *testing.B) {
			m := compile(b, estate(e))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := access.Prove(m, access.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkDecide(b *testing.B) {
	m := compile(b, estate(budgeted(10, false)))
	r := access.Request{Application: "app7", Grant: code, Subject: &access.Subject{Groups: groups{"g1", "g3"}}, At: noon}
	b.ReportAllocs()
	for b.Loop() {
		access.Decide(m, r)
	}
}

// allowed is the first allow rule from the fourth on.
func allowed(p *access.PolicySpec) int {
	i := 3
	for p.Rules[i].Effect != access.Allow {
		i++
	}
	return i
}

// BenchmarkDiff compares an estate with itself after one rule was edited, and
// after everything was.
func BenchmarkDiff(b *testing.B) {
	described := extent{applications: 300, rules: 200, scopes: 200, groups: 4, policies: 10, described: true}
	for _, e := range []extent{budgeted(1, false), budgeted(10, false), budgeted(40, false), budgeted(10, true), described} {
		before := compile(b, estate(e))
		for _, edit := range []struct {
			name string
			make func(*access.PolicySpec)
		}{
			{"widened", func(p *access.PolicySpec) { p.Rules[2].AnyOf, p.Rules[2].NoneOf = nil, nil }},
			{"lengthened", func(p *access.PolicySpec) { p.Rules[allowed(p)].Lifetimes.Access = 25 * time.Minute }},
			{"removed", func(p *access.PolicySpec) { p.Rules = slices.Delete(p.Rules, 1, 2) }},
			{"moved", func(p *access.PolicySpec) { p.Rules[0], p.Rules[3] = p.Rules[3], p.Rules[0] }},
		} {
			b.Run(e.String()+","+edit.name, func(b *testing.B) {
				spec := estate(e)
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
		m := compile(b, estate(budgeted(policies, policies == 10)))
		b.Run(fmt.Sprint("policies=", policies), func(b *testing.B) {
			for b.Loop() {
				if _, err := access.Findings(m, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
