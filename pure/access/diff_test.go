package access_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/access"
)

// change is two specs of the small world, the second made from the first by some
// edits or, one time in four, drawn anew.
type change struct{ before, after access.Spec }

func drawLives(t *rapid.T, s *access.Spec) {
	for i := range s.Policies {
		s.Policies[i].Rules = slices.Clone(s.Policies[i].Rules)
		for j := range s.Policies[i].Rules {
			if r := &s.Policies[i].Rules[j]; r.Effect == access.Allow && chance(t, 3) {
				r.Lifetimes.Refresh = time.Duration(rapid.IntRange(1, 3).Draw(t, "refresh")) * time.Hour
				r.Lifetimes.Idle = time.Duration(rapid.IntRange(1, 3).Draw(t, "idle")) * time.Hour
			}
		}
	}
	s.Applications = slices.Clone(s.Applications)
	if chance(t, 2) {
		s.Applications[0].Grants = append(slices.Clone(s.Applications[0].Grants), access.RefreshToken)
	}
	// Nothing but policies for all names it, so it has what the future one has.
	s.Applications = append(s.Applications, access.ApplicationSpec{ID: "third", Grants: []access.GrantType{code, machine}})
	for _, scope := range s.Scopes {
		s.Applications[2].Scopes = append(s.Applications[2].Scopes, scope.Name)
	}
}

func drawChange(w world) *rapid.Generator[change] {
	return rapid.Custom(func(t *rapid.T) change {
		before := drawSpec(t, w)
		drawLives(t, &before)
		if chance(t, 4) {
			after := drawSpecOf(t, w, before.Attributes)
			drawLives(t, &after)
			return change{before, after}
		}
		after := before
		after.Policies = nil
		for _, p := range before.Policies {
			p.Rules = slices.Clone(p.Rules)
			after.Policies = append(after.Policies, p)
		}
		for range rapid.IntRange(1, 3).Draw(t, "edits") {
			edit(t, &after, w)
		}
		return change{before, after}
	})
}

// edit changes one thing.
func edit(t *rapid.T, s *access.Spec, w world) {
	p := &s.Policies[rapid.IntRange(0, len(s.Policies)-1).Draw(t, "policy")]
	at := 0
	if len(p.Rules) > 0 {
		at = rapid.IntRange(0, len(p.Rules)-1).Draw(t, "rule")
	}
	switch kind := rapid.IntRange(0, 15).Draw(t, "kind"); {
	case kind <= 1 || (kind <= 5 && len(p.Rules) == 0):
		name := fmt.Sprint("new", len(p.Rules), at, rapid.IntRange(0, 1<<30).Draw(t, "name"))
		p.Rules = slices.Insert(p.Rules, at, drawRule(t, name, w, s.Attributes))
	case kind == 2:
		p.Rules = slices.Delete(p.Rules, at, at+1)
	case kind == 3:
		p.Rules[at] = drawRule(t, string(p.Rules[at].Name), w, s.Attributes)
	case kind == 4:
		r := p.Rules[at]
		p.Rules = slices.Delete(p.Rules, at, at+1)
		p.Rules = slices.Insert(p.Rules, rapid.IntRange(0, len(p.Rules)).Draw(t, "to"), r)
	case kind == 5:
		p.Rules[at].Name += "x"
	case kind == 6:
		s.FallThrough = !s.FallThrough
	case kind == 7:
		s.Scopes = slices.Clone(s.Scopes)
		s.Scopes[at%len(s.Scopes)].Default = !s.Scopes[at%len(s.Scopes)].Default
	case kind == 8:
		s.Applications = slices.Clone(s.Applications)
		s.Applications[0].Scopes = some(t, worldScopes(), 1)
	case kind == 9:
		s.Applications = slices.Clone(s.Applications)
		s.Applications[1].Grants = some(t, []access.GrantType{code, machine, access.RefreshToken}, 1)
	case kind == 10:
		s.Entitlements = map[access.Group][]access.Scope{}
		for _, g := range w.tabled() {
			s.Entitlements[g] = some(t, worldScopes()[:3], 0)
		}
	case kind == 11:
		slices.Reverse(s.Policies)
	case kind == 12:
		p.Name += "x"
	case kind == 13:
		s.Excess = 1 - s.Excess
	case kind == 14:
		drawParents(t, s)
	case kind == 15 && w == known:
		retype(t, s)
	}
}

