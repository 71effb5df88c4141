package access_test

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/access"
)

// The small worlds of the random models: every context that their constants can
// tell apart can be made from these lists. What one world has more of, it has less
// of in turn, so that trying everything stays quick.
type world int

const (
	plain  world = iota // groups and assurance
	placed              // networks and windows
	known               // attributes and ages
)

func (w world) groups() groups {
	if w != plain {
		return groups{"g0"}
	}
	return groups{"g0", "g1", "g2"}
}

// tabled are groups that a table of entitlements may name.
func (w world) tabled() groups {
	if w == known {
		return w.groups()
	}
	return append(w.groups(), "only-in-table")
}

func (w world) levels() access.Assurance {
	if w != plain {
		return access.OneFactor
	}
	return access.TwoFactor
}

// worldValues are values of attributes, of which rules name those of worldConstants.
func worldValues() map[access.Attribute][]string {
	return map[access.Attribute][]string{
		"tariff": {"", "eco", "green", "brown"}, "balance": {"", "seven", "9", "10", "19", "20", "21"},
		"paperless": {"", "maybe", "true", "false"}, "since": {"2024-02-30", "2024-02-28", "2024-02-29", "2024-03-01"},
	}
}

func worldConstants() map[access.Attribute][]string {
	return map[access.Attribute][]string{"tariff": {"eco", "green"}, "balance": {"10", "20"}, "paperless": {"true", "false"}, "since": {"2024-02-29"}}
}

func worldAges() []time.Duration {
	return []time.Duration{0, 2 * time.Hour, time.Hour, 10 * time.Minute} // 0: not known
}

func worldScopes() scopes {
	return scopes{"a.read.x", "a.write.x", "b.read.y", "m.read.z", "m.write.z"}
}

func worldNetworks() []string {
	return []string{"10.0.0.0/8", "10.0.0.0/16", "2001:db8::/32", "0.0.0.0/0"}
}

func worldAddresses() []string {
	return []string{"10.0.0.1", "10.2.0.1", "192.0.2.1", "2001:db8::1", "::1", ""}
}

func worldWindows() []access.Window {
	return []access.Window{
		{From: 9 * time.Hour, To: 17 * time.Hour, Zone: time.UTC},
		{Days: []time.Weekday{time.Monday}, From: 12 * time.Hour, To: 2 * time.Hour, Zone: time.UTC},
	}
}

func worldInstants() []string {
	return []string{"2026-03-02T10:00:00Z", "2026-03-02T13:00:00Z", "2026-03-02T18:00:00Z", "2026-03-03T10:00:00Z", "2026-03-03T18:00:00Z"}
}

// some draws a part of a pool, in order.
func some[T any](t *rapid.T, pool []T, least int) []T {
	var picked []T
	for i, v := range pool {
		if rapid.Bool().Draw(t, fmt.Sprint("pick ", v)) || len(pool)-i <= least-len(picked) {
			picked = append(picked, v)
		}
	}
	return picked
}

func chance(t *rapid.T, of int) bool { return rapid.IntRange(1, of).Draw(t, "chance") == 1 }

func drawRule(t *rapid.T, name string, w world, attributes []access.AttributeSpec) access.RuleSpec {
	r := access.RuleSpec{Name: access.RuleName(name), Effect: access.Allow}
	if chance(t, 4) {
		r.Effect = access.Deny
	} else {
		r.Lifetimes.Access = time.Duration(rapid.IntRange(1, 4).Draw(t, "life")) * 5 * time.Minute
	}
	if r.AllScopes = chance(t, 6); !r.AllScopes {
		r.Scopes = some(t, worldScopes(), 1)
	}
	if chance(t, 4) {
		r.Grants = []access.GrantType{rapid.SampledFrom([]access.GrantType{code, machine}).Draw(t, "grant")}
	}
	if chance(t, 3) {
		r.AnyOf = some(t, w.groups(), 1)
	}
	if chance(t, 4) {
		r.NoneOf = some(t, w.groups(), 1)
	}
	if r.Effect == access.Allow && chance(t, 3) {
		r.Assurance = access.Assurance(rapid.IntRange(1, int(w.levels())).Draw(t, "assurance"))
	}
	if w == placed && chance(t, 4) {
		for _, n := range some(t, worldNetworks(), 1) {
			r.Networks = append(r.Networks, netip.MustParsePrefix(n))
		}
	}
	if w == placed && chance(t, 4) {
		r.Windows = some(t, worldWindows(), 1)
	}
	if r.Effect == access.Allow && chance(t, 3) {
		r.Rate = access.Rate{Calls: rapid.IntRange(1, 2).Draw(t, "calls"), Per: time.Second, Burst: rapid.IntRange(1, 3).Draw(t, "burst")}
	}
	if w == known {
		if r.Effect == access.Allow && chance(t, 3) {
			r.MaxAge = rapid.SampledFrom([]time.Duration{10 * time.Minute, time.Hour}).Draw(t, "age")
		}
		if chance(t, 2) {
			r.Attributes = []access.AttributeCond{drawCondition(t, rapid.SampledFrom(attributes).Draw(t, "attribute"))}
		}
		if chance(t, 6) {
			r.Attributes = append(r.Attributes, drawCondition(t, attributes[0]))
		}
	}
	return r
}

