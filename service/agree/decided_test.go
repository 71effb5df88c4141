package agree_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/reach"
	"sallyport/pure/route"
	"sallyport/service/subscribe"
)

// tried is what a test looked at.
type tried struct{ trees, contexts, requests, granted, calls, opened, witnesses, unprovable atomic.Int64 }

func (n *tried) String() string {
	return fmt.Sprintf("%d configurations (%d of them with a server that cannot be proven), %d contexts, %d requests of which %d were granted, %d calls of which %d were let through, %d witnesses",
		n.trees.Load(), n.unprovable.Load(), n.contexts.Load(), n.requests.Load(), n.granted.Load(), n.calls.Load(), n.opened.Load(), n.witnesses.Load())
}

// inspection is one server of one tree.
type inspection struct {
	tried    *tried
	tree     *tree
	server   *server
	snapshot *config.Snapshot
	model    *access.Model
	reach    *reach.Map
	sets     [][]access.Scope
	matrix   *access.Matrix // nil if it cannot be proven
	reached  []reach.Application
	random   *rand.Rand
}

// decisions holds everything that decides about a tree to each other, in so many
// contexts of each application and grant type. A tree that is refused has no fault.
func (n *tried) decisions(t *tree, seed uint64, contexts int) error {
	s, _ := t.compile()
	if s == nil {
		return nil
	}
	n.trees.Add(1)
	for _, server := range t.Servers {
		i := &inspection{
			tried: n, tree: t, server: server, snapshot: s, model: s.Servers[server.Name].Access, reach: reach.Of(s),
			random: rand.New(rand.NewPCG(seed, 0xc0)),
		}
		if err := i.prove(); err != nil {
			return fmt.Errorf("%s: %w", server.Name, err)
		}
		for _, app := range t.Applications {
			for _, grant := range []string{"authorization_code", "client_credentials"} {
				some := contexts
				if !slices.Contains(app.Grants, grant) {
					some = 1
				}
				for range some {
					n.contexts.Add(1)
					if err := i.context(app, drawContext(i.random, app.Name, grant)); err != nil {
						return fmt.Errorf("%s: %w", server.Name, err)
					}
				}
			}
		}
	}
	return nil
}

// prove asks for the matrix and holds it to its own witnesses.
func (i *inspection) prove() error {
	i.sets = i.reach.AndSets(i.server.Name)
	matrix, err := access.Prove(i.model, access.Options{AndSets: i.sets})
	if err != nil {
		i.tried.unprovable.Add(1)
		return nil
	}
	i.matrix = matrix
	if i.reached, err = i.reach.Applications(reach.Options{Server: i.server.Name}); err != nil {
		return err
	}
	for _, row := range matrix.Rows {
		if row.Application == "" {
			continue // see newcomers
		}
		for j, cell := range row.Cells {
			if err := i.attested(row, cell, []access.Scope{matrix.Scopes[j]}); err != nil {
				return err
			}
		}
		for j, cell := range row.Sets {
			if err := i.attested(row, cell, i.sets[j]); err != nil {
				return err
			}
		}
		if err := cmp.Or(i.attested(row, row.SignIn, []access.Scope{"openid"}), i.attested(row, row.Empty, nil)); err != nil {
			return err
		}
	}
	return nil
}

// attested replays a cell's witnesses: each obtains what the cell is of, and what it
// is to show.
func (i *inspection) attested(row access.Row, c access.Cell, scopes []access.Scope) error {
	shown := [...]struct {
		what string
		by   *access.Witness
		is   func(access.Request, access.Decision) bool
	}{
		{"obtains", c.Witness, func(access.Request, access.Decision) bool { return true }},
		{"longest", c.LongestBy, func(_ access.Request, d access.Decision) bool { return d.Lifetimes.Access == c.Longest }},
		{"highest", c.HighestBy, func(_ access.Request, d access.Decision) bool { return d.Rate == c.Highest }},
		{"weakest", c.WeakestBy, func(r access.Request, _ access.Decision) bool { return r.Assurance == c.Weakest }},
		{"oldest", c.OldestBy, func(r access.Request, _ access.Decision) bool {
			return r.Authenticated.IsZero() || r.At.Sub(r.Authenticated) == c.Oldest
		}},
	}
	for _, s := range shown {
		if (s.by == nil) != (c.Obtainable == access.Never) {
			return fmt.Errorf("%s %v is %v, and the witness of %s is %v", row.Application, scopes, c.Obtainable, s.what, s.by)
		}
		if s.by == nil {
			continue
		}
		i.tried.witnesses.Add(1)
		r := s.by.Request(row.Application)
		if len(scopes) == 1 && scopes[0] == "openid" {
			r.Scopes = scopes
		}
		d, err := i.decide(r)
		if err != nil {
			return err
		}
		has := d.Allowed && !slices.ContainsFunc(scopes, func(s access.Scope) bool { return !slices.Contains(d.Granted, s) })
		if !has || !s.is(r, d) {
			return fmt.Errorf("%s %v: the witness of %s, %v, is decided %+v, and the cell is %+v", row.Application, scopes, s.what, s.by, d, c)
		}
	}
	return nil
}

