package issue

import (
	"slices"

	"sallyport/pure/claim"
)

// Claim is one member of a token's payload or of a userinfo answer. Its value
// is a string, int64, bool or []string.
type Claim struct {
	Name  string
	Value any
}

// Claims are the members in the order in which they are written. They know
// nothing of JWT.
type Claims []Claim

func (c *Claims) add(name string, value any) { *c = append(*c, Claim{name, value}) }

// addNew adds a claim that no earlier one may be overridden by.
func (c *Claims) addNew(name string, value any) {
	if !c.has(name) {
		c.add(name, value)
	}
}

func (c Claims) has(name string) bool {
	return slices.ContainsFunc(c, func(member Claim) bool { return member.Name == name })
}

// Get gives a claim's value, nil if it is not there.
func (c Claims) Get(name string) any {
	for i := range c {
		if c[i].Name == name {
			return c[i].Value
		}
	}
	return nil
}

// MarshalJSON writes an object with the claims in order.
func (c Claims) MarshalJSON() ([]byte, error) { return c.appendJSON(nil) }

// appendJSON writes by hand what nearly all tokens hold: reflection over maps
// would cost as much as a signature.
func (c Claims) appendJSON(dst []byte) ([]byte, error) {
	dst = append(dst, '{')
	for i, member := range c {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = claim.AppendJSON(append(claim.AppendString(dst, member.Name), ':'), member.Value); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}
