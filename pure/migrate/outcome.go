package migrate

import (
	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
)

// Verdict is what becomes of a record.
type Verdict string

// The verdicts.
const (
	Accept Verdict = "accept"
	Hold   Verdict = "hold"
	Leave  Verdict = "drop"
)

// Rejection says why a record is held.
type Rejection struct {
	Reason Reason
	Detail string // for a person; names columns, never values
}

// Warning is something that an operator may want to know of an accepted record.
type Warning struct {
	Reason Reason
	Column string // the source column, if there is one
}

// Outcome is what a record becomes. Whatever the verdict, Key and, as far as
// they could be read, Identifiers are set.
type Outcome struct {
	Key         string
	Row         int64                 // where in the source, 0 if unknown
	Customer    customer.Customer     // without ID, Updated and Version; Created is zero if unknown
	Identifiers []customer.Identifier // each with its own value
	Hash        *passhash.Hash        // nil if the person has no password
	Links       []customer.Link       // who the person is elsewhere
	Factors     []legacy.Factor
	Passkeys    []legacy.Passkey
	Kept        *legacy.Kept  // who comes from another Sallyport keeps their id
	Left        []legacy.Left // what can never be taken along
	Region      string        // where the person's data belongs, if the migration says so
	Marks       []Mark        // of an accepted record: what it brought
	Warnings    []Warning
	Rejection   *Rejection // set: held
	Dropped     Reason     // set: left out
	Settled     Reason     // of an accepted record: what was decided of it, where others claimed the same
}

// Verdict tells which of the three an outcome is.
func (o *Outcome) Verdict() Verdict {
	switch {
	case o.Rejection != nil:
		return Hold
	case o.Dropped != "":
		return Leave
	}
	return Accept
}

// Reason gives why the record is not accepted, "" if it is.
func (o *Outcome) Reason() Reason {
	if o.Rejection != nil {
		return o.Rejection.Reason
	}
	return o.Dropped
}

// Lacks says what an accepted record came without and may be completed with
// later, "" if nothing: [NoPassword] or [OtherProvider].
func (o *Outcome) Lacks() Reason {
	for _, w := range o.Warnings {
		if w.Reason == NoPassword || w.Reason == OtherProvider {
			return w.Reason
		}
	}
	return ""
}

// hold sets the first rejection; later ones do not hide it.
func (o *Outcome) hold(reason Reason, detail string) {
	if o.Rejection == nil {
		o.Rejection = &Rejection{Reason: reason, Detail: detail}
	}
}

func (o *Outcome) warn(reason Reason, column string) {
	o.Warnings = append(o.Warnings, Warning{Reason: reason, Column: column})
}
