package access

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Attribute names what is known of a customer besides groups, such as "tariff".
type Attribute string

// AttributeType says what an attribute's values are. The zero type is refused.
type AttributeType int

// The types. A value that is not written as its type demands counts as lacking,
// and so does the empty text.
const (
	Text    AttributeType = iota + 1 // any text but the empty one, compared byte for byte
	Number                           // a whole number of 64 bits, such as -12; no plus sign, no leading zero
	Boolean                          // true or false
	Date                             // a day of the years 0000 to 9999, such as 2026-03-02
)

var attributeTypeNames = [...]string{"", "text", "number", "boolean", "date"}

// String gives "text", "number", "boolean" or "date".
func (t AttributeType) String() string {
	if t < Text || t > Date {
		return fmt.Sprintf("type(%d)", int(t))
	}
	return attributeTypeNames[t]
}

// MarshalText gives the name that [AttributeType.UnmarshalText] reads.
func (t AttributeType) MarshalText() ([]byte, error) {
	if t < Text || t > Date {
		return nil, fmt.Errorf("access: %v has no name", t)
	}
	return []byte(attributeTypeNames[t]), nil
}

// UnmarshalText reads "text", "number", "boolean" or "date".
func (t *AttributeType) UnmarshalText(text []byte) error {
	i := slices.Index(attributeTypeNames[1:], string(text))
	if i < 0 {
		return fmt.Errorf("access: unknown type of attribute %.40q", text)
	}
	*t = AttributeType(i + 1)
	return nil
}

// ordered reports whether values of the type come before and after each other.
func (t AttributeType) ordered() bool { return t == Number || t == Date }

// Valid reports whether a value is written as the type demands.
func (t AttributeType) Valid(value string) bool {
	switch t {
	case Text:
		return value != ""
	case Boolean:
		return value == "true" || value == "false"
	}
	_, valid := t.rank(value)
	return valid
}

const secondsOfDay = 24 * 60 * 60

// rank is a number, or the days since 1970 of a date. There is one way to write
// each, so that what is equal is written alike.
func (t AttributeType) rank(value string) (int64, bool) {
	switch t {
	case Number:
		n, err := strconv.ParseInt(value, 10, 64)
		return n, err == nil && strconv.FormatInt(n, 10) == value
	case Date:
		d, err := time.Parse(time.DateOnly, value)
		return d.Unix() / secondsOfDay, err == nil
	}
	return 0, false
}

// write is the value of a rank, if there is one.
func (t AttributeType) write(rank int64) (string, bool) {
	if t == Number {
		return strconv.FormatInt(rank, 10), true
	}
	first, _ := t.rank("0000-01-01")
	last, _ := t.rank("9999-12-31")
	if rank < first || rank > last {
		return "", false
	}
	return time.Unix(rank*secondsOfDay, 0).UTC().Format(time.DateOnly), true
}

// AttributeSpec declares an attribute that rules may name.
type AttributeSpec struct {
	Name Attribute
	Type AttributeType
}

// AttributeCond asks for the value of an attribute. Every part that is given must
// hold; a list that is not nil must not be empty, and constants are of the
// attribute's type.
//
// An attribute that the customer lacks, or whose value is not of its type, meets
// every condition of a deny rule and none of an allow rule, so that a gap in the
// data never helps. A machine meets none.
type AttributeCond struct {
	Name Attribute
	// Is has the values of which one is needed, Not those that are not allowed.
	Is, Not []string
	// AtLeast and Below bound numbers and dates, AtLeast included; empty: not.
	AtLeast, Below string
}
