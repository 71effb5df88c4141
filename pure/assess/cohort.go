package assess

import "sallyport/pure/customer"

// cohort is what the move means for somebody who is accepted. Everybody is in
// exactly one: the first of these that fits, the worst first.
type cohort int

const (
	stuck     cohort = iota // cannot come in without help
	resetting               // must choose a new password
	elsewhere               // signs in only by another provider
	bereft                  // would lose the only second factor
	reenrol                 // has passkeys that end, and another way in
	dormant                 // has not signed in for a year, or never
	second                  // has a second factor that works
	easy                    // will notice nothing
	lastCohort
)

// enter counts by which way somebody comes in, and gives their cohort.
func (a *Assessment) enter(e *Entry, has holding, last dormancy) cohort {
	o := &e.Outcome
	switch {
	case o.Hash != nil:
		a.ways.Password++
	case has.usable:
		a.ways.Passkey++
	case len(o.Links) > 0:
		a.ways.Elsewhere++
		return elsewhere
	case reachable(o.Identifiers):
		a.ways.Reset++
		return resetting
	default:
		a.ways.Stuck++
		return stuck
	}
	switch {
	case has.any && !has.keeps:
		return bereft
	case has.passkeys && !has.usable:
		return reenrol
	case last == asleep:
		return dormant
	case has.any:
		return second
	}
	return easy
}

// reachable tells whether a link can be sent to somebody: an address that nobody
// proved is nobody's.
func reachable(all []customer.Identifier) bool {
	for _, id := range all {
		if id.Verified && id.Kind != customer.Username {
			return true
		}
	}
	return false
}