// retype makes another type of an attribute, and of what rules ask of it.
func retype(t *rapid.T, s *access.Spec) {
	s.Attributes = slices.Clone(s.Attributes)
	a := &s.Attributes[0]
	if a.Type == access.Text {
		var spec access.Spec
		described(&spec)
		a.Type = spec.Attributes[slices.IndexFunc(spec.Attributes, func(o access.AttributeSpec) bool { return o.Name == a.Name })].Type
	} else {
		a.Type = access.Text
	}
	for i := range s.Policies {
		for j := range s.Policies[i].Rules {
			r := &s.Policies[i].Rules[j]
			r.Attributes = slices.Clone(r.Attributes)
			for k := range r.Attributes {
				if r.Attributes[k].Name == a.Name {
					r.Attributes[k] = drawCondition(t, *a)
				}
			}
		}
	}
}

// having is what trying every request of a context says of one target.
type having struct {
	granted bool
	most    [5]int64 // lives, calls and burst
}

type cellKey struct {
	app    access.ApplicationID
	grant  access.GrantType
	target string
}

// decisions are all of a small world about some applications.
type decisions struct {
	requests []access.Request
	cells    map[cellKey][]having // by request
	nothing  []having
	yields   map[cellKey][]string // of the request without scopes
}

func everything(m *access.Model, spec access.Spec, kind world, attributes []access.AttributeSpec) decisions {
	w := decisions{cells: map[cellKey][]having{}, yields: map[cellKey][]string{}}
	asks := append(subsets(worldScopes()[:3]), subsets(worldScopes()[3:])...)
	for _, app := range spec.Applications {
		requests := contexts(app.ID, kind, attributes)
		w.requests, w.nothing = requests, make([]having, len(requests))
		refreshes := slices.Contains(app.Grants, access.RefreshToken)
		for i, r := range requests {
			empty := cellKey{app.ID, r.Grant, "empty"}
			if w.yields[empty] == nil {
				w.yields[empty] = make([]string, len(requests))
			}
			d := access.Decide(m, r)
			if d.Allowed {
				w.yields[empty][i] = fmt.Sprint(d.Granted, given(d, r, refreshes))
			}
			for _, ask := range asks {
				if len(ask) > 0 && (r.Grant == machine) != (ask[0][0] == 'm') {
					continue
				}
				if r.Scopes = ask; len(ask) == 0 {
					if r.Grant == machine {
						continue
					}
					r.Scopes = scopes{"openid"}
				}
				d := access.Decide(m, r)
				if !d.Allowed || len(d.Refused) > 0 {
					continue
				}
				for _, target := range targets(ask, r.Grant) {
					key := cellKey{app.ID, r.Grant, target}
					if w.cells[key] == nil {
						w.cells[key] = make([]having, len(requests))
					}
					h := &w.cells[key][i]
					h.granted = true
					for k, n := range given(d, r, refreshes) {
						h.most[k] = max(h.most[k], n)
					}
				}
			}
		}
	}
	return w
}

func given(d access.Decision, r access.Request, refreshes bool) [5]int64 {
	most := [5]int64{int64(d.Lifetimes.Access), 0, 0, int64(d.Rate.Calls), int64(d.Rate.Burst)}
	if d.Rate == (access.Rate{}) {
		most[3], most[4] = math.MaxInt64, math.MaxInt64
	}
	if refreshes && r.Grant != machine {
		most[1], most[2] = int64(d.Lifetimes.Refresh), int64(min(d.Lifetimes.Idle, d.Lifetimes.Refresh))
	}
	return most
}

// targets are what a request has as part of it.
func targets(ask scopes, grant access.GrantType) []string {
	var all []string
	if grant == code {
		all = append(all, "")
	}
	for _, s := range ask {
		all = append(all, string(s))
	}
	if has := func(s access.Scope) bool { return slices.Contains(ask, s) }; has("a.read.x") && has("a.write.x") {
		all = append(all, "a.read.x a.write.x")
	}
	return all
}

func targetOf(names scopes) string {
	text := ""
	for i, n := range names {
		if i > 0 {
			text += " "
		}
		text += string(n)
	}
	return text
}

// together are all changes of one cell.
func (w decisions) of(key cellKey) []having {
	if all := w.cells[key]; all != nil {
		return all
	}
	return w.nothing
}

