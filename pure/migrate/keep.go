package migrate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/legacy"
)

// What happens to a field.
const (
	KeepMove   = "move"   // it becomes something here; the default
	KeepBehind = "behind" // it stays with the earlier system, for as long as the reason holds
	KeepDrop   = "drop"   // nobody needs it any more
)

// Kept is a field that is not taken along, and why.
type Kept struct {
	From   string
	Keep   string // KeepBehind or KeepDrop
	Reason string // of law or of the business
}

// Kept lists the fields that the migration says are not taken along.
func (p *Plan) Kept() []Kept { return slices.Clone(p.kept) }

// compileKept takes a line that moves nothing. Not kept: it moves something.
func (p *Plan) compileKept(path string, f Field, found *problems) (kept bool) {
	switch f.Keep {
	case "", KeepMove:
		if f.Reason != "" {
			found.add(path+".reason", "remove it, or say keep: behind or drop", "what moves needs no reason")
		}
		return false
	case KeepBehind, KeepDrop:
	default:
		found.add(path+".keep", "use move, behind or drop", "%q is none of them", f.Keep)
		return true
	}
	if strings.TrimSpace(f.Reason) == "" {
		found.add(path+".reason", "say why, as an auditor would ask", "what is not taken along needs a reason")
	}
	if f.From == "" {
		found.add(path+".from", "name the column", "there is no source column")
	}
	if f.moves() {
		found.add(path, "leave all but from, keep and reason out", "it is not taken along, and yet something is made of it")
	}
	p.kept = append(p.kept, Kept{f.From, f.Keep, f.Reason})
	return true
}

// moves tells whether a line says what becomes of the field.
func (f Field) moves() bool {
	return f.To != "" || f.Verified != "" || f.Values != nil || f.Country != "" || f.Format != "" || f.Required ||
		f.Type != "" || f.With != nil || f.Transform != nil || f.Default != ""
}

// checkKept refuses a plan that reads what is not taken along.
func (p *Plan) checkKept(spec Spec, found *problems) {
	for i, f := range spec.Fields {
		if f.Keep != KeepBehind && f.Keep != KeepDrop {
			continue
		}
		for j, other := range spec.Fields {
			if other.Keep == "" || other.Keep == KeepMove {
				if other.From == f.From || other.Verified == f.From || slices.Contains(other.With, f.From) {
					found.add(fmt.Sprintf("map[%d].from", i), "take one of the lines out", "map[%d] takes it along", j)
				}
			}
		}
	}
}

// keptBack tells whether a field stays where it is.
func (p *Plan) keptBack(name string) bool {
	return slices.ContainsFunc(p.kept, func(k Kept) bool { return k.From == name || strings.HasPrefix(name, k.From+".") })
}

// withhold takes what stays behind out of what is known of a person, so that
// nothing that looks at it later can pass it on.
func (p *Plan) withhold(person *legacy.Person) {
	if len(p.kept) > 0 {
		person.Fields = slices.DeleteFunc(person.Fields, func(f legacy.Field) bool { return p.keptBack(f.Name) })
	}
}

// Residency pins people to a region.
type Residency struct {
	From      string            // column of the region
	Values    map[string]string // source value → region; a closed list if given
	Accepts   []string          // regions whose people may be kept here
	Otherwise string            // what becomes of all others: "hold", the default, or "drop"
}

type residency struct {
	Residency
	from    int
	accepts map[string]bool
}

func (p *Plan) compileResidency(r Residency, found *problems) {
	p.residency.from = -1
	if r.From == "" {
		if r.Values != nil || r.Accepts != nil || r.Otherwise != "" {
			found.add("residency.from", "name the column of the region, or leave residency out", "there is no source column")
		}
		return
	}
	if len(r.Accepts) == 0 || len(r.Accepts) > maxSpecified {
		found.add("residency.accepts", "list the regions whose people may be kept here", "nobody is accepted")
	}
	choice(found, "residency.otherwise", r.Otherwise, "", "hold", "drop")
	if len(r.Values) > maxSpecified {
		found.add("residency.values", fmt.Sprintf("list at most %d", maxSpecified), "too many values")
	}
	p.residency = residency{r, p.column(r.From), map[string]bool{}}
	for i, name := range r.Accepts {
		p.residency.accepts[name] = true
		if r.Values != nil && !slices.Contains(slices.Collect(maps.Values(r.Values)), name) {
			found.add(fmt.Sprintf("residency.accepts[%d]", i), "use a region of residency.values", "no value is %q", name)
		}
	}
}

// settles tells whether a record may be kept here, and notes its region.
func (r *residency) settles(record *Record, o *Outcome) bool {
	if r.from < 0 {
		return true
	}
	value, known := record.at(r.from), true
	if r.Values != nil {
		value, known = r.Values[value]
	}
	if known && value != notScalar {
		o.Region = value
	}
	switch {
	case r.accepts[o.Region] && o.Region != "":
		return true
	case o.Region == "":
		o.hold(WrongRegion, "column "+r.From+" does not tell the region")
	case r.Otherwise == "drop":
		o.Dropped, o.Rejection = WrongRegion, nil
	default:
		o.hold(WrongRegion, "people of this region are not kept here")
	}
	return false
}

// What states of the source may become besides customer's own.
const (
	stateHold = "hold"
	stateDrop = "drop"
)

func (p *Plan) compileStates(states map[string]string, found *problems) {
	if len(states) > 0 && p.system == nil {
		found.add("states", "map a column to state instead", "the format has no states of its own")
	}
	for _, from := range slices.Sorted(maps.Keys(states)) {
		switch legacy.State(from) {
		case legacy.Active, legacy.Disabled, legacy.Locked, legacy.Unconfirmed, legacy.MustReset, legacy.Deleted, legacy.Unclear:
		default:
			found.add("states."+from, "use active, disabled, locked, unconfirmed, must-reset, deleted or unclear", "%q is no state of a source", from)
		}
		if to := states[from]; !validState(to) && to != stateHold && to != stateDrop {
			found.add("states."+from, "use active, disabled, hold or drop", "%q is nothing that a state can become", to)
		}
	}
	p.states = states
}

// becomes tells what a state of the source becomes.
func (p *Plan) becomes(state legacy.State) string {
	if state == "" {
		state = legacy.Active
	}
	if to := p.states[string(state)]; to != "" {
		return to
	}
	switch state {
	case legacy.Active, legacy.Unconfirmed, legacy.MustReset:
		return string(customer.Active)
	case legacy.Disabled, legacy.Locked:
		return string(customer.Disabled)
	case legacy.Deleted:
		return stateDrop
	}
	return stateHold
}

// dropsState tells whether somebody is left out for the state, and why.
func (p *Plan) dropsState(r *Record) (Reason, bool) {
	if r.person == nil || p.mapsState() || p.becomes(r.person.State) != stateDrop {
		return "", false
	}
	if r.person.State == legacy.Deleted {
		return DeletedThere, true
	}
	return StateLeft, true
}

// mapsState tells whether a column says who may sign in.
func (p *Plan) mapsState() bool {
	return slices.ContainsFunc(p.fields, func(f field) bool { return f.target == toState })
}