func drawCondition(t *rapid.T, a access.AttributeSpec) access.AttributeCond {
	c, constants := access.AttributeCond{Name: a.Name}, worldConstants()[a.Name]
	one := rapid.SampledFrom(constants).Draw(t, "constant")
	switch kind := rapid.IntRange(0, 3).Draw(t, "comparison"); {
	case kind == 0:
		c.Is = some(t, constants, 1)
	case kind == 1 || a.Type == access.Text || a.Type == access.Boolean:
		c.Not = []string{one}
	case kind == 2:
		c.AtLeast = one
	default:
		c.Below = one
	}
	return c
}

// drawParents puts scopes below others.
func drawParents(t *rapid.T, s *access.Spec) {
	parents := map[access.Scope]scopes{"a.read.x": {"a.write.x"}, "b.read.y": {"a.write.x", "a.read.x"}, "m.read.z": {"m.write.z"}}
	s.Scopes = slices.Clone(s.Scopes)
	for i := range s.Scopes {
		s.Scopes[i].Parent = ""
		if above := parents[s.Scopes[i].Name]; above != nil && chance(t, 4) {
			s.Scopes[i].Parent = rapid.SampledFrom(above).Draw(t, "parent")
		}
	}
}

func drawSpec(t *rapid.T, w world) access.Spec {
	if w != known {
		return drawSpecOf(t, w, nil)
	}
	var all access.Spec
	described(&all)
	return drawSpecOf(t, w, rapid.Permutation(all.Attributes).Draw(t, "attributes")[:2])
}

// drawSpecOf draws one whose rules name some attributes.
func drawSpecOf(t *rapid.T, w world, attributes []access.AttributeSpec) access.Spec {
	s := access.Spec{Server: "world", FallThrough: chance(t, 2), Excess: access.Excess(rapid.IntRange(0, 1).Draw(t, "excess"))}
	kinds := []access.ScopeKind{access.CustomerRead, access.CustomerWrite, access.CustomerRead, access.SystemRead, access.SystemWrite}
	for i, name := range worldScopes() {
		s.Scopes = append(s.Scopes, access.ScopeSpec{Name: name, Kind: kinds[i], Default: chance(t, 2)})
	}
	s.Attributes = attributes
	drawParents(t, &s)
	if chance(t, 2) {
		s.Entitlements = map[access.Group][]access.Scope{}
		for _, g := range some(t, w.tabled(), 0) {
			s.Entitlements[g] = some(t, worldScopes()[:3], 0)
		}
	}
	for _, id := range []access.ApplicationID{"one", "two"} {
		s.Applications = append(s.Applications, access.ApplicationSpec{ID: id, Scopes: some(t, worldScopes(), 2), Grants: []access.GrantType{code, machine}})
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "policies") {
		p := access.PolicySpec{Name: access.PolicyName(fmt.Sprint("p", i)), All: chance(t, 2)}
		if !p.All {
			p.Applications = some(t, []access.ApplicationID{"one", "two"}, 1)
		}
		for j := range rapid.IntRange(1, 5).Draw(t, "rules") {
			p.Rules = append(p.Rules, drawRule(t, fmt.Sprintf("r%d.%d", i, j), w, s.Attributes))
		}
		s.Policies = append(s.Policies, p)
	}
	return s
}