// expected says of each context of a cell which kinds of change hold there.
func expected(was, is []having, requests []access.Request) []map[access.ChangeKind]bool {
	some := func(all []having) bool { return slices.ContainsFunc(all, func(h having) bool { return h.granted }) }
	// What follows a request of the same customer is as fresh or fresher.
	better := func(all []having, i int, is func(now, then access.Request) bool) bool {
		for j := i + 1; j < len(requests) && requests[j].Subject == requests[i].Subject && requests[j].Address == requests[i].Address && requests[j].At.Equal(requests[i].At); j++ {
			if all[j].granted && is(requests[i], requests[j]) {
				return true
			}
		}
		return false
	}
	stronger := func(now, then access.Request) bool {
		return then.Assurance > now.Assurance && then.Authenticated.Equal(now.Authenticated)
	}
	both := func(now, then access.Request) bool { return then.Assurance > now.Assurance }
	fresher := func(now, then access.Request) bool { return then.Assurance == now.Assurance }
	kinds := make([]map[access.ChangeKind]bool, len(requests))
	for i := range requests {
		kinds[i] = map[access.ChangeKind]bool{}
		way := func(lacks, has []having, first access.ChangeKind) {
			switch {
			case lacks[i].granted || !has[i].granted:
			case !some(lacks):
				kinds[i][first] = true
			case better(lacks, i, stronger):
				kinds[i][first+2] = true
			case better(lacks, i, fresher):
				kinds[i][first+3] = true
			case better(lacks, i, both):
				kinds[i][first+2] = true
			default:
				kinds[i][first+1] = true
			}
		}
		way(was, is, access.NewAccess)
		way(is, was, access.LostAccess)
		for k := range was[i].most {
			if n, m := was[i].most[k], is[i].most[k]; was[i].granted && is[i].granted && n != m {
				kind := access.LongerAccess
				if m < n {
					kind = access.ShorterAccess
				}
				kinds[i][kind+access.ChangeKind(min(k, 3))] = true
			}
		}
	}
	return kinds
}

// holdsOf tells whether one of the populations holds a request.
func holdsOf(who []access.Population, r access.Request) bool {
	return slices.ContainsFunc(who, func(p access.Population) bool { return p.Contains(r) })
}

// tells compares a difference with every decision under both specs.
func tells(t *testing.T, seed int, c change, kind world) {
	t.Helper()
	before, after := compile(t, c.before), compile(t, c.after)
	d, err := access.Diff(before, after, access.DiffOptions{AndSets: []scopes{{"a.read.x", "a.write.x"}}})
	if err != nil {
		t.Fatal(err)
	}
	all := slices.Concat(c.before.Attributes, c.after.Attributes)
	slices.SortFunc(all, func(a, b access.AttributeSpec) int { return strings.Compare(string(a.Name), string(b.Name)) })
	all = slices.CompactFunc(all, func(a, b access.AttributeSpec) bool { return a.Name == b.Name })
	was, is := everything(before, c.before, kind, all), everything(after, c.after, kind, all)
	byCell, empties := map[cellKey][]access.Change{}, map[cellKey]access.Change{}
	for _, one := range d.Changes {
		key := cellKey{one.Application, one.Grant, targetOf(one.Scopes)}
		switch {
		case one.Kind == access.OtherExcess:
			continue
		case one.Kind == access.OtherDefaults:
			empties[key] = one
		default:
			byCell[key] = append(byCell[key], one)
		}
		if len(one.Causes) == 0 {
			t.Errorf("seed %d: %v of %v has no cause among %v", seed, one.Kind, key, d.Edits)
		}
		if one.Application != "" {
			attests(t, seed, before, after, one)
		}
	}
	for _, app := range []access.ApplicationID{"one", "two", "third"} {
		for _, grant := range []access.GrantType{code, machine} {
			for _, target := range []string{"", "a.read.x", "a.write.x", "b.read.y", "m.read.z", "m.write.z", "a.read.x a.write.x"} {
				key := cellKey{app, grant, target}
				kinds := expected(was.of(key), is.of(key), was.requests)
				same(t, seed, key, byCell[key], kinds, was, is)
				if app == "third" {
					future := cellKey{"", grant, target}
					if diff := cmp.Diff(summary(byCell[key]), summary(byCell[future])); diff != "" {
						t.Errorf("seed %d: the future application differs from one that could be it in %v: %s", seed, key, diff)
					}
				}
			}
			key := cellKey{app, grant, ""}
			wasYields, isYields := was.yields[cellKey{app, grant, "empty"}], is.yields[cellKey{app, grant, "empty"}]
			for i, r := range was.requests {
				if r.Grant != grant {
					continue
				}
				e, told := empties[key]
				uses := func(s access.Spec) bool {
					return slices.ContainsFunc(s.Applications, func(a access.ApplicationSpec) bool { return a.ID == app && slices.Contains(a.Grants, grant) })
				}
				want := uses(c.before) && uses(c.after) && wasYields[i] != isYields[i]
				if got := told && holdsOf(e.Who, r); got != want {
					t.Errorf("seed %d: of a request without scopes of %v, %+v, it says %v; before %v, after %v", seed, key, r, got, wasYields[i], isYields[i])
				}
			}
		}
	}
	back, err := access.Diff(before, access.Undone(before, after), access.DiffOptions{})
	if err != nil || len(back.Changes) > 0 {
		t.Errorf("seed %d: with every edit undone there are still %v, %v", seed, back, err)
	}
}

