package access

// outlive looks for tokens that live longer than any with a single scope: a rule
// of a longer lifetime may be shadowed for each of its scopes alone and yet be
// reached by several together. The most that a rule can be asked for is its own
// scopes below the ceilings, less those denied earlier.
func (c *class) outlive() {
	hope := false
	for _, b := range c.members {
		b.longest = c.singly.below(b.assigned)
		b.hopes = c.hopes(b)
		hope = hope || len(b.hopes) > 0
	}
	if !hope {
		return
	}
	c.space.each(func(x *context, entitled set) {
		held, place := c.held(x)
		for _, b := range c.members {
			for _, r := range b.hopes {
				if at, ok := place[r]; ok {
					c.ask(b, held[:at+1], x, entitled)
				}
			}
		}
	})
}

// hopes are the rules that could give some scope a longer life.
func (c *class) hopes(b *member) []*rule {
	var hopes []*rule
	for _, r := range c.key.line.rules {
		if r.effect != Allow || r.grants&c.key.grant == 0 {
			continue
		}
		own := r.scopes.clone()
		own.and(b.assigned)
		if !own.within(b.longest.atLeast[b.longest.level(r)]) {
			hopes = append(hopes, r)
		}
	}
	return hopes
}

// held are the rules whose conditions hold, up to one that denies everything,
// and the place of each.
func (c *class) held(x *context) ([]*rule, map[*rule]int) {
	var held []*rule
	place := map[*rule]int{}
	b := batch{exhaust: true, seen: func(r *rule, failed Condition, _ bool) {
		if failed == holds {
			place[r] = len(held)
			held = append(held, r)
		}
	}}
	evaluate(c.key.line.rules, x, &b)
	return held, place
}

// ask puts the largest request that could reach the last of some rules.
func (c *class) ask(b *member, rules []*rule, x *context, entitled set) {
	r := rules[len(rules)-1]
	own := r.scopes.clone()
	own.and(b.assigned)
	own.and(entitled)
	for _, earlier := range rules {
		if earlier.effect == Deny {
			own.without(earlier.scopes)
		}
	}
	if own.within(b.longest.atLeast[b.longest.level(r)]) {
		return
	}
	asked := batch{columns: []column{{scopes: own}}}
	evaluate(rules, x, &asked)
	if asked.columns[0].decider != r {
		return
	}
	var witness *Witness
	b.longest.reach(r, own, func(int) *Witness {
		if witness == nil {
			witness = c.attest(x, r, own, false)
		}
		return witness
	})
}
