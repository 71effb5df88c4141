package migrate

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sallyport/pure/customer"
)

// Map tells what a record becomes under a plan. It depends on nothing else, and
// knows nothing of other records or of the directory: [Contest.Judge] does.
func Map(plan *Plan, record Record) Outcome {
	o := plan.Identify(record)
	if o.Verdict() == Leave || record.Fault != nil {
		return o
	}
	if record.Input != "" {
		if record.Input == HashesInput {
			plan.takeHash(&record, &o) // for whom it may complete
		}
		return o
	}
	c := &o.Customer
	c.State = customer.Active
	c.Groups = slices.Clone(plan.groups)
	kept := record.person != nil && record.person.Kept != nil
	for i := range plan.fields {
		if !kept {
			plan.fields[i].fill(plan, &record, &o)
		}
	}
	if kept {
		plan.keep(record.person.Kept, &o)
	}
	if plan.objects != nil {
		plan.objects.settle(plan, &record, &o)
	}
	plan.takePerson(&record, &o)
	plan.takeSubject(&record, &o)
	slices.Sort(c.Groups)
	c.Groups = slices.Compact(c.Groups)
	if !kept {
		c.Name = shorten(c.Name)
	}
	if len(o.Identifiers) == 0 {
		o.hold(NoIdentifier, "no usable username, e-mail address or phone number")
	}
	plan.takeHash(&record, &o)
	plan.mark(&record, &o)
	return o
}

// Identify is the first and cheap part of [Map]: whether the record can be read
// and is wanted, its key, and what it claims. A dropped record claims nothing.
func (p *Plan) Identify(record Record) Outcome {
	o := Outcome{Row: record.Row}
	if record.Fault != nil {
		o.Key, o.Rejection = record.substitute(), record.Fault
		if record.Input != "" {
			o.Rejection = &Rejection{Reason: record.Fault.Reason, Detail: record.where() + record.Fault.Detail}
		}
		return o
	}
	p.identifyKey(&record, &o)
	switch record.Input {
	case HashesInput:
		o.hold(HashWithoutUser, record.where()+"nobody in the export has this id")
		return o
	case FactorsInput:
		// The id alone names the hash of the same person in the ledger.
		o.Key = shortKey(factorsKey + o.Key)
		o.hold(FactorsWithoutUser, record.where()+"nobody in the export has this id")
		return o
	}
	if reason, drops := p.dropsState(&record); drops {
		o.Dropped, o.Rejection = reason, nil
		return o
	}
	for _, d := range p.drops {
		if d.equals[record.at(d.from)] {
			o.Dropped, o.Rejection = d.reason, nil
			return o
		}
	}
	if !p.residency.settles(&record, &o) && o.Dropped != "" {
		return o
	}
	if record.person != nil && record.person.Kept != nil {
		o.keepIdentifiers(record.person.Kept)
		return o
	}
	for i := range p.fields {
		if f := &p.fields[i]; f.target.identifies() != "" {
			f.identify(p, &record, &o)
		}
	}
	return o
}

func (p *Plan) identifyKey(record *Record, o *Outcome) {
	o.Key = p.keyOf(record)
	switch reason := keyFault(o.Key); reason {
	case MissingKey:
		o.hold(reason, p.keyName()+" is empty")
	case BadKey:
		o.hold(reason, p.keyName()+" is too long or has characters that no key may have")
	default:
		return
	}
	o.Key = record.substitute()
}

// keyFault tells why a value cannot name a record, "" if it can.
func keyFault(key string) Reason {
	switch {
	case key == "":
		return MissingKey
	case len(key) > MaxKey, strings.HasPrefix(key, unkeyed), strings.ContainsFunc(key, unicode.IsControl):
		return BadKey
	}
	return ""
}

// target translates a source value; ok is false if the field has a closed list
// that lacks it.
func (f *field) translate(value string) (string, bool) {
	if f.Values == nil {
		return value, true
	}
	to, found := f.Values[value]
	return to, found
}

