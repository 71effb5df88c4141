package access

import (
	"math/bits"
	"slices"
)

// hope is a rule that could give an application's scopes a longer life or a higher
// rate than single scopes reach.
type hope struct {
	rule  *rule
	ranks [byRule]int
	own   set // its scopes below what the application is assigned
}

// fulfilled reports whether scopes have got all that a rule gives.
func (b *member) fulfilled(ranks [byRule]int, scopes set) bool {
	for q, rank := range ranks {
		if !scopes.within(b.reached[q].atLeast[rank]) {
			return false
		}
	}
	return true
}

// outlive looks for tokens that live longer, or allow more calls, than any with a
// single scope: a rule that gives more may be shadowed for each of its scopes alone
// and yet be reached by several together. The most that a rule can be asked for is its own
// scopes below the ceilings, less those denied earlier.
func (c *class) outlive() {
	singly := c.reached()
	var hoping []*member
	for _, b := range c.members {
		b.reached = singly
		if b.hopes = c.hopes(b); len(b.hopes) > 0 {
			for q := range byRule {
				b.reached[q] = singly[q].below(b.assigned)
			}
			hoping = append(hoping, b)
		}
	}
	if len(hoping) == 0 {
		return
	}
	o := &outliving{class: c, grid: &c.prover.grid}
	o.grid.blocks(c.prover.model, c.space, func() bool {
		o.open = o.grid.set()
		for _, b := range hoping {
			for _, h := range b.hopes {
				o.try(b, h)
			}
			b.hopes = slices.DeleteFunc(b.hopes, func(h hope) bool { return b.fulfilled(h.ranks, h.own) })
		}
		hoping = slices.DeleteFunc(hoping, func(b *member) bool { return len(b.hopes) == 0 })
		return len(hoping) > 0
	})
}

// hopes leaves out what cannot come true: a scope that is never granted alone is
// never granted, and one scope alone has been tried.
func (c *class) hopes(b *member) []hope {
	var hopes []hope
	own := newSet(len(c.prover.model.scopes))
	for _, r := range c.rules {
		if r.effect != Allow {
			continue
		}
		copy(own, r.scopes)
		own.and(b.assigned)
		own.and(c.possible)
		if !own.several() {
			continue
		}
		if ranks := c.scale.byRule(r); !b.fulfilled(ranks, own) {
			hopes = append(hopes, hope{r, ranks, own.clone()})
		}
	}
	return hopes
}

// outliving is what one hope after another is looked at with.
type outliving struct {
	class *class
	grid  *grid
	batch batch
	open  set
}

// try puts the largest requests that could reach a rule.
func (o *outliving) try(b *member, h hope) {
	where, failed := o.grid.hold(h.rule)
	if failed != holds {
		return
	}
	o.class.prover.largest(o.grid, h.rule, o.class.mentions, h.own, where, func(own, where set) bool {
		return own.several() && !b.fulfilled(h.ranks, own)
	}, func(own, where set) { o.ask(b, h, own, where) })
}

// ask puts one of them. Who decides it lists every scope of it.
func (o *outliving) ask(b *member, h hope, own, where set) {
	copy(o.open, where)
	o.batch.columns = append(o.batch.columns[:0], column{scopes: own, open: o.open, took: func(r *rule, where set) {
		if r != h.rule {
			return
		}
		found := sighting{place: o.grid.from + where.first(), rule: r, scopes: own.clone()}
		for q, rank := range h.ranks {
			b.reached[q].reach(rank, own, found)
		}
	}})
	evaluate(o.class.mentions[own.first()], o.grid, &o.batch)
}

// several reports whether the set holds more than one number.
func (s set) several() bool {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n > 1
}
