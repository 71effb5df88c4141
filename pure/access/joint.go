package access

import "slices"

// Joint is the most that one application can be granted by one grant type.
type Joint struct {
	Application ApplicationID `json:"application"`
	Grant       GrantType     `json:"grant"`
	// Together are the scopes of the longest request that is granted: of all sets
	// that a token can have, the one whose names take the most bytes with a space
	// between them. OIDC's own are no part of it.
	Together []Scope `json:"together,omitempty"`
	// Any are all scopes that some request obtains.
	Any []Scope `json:"any,omitempty"`
	// Rated tells whether a rule that grants some of them sets a rate of calls.
	Rated bool `json:"rated,omitempty"`
}

// Jointly tells of every declared application and grant type that it may use what
// one token can have at most. It is exact: Together is granted in some context,
// and no request is granted a set that is longer. The error is [*Unreviewable].
func Jointly(m *Model) ([]Joint, error) {
	p := &prover{model: m, found: map[classKey]*class{}}
	p.collect()
	granted := map[*class]*grantable{}
	for _, c := range p.classes {
		c.space = newSpace(m, c.key.line.rules, c.key.grant, c.assigned, p.options)
		if err := c.reviewable(); err != nil {
			return nil, err
		}
		granted[c] = c.grantable()
	}
	var all []Joint
	for _, app := range m.declared() {
		for i, grant := range decidedGrants {
			if app.grants&(1<<i) != 0 {
				j := granted[p.found[classKey{app.line, 1 << i}]].joint(m, app)
				j.Application, j.Grant = app.id, grant
				all = append(all, j)
			}
		}
	}
	return all, nil
}

// grantable is what the rules of a class grant: sets none of which is within
// another.
type grantable struct {
	sets  []set
	known map[string]bool
	rated set
}

// grantable tries every context. A rule grants at most what is assigned and
// entitled to, less what is denied before it; an earlier rule that covers that
// grants the same.
func (c *class) grantable() *grantable {
	g := &grantable{known: map[string]bool{}, rated: newSet(len(c.prover.model.scopes))}
	left, most := g.rated.clone(), g.rated.clone()
	c.space.each(func(x *context, entitled set, _ spot) bool {
		copy(left, c.assigned)
		left.and(entitled)
		evaluate(c.key.line.rules, x, &batch{exhaust: true, seen: func(r *rule, failed Condition, _ bool) {
			switch {
			case failed != holds:
			case r.effect == Deny:
				left.without(r.scopes)
			default:
				copy(most, left)
				most.and(r.scopes)
				if r.rate != (Rate{}) {
					g.rated.or(most)
				}
				g.add(most)
			}
		}})
		return true
	})
	return g
}

// add keeps a set that is within no other, in place of those within it.
func (g *grantable) add(s set) {
	key := s.key()
	if g.known[key] {
		return
	}
	g.known[key] = true
	if slices.ContainsFunc(g.sets, s.within) {
		return
	}
	g.sets = append(slices.DeleteFunc(g.sets, func(t set) bool { return t.within(s) }), s.clone())
}

// joint reads the sets for one application.
func (g *grantable) joint(m *Model, app *application) Joint {
	most, any, length := newSet(len(m.scopes)), newSet(len(m.scopes)), 0
	for _, s := range g.sets {
		s := s.clone()
		s.and(app.assigned)
		any.or(s)
		if n := m.length(s); n > length {
			most, length = s, n
		}
	}
	return Joint{Together: m.scopeNames(most), Any: m.scopeNames(any), Rated: any.meets(g.rated)}
}

// length is how many bytes the names take with a space between them.
func (m *Model) length(s set) int {
	n := 0
	s.each(func(i int) { n += len(m.scopes[i].Name) + 1 })
	return max(0, n-1)
}