// context asks for everything in one context.
func (i *inspection) context(app *application, r access.Request) error {
	ask := func(original []access.Scope, scopes ...access.Scope) error {
		r.Scopes, r.Original = scopes, original
		d, err := i.decide(r)
		if err == nil {
			err = i.proven(r, d)
		}
		if err == nil && d.Allowed {
			err = i.calls(app, r, d)
		}
		return err
	}
	for _, spec := range i.server.Scopes {
		if err := ask(nil, access.Scope(spec.Name)); err != nil {
			return err
		}
	}
	for _, set := range append(slices.Clone(i.sets), nil, []access.Scope{"openid"}, i.wish(), i.wish()) {
		if err := ask(nil, set...); err != nil {
			return err
		}
	}
	return cmp.Or(ask(append([]access.Scope{"openid"}, i.wish()...)), ask(i.wish(), i.wish()[:1]...))
}

// wish is some scopes, not all of which need be there to be had.
func (i *inspection) wish() []access.Scope {
	var wish []access.Scope
	for _, s := range i.server.Scopes {
		if i.random.IntN(3) > 0 {
			wish = append(wish, access.Scope(s.Name))
		}
	}
	if i.random.IntN(3) == 0 {
		wish = append(wish, pick(i.random, []access.Scope{"openid", "profile", "no.read.such"}))
	}
	if wish == nil {
		wish = []access.Scope{"email"}
	}
	return wish
}

// decide holds the decision, its explanation and the plain reading to each other.
func (i *inspection) decide(r access.Request) (access.Decision, error) {
	i.tried.requests.Add(1)
	d, want := access.Decide(i.model, r), i.tree.decide(i.server, r)
	if explained := access.Explain(i.model, r).Decision; !reflect.DeepEqual(d, explained) {
		return d, fmt.Errorf("%s is decided %+v, and explained as %+v", shown(r), d, explained)
	}
	got := verdict{Code: d.Error.Code, Access: d.Lifetimes.Access, Refresh: d.Lifetimes.Refresh, Own: d.Lifetimes.Idle, Rate: d.Rate.String()}
	if d.Allowed {
		i.tried.granted.Add(1)
		got.Granted = texts(d.Granted)
		slices.Sort(got.Granted)
	}
	if !reflect.DeepEqual(got, want) {
		return d, fmt.Errorf("%s is decided %+v, and reads as %+v", shown(r), got, want)
	}
	return d, nil
}

func shown(r access.Request) string {
	who := "itself"
	if r.Subject != nil {
		who = fmt.Sprintf("a customer in %v with %v", r.Subject.Groups, r.Subject.Attributes)
	}
	return fmt.Sprintf("%s by %s for %s, asking %v of %v, from %v at %v, %v, signed in %v", r.Application, r.Grant, who, r.Scopes, r.Original, r.Address, r.At, r.Assurance, r.Authenticated)
}

// proven holds a decision to the matrix: nothing is had that can never be had, nor
// better than it can be had at best, nor refused that can always be had. Every request
// is made at some instant; the matrix does not look at what would be without one.
func (i *inspection) proven(r access.Request, d access.Decision) error {
	if i.matrix == nil || r.At.IsZero() {
		return nil
	}
	at := slices.IndexFunc(i.matrix.Rows, func(row access.Row) bool { return row.Application == r.Application })
	if at < 0 {
		return nil // the server does not serve it
	}
	row := i.matrix.Rows[at]
	if d.Allowed {
		if err := i.within(row, r, d); err != nil {
			return err
		}
	}
	usual := r.Original == nil && slices.Contains(i.tree.application(string(r.Application)).Grants, string(r.Grant))
	whole := d.Allowed && len(d.Refused) == 0
	cell, kind := i.cell(row, r)
	switch {
	case cell == nil || !usual || kind != "" && (kind[0] == 's') != (r.Subject == nil):
		return nil
	case whole && cell.Obtainable == access.Never, !whole && cell.Obtainable == access.Always:
		return fmt.Errorf("%s is decided %+v, and the matrix says %v", shown(r), d, cell.Obtainable)
	}
	return nil
}

