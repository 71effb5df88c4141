package access

import (
	"fmt"
	"time"
)

// signIn is what a sign-in would have to be: at least of an assurance, and at most
// of an age. What is zero is good as it is.
type signIn struct {
	assurance Assurance
	age       time.Duration
}

// unmatched finds the least demanding sign-in at which the request would be
// granted. More assurance and a fresher sign-in only ever make allow rules match.
func (q *inquiry) unmatched() *Refusal {
	for _, s := range q.stronger() {
		c := q.context
		c.assurance = max(c.assurance, s.assurance)
		if s.age > 0 {
			c.age = s.age
		}
		b := batch{columns: []column{q.column}}
		evaluate(q.app.line.rules, &c, &b)
		if r := b.columns[0].decider; r != nil && r.effect == Allow {
			q.needed = s
			return s.refusal()
		}
	}
	return &Refusal{AccessDenied, CheckRule, "no rule allows it"}
}

// stronger lists the sign-ins that could do better, the least demanding first: of
// each assurance, one of the age that it has, then fresher ones.
func (q *inquiry) stronger() []signIn {
	if q.context.machine {
		return nil
	}
	var all []signIn
	for level := q.context.assurance; level <= PhishingResistant; level++ {
		s := signIn{assurance: level}
		if level == q.context.assurance {
			s.assurance = NoAssurance
		} else {
			all = append(all, s)
		}
		for _, s.age = range q.app.line.ages {
			if s.age < q.context.age {
				all = append(all, s)
			}
		}
	}
	return all
}

func (s signIn) refusal() *Refusal {
	switch {
	case s.assurance == NoAssurance:
		return &Refusal{AccessDenied, CheckAge, fmt.Sprintf("the customer needs to sign in again; at most %s may have passed", span(s.age))}
	case s.age == 0:
		return &Refusal{AccessDenied, CheckAssurance, fmt.Sprintf("the customer needs to sign in with assurance %s", s.assurance)}
	}
	return &Refusal{AccessDenied, CheckAssurance, fmt.Sprintf("the customer needs to sign in with assurance %s; at most %s may have passed", s.assurance, span(s.age))}
}