// identify adds the identifier that a record claims by this field.
func (f *field) identify(p *Plan, record *Record, o *Outcome) {
	raw, ok := f.value(record)
	if raw == "" && ok {
		f.missing(o)
		return
	}
	kind := f.target.identifies()
	if kind == customer.Username && strings.Contains(raw, "@") {
		kind = customer.Email
		o.warn(AddressAsName, f.From)
	}
	id, err := customer.Normalise(kind, raw, f.Country)
	if err != nil || !ok {
		f.bad(o)
		return
	}
	id.Verified = f.confirmed(record, o)
	id.Source = "migration/" + p.name
	for i, other := range o.Identifiers {
		if other.Kind == id.Kind && other.Value == id.Value {
			o.Identifiers[i].Verified = other.Verified || id.Verified
			return
		}
	}
	o.Identifiers = append(o.Identifiers, id)
}

// confirmed reads the column that says whether an address was proven. Anything
// but a clear yes is no.
func (f *field) confirmed(record *Record, o *Outcome) bool {
	switch strings.ToLower(record.at(f.verified)) {
	case "true", "t", "yes", "y", "1":
		return true
	case "false", "f", "no", "n", "0", "":
	default:
		o.warn(UnclearVerified, f.Verified)
	}
	return false
}

// missing and bad judge a value that is not there or makes no sense: a required
// one holds the record, another is left out.
func (f *field) missing(o *Outcome) {
	if f.Required {
		o.hold(MissingField, "column "+f.From+" is empty")
	}
}

func (f *field) bad(o *Outcome) {
	if f.Required {
		o.hold(BadField, "column "+f.From+" does not hold what it should")
		return
	}
	o.warn(LeftOut, f.From)
}

// fill takes over what is not an identifier.
func (f *field) fill(p *Plan, record *Record, o *Outcome) {
	if f.target.identifies() != "" {
		return
	}
	if f.target == toGroup {
		f.fillGroups(p, record, o)
		return
	}
	value, ok := f.value(record)
	switch {
	case f.target == toState:
		f.fillState(value, ok, o)
	case !ok && record.at(f.from) != "":
		f.bad(o)
	case value == "":
		f.missing(o)
	case !printable(value):
		f.bad(o)
	case f.target == toName:
		o.Customer.Name = strings.TrimSpace(o.Customer.Name + " " + value)
	case f.target == toCreated:
		f.fillCreated(value, o)
	case len(value) > maxAttribute:
		f.bad(o)
	default:
		f.fillAttribute(value, o)
	}
}

func (f *field) fillAttribute(value string, o *Outcome) {
	value, ok := f.typed(value)
	if !ok {
		f.bad(o)
		return
	}
	if o.Customer.Attributes == nil {
		o.Customer.Attributes = make(map[string]string)
	}
	o.Customer.Attributes[f.attribute] = value
}

// fillState never guesses: somebody whom the source had locked out must not
// come in through a misspelt word.
func (f *field) fillState(value string, ok bool, o *Outcome) {
	if !ok || !validState(value) {
		o.hold(UnknownState, "column "+f.From+" does not say active or disabled")
		return
	}
	o.Customer.State = customer.State(value)
}

// fillGroups takes the group, or each of a list.
func (f *field) fillGroups(p *Plan, record *Record, o *Outcome) {
	for _, raw := range record.each(f.from) {
		raw = strings.TrimSpace(raw)
		switch value, ok := f.shaped(raw); {
		case !ok && raw != "":
			f.bad(o)
		case value == "":
			f.missing(o)
		case !printable(value):
			f.bad(o)
		default:
			f.fillGroup(p, value, o)
		}
	}
}

func (f *field) fillGroup(p *Plan, name string, o *Outcome) {
	if !p.knows(name) {
		o.warn(UnknownGroup, f.From)
		return
	}
	o.Customer.Groups = append(o.Customer.Groups, name)
}

func (f *field) fillCreated(value string, o *Outcome) {
	at, ok := parseTime(f.Format, value)
	if !ok {
		f.bad(o)
		return
	}
	o.Customer.Created = at
}

// printable refuses control characters, which have no business in a name, a
// group or an attribute.
func printable(text string) bool { return !strings.ContainsFunc(text, unicode.IsControl) }

// shorten cuts a name at a whole character.
func shorten(name string) string {
	if len(name) <= maxName {
		return name
	}
	cut := maxName
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut]
}

// parseTime reads an instant between 1970 and 2200. A layout without a zone is
// read as UTC.
func parseTime(format, value string) (time.Time, bool) {
	at, ok := instant(format, value)
	at = at.UTC()
	return at, ok && at.Year() >= 1970 && at.Year() < 2200
}
