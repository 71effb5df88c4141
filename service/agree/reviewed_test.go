package agree_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/reach"
	"sallyport/pure/review"
)

// stranger is what stands in plain readings for any future application: one that no
// policy names, with every grant and every scope.
const stranger = "newcomer"

// reviewed is one comparison.
type reviewed struct {
	*weighed
	was, is       *tree // with a stranger
	before, after *config.Snapshot
	review        *review.Review
	random        *rand.Rand
}

// weighed counts what was looked at.
type weighed struct {
	edits, unreviewable, without, widening, contexts, gains, stretches, claims, opened atomic.Int64
}

func (n *weighed) String() string {
	return fmt.Sprintf("%d reviews (%d of nothing that differs, %d beyond what can be proven), %d lines that widen; %d contexts in which something was more: %d times to be had at all, %d times for longer or oftener, %d claims, %d operations",
		n.edits.Load(), n.without.Load(), n.unreviewable.Load(), n.widening.Load(), n.contexts.Load(), n.gains.Load(), n.stretches.Load(), n.claims.Load(), n.opened.Load())
}

// review compares two trees, and the review with what deciding under both says.
func (n *weighed) review(was, is *tree, seed uint64, contexts int) error {
	v := &reviewed{weighed: n, random: rand.New(rand.NewPCG(seed, 0x4ec)), was: joined(was), is: joined(is)}
	v.before, _ = was.compile()
	v.after, _ = is.compile()
	if v.before == nil || v.after == nil {
		return nil
	}
	var err error
	if v.review, err = review.Compare(v.before, v.after, review.Options{}); err != nil {
		return err
	}
	n.edits.Add(1)
	if !v.review.Passed() {
		n.unreviewable.Add(1)
		return nil
	}
	if len(v.review.Lines) == 0 {
		n.without.Add(1)
	}
	if err := v.sections(); err != nil {
		return err
	}
	for _, s := range v.is.Servers {
		if err := v.difference(s); err != nil {
			return err
		}
		if err := v.serverOf(s, contexts); err != nil {
			return fmt.Errorf("%s: %w\n%s", s.Name, err, v.told())
		}
	}
	for i := range v.review.Lines {
		if l := &v.review.Lines[i]; l.Section == review.Widening {
			n.widening.Add(1)
			if err := v.invented(l); err != nil {
				return fmt.Errorf("%q: %w", l.Sentence, err)
			}
		}
	}
	return v.products()
}

// joined is a tree with the stranger in it.
func joined(t *tree) *tree {
	twin := t.clone()
	a := &application{Kind: "application", Name: stranger, Type: "web", Grants: []string{"authorization_code", "client_credentials"}, Assigned: map[string][]string{}}
	for _, s := range twin.Servers {
		a.Assigned[s.Name] = s.names()
	}
	twin.Applications = append(twin.Applications, a)
	return twin
}

func (v *reviewed) told() string {
	var b strings.Builder
	for _, l := range v.review.Lines {
		fmt.Fprintf(&b, "%v %s\n", l.Section, l.Sentence)
	}
	return b.String()
}

// sections holds the review to its own order: what widens comes first.
func (v *reviewed) sections() error {
	last := review.Widening
	for _, l := range v.review.Lines {
		if l.Section < last || l.Section == review.Widening != l.Widens && l.Section != review.Credentials {
			return fmt.Errorf("%q stands in %v", l.Sentence, l.Section)
		}
		last = l.Section
	}
	return nil
}

// difference looks for every widening of the rules' own comparison in the review.
func (v *reviewed) difference(s *server) error {
	var before *access.Model
	if live := v.before.Servers[s.Name]; live != nil {
		before = live.Access
	}
	d, err := access.Diff(before, v.after.Servers[s.Name].Access, access.DiffOptions{})
	if err != nil {
		return err
	}
	for _, c := range d.Changes {
		app := v.is.application(cmp.Or(string(c.Application), stranger))
		if c.Kind.Widens() && !slices.ContainsFunc(v.review.Lines, func(l review.Line) bool {
			return about(&l, s, app, texts(c.Scopes)) && string(l.Kind) == c.Kind.String() && l.Grant == c.Grant
		}) {
			return fmt.Errorf("no line says: %s", d.Sentence(c))
		}
	}
	return nil
}

// outlook is what an application can have in one context, by trying every request.
type outlook struct {
	all     []outcome
	refresh bool
}

type outcome struct {
	asked []string // none: OpenID Connect's own
	verdict
}

