package access

import (
	"net/netip"
	"time"
)

// Condition names what a rule asks. A rule's conditions are tested in the order
// below, and scopes last.
type Condition string

// The conditions.
const (
	ConditionGrant     Condition = "grants"
	ConditionAnyOf     Condition = "groups.anyOf"
	ConditionNoneOf    Condition = "groups.noneOf"
	ConditionAttribute Condition = "attributes"
	ConditionNetwork   Condition = "networks"
	ConditionWindow    Condition = "windows"
	ConditionAssurance Condition = "assurance"
	ConditionAge       Condition = "age"
	ConditionScopes    Condition = "scopes"

	holds   Condition = ""        // every condition but the scopes
	nowhere Condition = "nowhere" // in none of many contexts
)

// context is what a rule's conditions look at.
type context struct {
	grant     grants // one bit
	machine   bool
	groups    set
	cells     []int      // of the customer's attributes, by domain
	address   netip.Addr // without zone, IPv4 as such
	at        time.Time
	assurance Assurance
	age       time.Duration // of the sign-in; unknownAge if not known, or a machine
}

// failed gives the first condition that does not hold, scopes apart.
func (r *rule) failed(c *context) Condition {
	switch {
	case r.grants&c.grant == 0:
		return ConditionGrant
	case r.ask && (c.machine || !r.anyOf.meets(c.groups)):
		return ConditionAnyOf
	case !c.machine && r.noneOf.meets(c.groups):
		return ConditionNoneOf
	case r.attributes != nil && r.lacks(c) >= 0:
		return ConditionAttribute
	case r.networks != nil && !r.reaches(c.address):
		return ConditionNetwork
	case r.windows != nil && !r.open(c.at):
		return ConditionWindow
	case c.assurance < r.assurance:
		return ConditionAssurance
	case r.maxAge != 0 && c.age > r.maxAge:
		return ConditionAge
	}
	return holds
}

// lacks gives the place of the first of the rule's conditions on attributes that
// does not hold, or -1.
func (r *rule) lacks(c *context) int {
	for i := range r.attributes {
		if a := &r.attributes[i]; c.machine || !a.holds.has(c.cells[a.domain]) {
			return i
		}
	}
	return -1
}

// reaches reports whether the address is in the rule's networks. What is not
// known is in those of a deny rule only, so that hiding never helps.
func (r *rule) reaches(address netip.Addr) bool {
	if !address.IsValid() {
		return r.effect == Deny
	}
	for _, network := range r.networks {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// open reports whether the instant is in one of the rule's windows.
func (r *rule) open(at time.Time) bool {
	if at.IsZero() {
		return r.effect == Deny
	}
	for _, window := range r.windows {
		if window.contains(at) {
			return true
		}
	}
	return false
}

// contexts are one context, or many side by side: a [context] or a [grid].
type contexts interface {
	// hold gives the first condition of a rule that does not hold, scopes apart. Of
	// many contexts it gives where all hold, if anywhere.
	hold(r *rule) (where set, failed Condition)
}

// hold has no places to tell apart.
func (c *context) hold(r *rule) (set, Condition) { return nil, r.failed(c) }

// column is one requested scope set, below the ceilings, on its way through the
// rules. A column without scopes is a request of OIDC's own alone.
type column struct {
	scopes   set
	defaults bool  // the empty request: scopes are the defaults
	decider  *rule // that matched or fired; nil while undecided; of many contexts the last
	// open are those of many contexts in which it is asked and undecided; took, if
	// given, hears where a rule decides it.
	open set
	took func(r *rule, where set)
}

// takes reports whether a rule whose conditions hold decides the column.
func (r *rule) takes(c *column) bool {
	switch {
	case r.effect == Deny:
		return r.all || r.scopes.meets(c.scopes)
	case c.defaults:
		return r.scopes.meets(c.scopes)
	}
	return c.scopes.within(r.scopes)
}

// batch is what goes through the rules together.
type batch struct {
	columns []column
	// singles is one column of one scope for each bit. A column leaves when it
	// is decided; those that stay were decided by no rule. Of one context only.
	singles set
	// won, if given, hears which singles an allow rule took.
	won func(r *rule, scopes set)
	// seen, if given, hears of each rule up to the last decision: the condition
	// that failed, and whether it decided a column.
	seen func(r *rule, failed Condition, decided bool)
	// exhaust goes on after the last decision, until a rule denies everything. Of
	// one context only.
	exhaust bool

	scratch set
}

// evaluate passes a batch through rules, the first that matches deciding. There
// is no other evaluator: a decision, its trace and the matrix all come from here.
func evaluate(rules []*rule, c contexts, b *batch) {
	open := len(b.columns)
	for _, r := range rules {
		where, failed := c.hold(r)
		before := open
		if failed == holds {
			open -= b.offer(r, where)
		}
		if b.seen != nil {
			b.seen(r, failed, open < before)
		}
		if b.exhaust && failed == holds && r.effect == Deny && r.all {
			return
		}
		if open == 0 && !b.exhaust && b.singles.empty() {
			return
		}
	}
}

// offer lets a rule whose conditions hold take what it decides, and returns how
// many columns that settled.
func (b *batch) offer(r *rule, where set) (settled int) {
	if r.effect == Allow && b.won != nil && r.scopes.meets(b.singles) {
		b.scratch = append(b.scratch[:0], b.singles...)
		b.scratch.and(r.scopes)
		b.won(r, b.scratch)
	}
	if b.singles != nil {
		b.singles.without(r.scopes)
	}
	for i := range b.columns {
		if c := &b.columns[i]; c.decider == nil && r.takes(c) && c.settle(r, where, &b.scratch) {
			c.decider = r
			settled++
		}
	}
	return settled
}

// settle gives a rule what it decides of a column, and reports whether nothing is
// open any more.
func (c *column) settle(r *rule, where set, scratch *set) bool {
	if c.open == nil {
		return true
	}
	if !where.meets(c.open) {
		return false
	}
	if c.took != nil {
		*scratch = append((*scratch)[:0], where...)
		scratch.and(c.open)
		c.took(r, *scratch)
	}
	c.open.without(where)
	return c.open.empty()
}
