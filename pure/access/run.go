package access

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
func (u *run) context(x *context, entitled set, at spot) {
	c := u.class
	copy(u.singles, c.assigned)
	u.singles.and(entitled)
	clear(u.won)
	columns, proofs := u.below(entitled)
	b := batch{columns: columns, singles: u.singles, won: func(r *rule, scopes set) {
		u.won.or(scopes)
		for q, rank := range c.scale.rank(r, at) {
			if reached := c.singly[q]; !scopes.within(reached.atLeast[rank]) {
				reached.reach(rank, scopes, func(i int) *Witness { return c.single(x, r, i) })
			}
		}
		if !scopes.within(c.possible) {
			c.obtain(x, r, scopes)
		}
	}}
	evaluate(u.rules, x, &b)
	c.always.and(u.won)
	for i := range b.columns {
		c.learn(proofs[i], &b.columns[i], x, at)
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
func (c *class) learn(p *proof, col *column, x *context, at spot) {
	r := col.decider
	if r == nil || r.effect == Deny {
		p.notAlways = true
		return
	}
	var witness *Witness
	attest := func() *Witness {
		if witness == nil {
			witness = c.attest(x, r, col.scopes, col.defaults)
		}
		return witness
	}
	if !p.some {
		p.some, p.witness = true, attest()
	}
	for q, rank := range c.scale.rank(r, at) {
		if p.by[q] == nil || p.ranks[q] < rank {
			p.ranks[q], p.by[q] = rank, attest()
		}
	}
	if col.defaults {
		granted := col.scopes.clone()
		granted.and(r.scopes)
		p.granted.or(granted)
	}
}