func (t *tree) outlook(s *server, r access.Request) outlook {
	var o outlook
	if s == nil {
		return o
	}
	if a := t.application(string(r.Application)); a != nil {
		o.refresh = r.Subject != nil && slices.Contains(a.Grants, "refresh_token")
	}
	kind := byte('c')
	if r.Subject == nil {
		kind = 's'
	}
	var names []string
	for _, scope := range s.Scopes {
		if scope.Kind[0] == kind {
			names = append(names, scope.Name)
		}
	}
	for bits := range 1 << len(names) {
		var asked []string
		for i, name := range names {
			if bits&(1<<i) != 0 {
				asked = append(asked, name)
			}
		}
		if bits == 0 && r.Subject == nil {
			continue
		}
		if r.Scopes = scopesOf(asked); bits == 0 {
			r.Scopes = []access.Scope{"openid"}
		}
		if v := t.decide(s, r); v.allowed() && len(v.Granted) == max(1, len(asked)) {
			o.all = append(o.all, outcome{asked, v})
		}
	}
	return o
}

// has tells whether exactly these can be had.
func (o outlook) has(scopes []string) (outcome, bool) {
	return find(o.all, func(one outcome) bool {
		return len(one.asked) == len(scopes) && inside(scopes, one.asked)
	})
}