// cell is that of a request, with the kind of its scopes.
func (i *inspection) cell(row access.Row, r access.Request) (*access.Cell, string) {
	switch {
	case len(r.Scopes) == 0:
		return &row.Empty, ""
	case len(r.Scopes) == 1 && r.Scopes[0] == "openid":
		return &row.SignIn, "customer"
	case len(r.Scopes) == 1 && i.server.scope(string(r.Scopes[0])) != nil:
		at, _ := slices.BinarySearch(i.matrix.Scopes, r.Scopes[0])
		return &row.Cells[at], i.server.scope(string(r.Scopes[0])).Kind
	}
	at := slices.IndexFunc(i.sets, func(s []access.Scope) bool { return slices.Equal(s, r.Scopes) })
	if at < 0 {
		return nil, ""
	}
	return &row.Sets[at], i.server.scope(string(r.Scopes[0])).Kind
}

// within holds everything that is granted to the best that its cell says.
func (i *inspection) within(row access.Row, r access.Request, d access.Decision) error {
	var age time.Duration
	if !r.Authenticated.IsZero() && !r.At.IsZero() {
		age = r.At.Sub(r.Authenticated)
	}
	for _, s := range d.Granted {
		at, known := slices.BinarySearch(i.matrix.Scopes, s)
		cell := row.SignIn
		switch {
		case known:
			cell = row.Cells[at]
		case len(d.Granted) > 1:
			continue // beside others, OpenID Connect's own open nothing
		}
		switch {
		case cell.Obtainable == access.Never:
			return fmt.Errorf("%s is granted %s, which the matrix says is never had", shown(r), s)
		case d.Lifetimes.Access > cell.Longest:
			return fmt.Errorf("%s is granted %s for %v, and the matrix says %v at most", shown(r), s, d.Lifetimes.Access, cell.Longest)
		case above(d.Rate, cell.Highest):
			return fmt.Errorf("%s is granted %s at %v, and the matrix says %v at most", shown(r), s, d.Rate, cell.Highest)
		case r.Subject != nil && r.Assurance < cell.Weakest:
			return fmt.Errorf("%s is granted %s with %v, and the matrix says %v at least", shown(r), s, r.Assurance, cell.Weakest)
		case r.Subject != nil && cell.Oldest > 0 && (r.Authenticated.IsZero() || age > cell.Oldest):
			return fmt.Errorf("%s is granted %s, and the matrix says that at most %v may have passed", shown(r), s, cell.Oldest)
		case len(r.Scopes) == 0 && r.Original == nil && !slices.Contains(row.Defaults, s):
			return fmt.Errorf("%s is granted the default %s, and the matrix says %v", shown(r), s, row.Defaults)
		}
	}
	return nil
}

// above compares rates by pace, then by burst; none is above all.
func above(a, b access.Rate) bool {
	if a.Calls == 0 || b.Calls == 0 {
		return a.Calls == 0 && b.Calls != 0
	}
	pace := int64(a.Calls)*int64(b.Per) - int64(b.Calls)*int64(a.Per)
	return pace > 0 || pace == 0 && a.Burst > b.Burst
}

