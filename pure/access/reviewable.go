package access

import (
	"fmt"
	"math"
)

// The largest proof. What needs more is refused as unreviewable, by people too.
const (
	MaxGroups   = 16      // that the rules for one application tell apart
	MaxContexts = 1 << 20 // of one application and grant
)

// Unreviewable is the error of [Prove], [Diff] and [Findings] where the rules tell
// too much apart for anybody to look through.
type Unreviewable struct {
	Policies   []PolicyName // that decide together
	Groups     int          // that they tell apart
	Attributes []Attribute  // whose values they tell apart
	Contexts   int          // that would have to be tried; 0 if they cannot be counted
}

// Error says what is too much, and of which policies.
func (e *Unreviewable) Error() string {
	if e.Groups > MaxGroups {
		return fmt.Sprintf("access: unreviewable: policies %v tell %d groups apart, more than %d", e.Policies, e.Groups, MaxGroups)
	}
	told := fmt.Sprintf("%d groups", e.Groups)
	if len(e.Attributes) > 0 {
		told += " and values of " + list(e.Attributes, "")
	}
	if e.Contexts == 0 {
		return fmt.Sprintf("access: unreviewable: policies %v tell %s apart, in more contexts than %d", e.Policies, told, MaxContexts)
	}
	return fmt.Sprintf("access: unreviewable: policies %v tell %s apart, in %d contexts, more than %d", e.Policies, told, e.Contexts, MaxContexts)
}

// unreviewable says why a space cannot be looked through.
func (s *space) unreviewable(policies []PolicyName) error {
	e := &Unreviewable{Policies: policies, Groups: len(s.atoms)}
	for _, d := range s.attributes {
		e.Attributes = append(e.Attributes, s.model.domains[d.domain].Name)
	}
	if n := s.size(); n < math.MaxInt {
		e.Contexts = n
	}
	return e
}

// Reviewable reports, as [*Unreviewable], whether the rules tell too much apart for
// [Prove]. It tries nothing, so it takes little time.
func Reviewable(m *Model) error {
	p := &prover{model: m, found: map[classKey]*class{}}
	p.collect()
	for _, c := range p.classes {
		c.space = newSpace(m, c.key.line.rules, c.key.grant, c.assigned, p.options)
		if err := c.reviewable(); err != nil {
			return err
		}
	}
	return nil
}