func subsets[T any](pool []T) [][]T {
	all := make([][]T, 1<<len(pool))
	for v := range all {
		for i := range pool {
			if v&(1<<i) != 0 {
				all[v] = append(all[v], pool[i])
			}
		}
	}
	return all
}

// contexts of the world: every request without scopes, the customers of a spec's
// attributes. The sign-ins of one are together, from the oldest on, and of each the
// weakest first.
func contexts(id access.ApplicationID, w world, attributes []access.AttributeSpec) []access.Request {
	addresses, instants, ages := []string{""}, worldInstants()[:1], worldAges()[:1]
	switch w {
	case placed:
		addresses, instants = worldAddresses(), worldInstants()
	case known:
		ages = worldAges()
	}
	var all []access.Request
	for _, address := range addresses {
		for _, instant := range instants {
			r := access.Request{Application: id, Grant: machine}
			if address != "" {
				r.Address = netip.MustParseAddr(address)
			}
			r = at(instant, r)
			all = append(all, r)
			r.Grant = code
			for _, who := range subjects(w, attributes) {
				r.Subject = &who
				for _, age := range ages {
					if r.Authenticated = (time.Time{}); age > 0 {
						r.Authenticated = r.At.Add(-age)
					}
					for level := access.NoAssurance; level <= w.levels(); level++ {
						all = append(all, assured(level, r))
					}
				}
			}
		}
	}
	return all
}

// subjects are customers of every set of groups and every value of attributes.
func subjects(w world, attributes []access.AttributeSpec) []access.Subject {
	all := []access.Subject{}
	for _, in := range subsets(w.tabled()) {
		all = append(all, access.Subject{Groups: in})
	}
	for _, a := range attributes {
		var next []access.Subject
		for _, who := range all {
			for _, value := range worldValues()[a.Name] {
				has := maps.Clone(who.Attributes)
				if has == nil {
					has = map[access.Attribute]string{}
				}
				has[a.Name] = value
				next = append(next, access.Subject{Groups: who.Groups, Attributes: has})
			}
		}
		all = next
	}
	return all
}

// tally is what trying everything says of one cell.
type tally struct {
	granted, refused bool
	best             best
}

// best is the best of each quality that some requests had.
type best struct {
	some    bool
	longest time.Duration
	highest access.Rate
	weakest access.Assurance
	oldest  time.Duration // 0: of whatever age
}

func (b *best) add(r access.Request, d access.Decision) {
	age := 2 * time.Hour // which is more than any rule asks for
	if !r.Authenticated.IsZero() {
		age = r.At.Sub(r.Authenticated)
	}
	if age == 2*time.Hour {
		age = 0
	}
	one := best{true, d.Lifetimes.Access, d.Rate, r.Assurance, age}
	if !b.some {
		*b = one
		return
	}
	b.longest, b.weakest = max(b.longest, one.longest), min(b.weakest, one.weakest)
	if b.highest != (access.Rate{}) && (one.highest == access.Rate{} || one.highest.Calls > b.highest.Calls ||
		(one.highest.Calls == b.highest.Calls && one.highest.Burst > b.highest.Burst)) {
		b.highest = one.highest
	}
	if b.oldest != 0 && (one.oldest == 0 || one.oldest > b.oldest) {
		b.oldest = one.oldest
	}
}

func (y *tally) add(r access.Request, d access.Decision) {
	if !d.Allowed {
		y.refused = true
		return
	}
	y.granted = true
	y.best.add(r, d)
}

func (y tally) cell() access.Cell {
	c := access.Cell{Longest: y.best.longest, Highest: y.best.highest, Weakest: y.best.weakest, Oldest: y.best.oldest}
	switch {
	case y.granted && y.refused:
		c.Obtainable = access.Conditional
	case y.granted:
		c.Obtainable = access.Always
	}
	return c
}