// calls holds the gateway to the plain reading and to reach, with a token as decided.
func (i *inspection) calls(app *application, r access.Request, d access.Decision) error {
	token := &subscribe.Bearer{Server: i.server.Name, Application: app.Name, Holds: func(s route.Scope) bool { return slices.Contains(d.Granted, access.Scope(s)) }}
	for _, a := range i.tree.APIs {
		for _, o := range a.Operations {
			path := i.snapshot.Gateway.Path + a.Path + "/" + o.Name
			match, _ := i.snapshot.Routes.Match("GET", path)
			if match.Operation == nil {
				return fmt.Errorf("the gateway knows no %s", path)
			}
			for _, p := range i.tree.Products {
				i.tried.calls.Add(1)
				v := subscribe.Judge(i.snapshot, match.Operation, subscribe.Shown{Keyed: true, Product: p.Name, Application: app.Name, Token: token})
				if want := i.tree.opens(a, o, p, app, i.server, texts(d.Granted)); v.Passes() != want {
					return fmt.Errorf("with %v, by product %s, %s is let through %v (%v), and reads as %v", d.Granted, p.Name, path, v.Passes(), v, want)
				}
				if !v.Passes() {
					continue
				}
				i.tried.opened.Add(1)
				if err := i.reaches(app, match.Operation, d); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// reaches holds an operation that is let through to what the application can reach.
func (i *inspection) reaches(app *application, o *route.Operation, d access.Decision) error {
	if o.Security.Public || i.matrix == nil {
		return nil
	}
	known, _ := find(i.reached, func(a reach.Application) bool { return string(a.Application) == app.Name })
	if !slices.ContainsFunc(known.Reaches, func(r reach.Reached) bool { return r.Operation.API == string(o.API) && r.Operation.ID == string(o.ID) }) {
		return fmt.Errorf("%s with %v opens %s %s, which it is not said to reach", app.Name, d.Granted, o.API, o.ID)
	}
	opens := i.reach.Opens(i.server.Name, d.Granted...)
	if !slices.ContainsFunc(opens, func(r *reach.Operation) bool { return r.API == string(o.API) && r.ID == string(o.ID) }) {
		return fmt.Errorf("%v opens %s %s, and reach does not say so", d.Granted, o.API, o.ID)
	}
	return nil
}

// newcomers compares what any future application can obtain with what one obtains that
// is really added, with every grant and every scope.
func newcomers(t *tree) error {
	s, _ := t.compile()
	if s == nil {
		return nil
	}
	twin := t.clone()
	added := &application{
		Kind: "application", Name: "newcomer", Type: "web", Redirects: []string{"https://newcomer.harbourlight.test/callback"},
		Grants: []string{"authorization_code", "refresh_token", "client_credentials"}, Assigned: map[string][]string{},
	}
	for _, server := range twin.Servers {
		added.Assigned[server.Name] = server.names()
	}
	twin.Applications = append(twin.Applications, added)
	after, problems := twin.compile()
	if after == nil {
		return fmt.Errorf("an application more is refused: %v", problems)
	}
	for name := range s.Servers {
		o := access.Options{AndSets: reach.Of(s).AndSets(name)}
		before, err := access.Prove(s.Servers[name].Access, o)
		if err != nil {
			continue // unreviewable: said elsewhere
		}
		now, err := access.Prove(after.Servers[name].Access, o)
		if err != nil {
			return err
		}
		future := before.Rows[len(before.Rows)-1]
		real, _ := find(now.Rows, func(r access.Row) bool { return r.Application == "newcomer" })
		a, b := bare(future), bare(real)
		if !reflect.DeepEqual(a, b) {
			return fmt.Errorf("%s: any future application obtains %+v, and one that is added %+v", name, a, b)
		}
	}
	return nil
}

// bare are a row's cells without witnesses, which name groups as they come.
func bare(r access.Row) (cells []access.Cell) {
	for _, c := range slices.Concat(r.Cells, r.Sets, []access.Cell{r.SignIn, r.Empty}) {
		c.Witness, c.LongestBy, c.HighestBy, c.WeakestBy, c.OldestBy = nil, nil, nil, nil, nil
		cells = append(cells, c)
	}
	return cells
}

// each draws trees of seeds from first on, and stops at the first that fail, which it
// tells with the smallest that still do.
func each(t *testing.T, first uint64, count int, draw func(seed uint64) []*tree, fails func(trees []*tree, seed uint64) error) {
	t.Helper()
	var next atomic.Int64
	var once sync.Once
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() {
			for {
				n := next.Add(1) - 1
				if n >= int64(count) || t.Failed() {
					return
				}
				seed := first + uint64(n)
				if fails(draw(seed), seed) != nil {
					once.Do(func() {
						trees, err := smallest(draw(seed), func(t []*tree) error { return fails(t, seed) })
						t.Errorf("seed %d: %v\n%s", seed, err, texted(trees))
					})
				}
			}
		})
	}
	all.Wait()
}

// texted are trees for a failure, one below the other.
func texted(trees []*tree) string {
	var all []string
	for _, t := range trees {
		all = append(all, t.text())
	}
	return strings.Join(all, "\nand then:\n")
}

func alone(seed uint64) []*tree { return []*tree{draw(seed)} }

// Everything that says who gets what says the same of thousands of configurations.
func TestDecisionsExplanationsProofsAndTheGatewayAgree(t *testing.T) {
	t.Parallel()
	count := 2000
	if testing.Short() {
		count = 100
	}
	agree(t, 1, count, 6)
}

func agree(t *testing.T, first uint64, count, contexts int) *tried {
	t.Helper()
	n := &tried{}
	each(t, first, count, alone, func(trees []*tree, seed uint64) error {
		if err := n.decisions(trees[0], seed, contexts); err != nil || seed%4 > 0 {
			return err
		}
		return newcomers(trees[0])
	})
	t.Logf("seeds %d to %d: %s", first, first+uint64(count)-1, n)
	return n
}

// A drawn tree is one that people could have written: none is refused.
func TestWhatIsDrawnCompiles(t *testing.T) {
	for seed := range uint64(50) {
		draw(seed).must(t)
	}
}
