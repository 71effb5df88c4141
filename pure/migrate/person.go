package migrate

import (
	"errors"
	"slices"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
)

// takePerson takes along what a system's format says besides its fields.
func (p *Plan) takePerson(r *Record, o *Outcome) {
	person := r.person
	if person == nil {
		return
	}
	p.takeState(person, o)
	o.Passkeys, o.Left = person.Passkeys, person.Left
	p.takeFactors(person, o)
	for _, link := range person.Links {
		switch {
		case !linkable(link):
			o.warn(LeftOut, "links")
		case !slices.Contains(o.Links, link):
			o.Links = append(o.Links, link)
		}
	}
	if len(person.Left) > 0 {
		o.warn(FactorLeft, person.Left[0].What)
	}
}

// takeFactors takes second factors along. One that nobody could use is left, and told:
// whoever had it must not lose it unseen.
func (p *Plan) takeFactors(person *legacy.Person, o *Outcome) {
	for i := range person.Factors {
		f := &person.Factors[i]
		if f.Usable() {
			o.Factors = append(o.Factors, *f)
			continue
		}
		o.warn(FactorLeft, string(f.Kind))
		o.Left = append(slices.Clip(o.Left), legacy.Left{What: "unusable-" + string(f.Kind), Why: "its key, or what its codes are like, is none that can be used here"})
	}
}

// takeSubject keeps the name that applications knew the person by.
func (p *Plan) takeSubject(r *Record, o *Outcome) {
	old := r.at(p.legacyID)
	if old == "" {
		return
	}
	link := customer.Link{Provider: SubjectProvider, Connection: p.name, Subject: old}
	if !linkable(link) {
		o.warn(LeftOut, p.columns[p.legacyID])
		return
	}
	o.Links = append(o.Links, link)
}

// SubjectProvider is the provider of the link that keeps an old subject: its
// connection is the migration.
const SubjectProvider = "legacy-subject"

// takeState brings the system's own states to ours, unless the migration maps a
// column to the state. None that closes a door is read as open, unless the
// migration says so.
func (p *Plan) takeState(person *legacy.Person, o *Outcome) {
	if p.mapsState() {
		return
	}
	switch to := p.becomes(person.State); to {
	case string(customer.Active), string(customer.Disabled):
		o.Customer.State = customer.State(to)
		if person.State == legacy.Locked {
			o.warn(LockedThere, "")
		}
	default:
		o.hold(UnknownState, "the state of the person is not understood, or held by the migration")
	}
}

// takePasswords takes the hash along that the system's format brings.
func (p *Plan) takePasswords(r *Record, o *Outcome) {
	person := r.person
	switch {
	case person == nil || p.system.format.Generic:
		return
	case person.State == legacy.MustReset:
		o.warn(MustReset, "")
		o.warn(NoPassword, "")
		return
	case len(person.Passwords) == 0 && person.Elsewhere:
		o.warn(OtherProvider, "")
		return
	case len(person.Passwords) == 0:
		o.warn(NoPassword, "")
		return
	case len(person.Passwords) > 1:
		o.warn(SecondPassword, "")
	}
	parsed, err := parsePassword(person.Passwords[0])
	if err != nil {
		o.holdHash(err, "the password hash")
		return
	}
	o.Hash = parsed
}

func parsePassword(p legacy.Password) (*passhash.Hash, error) {
	if p.Scheme == "" {
		return passhash.Parse(p.Encoded)
	}
	return passhash.ParseAs(p.Scheme, p.Encoded, p.Params)
}

// holdHash holds a record whose hash could not be verified later.
func (o *Outcome) holdHash(err error, what string) {
	switch {
	case errors.Is(err, passhash.ErrTooCostly):
		o.hold(CostlyHash, what+" would cost too much to verify")
	case errors.Is(err, passhash.ErrUnknownScheme):
		o.hold(UnknownHash, what+" is of no known kind")
	default:
		o.hold(BrokenHash, what+" is not complete")
	}
}