// proves compares a matrix with every decision of the small world.
func proves(t *rapid.T, w world) {
	spec := drawSpec(t, w)
	m, problems := access.Compile(spec)
	if m == nil {
		t.Fatalf("Compile: %v", problems)
	}
	together := scopes{"a.read.x", "a.write.x"}
	var only []access.Group // of the customers who are asked about; nil: of any
	if chance(t, 3) {
		only = append([]access.Group{}, some(t, w.tabled(), 0)...)
	}
	places := rapid.SampledFrom([]int{access.BlockPlaces, 5}).Draw(t, "places side by side")
	x, err := access.ProveInStretches(m, access.Options{AndSets: [][]access.Scope{together}, Groups: only}, places)
	if err != nil {
		t.Fatal(err)
	}
	asks := subsets(worldScopes()[:3])[1:]
	for i, id := range m.Applications() {
		row := x.Rows[i]
		singles, any := map[access.Scope]*tally{}, map[access.Scope]*best{}
		for _, s := range worldScopes() {
			singles[s], any[s] = &tally{}, &best{}
		}
		var empty, signIn, set tally
		defaults := map[access.Scope]bool{}
		for _, r := range contexts(id, w, spec.Attributes) {
			if only != nil && r.Subject != nil && !slices.Equal(r.Subject.Groups, only) {
				continue
			}
			try := func(names ...access.Scope) access.Decision {
				r.Scopes = names
				d := access.Decide(m, r)
				if d.Allowed && len(d.Refused) == 0 {
					for _, s := range d.Granted {
						if any[s] != nil {
							any[s].add(r, d)
						}
					}
				}
				if len(d.Refused) > 0 {
					d.Allowed = false // narrowed is not what was asked
				}
				return d
			}
			nothing := try()
			empty.add(r, nothing)
			for _, s := range nothing.Granted {
				defaults[s] = true
			}
			if r.Grant == machine {
				singles["m.read.z"].add(r, try("m.read.z"))
				singles["m.write.z"].add(r, try("m.write.z"))
				try("m.read.z", "m.write.z")
				continue
			}
			signIn.add(r, try("openid"))
			for _, ask := range asks {
				d := try(ask...)
				if len(ask) == 1 {
					singles[ask[0]].add(r, d)
				}
				if cmp.Equal(ask, together) {
					set.add(r, d)
				}
			}
		}
		same := func(what string, want, got access.Cell, names ...access.Scope) {
			t.Helper()
			bare := got
			bare.Witness, bare.LongestBy, bare.HighestBy, bare.WeakestBy, bare.OldestBy = nil, nil, nil, nil, nil
			if bare != want {
				t.Errorf("%s %s: the matrix says %+v, all decisions say %+v", id, what, bare, want)
			}
			attested(t, m, id, got, names)
		}
		for j, s := range x.Scopes {
			want := tally{singles[s].granted, singles[s].refused, *any[s]}.cell()
			same(string(s), want, row.Cells[j], s)
		}
		same("sign-in", signIn.cell(), row.SignIn)
		if len(defaults) != len(row.Defaults) || slices.ContainsFunc(row.Defaults, func(s access.Scope) bool { return !defaults[s] }) {
			t.Errorf("%s: the empty request can yield %v, the matrix says %v", id, defaults, row.Defaults)
		}
		same("empty", empty.cell(), row.Empty)
		same("set", set.cell(), row.Sets[0], together...)
	}
}

// attested replays the witnesses of a cell.
func attested(t *rapid.T, m *access.Model, id access.ApplicationID, c access.Cell, names scopes) {
	t.Helper()
	all := []*access.Witness{c.Witness, c.LongestBy, c.HighestBy, c.WeakestBy, c.OldestBy}
	for _, w := range all {
		if (c.Obtainable == access.Never) != (w == nil) {
			t.Fatalf("%s %v: %v with witness %v", id, names, c.Obtainable, w)
		}
	}
	if c.Witness == nil {
		return
	}
	if c.LongestBy.Lifetimes.Access != c.Longest || c.HighestBy.Rate != c.Highest || c.WeakestBy.Assurance != c.Weakest || c.OldestBy.Age != c.Oldest {
		t.Fatalf("%s %v: a witness of something else: %+v", id, names, c)
	}
	for _, w := range all {
		r := w.Request(id)
		if len(names) == 0 && len(r.Scopes) == 0 && w.Grant == code {
			// Sign-in and the empty request: one of them it must be.
			if d := access.Decide(m, r); d.Rule == w.Rule && d.Allowed {
				continue
			}
			r.Scopes = scopes{"openid"}
		}
		d := access.Decide(m, r)
		if !d.Allowed || d.Rule != w.Rule || d.Policy != w.Policy || d.Lifetimes != w.Lifetimes || d.Rate != w.Rate {
			t.Errorf("%s %v: the witness %+v is decided %+v", id, names, w, d)
		}
		if explained := access.Explain(m, r); !cmp.Equal(explained.Decision, d) {
			t.Errorf("%s %v: explained %+v, decided %+v", id, names, explained.Decision, d)
		}
	}
}

