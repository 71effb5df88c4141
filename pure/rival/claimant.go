package rival

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
)

// Claimant is one who claims an identifier: what people and rules decide by. It
// holds values of a record and is sealed wherever it is kept.
type Claimant struct {
	Key      string `json:"-"` // of the record; empty: a customer who is here
	Customer string `json:"-"` // text form of the id, of a customer who is here

	Spelled     string       `json:"spelled"`  // the contested identifier, as this one writes it
	Verified    bool         `json:"verified"` // the source says that it is theirs
	Name        string       `json:"name,omitempty"`
	Identifiers []Identifier `json:"identifiers,omitempty"` // all
	Created     time.Time    `json:"created,omitzero"`
	Disabled    bool         `json:"disabled,omitempty"`
	Password    bool         `json:"password,omitempty"`
	Factors     int          `json:"factors,omitempty"`
	Passkeys    int          `json:"passkeys,omitempty"`
	Links       int          `json:"links,omitempty"`
}

// Identifier is one of a claimant's.
type Identifier struct {
	Kind     customer.IdentifierKind `json:"kind"`
	Value    string                  `json:"value"` // normalised
	Display  string                  `json:"display,omitempty"`
	Verified bool                    `json:"verified,omitempty"`
}

// ClaimantOf tells what a record claims an identifier by.
func ClaimantOf(o *migrate.Outcome, contested customer.Identifier) Claimant {
	c := Claimant{
		Key: o.Key, Spelled: contested.Display, Verified: contested.Verified, Name: o.Customer.Name, Created: o.Customer.Created,
		Disabled: o.Customer.State == customer.Disabled, Password: o.Hash != nil,
		Factors: len(o.Factors), Passkeys: len(o.Passkeys), Links: len(o.Links),
	}
	for _, id := range o.Identifiers {
		c.Identifiers = append(c.Identifiers, Identifier{id.Kind, id.Value, id.Display, id.Verified})
	}
	return c
}

// Here tells whether the claimant is a customer who is here.
func (c *Claimant) Here() bool { return c.Key == "" }

// of gives the values of one kind, sorted.
func (c *Claimant) of(kind customer.IdentifierKind) (values []string) {
	for _, id := range c.Identifiers {
		if id.Kind == kind {
			values = append(values, id.Value)
		}
	}
	slices.Sort(values)
	return values
}

// Group are those who claim one identifier.
type Group struct {
	Kind      customer.IdentifierKind
	Claimants []Claimant
}

// Sort puts customers who are here first, then verified claimants, those with a
// password, the oldest, and else by key: the order in which one would keep them.
func (g *Group) Sort() {
	truth := func(b bool) int {
		if b {
			return 0
		}
		return 1
	}
	age := func(t time.Time) int64 {
		if t.IsZero() {
			return 1<<63 - 1
		}
		return t.Unix()
	}
	slices.SortFunc(g.Claimants, func(a, b Claimant) int {
		return cmp.Or(
			cmp.Compare(truth(a.Here()), truth(b.Here())), cmp.Compare(truth(a.Verified), truth(b.Verified)),
			cmp.Compare(truth(a.Password), truth(b.Password)), cmp.Compare(age(a.Created), age(b.Created)),
			strings.Compare(a.Key, b.Key), strings.Compare(a.Customer, b.Customer),
		)
	})
}

// Keys lists the records, sorted.
func (g *Group) Keys() (keys []string) {
	for i := range g.Claimants {
		if !g.Claimants[i].Here() {
			keys = append(keys, g.Claimants[i].Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// verified counts those who proved it.
func (g *Group) verified() (n int) {
	for i := range g.Claimants {
		if g.Claimants[i].Verified {
			n++
		}
	}
	return n
}

// here tells whether a customer who is here has it.
func (g *Group) here() bool {
	return slices.ContainsFunc(g.Claimants, func(c Claimant) bool { return c.Here() })
}

func (g *Group) find(key string) *Claimant {
	for i := range g.Claimants {
		if key != "" && g.Claimants[i].Key == key {
			return &g.Claimants[i]
		}
	}
	return nil
}
