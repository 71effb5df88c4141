package rival

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
)

// Action is what is decided.
type Action string

// The actions.
const (
	Merge  Action = "merge"  // one record becomes the person, the others end in it
	Split  Action = "split"  // each becomes a person; the identifier goes to one, or to nobody
	Suffix Action = "suffix" // contested usernames get a suffix
	Ask    Action = "ask"    // each becomes a person without the identifier, and is asked later
	Drop   Action = "drop"   // none becomes a person
)

// Actions lists them.
func Actions() []Action { return []Action{Merge, Split, Suffix, Ask, Drop} }

// What a merge takes of the records that end. Passwords and second factors end
// with them, as those of linked users do.
const (
	TakeIdentifiers = "identifiers" // what they could be found by
	TakeLinks       = "links"       // who they are elsewhere; of verified records only
	TakeProfile     = "profile"     // name and attributes that the person lacks
)

// Decision says who is who in a group. It names records by their keys, and holds
// no values.
type Decision struct {
	Do        Action                  `json:"do"`
	Kind      customer.IdentifierKind `json:"kind"`
	Claimants []string                `json:"claimants"`        // keys of the records that were looked at, sorted
	Into      string                  `json:"into,omitempty"`   // of merge: the record that becomes the person
	Take      []string                `json:"take,omitempty"`   // of merge
	Keeps     string                  `json:"keeps,omitempty"`  // but of merge: the record that stays as it came, and whose the identifier is; empty: none
	Suffix    string                  `json:"suffix,omitempty"` // of suffix: # stands for the number; default "-#"
	Reason    migrate.Reason          `json:"reason,omitempty"` // of drop
	Rule      int                     `json:"rule,omitempty"`   // of the migration's rules, from 1; 0: a person decided
}

// The reasons in the ledger of what was decided.
const (
	MergedInto migrate.Reason = "merged-into"
	SplitOff   migrate.Reason = "split"
	Suffixed   migrate.Reason = "suffixed"
	Asked      migrate.Reason = "asked"
)

// Bounds.
const (
	MaxClaimants = 1000
	maxSuffix    = 20
)

// ErrDecision says that a decision cannot be: the error's text tells why, and
// repeats no value.
var ErrDecision = errors.New("not a decision that can be made")

// ErrUnproven says that a decision would let somebody who did not prove an
// identifier into what is another's.
var ErrUnproven = fmt.Errorf("%w: who proved nothing would get what another proved", ErrDecision)

var (
	reasonWord = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	suffixForm = regexp.MustCompile(`^[-._a-z0-9]*#[-._a-z0-9]*$`)
)

// Decode reads a decision: [ErrDecision].
func Decode(raw []byte) (d Decision, err error) {
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return d, fmt.Errorf("%w: not readable", ErrDecision)
	}
	return d, d.Form()
}

// Encode gives what [Decode] reads.
func (d Decision) Encode() []byte {
	raw, _ := json.Marshal(d) // texts and a number always marshal
	return raw
}

func refuse(why string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDecision, fmt.Sprintf(why, args...))
}

// Form tells whether a decision makes sense by itself: [ErrDecision].
func (d Decision) Form() error {
	named := func(key string) bool { return slices.Contains(d.Claimants, key) }
	switch {
	case !slices.Contains(Actions(), d.Do):
		return refuse("there is no such action")
	case d.Kind != customer.Email && d.Kind != customer.Phone && d.Kind != customer.Username:
		return refuse("there is no such kind of identifier")
	case len(d.Claimants) == 0 || len(d.Claimants) > MaxClaimants || !slices.IsSorted(d.Claimants):
		return refuse("1 to %d records are decided on, in order", MaxClaimants)
	case slices.ContainsFunc(d.Claimants, func(key string) bool { return key == "" || len(key) > migrate.MaxKey }):
		return refuse("a record has no such key")
	case (d.Into != "") != (d.Do == Merge):
		return refuse("merge, and nothing else, names the record that becomes the person")
	case d.Into != "" && !named(d.Into), d.Keeps != "" && !named(d.Keeps):
		return refuse("the record that is named is not one of the group")
	case d.Keeps != "" && d.Do == Merge:
		return refuse("in a merge, who becomes the person keeps it")
	case d.Do == Suffix && (d.Kind != customer.Username || len(d.Suffix) > maxSuffix || !suffixForm.MatchString(d.suffix())):
		return refuse("only usernames get a suffix, of small letters and digits with one #")
	case d.Suffix != "" && d.Do != Suffix, len(d.Take) > 0 && d.Do != Merge:
		return refuse("that belongs to another action")
	case (d.Reason != "") != (d.Do == Drop) || d.Reason != "" && (len(d.Reason) > 63 || !reasonWord.MatchString(string(d.Reason))):
		return refuse("drop, and nothing else, has a reason, in small letters, digits and dashes")
	}
	for _, take := range d.Take {
		if take != TakeIdentifiers && take != TakeLinks && take != TakeProfile {
			return refuse("what may be taken is identifiers, links and profile")
		}
	}
	return nil
}

func (d Decision) suffix() string {
	if d.Suffix == "" {
		return "-#"
	}
	return d.Suffix
}

// Check tells whether a decision may be made on a group: [ErrDecision], and of it
// [ErrUnproven].
func (d Decision) Check(g *Group) error {
	if err := d.Form(); err != nil {
		return err
	}
	if d.Kind != g.Kind || !slices.Equal(d.Claimants, g.Keys()) {
		return refuse("it was made on other claimants than there are")
	}
	if winner := g.find(d.Into + d.Keeps); winner != nil {
		if g.here() {
			return refuse("a customer who is here keeps what is theirs; split, ask or drop the records")
		}
		if !winner.Verified && g.verified() > 0 {
			return ErrUnproven
		}
	}
	if d.Do != Merge {
		return nil
	}
	if n := g.verified(); n > 0 && n < len(g.Claimants) {
		return ErrUnproven
	}
	if slices.Contains(d.Take, TakeLinks) && g.verified() == 0 {
		return fmt.Errorf("%w, by a link", ErrUnproven)
	}
	return nil
}
