package access

import (
	"cmp"
	"slices"
	"time"
)

// Prove tries every context that the rules can tell apart, for every
// application, with every single scope, the empty request, OIDC's own scopes
// alone, the caller's sets, and for lifetimes the most that each rule can be
// asked for. It is exact: what it calls never no request obtains.
//
// Single scopes are enough, because taking scopes away from a granted request
// never makes its rule fail nor an earlier deny rule fire; for a rule's own
// lifetime the largest request that reaches it is enough, because an earlier rule
// that covers the largest covers any smaller one. The error is [*Unreviewable]
// or [*UnknownSet].
func Prove(m *Model, o Options) (*Matrix, error) {
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
	p := &prover{model: m, options: o, sets: sets, found: map[classKey]*class{}, rows: map[rowKey]Row{}}
	p.collect()
	for _, c := range p.classes {
		if err := c.prove(); err != nil {
			return nil, err
		}
	}
	x := &Matrix{Server: m.server, Scopes: m.scopeNames(m.all)}
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

	possible set // single scopes
	always   set
	witness  []*Witness // by scope
	singly   *longest   // lifetimes that single scopes reach
	sets     []proof    // the caller's sets
	signIn   proof
	empties  map[string]*proof // the empty request by defaults below the ceiling
	contexts int
}

// member is the applications of a class with the same assigned scopes.
type member struct {
	assigned set // and of the class's kind
	longest  *longest
	empty    *proof
	hopes    []*rule // that may outlive what single scopes reach
}

// proof gathers what contexts say of one column.
type proof struct {
	column          set
	some, notAlways bool
	witness         *Witness
	longest         *Witness
	granted         set
}

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
	c := &class{prover: p, key: key, kind: m.customer, assigned: newSet(n), byKey: map[string]*member{},
		possible: newSet(n), witness: make([]*Witness, n), empties: map[string]*proof{}, sets: make([]proof, len(p.sets))}
	if key.grant == grantBit(ClientCredentials) {
		c.kind = m.system
	}
	c.always = c.kind.clone()
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

// prove makes one pass for what can be had, and one for how long.
func (c *class) prove() error {
	m := c.prover.model
	rules := c.key.line.rules
	c.space = newSpace(m, rules, c.key.grant, c.assigned, c.prover.options.From)
	if err := c.reviewable(); err != nil {
		return err
	}
	c.singly = newLongest(rules, len(m.scopes))
	c.always.and(c.assigned)
	run := &run{class: c, rules: rules, won: newSet(len(m.scopes)), singles: newSet(len(m.scopes))}
	run.lay()
	c.space.each(run.context)
	c.outlive()
	return nil
}

func (c *class) reviewable() error {
	var names []PolicyName
	for _, i := range c.key.line.policies {
		names = append(names, c.prover.model.policies[i].name)
	}
	if len(c.space.atoms) > MaxGroups {
		return &Unreviewable{Policies: names, Groups: len(c.space.atoms)}
	}
	if c.contexts = c.space.size(); c.contexts > MaxContexts {
		return &Unreviewable{Policies: names, Groups: len(c.space.atoms), Contexts: c.contexts}
	}
	return nil
}

// run carries one class through its contexts.
type run struct {
	class   *class
	rules   []*rule
	proofs  []*proof // in the order of the columns
	columns []column
	empties int // where the empty requests begin
	singles set
	won     set
}

// lay puts the columns in order: the caller's sets, sign-in, empty requests.
func (u *run) lay() {
	c := u.class
	for i := range c.sets {
		u.proofs = append(u.proofs, &c.sets[i])
	}
	if !c.space.machine {
		u.proofs = append(u.proofs, &c.signIn)
	}
	u.empties = len(u.proofs)
	for _, p := range c.empties {
		u.proofs = append(u.proofs, p)
	}
	u.columns = make([]column, len(u.proofs))
	for i := range u.columns {
		u.columns[i].scopes = newSet(len(c.prover.model.scopes))
	}
}

// context passes all columns through the rules in one context.
func (u *run) context(x *context, entitled set) {
	c := u.class
	copy(u.singles, c.assigned)
	u.singles.and(entitled)
	clear(u.won)
	columns, proofs := u.below(entitled)
	b := batch{columns: columns, singles: u.singles, won: func(r *rule, scopes set) {
		u.won.or(scopes)
		c.singly.reach(r, scopes, func(i int) *Witness { return c.single(x, r, i) })
		if !scopes.within(c.possible) {
			c.obtain(x, r, scopes)
		}
	}}
	evaluate(u.rules, x, &b)
	c.always.and(u.won)
	for i := range b.columns {
		c.learn(proofs[i], &b.columns[i], x)
	}
}

