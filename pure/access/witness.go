package access

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"time"
)

// Witness is a context and a request in it that is granted. A zero Address or At
// means that none matters, as does an attribute that is not mentioned.
type Witness struct {
	Grant      GrantType            `json:"grant"`
	Groups     []Group              `json:"groups,omitempty"`
	Attributes map[Attribute]string `json:"attributes,omitempty"`
	Address    netip.Addr           `json:"address,omitzero"`
	At         time.Time            `json:"at,omitzero"`
	Assurance  Assurance            `json:"assurance,omitzero"`
	// Age is how long ago the customer signed in; 0: it does not matter. In JSON it
	// is in seconds.
	Age       time.Duration `json:"-"`
	Scopes    []Scope       `json:"scopes,omitempty"` // none in the empty request
	Policy    PolicyName    `json:"policy"`
	Rule      RuleName      `json:"rule"`
	Lifetimes Lifetimes     `json:"lifetimes"`
	Rate      Rate          `json:"rate,omitzero"`
}

// Request is the witness as a request of an application of its row.
func (w Witness) Request(id ApplicationID) Request {
	r := Request{Application: id, Grant: w.Grant, Scopes: w.Scopes, Address: w.Address, At: w.At, Assurance: w.Assurance}
	if w.Grant != ClientCredentials {
		r.Subject = &Subject{Groups: w.Groups, Attributes: w.Attributes}
	}
	if w.Age > 0 {
		if w.At.IsZero() {
			r.At = beginning(w.At)
		}
		r.Authenticated = r.At.Add(-w.Age)
	}
	return r
}

// String says how something is obtained, as "by rule apps/pay, authorization_code,
// a customer in landlords, with two-factor".
func (w *Witness) String() string {
	text := fmt.Sprintf("by rule %s/%s, %s", w.Policy, w.Rule, w.Grant)
	if w.Grant != ClientCredentials {
		text += ", a customer in " + list(w.Groups, "no group")
	}
	for _, name := range slices.Sorted(maps.Keys(w.Attributes)) {
		text += fmt.Sprintf(", whose %s is %s", name, w.Attributes[name])
	}
	if w.Address.IsValid() {
		text += ", from " + w.Address.String()
	}
	if !w.At.IsZero() {
		text += ", at " + w.At.Format("Mon 15:04:05 MST")
	}
	if w.Assurance > NoAssurance {
		text += ", with " + w.Assurance.String()
	}
	if w.Age > 0 {
		text += fmt.Sprintf(", signed in at most %s before", span(w.Age))
	}
	return text
}

// witnessJSON is the JSON form of [Witness].
type witnessJSON struct {
	witnessFields
	Age int64 `json:"age,omitempty"`
}

type witnessFields Witness

// MarshalJSON gives the fields by their names, and lengths of time in seconds.
func (w Witness) MarshalJSON() ([]byte, error) {
	return json.Marshal(witnessJSON{witnessFields(w), int64(w.Age / time.Second)})
}

// UnmarshalJSON reads what [Witness.MarshalJSON] writes.
func (w *Witness) UnmarshalJSON(data []byte) error {
	var raw witnessJSON
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*w = Witness(raw.witnessFields)
	w.Age = time.Duration(raw.Age) * time.Second
	return nil
}

// attest writes a context down, with no more groups than rules tell apart and the
// scopes need.
func (c *class) attest(found *sighting, scopes set, defaults bool) *Witness {
	m, x, r := c.prover.model, c.space.context(found.place), found.rule
	w := &Witness{
		Attributes: m.values(x.cells), Address: x.address, Assurance: x.assurance,
		Grant: grantNames(x.grant)[0], Policy: m.policies[r.policy].name, Rule: r.name, Lifetimes: r.lifetimes, Rate: r.rate,
	}
	if !c.space.timeless {
		w.At = x.at
	}
	if x.age != unknownAge {
		w.Age = x.age
	}
	if !defaults {
		w.Scopes = m.scopeNames(scopes)
	}
	groups := c.space.few(x.groups)
	if m.table && !x.machine {
		c.entitle(groups, x.groups, scopes)
	}
	groups.each(func(g int) { w.Groups = append(w.Groups, m.groups[g]) })
	return w
}

// entitle adds those of the context's groups that the scopes need.
func (c *class) entitle(groups, all, scopes set) {
	m := c.prover.model
	have := m.entitlement(groups)
	all.each(func(g int) {
		if lists := m.entitled[g].clone(); !groups.has(g) {
			lists.and(scopes)
			if !lists.within(have) {
				groups.add(g)
				have.or(lists)
			}
		}
	})
}
