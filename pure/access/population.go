package access

import (
	"encoding/json"
	"slices"
	"time"
)

// Population is some of the contexts in which something can be had, as conditions
// that must all hold.
type Population struct {
	// Machine is the application itself, by client credentials; then nothing is
	// said of groups and assurance.
	Machine bool `json:"machine,omitempty"`
	// In has lists of groups; the customer is in some group of each.
	In [][]Group `json:"in,omitempty"`
	// NotIn has groups that the customer is in none of.
	NotIn []Group `json:"not_in,omitempty"`
	// Has has conditions on attributes, each of another attribute.
	Has []Holding `json:"has,omitempty"`
	// From says where from; nil for anywhere, known or not.
	From *Whence `json:"from,omitempty"`
	// When says at which times; nil for any.
	When []Times `json:"when,omitempty"`
	// Least and Most bound the assurance, both included.
	Least Assurance `json:"least"`
	Most  Assurance `json:"most"`
	// OlderThan and NoOlderThan bound how long ago the customer signed in; 0: not. A
	// sign-in of which it is not known is older than any. In JSON they are in seconds.
	OlderThan   time.Duration `json:"-"`
	NoOlderThan time.Duration `json:"-"`
}

// Times are instants inside or outside of all windows of a list.
type Times struct {
	Inside  bool     `json:"inside"`
	Windows []Window `json:"windows"`
}

// Contains reports whether a request is made in one of the contexts, whatever its
// application and scopes.
func (p Population) Contains(r Request) bool {
	if p.Machine != (r.Subject == nil) {
		return false
	}
	if p.From != nil && !p.From.Contains(r.Address) {
		return false
	}
	for _, t := range p.When {
		if slices.ContainsFunc(t.Windows, func(w Window) bool { return w.contains(r.At) }) != t.Inside {
			return false
		}
	}
	return p.Machine || (p.fits(r.Subject) && p.signedIn(r.Assurance, r.age()))
}

func (p Population) signedIn(level Assurance, age time.Duration) bool {
	return p.Least <= level && level <= p.Most && (p.OlderThan == 0 || age > p.OlderThan) &&
		(p.NoOlderThan == 0 || age <= p.NoOlderThan)
}

func (p Population) fits(who *Subject) bool {
	member := func(g Group) bool { return slices.Contains(who.Groups, g) }
	for _, list := range p.In {
		if !slices.ContainsFunc(list, member) {
			return false
		}
	}
	for _, h := range p.Has {
		if !h.Contains(who.Attributes[h.Name]) {
			return false
		}
	}
	return !slices.ContainsFunc(p.NotIn, member)
}

// populationJSON is the JSON form of [Population].
type populationJSON struct {
	populationFields
	OlderThan   int64 `json:"older_than,omitempty"`
	NoOlderThan int64 `json:"no_older_than,omitempty"`
}

type populationFields Population

// MarshalJSON gives the fields by their names, and lengths of time in seconds.
func (p Population) MarshalJSON() ([]byte, error) {
	return json.Marshal(populationJSON{populationFields(p), int64(p.OlderThan / time.Second), int64(p.NoOlderThan / time.Second)})
}

// UnmarshalJSON reads what [Population.MarshalJSON] writes.
func (p *Population) UnmarshalJSON(data []byte) error {
	var raw populationJSON
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	*p = Population(raw.populationFields)
	p.OlderThan, p.NoOlderThan = time.Duration(raw.OlderThan)*time.Second, time.Duration(raw.NoOlderThan)*time.Second
	return nil
}
