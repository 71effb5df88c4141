package claim

import (
	"slices"

	"sallyport/pure/access"
)

// Set is the claims of a server, compiled. It is immutable and shared between
// goroutines. A nil Set has no claims.
type Set struct{ claims []Claim }

// Claim is one compiled claim. The zero Claim is none.
type Claim struct {
	name   string
	in     []Place
	scopes []access.Scope // with those that open as much
	source source
	most   int // bytes of the value
}

// limit sets the bound of the value: what is configured, else what is usual for the
// source, and never more than it can take at all.
func (c *Claim) limit(s source) {
	usual, all := s.bytes()
	if c.most == 0 {
		c.most = usual
	}
	if all > 0 {
		c.most = min(c.most, all)
	}
}

// Name is the claim's name.
func (c *Claim) Name() string { return c.name }

// Places are where it stands.
func (c *Claim) Places() []Place { return slices.Clone(c.in) }

// Source says in words where its value is from, as "attribute tariff".
func (c *Claim) Source() string { return c.source.String() }

// Attributes are those that its value can tell of, sorted.
func (c *Claim) Attributes() []string { return slices.Clone(c.source.tells().attributes) }

// TellsGroups says whether its value can tell of the customer's groups.
func (c *Claim) TellsGroups() bool { return c.source.tells().groups }

// TellsAccounts says whether its value tells of accounts of which the customer is a member.
func (c *Claim) TellsAccounts() bool { return c.source.tells().accounts }

// NeedsAccounts tells whether a claim of the places tells of accounts, once the scopes are
// granted.
func (s *Set) NeedsAccounts(granted []access.Scope, places ...Place) bool {
	for i := range s.Len() {
		c := s.At(i)
		if c.TellsAccounts() && slices.ContainsFunc(places, func(p Place) bool { return c.In(p, granted) }) {
			return true
		}
	}
	return false
}

// TellsName says whether its value can tell the customer's name.
func (c *Claim) TellsName() bool { return c.source.tells().name }

// Most is how many bytes the JSON of its value takes at worst.
func (c *Claim) Most() int { return c.most }

// Bound is how many bytes it takes at worst in a payload, with its name and the
// comma before it. Where it is left out because it is too long, its name in [Overage]
// takes less.
func (c *Claim) Bound() int { return len(AppendString(nil, c.name)) + len(",:") + c.most }

// In tells whether it stands in a place once the scopes are granted.
func (c *Claim) In(place Place, granted []access.Scope) bool {
	return slices.Contains(c.in, place) && c.With(granted)
}

// With tells whether it stands anywhere once the scopes are granted.
func (c *Claim) With(granted []access.Scope) bool {
	if len(c.scopes) == 0 {
		return true
	}
	for _, scope := range granted {
		if slices.Contains(c.scopes, scope) {
			return true
		}
	}
	return false
}

// overflows tells whether a value may be longer than its bound.
func (c *Claim) overflows() bool {
	_, all := c.source.bytes()
	return all == 0 || all > c.most
}

// Len is how many claims there are.
func (s *Set) Len() int {
	if s == nil {
		return 0
	}
	return len(s.claims)
}

// At gives a claim by its place in the configuration; 0 ≤ i < Len.
func (s *Set) At(i int) *Claim { return &s.claims[i] }

// Bound is how many bytes the claims of a place take at worst once the scopes are
// granted, [Overage] and all commas included: for nothing that [Set.Evaluate] gives
// does a payload grow by more.
func (s *Set) Bound(place Place, granted []access.Scope) int {
	total, overflow := 0, false
	for i := range s.Len() {
		if c := s.At(i); c.In(place, granted) {
			total += c.Bound()
			overflow = overflow || c.overflows()
		}
	}
	if overflow {
		total += len(`,"` + Overage + `":[]`)
	}
	return total
}
