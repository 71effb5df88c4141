package access

import (
	"cmp"
	"slices"
	"time"
)

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
