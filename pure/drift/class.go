package drift

import "strings"

// Class is a way in which a record and its customer differ.
type Class string

// The dangerous classes, the worst first: somebody may come in here who should not.
const (
	DisabledThere Class = "disabled-there"       // closed at the source, active here
	Elsewhere     Class = "identifier-elsewhere" // what identifies them there is another customer's here
	FactorMissing Class = "factor-missing"       // a second factor there, and none here
	PasswordNewer Class = "password-newer"       // changed at the source; the one before still counts here
	GoneThere     Class = "gone-there"           // an active customer here, and no record there
	LeftOutThere  Class = "left-out-there"       // a customer here; the record as it is now would be held or dropped
)

// The other classes.
const (
	UnknownHere  Class = "unknown-here"  // a record that the ledger does not know, or that waits
	GoneHere     Class = "gone-here"     // the ledger has a customer who is not there any more
	Admissible   Class = "admissible"    // held or dropped here, and could come in now
	OtherReason  Class = "other-reason"  // held or dropped here, and would be for another reason now
	StateDiffers Class = "state-differs" // disabled here, active there
	ValuesDiffer Class = "values-differ"
	AbsentIdle   Class = "absent-idle" // in the ledger and not in the source, and nobody signs in by it
)

// traits are what is known of a class besides its name.
type traits struct {
	class  Class
	danger bool
	title  string
	next   []string // NAME and ENV stand for the migration and its environment
}

func classes() []traits {
	run, status := "sallyport migrate run NAME --file FILE --env ENV", "sallyport migrate status NAME --env ENV"
	disable, show := "sallyport customers disable CUSTOMER --env ENV", "sallyport customers show CUSTOMER --env ENV"
	retry := "sallyport migrate retry NAME --file FILE --env ENV"
	return []traits{
		{DisabledThere, true, "disabled at the source, active here", []string{run, disable}},
		{Elsewhere, true, "an identifier is another customer's here", []string{show}},
		{FactorMissing, true, "a second factor at the source, none here", []string{run}},
		{PasswordNewer, true, "the password changed at the source; the one before still counts here", []string{run}},
		{GoneThere, true, "an active customer here, no record at the source", []string{disable}},
		{LeftOutThere, true, "a customer here; the record would be held or dropped now", []string{run + " --dry-run", disable}},
		{UnknownHere, false, "a record that the ledger does not know or that waits", []string{run}},
		{GoneHere, false, "the customer was removed here", []string{status}},
		{Admissible, false, "held or dropped here, could come in now", []string{retry}},
		{OtherReason, false, "held or dropped here, for another reason now", []string{retry}},
		{StateDiffers, false, "not active here, active at the source", []string{show}},
		{ValuesDiffer, false, "values differ", []string{run}},
		{AbsentIdle, false, "in the ledger, not at the source; nobody signs in by it", []string{status}},
	}
}

// Dangerous tells whether somebody may come in who should not.
func (c Class) Dangerous() bool {
	for _, t := range classes() {
		if t.class == c {
			return t.danger
		}
	}
	return false
}

// commands are those of the class for a migration.
func (t traits) commands(migration, environment string) []string {
	named := strings.NewReplacer("NAME", migration, "ENV", environment)
	all := make([]string, len(t.next))
	for i, c := range t.next {
		if environment == "" {
			c = strings.ReplaceAll(c, " --env ENV", "")
		}
		all[i] = named.Replace(c)
	}
	return all
}
