package rival

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
)

// Contested names an identifier.
type Contested struct {
	Kind  customer.IdentifierKind
	Value string
}

// Settle changes the outcomes of a group's records as was decided. all holds the
// records of the export by key; those that claim the identifier must be among them.
// It changes nothing, and gives false, if the decision may not be made on the
// records as they are now. Records that the export has no more are passed by.
func Settle(migration string, d Decision, contested Contested, all map[string]*migrate.Outcome) bool {
	g := Group{Kind: contested.Kind}
	for key, o := range all {
		if id, claims := claimOf(o, contested); claims {
			if !slices.Contains(d.Claimants, key) {
				return false
			}
			g.Claimants = append(g.Claimants, ClaimantOf(o, id))
		}
	}
	here := d
	here.Claimants = slices.DeleteFunc(slices.Clone(d.Claimants), func(key string) bool { return g.find(key) == nil })
	if len(g.Claimants) == 0 || here.Check(&g) != nil {
		return false
	}
	for i, key := range d.Claimants { // counted with those who are gone: a suffix stays whose it is
		if g.find(key) != nil {
			d.settle(settling{migration, contested, g.verified() > 0}, key, i, all)
		}
	}
	return true
}

// claimOf finds a record's claim. What is dropped or cannot be read claims nothing.
func claimOf(o *migrate.Outcome, contested Contested) (customer.Identifier, bool) {
	if o.Verdict() == migrate.Leave {
		return customer.Identifier{}, false
	}
	at := slices.IndexFunc(o.Identifiers, func(id customer.Identifier) bool {
		return id.Kind == contested.Kind && id.Value == contested.Value
	})
	if at < 0 {
		return customer.Identifier{}, false
	}
	return o.Identifiers[at], true
}

// settling is what settling one record needs to know.
type settling struct {
	migration string
	contested Contested
	proven    bool // by all who are merged
}

// settle changes one record, the n-th of those decided on.
func (d Decision) settle(s settling, key string, n int, all map[string]*migrate.Outcome) {
	o := all[key]
	if o.Verdict() != migrate.Accept {
		return // held for a reason of its own
	}
	if key == d.Keeps || key == d.Into {
		return
	}
	switch d.Do {
	case Drop:
		o.Dropped = d.Reason
	case Merge:
		d.end(s, o, all[d.Into])
	case Split:
		strip(o, s.contested)
		o.Settled = SplitOff
	case Ask:
		strip(o, s.contested)
		o.Settled = Asked
	case Suffix:
		d.rename(o, s.contested, n)
		o.Settled = Suffixed
	}
	remark(s.migration, o)
}

// end merges a record into the one that becomes the person.
func (d Decision) end(s settling, o, into *migrate.Outcome) {
	if into == nil || into.Verdict() != migrate.Accept {
		return // nobody ends in somebody who does not come
	}
	if slices.Contains(d.Take, TakeIdentifiers) {
		for _, id := range o.Identifiers {
			// What one of them proved is not for another who proved nothing.
			if _, has := claimOf(into, Contested{id.Kind, id.Value}); !has && (s.proven || !id.Verified) {
				into.Identifiers = append(into.Identifiers, id)
			}
		}
	}
	if slices.Contains(d.Take, TakeLinks) {
		for _, link := range o.Links {
			if !slices.Contains(into.Links, link) {
				into.Links = append(into.Links, link)
			}
		}
	}
	if slices.Contains(d.Take, TakeProfile) {
		if into.Customer.Name == "" {
			into.Customer.Name = o.Customer.Name
		}
		attributes := map[string]string{}
		maps.Copy(attributes, o.Customer.Attributes)
		maps.Copy(attributes, into.Customer.Attributes)
		into.Customer.Attributes = attributes
	}
	if o.Hash != nil {
		into.Warnings = append(into.Warnings, migrate.Warning{Reason: migrate.SecondPassword})
	}
	o.Dropped = MergedInto
	remark(s.migration, into)
}

// strip takes the contested identifier away. Who has nothing else to sign in by
// stays held.
func strip(o *migrate.Outcome, contested Contested) {
	o.Identifiers = slices.DeleteFunc(slices.Clone(o.Identifiers), func(id customer.Identifier) bool {
		return id.Kind == contested.Kind && id.Value == contested.Value
	})
	if len(o.Identifiers) == 0 {
		o.Rejection = &migrate.Rejection{Reason: migrate.NoIdentifier, Detail: "nothing to sign in by is left without what others claim too"}
	}
}

// rename puts the suffix behind a username.
func (d Decision) rename(o *migrate.Outcome, contested Contested, n int) {
	suffix := strings.Replace(d.suffix(), "#", strconv.Itoa(n+1), 1)
	o.Identifiers = slices.Clone(o.Identifiers)
	for i, id := range o.Identifiers {
		if id.Kind != contested.Kind || id.Value != contested.Value {
			continue
		}
		renamed, err := customer.Normalise(customer.Username, id.Display+suffix, "")
		if err != nil {
			strip(o, contested)
			return
		}
		renamed.Source = id.Source
		o.Identifiers[i] = renamed
	}
}

// remark makes the record's marks those of what it brings now.
func remark(migration string, o *migrate.Outcome) {
	if o.Verdict() == migrate.Accept {
		migrate.Remark(migration, o)
	}
}
