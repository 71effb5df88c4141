package access

import (
	"cmp"
	"slices"
	"time"
)

// quality is something about what is obtained of which the best is told.
type quality int

// The qualities. The first two are given by the rule that allows, so they can be
// better with more scopes in the request; the others are of the context.
const (
	longest quality = iota // life of an access token
	highest                // rate of calls
	weakest                // assurance
	oldest                 // sign-in
	qualities

	byRule = weakest // those before it
)

// reached is the best that each scope reaches of a quality, by rank.
type reached struct {
	atLeast []set            // by rank: the scopes that reach it
	by      map[int]sighting // by scope, of those that reach it only with others
}

// reached is what single scopes reach.
func (c *class) reached() (all [byRule]*reached) {
	for q := range byRule {
		r := &reached{}
		for range c.scale.ranks(q) {
			r.atLeast = append(r.atLeast, newSet(len(c.singly)))
		}
		c.possible.each(func(i int) {
			for rank := range c.singly[i].ranks[q] + 1 {
				r.atLeast[rank].add(i)
			}
		})
		all[q] = r
	}
	return all
}

// below restricts a copy to some scopes.
func (r *reached) below(ceiling set) *reached {
	c := &reached{by: map[int]sighting{}}
	for _, s := range r.atLeast {
		s = s.clone()
		s.and(ceiling)
		c.atLeast = append(c.atLeast, s)
	}
	return c
}

// reach notes that scopes are had at a rank.
func (r *reached) reach(rank int, scopes set, found sighting) {
	if scopes.within(r.atLeast[rank]) {
		return
	}
	scopes.each(func(i int) {
		if !r.atLeast[rank].has(i) {
			r.by[i] = found
		}
	})
	for i := range rank + 1 {
		r.atLeast[i].or(scopes)
	}
}

// scale ranks what can be reached in a class.
type scale struct {
	lives []time.Duration // of the rules, ascending and distinct
	rates []Rate          // likewise
	space *space
}

func newScale(rules []*rule, s *space) *scale {
	k := &scale{space: s}
	for _, r := range rules {
		if r.effect == Allow {
			k.lives, k.rates = append(k.lives, r.lifetimes.Access), append(k.rates, r.rate)
		}
	}
	slices.Sort(k.lives)
	slices.SortFunc(k.rates, Rate.compare)
	k.lives, k.rates = slices.Compact(k.lives), slices.CompactFunc(k.rates, func(a, b Rate) bool { return a.compare(b) == 0 })
	return k
}

// ranks counts those of a quality.
func (k *scale) ranks(q quality) int {
	return [...]int{len(k.lives), len(k.rates), len(k.space.levels), len(k.space.ages)}[q]
}

// byRule ranks what a rule gives.
func (k *scale) byRule(r *rule) (ranks [byRule]int) {
	ranks[longest], _ = slices.BinarySearch(k.lives, r.lifetimes.Access)
	if len(k.rates) > 1 {
		ranks[highest], _ = slices.BinarySearchFunc(k.rates, r.rate, Rate.compare)
	}
	return ranks
}

// compare orders rates by their pace, and of the same by their burst.
func (r Rate) compare(other Rate) int {
	return cmp.Or(cmp.Compare(r.pace(), other.pace()), cmp.Compare(r.burst(), other.burst()))
}
