package migrate

import (
	"maps"
	"slices"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
)

// keepIdentifiers takes identifiers over as they are, who says so included. One that
// is not in the form of look-ups would shadow somebody else's, so it holds the record.
func (o *Outcome) keepIdentifiers(kept *legacy.Kept) {
	for _, id := range kept.Identifiers {
		as, err := customer.Normalise(id.Kind, id.Value, "")
		if err != nil || as.Value != id.Value {
			o.hold(BadField, "an identifier is not in the form in which Sallyport keeps them")
			continue
		}
		o.Identifiers = append(o.Identifiers, id)
	}
}

// keep takes a customer over as another Sallyport had them: what the plan maps is
// passed over. Groups and attributes that are not declared here are left out, as of
// everybody, and what stays behind stays.
func (p *Plan) keep(kept *legacy.Kept, o *Outcome) {
	here, from := &o.Customer, &kept.Customer
	if !p.keptBack("name") {
		here.Name = from.Name
	}
	here.Created = from.Created
	for _, group := range from.Groups {
		p.keepGroup(group, o)
	}
	for _, name := range slices.Sorted(maps.Keys(from.Attributes)) {
		column := "attributes." + name
		switch {
		case p.keptBack(column):
		case p.attributes != nil && !slices.Contains(p.attributes, name):
			o.warn(LeftOut, column)
		default:
			if here.Attributes == nil {
				here.Attributes = map[string]string{}
			}
			here.Attributes[name] = from.Attributes[name]
		}
	}
	o.Kept = p.allowed(kept)
}

// allowed is what is kept of a person without what stays behind.
func (p *Plan) allowed(kept *legacy.Kept) *legacy.Kept {
	some := *kept
	if p.keptBack("tags") {
		some.Tags = nil
	}
	if p.keptBack("agreements") {
		some.Agreements = nil
	}
	return &some
}

func (p *Plan) keepGroup(name string, o *Outcome) {
	if !p.knows(name) {
		o.warn(UnknownGroup, "groups")
		return
	}
	o.Customer.Groups = append(o.Customer.Groups, name)
}