func inside(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

// measures are the most that can be had of each with some scopes.
type measures [5]float64

var measured = [5]access.ChangeKind{access.LongerAccess, access.LongerRefresh, access.LongerIdle, access.HigherRate, access.HigherRate}

func (o outlook) most(scopes []string) (m measures) {
	for _, one := range o.all {
		if !inside(scopes, one.asked) {
			continue
		}
		n := measures{one.Access.Seconds(), 0, 0, math.Inf(1), math.Inf(1)}
		if o.refresh {
			n[1], n[2] = one.Refresh.Seconds(), min(one.Own, one.Refresh).Seconds()
		}
		if one.Rate != "" {
			r, _ := access.ParseRate(one.Rate)
			n[3], n[4] = float64(r.Calls)/r.Per.Seconds(), float64(r.Burst)
		}
		for i := range m {
			m[i] = max(m[i], n[i])
		}
	}
	return m
}

// targets are what lines of access are about: each scope, each set that an operation
// needs, and signing in.
func (v *reviewed) targets(s *server, machine bool) (all [][]string) {
	kind := map[bool]byte{false: 'c', true: 's'}[machine]
	for _, o := range s.Scopes {
		if o.Kind[0] == kind {
			all = append(all, []string{o.Name})
		}
	}
	for _, set := range append(reach.Of(v.before).AndSets(s.Name), reach.Of(v.after).AndSets(s.Name)...) {
		names := texts(set)
		if !slices.ContainsFunc(names, func(name string) bool { return s.scope(name) == nil || s.scope(name).Kind[0] != kind }) {
			all = append(all, names)
		}
	}
	if !machine {
		all = append(all, nil)
	}
	return all
}

// serverOf decides under both trees, for every application there is or will be.
func (v *reviewed) serverOf(s *server, contexts int) error {
	for _, app := range v.is.Applications {
		for _, grant := range []string{"authorization_code", "client_credentials"} {
			if !slices.Contains(app.Grants, grant) || app.Assigned[s.Name] == nil {
				continue
			}
			targets := v.targets(s, grant == "client_credentials")
			for range contexts {
				r := drawContext(v.random, app.Name, grant)
				for r.At.IsZero() {
					r.At, _ = time.Parse(time.RFC3339, pick(v.random, instants))
				}
				if err := v.context(s, app, r, targets); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// context says what is more in one context, and looks for it in the review.
func (v *reviewed) context(s *server, app *application, r access.Request, targets [][]string) error {
	had, has := v.was.outlook(v.was.server(s.Name), r), v.is.outlook(s, r)
	more := false
	for _, target := range targets {
		_, before := had.has(target)
		now, after := has.has(target)
		switch {
		case after && !before:
			v.gains.Add(1)
			more = true
			if !v.says(s, app, r, target, access.NewAccess, access.WiderAccess, access.WeakerAssurance, access.OlderSignIn) {
				return fmt.Errorf("%s obtains %v now, and no line says so", shown(r), target)
			}
		case after:
			from, to := had.most(target), has.most(target)
			for i, kind := range measured {
				if to[i] <= from[i] {
					continue
				}
				v.stretches.Add(1)
				more = true
				if !v.says(s, app, r, target, kind) {
					return fmt.Errorf("%s has %v for %v, %v before, and no line of %v says so", shown(r), target, to, from, kind)
				}
			}
			if err := v.claimed(s, app, r, now); err != nil {
				return err
			}
		}
		if !after {
			continue
		}
		if err := v.opens(s, app, now.Granted); err != nil {
			return err
		}
	}
	if more {
		v.contexts.Add(1)
	}
	return v.population(s, app, r, had, has)
}

// about tells whether a line is about a target of an application.
func about(l *review.Line, s *server, app *application, target []string) bool {
	future := app.Name == stranger
	if l.Section != review.Widening || l.Server != s.Name || l.Future != future || !future && string(l.Application) != app.Name {
		return false
	}
	names := texts(l.Scopes)
	switch len(target) {
	case 0:
		return len(names) == 0
	case 1:
		return !l.Together && slices.Contains(names, target[0])
	}
	return l.Together && len(names) == len(target) && inside(target, names)
}

// says looks for a line of one of some kinds about a target in a context.
func (v *reviewed) says(s *server, app *application, r access.Request, target []string, kinds ...access.ChangeKind) bool {
	return slices.ContainsFunc(v.review.Lines, func(l review.Line) bool {
		return about(&l, s, app, target) && l.Grant == r.Grant && slices.ContainsFunc(kinds, func(k access.ChangeKind) bool { return string(l.Kind) == k.String() }) &&
			slices.ContainsFunc(l.Who, func(p review.Population) bool { return p.Contains(r) })
	})
}

// population holds the populations of lines that widen to what is so in a context.
func (v *reviewed) population(s *server, app *application, r access.Request, had, has outlook) error {
	for i := range v.review.Lines {
		l := &v.review.Lines[i]
		if !isAccess(l) || l.Grant != r.Grant || !slices.ContainsFunc(l.Who, func(p review.Population) bool { return p.Contains(r) }) {
			continue
		}
		targets := [][]string{texts(l.Scopes)}
		if !l.Together && len(l.Scopes) > 0 {
			targets = nil
			for _, name := range l.Scopes {
				targets = append(targets, []string{string(name)})
			}
		}
		for _, target := range targets {
			if !about(l, s, app, target) {
				continue
			}
			if err := v.more(l, target, had, has); err != nil {
				return fmt.Errorf("%s is told in %q: %w", shown(r), l.Sentence, err)
			}
		}
	}
	return nil
}

// isAccess tells whether a line is of what can be had.
func isAccess(l *review.Line) bool {
	var k access.ChangeKind
	return k.UnmarshalText([]byte(l.Kind)) == nil && k.Widens()
}

// more tells whether a line is true of one context of its population.
func (v *reviewed) more(l *review.Line, target []string, had, has outlook) error {
	var kind access.ChangeKind
	_ = kind.UnmarshalText([]byte(l.Kind))
	_, before := had.has(target)
	_, after := has.has(target)
	if !after {
		return fmt.Errorf("%v cannot be had", target)
	}
	if kind <= access.OlderSignIn {
		if before && kind == access.NewAccess {
			return fmt.Errorf("%v could be had", target)
		}
		return nil // a population may take in who could have it before
	}
	from, to := had.most(target), has.most(target)
	for i := range measured {
		if measured[i] == kind && to[i] > from[i] {
			return nil
		}
	}
	return fmt.Errorf("%v has %v, and had %v", target, to, from)
}

// claimed looks for what a token says more than it did with the same scopes.
func (v *reviewed) claimed(s *server, app *application, r access.Request, now outcome) error {
	earlier := v.was.server(s.Name)
	if r.Scopes = scopesOf(now.Granted); earlier == nil {
		return nil
	}
	if before := v.was.decide(earlier, r); !slices.Equal(before.Granted, now.Granted) {
		return nil
	}
	said := func(server *server, place, name string) any {
		a := &applicant{server: server, request: r}
		for _, c := range server.Claims {
			if c.Name == name && slices.Contains(c.In, place) && server.due(c, now.Granted) {
				return c.value(a)
			}
		}
		return nil
	}
	for _, c := range s.Claims {
		for _, place := range []string{"access", "id", "userinfo"} {
			is := said(s, place, c.Name)
			if place != "access" && !slices.Contains(now.Granted, "openid") || is == nil || fmt.Sprint(is) == fmt.Sprint(said(earlier, place, c.Name)) {
				continue
			}
			v.claims.Add(1)
			if !slices.ContainsFunc(v.review.Lines, func(l review.Line) bool {
				return l.Section == review.Widening && l.Kind == review.KindClaim && l.Server == s.Name && slices.Contains(l.Claims, c.Name) &&
					(string(l.Application) == app.Name || l.Future && app.Name == stranger)
			}) {
				return fmt.Errorf("%s is told %s in the %s token, and no line says so", shown(r), c.Name, place)
			}
		}
	}
	return nil
}

// opens looks for operations that the application can open and never could.
func (v *reviewed) opens(s *server, app *application, granted []string) error {
	for _, a := range v.is.APIs {
		for _, o := range a.Operations {
			public := slices.Contains(a.Public, o.Name)
			if !public && (!slices.Contains(a.Servers, s.Name) || !v.is.satisfies(o, s, granted)) || v.could(a, o, app) {
				continue
			}
			v.opened.Add(1)
			path := "GET " + v.after.Gateway.Path + a.Path + "/" + o.Name
			if !slices.ContainsFunc(v.review.Lines, func(l review.Line) bool {
				whose := string(l.Application) == app.Name && !public || l.Future && app.Name == stranger && !public || public && l.Application == "" && !l.Future
				return l.Section == review.Widening && whose && slices.ContainsFunc(l.Opens, func(p review.Opened) bool { return p.String() == path })
			}) {
				return fmt.Errorf("%s with %v opens %s now, and no line says so", app.Name, granted, path)
			}
		}
	}
	return nil
}

// could tells whether an application may have been able to open an operation before,
// by any server.
func (v *reviewed) could(a *api, o *operation, app *application) bool {
	earlier, there := find(v.was.APIs, func(b *api) bool { return b.Name == a.Name })
	if !there {
		return false
	}
	before, there := find(earlier.Operations, func(b *operation) bool { return b.Name == o.Name })
	if !there {
		return false
	}
	if slices.Contains(earlier.Public, o.Name) {
		return true
	}
	id := access.ApplicationID(app.Name)
	if app.Name == stranger {
		id = ""
	}
	all, err := reach.Of(v.before).Applications(reach.Options{})
	if err != nil {
		return true
	}
	return slices.ContainsFunc(all, func(one reach.Application) bool {
		return one.Application == id && slices.ContainsFunc(one.Reaches, func(r reach.Reached) bool { return r.Operation.API == a.Name && r.Operation.ID == before.Name })
	})
}

// invented holds a line that widens to its witness, its words and the trees.
func (v *reviewed) invented(l *review.Line) error {
	name := string(l.Application)
	if l.Future {
		name = stranger
	}
	app, s := v.is.application(name), v.is.server(l.Server)
	if name != "" && app == nil || l.Server != "" && s == nil {
		return fmt.Errorf("%q of %q is not there", name, l.Server)
	}
	if name != "" {
		who := map[bool]string{false: name, true: "any future application"}[l.Future]
		if !strings.HasPrefix(l.Sentence, who+": ") {
			return fmt.Errorf("it does not begin with %q", who)
		}
	}
	for _, scope := range l.Scopes {
		if !strings.Contains(l.Sentence, string(scope)) {
			return fmt.Errorf("it does not name %s", scope)
		}
	}
	switch {
	case isAccess(l):
		return v.witnessed(l, s, app)
	case l.Kind == review.KindClaim:
		return v.claimTold(l, s, app)
	case l.Kind == review.KindOperation:
		return v.operationTold(l, app)
	case !strings.HasPrefix(l.Object, "product "):
		return fmt.Errorf("nothing of %s was edited that could widen anything", l.Object)
	}
	return nil
}

// witnessed decides a line's witness under both trees.
func (v *reviewed) witnessed(l *review.Line, s *server, app *application) error {
	r := *l.Witness
	r.Application = access.ApplicationID(app.Name)
	had, has := v.was.outlook(v.was.server(s.Name), r), v.is.outlook(s, r)
	target := texts(l.Scopes)
	if !l.Together && len(target) > 1 {
		target = target[:1]
	}
	if err := v.more(l, target, had, has); err != nil {
		return fmt.Errorf("its witness shows otherwise: %w", err)
	}
	var kind access.ChangeKind
	_ = kind.UnmarshalText([]byte(l.Kind))
	if _, before := had.has(target); before && kind <= access.OlderSignIn {
		return fmt.Errorf("its witness could have %v before", target)
	}
	better := r
	better.Assurance, better.Authenticated = access.PhishingResistant, r.At
	if kind == access.OlderSignIn {
		better.Assurance = r.Assurance
	}
	if _, before := v.was.outlook(v.was.server(s.Name), better).has(target); before != (kind == access.WeakerAssurance || kind == access.OlderSignIn) && kind <= access.OlderSignIn && r.Subject != nil && !r.At.IsZero() {
		return fmt.Errorf("by a better sign-in %v could be had before: %v", target, before)
	}
	return nil
}

// claimTold holds a line about a claim to what it shows.
func (v *reviewed) claimTold(l *review.Line, s *server, app *application) error {
	r := *l.Witness
	r.Application = access.ApplicationID(app.Name)
	decided := v.is.decide(s, r)
	var was, is []*claim
	for _, name := range l.Claims {
		if earlier := v.was.server(s.Name); earlier != nil {
			was = append(was, slices.DeleteFunc(slices.Clone(earlier.Claims), func(c *claim) bool { return c.Name != name })...)
		}
		is = append(is, slices.DeleteFunc(slices.Clone(s.Claims), func(c *claim) bool { return c.Name != name })...)
	}
	told := slices.ContainsFunc(is, func(c *claim) bool {
		return c.Scopes == nil || slices.ContainsFunc(c.Scopes, func(s string) bool { return slices.Contains(decided.Granted, s) || access.IsOIDC(access.Scope(s)) })
	})
	if !decided.allowed() || !told || fmt.Sprintf("%+v", deref(was)) == fmt.Sprintf("%+v", deref(is)) {
		return fmt.Errorf("its witness is granted %v; it was %+v and is %+v", decided.Granted, deref(was), deref(is))
	}
	return nil
}

func deref[T any](list []*T) (all []T) {
	for _, one := range list {
		all = append(all, *one)
	}
	return all
}

// operationTold holds a line about operations to what tokens with its scopes open.
func (v *reviewed) operationTold(l *review.Line, app *application) error {
	for _, opened := range l.Opens {
		a, _ := find(v.is.APIs, func(a *api) bool { return a.Name == opened.API })
		o, _ := find(a.Operations, func(o *operation) bool { return o.Name == opened.ID })
		var before *operation
		earlier, there := find(v.was.APIs, func(b *api) bool { return b.Name == opened.API })
		if there {
			before, _ = find(earlier.Operations, func(b *operation) bool { return b.Name == o.Name })
		}
		wasPublic := there && slices.Contains(earlier.Public, o.Name)
		if app == nil {
			if wasPublic || !slices.Contains(a.Public, o.Name) {
				return fmt.Errorf("%s is no more public than it was", o.Name)
			}
			continue
		}
		scopes, old := texts(l.Scopes), v.was.server(l.Server)
		opens := slices.Contains(a.Servers, l.Server) && v.is.satisfies(o, v.is.server(l.Server), scopes)
		opened := before != nil && old != nil && (wasPublic || slices.Contains(earlier.Servers, l.Server) && v.was.satisfies(before, old, scopes))
		if !opens || opened {
			return fmt.Errorf("%v opens %s: %v, and opened it: %v", scopes, o.Name, opens, opened)
		}
	}
	return nil
}

// products looks for products that let more applications call more APIs.
func (v *reviewed) products() error {
	for _, p := range v.is.Products {
		earlier, _ := find(v.was.Products, func(o *product) bool { return o.Name == p.Name })
		for _, app := range v.is.Applications {
			old := v.was.application(app.Name)
			for _, a := range p.APIs {
				before := earlier != nil && slices.Contains(earlier.APIs, a) && old != nil && named(earlier.Applications, old)
				if before || old == nil || !named(p.Applications, app) || app.Name == stranger {
					continue
				}
				if !slices.ContainsFunc(v.review.Lines, func(l review.Line) bool {
					return l.Section == review.Widening && l.Object == "product "+p.Name
				}) {
					return fmt.Errorf("product %s lets %s call %s now, and no line says so\n%s", p.Name, app.Name, a, v.told())
				}
			}
		}
	}
	return nil
}

// A review of random edits tells every widening, in the top section, and none that is
// none.
func TestReviewsTellEveryWideningAndNoOther(t *testing.T) {
	t.Parallel()
	count := 300
	if testing.Short() {
		count = 30
	}
	reviews(t, 1, count)
}

func reviews(t *testing.T, first uint64, count int) {
	t.Helper()
	n := &weighed{}
	pair := func(seed uint64) []*tree { return []*tree{draw(seed), edited(draw(seed), seed)} }
	each(t, first, count, pair, func(trees []*tree, seed uint64) error {
		return n.review(trees[0], trees[1], seed, 30)
	})
	t.Logf("seeds %d to %d: %s", first, first+uint64(count)-1, n)
}
