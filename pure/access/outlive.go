package access

import (
	"math/bits"
	"slices"
)

// hope is a rule that could give an application's scopes a longer life or a higher
// rate than single scopes reach.
type hope struct {
	at    int // its place in the line
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
	var hoping []*member
	for _, b := range c.members {
		for q := range byRule {
			b.reached[q] = c.singly[q].below(b.assigned)
		}
		if b.hopes = c.hopes(b); len(b.hopes) > 0 {
			hoping = append(hoping, b)
		}
	}
	if len(hoping) == 0 {
		return
	}
	o := &outliving{class: c, place: make([]int, len(c.key.line.rules)), own: newSet(len(c.prover.model.scopes))}
	c.space.each(func(x *context, entitled set, _ spot) bool {
		o.hold(x)
		for _, b := range hoping {
			for _, h := range b.hopes {
				if o.place[h.at] >= 0 {
					o.ask(b, h, x, entitled)
				}
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
	for i, r := range c.key.line.rules {
		if r.effect != Allow || r.grants&c.key.grant == 0 {
			continue
		}
		h := hope{at: i, ranks: c.scale.byRule(r), own: r.scopes.clone()}
		h.own.and(b.assigned)
		h.own.and(c.possible)
		if h.own.several() && !b.fulfilled(h.ranks, h.own) {
			hopes = append(hopes, h)
		}
	}
	return hopes
}

// outliving is what one context after another is looked at with.
type outliving struct {
	class *class
	held  []*rule // whose conditions hold, up to one that denies everything
	place []int   // in held, by place in the line; -1 if not held
	own   set
}

func (o *outliving) hold(x *context) {
	o.held = o.held[:0]
	for i := range o.place {
		o.place[i] = -1
	}
	at := 0
	b := batch{exhaust: true, seen: func(r *rule, failed Condition, _ bool) {
		if failed == holds {
			o.place[at] = len(o.held)
			o.held = append(o.held, r)
		}
		at++
	}}
	evaluate(o.class.key.line.rules, x, &b)
}

// ask puts the largest request that could reach a rule.
func (o *outliving) ask(b *member, h hope, x *context, entitled set) {
	own := o.own
	copy(own, h.own)
	own.and(entitled)
	if b.fulfilled(h.ranks, own) {
		return
	}
	rules := o.held[:o.place[h.at]+1]
	for _, earlier := range rules {
		if earlier.effect == Deny {
			own.without(earlier.scopes)
		}
	}
	if !own.several() || b.fulfilled(h.ranks, own) {
		return
	}
	r := rules[len(rules)-1]
	asked := batch{columns: []column{{scopes: own}}}
	if evaluate(rules, x, &asked); asked.columns[0].decider != r {
		return
	}
	var witness *Witness
	for q, rank := range h.ranks {
		b.reached[q].reach(rank, own, func(int) *Witness {
			if witness == nil {
				witness = o.class.attest(x, r, own, false)
			}
			return witness
		})
	}
}

// several reports whether the set holds more than one number.
func (s set) several() bool {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n > 1
}