// below gives the columns that stay below the ceiling; a column above it is
// refused there. An empty request asks for what is left of it.
func (u *run) below(entitled set) ([]column, []*proof) {
	columns, proofs := u.columns[:0], make([]*proof, 0, len(u.proofs))
	for i, p := range u.proofs {
		scopes := u.columns[:len(columns)+1][len(columns)].scopes
		copy(scopes, p.column)
		if i >= u.empties {
			scopes.and(entitled)
			if scopes.empty() {
				p.notAlways = true
				continue
			}
		} else if !scopes.within(entitled) || !scopes.within(u.class.assigned) {
			p.notAlways = true
			continue
		}
		columns = append(columns, column{scopes: scopes, defaults: i >= u.empties})
		proofs = append(proofs, p)
	}
	return columns, proofs
}

// obtain notes the first witness of each scope.
func (c *class) obtain(x *context, r *rule, scopes set) {
	scopes.each(func(i int) {
		if !c.possible.has(i) {
			c.possible.add(i)
			c.witness[i] = c.single(x, r, i)
		}
	})
}

func (c *class) single(x *context, r *rule, scope int) *Witness {
	one := newSet(len(c.prover.model.scopes))
	one.add(scope)
	return c.attest(x, r, one, false)
}

// learn takes what one context says of a column.
func (c *class) learn(p *proof, col *column, x *context) {
	r := col.decider
	if r == nil || r.effect == Deny {
		p.notAlways = true
		return
	}
	if !p.some {
		p.some, p.witness = true, c.attest(x, r, col.scopes, col.defaults)
	}
	if p.longest == nil || p.longest.Lifetimes.Access < r.lifetimes.Access {
		p.longest = c.attest(x, r, col.scopes, col.defaults)
	}
	if col.defaults {
		granted := col.scopes.clone()
		granted.and(r.scopes)
		p.granted.or(granted)
	}
}

// attest writes a context down, with no more groups than its rules look at and
// its scopes need.
func (c *class) attest(x *context, r *rule, scopes set, defaults bool) *Witness {
	m := c.prover.model
	w := &Witness{Address: x.address, At: x.at, Assurance: x.assurance,
		Grant: grantNames(x.grant)[0], Policy: m.policies[r.policy].name, Rule: r.name, Lifetimes: r.lifetimes}
	if !defaults {
		w.Scopes = m.scopeNames(scopes)
	}
	groups := x.groups.clone()
	groups.and(c.space.ruleGroups)
	if m.table && !x.machine {
		have := m.entitlement(groups)
		x.groups.each(func(g int) {
			if lists := m.entitled[g].clone(); !groups.has(g) {
				lists.and(scopes)
				if !lists.within(have) {
					groups.add(g)
					have.or(lists)
				}
			}
		})
	}
	groups.each(func(g int) { w.Groups = append(w.Groups, m.groups[g]) })
	return w
}

// longest is the longest access lifetime of each scope.
type longest struct {
	lives   []time.Duration // of the rules, ascending and distinct
	atLeast []set           // by life: the scopes that reach it
	by      []*Witness      // by scope
}

func newLongest(rules []*rule, scopes int) *longest {
	l := &longest{by: make([]*Witness, scopes)}
	for _, r := range rules {
		if r.effect == Allow {
			l.lives = append(l.lives, r.lifetimes.Access)
		}
	}
	slices.SortFunc(l.lives, cmp.Compare[time.Duration])
	l.lives = slices.Compact(l.lives)
	for range l.lives {
		l.atLeast = append(l.atLeast, newSet(scopes))
	}
	return l
}

// below restricts a copy to some scopes.
func (l *longest) below(ceiling set) *longest {
	c := &longest{lives: l.lives, by: slices.Clone(l.by)}
	for _, s := range l.atLeast {
		s = s.clone()
		s.and(ceiling)
		c.atLeast = append(c.atLeast, s)
	}
	return c
}

func (l *longest) level(r *rule) int {
	i, _ := slices.BinarySearch(l.lives, r.lifetimes.Access)
	return i
}

// reach notes that a rule grants scopes, asking for a witness of each that had
// less.
func (l *longest) reach(r *rule, scopes set, witness func(int) *Witness) {
	level := l.level(r)
	if scopes.within(l.atLeast[level]) {
		return
	}
	scopes.each(func(i int) {
		if !l.atLeast[level].has(i) {
			l.by[i] = witness(i)
		}
	})
	for i := range level + 1 {
		l.atLeast[i].or(scopes)
	}
}
