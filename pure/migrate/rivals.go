package migrate

import "sallyport/pure/customer"

// Suspected tells whether an outcome claims what others may claim too. It may be
// true of the innocent, and is never false of the others.
func (c *Contest) Suspected(o Outcome) bool {
	if c.Empty() || o.Verdict() == Leave {
		return false
	}
	for _, id := range o.Identifiers {
		if _, suspect := c.tallies[identifierClaim(id)]; suspect {
			return true
		}
	}
	return false
}

// Contested gives the identifiers of an outcome that others of the export claim
// too. Call it once every record was counted, and before any was recounted.
func (c *Contest) Contested(o Outcome) (all []customer.Identifier) {
	if c.Empty() || o.Verdict() == Leave {
		return nil
	}
	for _, id := range o.Identifiers {
		if c.tallies[identifierClaim(id)].claimants > 1 {
			all = append(all, id)
		}
	}
	return all
}

// Recount counts a record as what was decided of it instead of as it came, so that
// [Contest.Judge] holds the others to what is left of the claims.
func (c *Contest) Recount(came, decided Outcome) {
	c.change(came, func(t *tally, verified bool) {
		t.claimants--
		if verified {
			t.verified--
		}
	})
	c.change(decided, func(t *tally, verified bool) {
		t.claimants++
		if verified {
			t.verified++
		}
	})
}

func (c *Contest) change(o Outcome, by func(*tally, bool)) {
	if o.Verdict() == Leave {
		return
	}
	for _, id := range o.Identifiers {
		at := identifierClaim(id)
		t, known := c.tallies[at]
		if !known && len(c.tallies) == maxContested {
			continue
		}
		by(&t, id.Verified)
		if c.tallies == nil {
			c.tallies = map[claim]tally{}
		}
		c.tallies[at] = t
	}
}
