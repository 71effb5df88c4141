// Package customer holds the directory's record of a person who signs in: ids,
// identifiers and how they are normalised, and the states a person can be in.
//
// It owns the meaning of these values and nothing else: storing them is
// store's work, deciding what they may do is pure/access's. Everything here is
// a plain value and safe to share once it is no longer written to.
package customer

import (
	"encoding/base32"
	"errors"
	"strings"
	"time"
)

// ID names one customer within one environment, for ever. It is a UUIDv7 by
// convention (time-ordered, which keeps inserts cheap), but nothing may rely
// on its order.
type ID [16]byte

// ErrMalformedID reports a string that is not the text form of an [ID].
var ErrMalformedID = errors.New("malformed customer id")

const idPrefix = "cus_"

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// String gives the text form: "cus_" and 26 lower-case letters and digits.
func (id ID) String() string { return idPrefix + idEncoding.EncodeToString(id[:]) }

// IsZero tells whether id names nobody.
func (id ID) IsZero() bool { return id == ID{} }

// MarshalText implements encoding.TextMarshaler with the form of String.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; it wraps [ErrMalformedID].
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err == nil {
		*id = parsed
	}
	return err
}

// ParseID reads what [ID.String] wrote. Exactly one text stands for one id, so
// a text that decodes but is not canonical is refused with [ErrMalformedID].
func ParseID(text string) (ID, error) {
	raw, ok := readID(idPrefix, text)
	if !ok {
		return ID{}, ErrMalformedID
	}
	return raw, nil
}

// readID reads the one text that stands for an id.
func readID(prefix, text string) (id [16]byte, ok bool) {
	body, found := strings.CutPrefix(text, prefix)
	raw, err := idEncoding.DecodeString(body)
	if !found || err != nil || len(raw) != len(id) {
		return id, false
	}
	copy(id[:], raw)
	return id, prefix+idEncoding.EncodeToString(id[:]) == text
}

// State says whether a customer may sign in.
type State string

// The states of a customer.
const (
	Active   State = "active"   // may sign in
	Disabled State = "disabled" // may not; nothing issued earlier is honoured
)

// IdentifierKind is the sort of name by which a customer can be found.
type IdentifierKind string

// The kinds of identifier.
const (
	Username IdentifierKind = "username"
	Email    IdentifierKind = "email"
	Phone    IdentifierKind = "phone"
)

// Identifier is one name of a customer. Kind and Value together are unique in
// an environment.
type Identifier struct {
	Kind     IdentifierKind
	Value    string // normalised by [Normalise]; what look-ups compare
	Display  string // as the customer or the source wrote it
	Verified bool   // proven to belong to the customer
	Source   string // who says so: "customer", "operator", or "migration/<name>"
	Proof    Proof  // how it was proven here; zero: by its source, or not at all
	First    bool   // the customer chose it among those of its kind; see [First]
}

// First gives the identifier of a kind at which a customer is reached, and which applications
// hear of: the one that they chose, or that they proved before the others. all is in the order
// in which the store lists them. One that is not proven never is the first; a zero one and
// false if none is.
func First(all []Identifier, kind IdentifierKind) (first Identifier, found bool) {
	for _, i := range all {
		if i.Kind == kind && i.Verified {
			return i, true
		}
	}
	return Identifier{}, false
}

// Proof says when and by what an identifier was proven to be a customer's.
type Proof struct {
	At time.Time
	By string // a word: "code", "link", "invitation", "operator", "claim"
}

// Customer is a person who signs in.
type Customer struct {
	ID         ID
	State      State
	Name       string            // how pages greet the person; may be empty
	Groups     []string          // sorted, without duplicates
	Attributes map[string]string // by registered attribute name
	// NotBefore ends what was issued earlier: sessions, codes, grants and tokens
	// from before it stand for nobody any more. Zero: no limit.
	NotBefore time.Time
	Created   time.Time
	Updated   time.Time
	Version   int64 // rises by one with each change; compare-and-set on it
}

// Honours tells whether what was issued to the customer at all these instants
// still counts: none of them is before NotBefore. It does not look at State.
func (c Customer) Honours(issued ...time.Time) bool {
	for _, at := range issued {
		if at.Before(c.NotBefore) {
			return false
		}
	}
	return true
}