func TestTheMatrixIsEveryDecision(t *testing.T) {
	for w, name := range map[world]string{plain: "groups, assurance, entitlements and deny", placed: "networks and windows too", known: "attributes and ages too"} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { proves(t, w) })
		})
	}
}

// TestExplainIsDecide draws requests that the world's lists do not make:
// refreshes, unknown scopes, strangers and subjects that do not fit.
func TestExplainIsDecide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, problems := access.Compile(drawSpec(t, rapid.SampledFrom([]world{plain, placed, known}).Draw(t, "world")))
		if m == nil {
			t.Fatalf("Compile: %v", problems)
		}
		names := append(worldScopes(), "openid", "offline_access", "no.such.scope")
		r := access.Request{
			Application: rapid.SampledFrom([]access.ApplicationID{"one", "two", "stranger"}).Draw(t, "application"),
			Grant:       rapid.SampledFrom([]access.GrantType{code, machine, access.RefreshToken, "magic"}).Draw(t, "grant"),
			Scopes:      some(t, names, 0),
		}
		if chance(t, 2) {
			r.Subject = &access.Subject{Groups: some(t, plain.groups(), 0)}
		}
		if chance(t, 3) {
			r.Original = some(t, names, 1)
		}
		if address := rapid.SampledFrom(worldAddresses()).Draw(t, "address"); address != "" {
			r.Address = netip.MustParseAddr(address)
		}
		d, trace := access.Decide(m, r), access.Explain(m, r)
		if diff := cmp.Diff(d, trace.Decision); diff != "" {
			t.Fatal(diff)
		}
		bounded(t, r, d)
		if last := trace.Steps[len(trace.Steps)-1]; last.Passed != d.Allowed || (!d.Allowed && last.Check != d.Error.Check) {
			t.Fatalf("the last step is %+v, the decision %+v", last, d)
		}
		for _, p := range trace.Policies {
			for i, heard := range p.Rules {
				if heard.Matched != (p.Policy == d.Policy && heard.Rule == d.Rule) || (heard.Matched && i != len(p.Rules)-1) {
					t.Fatalf("rule %+v of %s, the decision %+v", heard, p.Policy, d)
				}
			}
		}
	})
}

// bounded is what holds of every decision.
func bounded(t *rapid.T, r access.Request, d access.Decision) {
	if d.Allowed == (len(d.Granted) == 0) || d.Allowed != (d.Error == access.Refusal{}) || d.Allowed != (d.Lifetimes != access.Lifetimes{}) {
		t.Fatalf("half a decision: %+v", d)
	}
	for _, bound := range []scopes{r.Scopes, r.Original} {
		in := map[access.Scope]bool{}
		for _, s := range bound {
			in[s] = true
		}
		for _, s := range d.Granted {
			if len(bound) > 0 && !in[s] {
				t.Fatalf("%s was granted beyond %v", s, bound)
			}
		}
	}
}

