package claim

import (
	"slices"
	"strings"
)

// MaxAccounts is how many accounts of one customer a claim tells at most. Who has more is
// told none of them: the claim's name is in [Overage].
const MaxAccounts = 100

// Accounts keeps some of the business's own accounts of which a customer is a member. The
// zero Accounts is no filter at all.
type Accounts struct {
	Roles    []string // owner, occupier, agent: what they are to an account that is told
	WithRole bool     // "owner:HL-1" instead of "HL-1"
}

// IsZero tells whether there is no filter.
func (a Accounts) IsZero() bool { return len(a.Roles) == 0 && !a.WithRole }

// String says which accounts are told, as "accounts as owner".
func (a Accounts) String() string { return "accounts as " + strings.Join(a.Roles, " or ") }

// Account is one of which a customer is a member and shown all.
type Account struct {
	Number string
	Role   string
}

// held is the numbers of a customer's accounts; none is an empty list.
type held Accounts

func (h held) bytes() (usual, all int) { return DefaultMostGroups, 0 }
func (h held) tells() telling          { return telling{accounts: true} }
func (h held) String() string          { return Accounts(h).String() }

func (h held) value(in *Input) (any, Reason) {
	if in.Customer == nil {
		return nil, ""
	}
	if in.Customer.MoreAccounts {
		return nil, tooMany
	}
	told := []string{}
	for _, a := range in.Customer.Accounts {
		switch {
		case !slices.Contains(h.Roles, a.Role):
		case h.WithRole:
			told = append(told, a.Role+":"+a.Number)
		default:
			told = append(told, a.Number)
		}
	}
	return told, ""
}

// tooMany is why a value is not computed that would be too long.
const tooMany Reason = "too-many"
