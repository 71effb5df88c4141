package issue

import (
	"encoding/json"
	"slices"
	"strconv"
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
	if !slices.ContainsFunc(*c, func(other Claim) bool { return other.Name == name }) {
		c.add(name, value)
	}
}

// Get gives a claim's value, nil if it is not there.
func (c Claims) Get(name string) any {
	for _, claim := range c {
		if claim.Name == name {
			return claim.Value
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
	for i, claim := range c {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, claim.Name), ':')
		switch value := claim.Value.(type) {
		case string:
			dst = appendString(dst, value)
		case int64:
			dst = strconv.AppendInt(dst, value, 10)
		case bool:
			dst = strconv.AppendBool(dst, value)
		default:
			encoded, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			dst = append(dst, encoded...)
		}
	}
	return append(dst, '}'), nil
}

func appendString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			encoded, _ := json.Marshal(s) // a string always marshals
			return append(dst, encoded...)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}