func summary(changes []access.Change) string {
	text := ""
	for _, c := range changes {
		text += fmt.Sprint(c.Kind, c.Who, c.From, c.To, "\n")
	}
	return text
}

// same holds the changes of a cell to what is expected in each context: each is in
// a change of its kind, and what is in one of more access but should not be could
// do it before and still can.
func same(t *testing.T, seed int, key cellKey, changes []access.Change, kinds []map[access.ChangeKind]bool, was, is decisions) {
	t.Helper()
	wasHad, isHas := was.of(key), is.of(key)
	for kind := access.NewAccess; kind <= access.LowerRate; kind++ {
		var told []access.Population
		for _, c := range changes {
			if c.Kind == kind {
				told = append(told, c.Who...)
			}
		}
		some := false
		for i, r := range was.requests {
			if r.Grant != key.grant {
				continue
			}
			got, want := holdsOf(told, r), kinds[i][kind]
			some = some || want
			exact := kind >= access.LongerAccess // and all that is lost
			still := !exact && wasHad[i].granted && isHas[i].granted
			if got != want && (!got || !still) {
				t.Errorf("seed %d: %v of %v in %+v: told %v, want %v; %v", seed, kind, key, r, got, want, told)
				return
			}
		}
		if some != (told != nil) {
			t.Errorf("seed %d: %v of %v is told: %v, but it is so: %v", seed, kind, key, told, some)
		}
	}
}

// attests replays a witness.
func attests(t *testing.T, seed int, before, after *access.Model, c access.Change) {
	t.Helper()
	was, is := access.Decide(before, c.Witness), access.Decide(after, c.Witness)
	if !cmp.Equal(was, c.Before) || !cmp.Equal(is, c.After) {
		t.Errorf("seed %d: the witness %+v is decided %+v and %+v, not %+v and %+v", seed, c.Witness, was, is, c.Before, c.After)
	}
	granted := func(d access.Decision) bool { return d.Allowed && len(d.Refused) == 0 }
	ok := true
	switch c.Kind {
	case access.NewAccess, access.WiderAccess, access.WeakerAssurance, access.OlderSignIn:
		ok = !granted(was) && granted(is)
	case access.LostAccess, access.NarrowerAccess, access.StrongerAssurance, access.FresherSignIn:
		ok = granted(was) && !granted(is)
	case access.LongerAccess:
		ok = granted(is) && is.Lifetimes.Access == c.To && c.From < c.To && (!granted(was) || was.Lifetimes.Access <= c.From)
	case access.ShorterAccess:
		ok = granted(was) && was.Lifetimes.Access == c.From && c.From > c.To
	case access.HigherRate:
		ok = granted(is) && is.Rate == c.ToRate && (!granted(was) || was.Rate != is.Rate)
	case access.LowerRate:
		ok = granted(was) && was.Rate == c.FromRate && (!granted(is) || was.Rate != is.Rate)
	}
	if !ok || !holdsOf(c.Who, c.Witness) {
		t.Errorf("seed %d: %v %+v is no witness of %v: %+v, then %+v", seed, c.Kind, c.Witness, c.Who, was, is)
	}
}

func TestADifferenceIsEveryDecisionUnderBoth(t *testing.T) {
	for _, one := range []struct {
		name  string
		world world
		seeds int
	}{
		{"groups, assurance, entitlements and deny", plain, differences},
		{"networks and windows too", placed, differences / 10},
		{"attributes and ages too", known, differences / 3},
	} {
		t.Run(one.name, func(t *testing.T) {
			draw := drawChange(one.world)
			for seed := range one.seeds {
				if tells(t, seed, draw.Example(seed), one.world); t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}
