package customer

import (
	"errors"
	"slices"
	"time"
)

// AccountID names an account of the business within one environment, for ever.
type AccountID [16]byte

// PremisesID names a place that an account is for.
type PremisesID [16]byte

const (
	accountPrefix  = "acc_"
	premisesPrefix = "pre_"
)

// Errors of the text forms of ids.
var (
	// ErrMalformedAccountID reports a text that is no [AccountID].
	ErrMalformedAccountID = errors.New("malformed account id")
	// ErrMalformedPremisesID reports a text that is no [PremisesID].
	ErrMalformedPremisesID = errors.New("malformed premises id")
)

// String gives the text form: "acc_" and 26 lower-case letters and digits.
func (id AccountID) String() string { return accountPrefix + idEncoding.EncodeToString(id[:]) }

// IsZero tells whether id names no account.
func (id AccountID) IsZero() bool { return id == AccountID{} }

// MarshalText implements encoding.TextMarshaler with the form of String.
func (id AccountID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; [ErrMalformedAccountID].
func (id *AccountID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseAccountID(string(text))
	return err
}

// ParseAccountID reads what [AccountID.String] wrote, and no other spelling of it.
func ParseAccountID(text string) (AccountID, error) {
	raw, ok := readID(accountPrefix, text)
	if !ok {
		return AccountID{}, ErrMalformedAccountID
	}
	return raw, nil
}

// String gives the text form: "pre_" and 26 lower-case letters and digits.
func (id PremisesID) String() string { return premisesPrefix + idEncoding.EncodeToString(id[:]) }

// MarshalText implements encoding.TextMarshaler with the form of String.
func (id PremisesID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; [ErrMalformedPremisesID].
func (id *PremisesID) UnmarshalText(text []byte) (err error) {
	*id, err = ParsePremisesID(string(text))
	return err
}

// ParsePremisesID reads what [PremisesID.String] wrote, and no other spelling of it.
func ParsePremisesID(text string) (PremisesID, error) {
	raw, ok := readID(premisesPrefix, text)
	if !ok {
		return PremisesID{}, ErrMalformedPremisesID
	}
	return raw, nil
}

// AccountState says whether an account is in use.
type AccountState string

// The states of an account.
const (
	AccountOpen   AccountState = "open"
	AccountClosed AccountState = "closed" // its members still see it; nobody joins it
)

// Account is the business's own: what it bills, supplies or insures. It is never a
// login; customers are members of it.
type Account struct {
	ID         AccountID
	Number     string            // the business's own, unique in an environment; normalised by [AccountNumber]
	Name       string            // how its members tell it from others; may be empty
	State      AccountState      //
	Attributes map[string]string // by name of an attribute that is registered for accounts
	Source     string            // who says so: "operator/…", "migration/<name>", "connector/<name>"
	Created    time.Time
	Updated    time.Time
	Version    int64 // compare-and-set
}

// Address is where something is, as it is written on a letter.
type Address struct {
	Lines    []string `json:"lines,omitempty"` // up to [MaxAddressLines]: house, street, flat
	Town     string   `json:"town,omitempty"`
	Region   string   `json:"region,omitempty"`
	Postcode string   `json:"postcode,omitempty"`
	Country  string   `json:"country,omitempty"` // ISO 3166, two letters
}

// Premises is a place that an account is for.
type Premises struct {
	ID        PremisesID
	Account   AccountID
	Reference string // the business's own, such as the number of a meter point; may be empty
	Address   Address
	Created   time.Time
	Updated   time.Time
	Version   int64 // compare-and-set
}

// Role is what somebody is to an account.
type Role string

// The roles.
const (
	Owner    Role = "owner"    // answers for it, shares it and takes it away from others
	Occupier Role = "occupier" // lives or works there
	Agent    Role = "agent"    // acts for the owner, as a letting agent or a carer does
)

// Roles lists every role, the most powerful first.
func Roles() []Role { return []Role{Owner, Occupier, Agent} }

// Known tells whether r is one of the roles.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// Member says what a customer is to an account.
type Member struct {
	Account  AccountID
	Customer ID
	Role     Role
	Premises []PremisesID // what of it they are shown; empty: all of it. An owner has all
	Since    time.Time
	By       string // who made them a member, as audit names whoever does something
	Evidence string // how that came about, without anybody's name or address
	Version  int64  // compare-and-set
}

// Sees tells whether a member is shown premises.
func (m Member) Sees(p PremisesID) bool {
	return m.Role == Owner || len(m.Premises) == 0 || slices.Contains(m.Premises, p)
}

// ErrLastOwner: an account with members would be without an owner.
var ErrLastOwner = errors.New("the last owner of the account")

// MayShare tells whether somebody of a role may make others members. Owners alone may:
// whoever was let in lets nobody else in.
func (r Role) MayShare() bool { return r == Owner }

// Without checks that members can do without who: that somebody else owns the account.
// [ErrLastOwner], also if they are its only member: an account that is nobody's any more
// is closed by the business, not by leaving.
func Without(members []Member, who ID) error {
	owned := false
	for _, m := range members {
		switch {
		case m.Role != Owner:
		case m.Customer != who:
			return nil
		default:
			owned = true
		}
	}
	if owned {
		return ErrLastOwner
	}
	return nil
}