func TestALongLifeThatNoSingleScopeReaches(t *testing.T) {
	life := func(minutes int) func(*access.RuleSpec) {
		return func(r *access.RuleSpec) { r.Lifetimes.Access = time.Duration(minutes) * time.Minute }
	}
	in := func(group access.Group) func(*access.RuleSpec) {
		return func(r *access.RuleSpec) { r.AnyOf = groups{group} }
	}
	for _, row := range []struct {
		story string
		rules rules
	}{
		{"a wide rule behind two narrow ones", rules{
			with(allow("long", "bill.read.invoice", "meter.read.usage"), life(60)),
		}},
		{"a wide rule that is partly denied where it matches", rules{
			with(deny("no-pay", "bill.write.payment"), in("landlords")),
			with(allow("pay", "bill.write.payment"), func(r *access.RuleSpec) { r.NoneOf = groups{"landlords"} }),
			with(allow("long", "bill.read.invoice", "meter.read.usage", "bill.write.payment"), in("landlords"), life(60)),
		}},
	} {
		t.Run(row.story, func(t *testing.T) {
			narrow := rules{with(allow("bill", "bill.read.invoice"), life(5)), with(allow("usage", "meter.read.usage"), life(5))}
			x, err := access.Prove(compile(t, utility(nil, append(narrow, row.rules...)...)), access.Options{})
			if err != nil {
				t.Fatal(err)
			}
			c, _ := x.Cell("app", "bill.read.invoice")
			if c.Obtainable != access.Always || c.Witness.Rule != "bill" || c.Longest != time.Hour || c.LongestBy.Rule != "long" {
				t.Errorf("got %+v, longest by %+v", c, c.LongestBy)
			}
		})
	}
}

// A deny rule refuses those who are entitled to one default too many, so the
// empty request can be granted to a customer with fewer groups only.
func TestTheEmptyRequestOfACustomerWithFewerGroups(t *testing.T) {
	m := compile(t, utility(entitle(map[access.Group][]access.Scope{"billed": {"bill.read.invoice"}, "metered": {"meter.read.usage"}}),
		deny("no-usage", "meter.read.usage"), allowAll("all")))
	x, err := access.Prove(m, access.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := x.Rows[0]; got.Empty.Obtainable != access.Conditional || !cmp.Equal(got.Defaults, scopes{"bill.read.invoice"}) ||
		!cmp.Equal(got.Empty.Witness.Groups, groups{"billed"}) {
		t.Errorf("got %+v by %+v", got, got.Empty.Witness)
	}
}

func TestTheFutureApplicationIsBoundedByPoliciesForAll(t *testing.T) {
	m := compile(t, utility(then(access.PolicySpec{Name: "rest", All: true, Rules: rules{allow("usage", "meter.read.usage")}}), allowAll("all")))
	x, err := access.Prove(m, access.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		scope access.Scope
		want  access.Obtainable
	}{{"meter.read.usage", access.Always}, {"bill.read.invoice", access.Never}} {
		if c, ok := x.Cell("", row.scope); !ok || c.Obtainable != row.want {
			t.Errorf("%s: got %v, want %v", row.scope, c.Obtainable, row.want)
		}
	}
}

func TestRulesThatTellTooManyGroupsApartAreUnreviewable(t *testing.T) {
	var list rules
	for i := range access.MaxGroups + 1 {
		list = append(list, with(allowAll(access.RuleName(fmt.Sprint("r", i))), func(r *access.RuleSpec) {
			r.AnyOf = groups{access.Group(fmt.Sprint("g", i))}
		}))
	}
	_, err := access.Prove(compile(t, utility(nil, list...)), access.Options{})
	var refused *access.Unreviewable
	if !errors.As(err, &refused) || refused.Groups != access.MaxGroups+1 {
		t.Errorf("got %v", err)
	}
}

func TestGroupsThatActAlikeAreToldApartOnlyOnce(t *testing.T) {
	r := allowAll("many")
	for i := range 100 {
		r.AnyOf = append(r.AnyOf, access.Group(fmt.Sprint("g", i)))
	}
	x, err := access.Prove(compile(t, utility(nil, r)), access.Options{})
	if err != nil || x.Rows[0].Contexts != 3 {
		t.Fatalf("got %v, %v", x, err)
	}
	if c, _ := x.Cell("app", "bill.read.invoice"); len(c.Witness.Groups) != 1 {
		t.Errorf("the witness is in %v, where one group would do", c.Witness.Groups)
	}
}

func TestAnUnknownScopeInASetIsAnError(t *testing.T) {
	_, err := access.Prove(compile(t, utility(nil, allowAll("all"))), access.Options{AndSets: [][]access.Scope{{"no"}}})
	var unknown *access.UnknownSet
	if !errors.As(err, &unknown) || unknown.Scope != "no" {
		t.Errorf("got %v", err)
	}
}
