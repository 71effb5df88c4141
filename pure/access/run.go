package access

// run carries one class through a stretch of its contexts.
type run struct {
	class *class
	grid  *grid
	batch batch
	open  set
	won   set
	hit   set
}

// block asks in all contexts of the grid for single scopes, the caller's sets,
// sign-in and the empty requests.
func (u *run) block() {
	c := u.class
	u.open, u.won, u.hit = u.grid.set(), u.grid.set(), u.grid.set()
	c.assigned.each(func(scope int) {
		p := c.singly[scope]
		copy(u.open, u.grid.entitled(scope))
		u.pass(c.mentions[scope], p, p.column)
	})
	for i := range c.sets {
		if p := &c.sets[i]; p.column.within(c.assigned) {
			u.grid.below(p.column, u.open)
			u.pass(c.rules, p, p.column)
		}
	}
	if !c.space.machine {
		copy(u.open, u.grid.all)
		u.pass(c.rules, &c.signIn, c.signIn.column)
	}
	for _, p := range c.empties {
		u.empty(p)
	}
}

// pass puts a column through the rules where it is open, and learns from it.
func (u *run) pass(rules []*rule, p *proof, scopes set) {
	clear(u.won)
	u.ask(rules, p, column{scopes: scopes})
	p.notAlways = p.notAlways || !u.grid.all.within(u.won)
}

func (u *run) ask(rules []*rule, p *proof, asked column) {
	asked.open = u.open
	asked.took = func(r *rule, where set) {
		if r.effect == Allow {
			u.won.or(where)
			u.learn(p, r, where)
			if asked.defaults {
				granted := asked.scopes.clone()
				granted.and(r.scopes)
				p.granted.or(granted)
			}
		}
	}
	u.batch.columns = append(u.batch.columns[:0], asked)
	evaluate(rules, u.grid, &u.batch)
}

// empty asks for the defaults: in each context for those that a customer is
// entitled to there.
func (u *run) empty(p *proof) {
	clear(u.won)
	u.class.prover.each(u.grid, p.column, u.grid.all, func(scopes, where set) {
		if scopes.empty() {
			return
		}
		copy(u.open, where)
		u.ask(u.class.rules, p, column{scopes: scopes, defaults: true})
	})
	p.notAlways = p.notAlways || !u.grid.all.within(u.won)
}

// learn takes what a rule gives where it decides.
func (u *run) learn(p *proof, r *rule, where set) {
	found := sighting{place: u.grid.from + where.first(), rule: r}
	if p.witness.rule == nil || found.place < p.witness.place {
		p.witness = found
	}
	given := u.class.scale.byRule(r)
	for q := range byRule {
		p.raise(q, given[q], found)
	}
	for q, a := range [...]*axis{0: u.grid.level, oldest - weakest: u.grid.aged} {
		q := quality(q) + weakest
		if a == nil {
			p.raise(q, 0, found)
			continue
		}
		for value, mask := range a.masks {
			if mask.meets(where) {
				copy(u.hit, where)
				u.hit.and(mask)
				p.raise(q, a.size-1-value, sighting{place: u.grid.from + u.hit.first(), rule: r})
				break
			}
		}
	}
}

// raise notes a rank that is higher than before, or found earlier.
func (p *proof) raise(q quality, rank int, found sighting) {
	best := &p.by[q]
	if best.rule == nil || rank > p.ranks[q] || (rank == p.ranks[q] && found.place < best.place) {
		p.ranks[q], *best = rank, found
	}
}

// sighting is where something was found.
type sighting struct {
	place  int
	rule   *rule // that decided; nil: nothing was found
	scopes set   // that were asked for, if not those of the column
}
