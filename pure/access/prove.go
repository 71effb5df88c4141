package access

// Prove tries every context that the rules can tell apart, for every
// application, with every single scope, the empty request, OIDC's own scopes
// alone, the caller's sets, and for lifetimes and rates the most that each rule can
// be asked for. It is exact: what it calls never no request obtains.
//
// Single scopes are enough, because taking scopes away from a granted request
// never makes its rule fail nor an earlier deny rule fire; for a rule's own
// lifetime and rate the largest request that reaches it is enough, because an earlier rule
// that covers the largest covers any smaller one. The error is [*Unreviewable]
// or [*UnknownSet].
func Prove(m *Model, o Options) (*Matrix, error) { return prove(m, o, blockPlaces) }

func prove(m *Model, o Options, places int) (*Matrix, error) {
	sets := make([]set, len(o.AndSets))
	for i, names := range o.AndSets {
		sets[i] = newSet(len(m.scopes))
		for _, name := range names {
			position, known := m.position[name]
			switch {
			case known:
				sets[i].add(position)
			case !IsOIDC(name):
				return nil, &UnknownSet{name}
			}
		}
	}
	p := &prover{model: m, options: o, sets: sets, found: map[classKey]*class{}, rows: map[rowKey]Row{}, grid: grid{most: places}}
	p.collect()
	for _, c := range p.classes {
		if err := c.prove(); err != nil {
			return nil, err
		}
	}
	x := &Matrix{Server: m.server, Scopes: m.scopeNames(m.all), Parents: map[Scope]Scope{}}
	for _, s := range m.scopes {
		if s.Parent != "" {
			x.Parents[s.Name] = s.Parent
		}
	}
	for _, id := range m.order {
		x.Rows = append(x.Rows, p.row(m.applications[id]))
	}
	x.Rows = append(x.Rows, p.row(m.future))
	return x, nil
}

type prover struct {
	model   *Model
	options Options
	sets    []set // the caller's
	found   map[classKey]*class
	classes []*class
	rows    map[rowKey]Row
	grid    grid
	splitter
}

// classKey names applications that the same rules decide for, by one grant.
type classKey struct {
	line  *line
	grant grants
}

// rowKey names applications that nothing tells apart.
type rowKey struct {
	line     *line
	grants   grants
	assigned string
}

// class proves for all applications of its key at once: ceilings only choose
// among columns, so the columns of all go through the rules together.
type class struct {
	prover   *prover
	key      classKey
	space    *space
	kind     set // scopes that the grant can carry
	assigned set // to any of the members
	members  []*member
	byKey    map[string]*member

	rules    []*rule   // that are for the grant
	mentions [][]*rule // those with a scope
	possible set       // single scopes
	scale    *scale
	singly   []*proof // by scope: those of a single one; nil if not assigned
	sets     []proof  // the caller's sets
	signIn   proof
	empties  map[string]*proof // the empty request by defaults below the ceiling
	cells    []*Cell           // of single scopes, once needed
	contexts int
}

// member is the applications of a class with the same assigned scopes.
type member struct {
	assigned set // and of the class's kind
	reached  [byRule]*reached
	empty    *proof
	hopes    []hope // of rules that may give more than single scopes get
}

// proof gathers what contexts say of one column.
type proof struct {
	column    set
	notAlways bool
	witness   sighting // the first
	ranks     [qualities]int
	by        [qualities]sighting
	granted   set
}

// some reports whether any context grants it.
func (p *proof) some() bool { return p.witness.rule != nil }

// collect sorts the applications into classes.
func (p *prover) collect() {
	for _, id := range p.model.order {
		p.join(p.model.applications[id])
	}
	p.join(p.model.future)
}

func (p *prover) join(app *application) {
	for i := range decidedGrants {
		if grant := grants(1 << i); app.grants&grant != 0 {
			p.class(classKey{app.line, grant}).join(app)
		}
	}
}

func (p *prover) class(key classKey) *class {
	if c := p.found[key]; c != nil {
		return c
	}
	m := p.model
	n := len(m.scopes)
	c := &class{
		prover: p, key: key, kind: m.customer, assigned: newSet(n), byKey: map[string]*member{},
		empties: map[string]*proof{}, sets: make([]proof, len(p.sets)),
	}
	if key.grant == grantBit(ClientCredentials) {
		c.kind = m.system
	}
	for i, s := range p.sets {
		c.sets[i] = proof{column: s}
	}
	c.signIn.column = newSet(n)
	p.found[key] = c
	p.classes = append(p.classes, c)
	return c
}

func (c *class) join(app *application) {
	key := app.assigned.key()
	if c.byKey[key] != nil {
		return
	}
	b := &member{assigned: app.assigned.clone()}
	b.assigned.and(c.kind)
	c.assigned.or(b.assigned)
	c.byKey[key] = b
	c.members = append(c.members, b)
	defaults := b.assigned.clone()
	defaults.and(c.prover.model.defaults)
	if defaults.empty() {
		b.empty = &proof{}
		return
	}
	if c.empties[defaults.key()] == nil {
		c.empties[defaults.key()] = &proof{column: defaults, granted: newSet(len(c.prover.model.scopes))}
	}
	b.empty = c.empties[defaults.key()]
}

// prove makes one pass for what can be had, and one for how long and how often.
func (c *class) prove() error {
	m := c.prover.model
	c.space = newSpace(m, c.key.line.rules, c.key.grant, c.assigned, c.prover.options)
	if err := c.reviewable(); err != nil {
		return err
	}
	c.scale = newScale(c.key.line.rules, c.space)
	c.mention()
	run := &run{class: c, grid: &c.prover.grid}
	run.grid.blocks(m, c.space, func() bool {
		run.block()
		return true
	})
	c.assigned.each(func(i int) {
		if c.singly[i].some() {
			c.possible.add(i)
		}
	})
	c.outlive()
	return nil
}

// mention finds the rules that can have to do with each scope.
func (c *class) mention() {
	n := len(c.prover.model.scopes)
	c.mentions, c.singly, c.possible = make([][]*rule, n), make([]*proof, n), newSet(n)
	own := newSet(n)
	for _, r := range c.key.line.rules {
		if r.grants&c.key.grant == 0 {
			continue
		}
		c.rules = append(c.rules, r)
		copy(own, r.scopes)
		own.and(c.assigned)
		own.each(func(i int) { c.mentions[i] = append(c.mentions[i], r) })
	}
	c.assigned.each(func(i int) {
		c.singly[i] = &proof{column: newSet(n)}
		c.singly[i].column.add(i)
	})
}

func (c *class) reviewable() error {
	var names []PolicyName
	for _, i := range c.key.line.policies {
		names = append(names, c.prover.model.policies[i].name)
	}
	if c.contexts = c.space.size(); len(c.space.atoms) > MaxGroups || c.contexts > MaxContexts {
		return c.space.unreviewable(names)
	}
	return nil
}
