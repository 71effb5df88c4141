package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// MaxMembers is how many members an account can have, MaxPremises how many premises.
const (
	MaxMembers  = 1000
	MaxPremises = 1000
)

// AccountPage asks for accounts by the beginning of their number.
type AccountPage struct {
	Prefix string // as [customer.AccountNumber] gives it; empty: all
	After  string // number of the last account seen; empty for the first page
	Limit  int    // 1 to 200
}

// Membership is an account as one of its members has it.
type Membership struct {
	Account customer.Account
	Member  customer.Member
}

// AccountMember is a member with what an account's page says of the person.
type AccountMember struct {
	Member customer.Member
	Name   string
	State  customer.State
}

// Invitation lets somebody join an account once, by a secret that only they were sent.
type Invitation struct {
	Hash     [32]byte // SHA-256 of the secret
	Account  customer.AccountID
	Role     customer.Role
	Premises []customer.PremisesID // of it; empty: all
	Kind     customer.IdentifierKind
	Value    string      // normalised: whoever joins has proved that it is theirs
	By       string      // who invited, as an audit actor
	Inviter  customer.ID // the member who did; zero: an operator
	Created  time.Time
	Expires  time.Time
}

// Accounts reads accounts, their premises and members.
type Accounts interface {
	// Account reads one; [ErrNotFound].
	Account(ctx context.Context, env EnvironmentID, id customer.AccountID) (customer.Account, error)
	// AccountByNumber reads the one of a normalised number; [ErrNotFound].
	AccountByNumber(ctx context.Context, env EnvironmentID, number string) (customer.Account, error)
	// FindAccounts gives one keyset page, by number.
	FindAccounts(ctx context.Context, env EnvironmentID, page AccountPage) ([]customer.Account, error)
	// PremisesOf lists an account's, by id, behind after (zero: from the first), at
	// most limit, up to 200.
	PremisesOf(ctx context.Context, env EnvironmentID, account customer.AccountID, after customer.PremisesID, limit int) ([]customer.Premises, error)
	// MembersOf lists an account's, by customer, behind after, at most limit, up to 200.
	MembersOf(ctx context.Context, env EnvironmentID, account customer.AccountID, after customer.ID, limit int) ([]AccountMember, error)
	// Memberships lists a customer's, by account, behind after, at most limit, up to 200.
	Memberships(ctx context.Context, env EnvironmentID, id customer.ID, after customer.AccountID, limit int) ([]Membership, error)
	// Invitations lists an account's, also those that expired, at most 200.
	Invitations(ctx context.Context, env EnvironmentID, account customer.AccountID) ([]Invitation, error)
	// Invitation reads the one of a hash; [ErrNotFound].
	Invitation(ctx context.Context, env EnvironmentID, hash [32]byte) (Invitation, error)
}

// AccountWriter changes accounts.
type AccountWriter interface {
	// PutAccount stores a. With Version 0 it is new, [ErrExists] if its id or number is
	// taken; else it replaces Number, Name, State, Attributes and Updated of the one
	// that has Version, and raises it: [ErrConflict].
	PutAccount(ctx context.Context, a customer.Account) error
	// HoldAccount reads one and keeps it, and who is a member of it, from changing until
	// the transaction is over; [ErrNotFound].
	HoldAccount(ctx context.Context, id customer.AccountID) (customer.Account, []customer.Member, error)
	// DeleteAccount removes an account with premises, members and invitations;
	// [ErrNotFound].
	DeleteAccount(ctx context.Context, id customer.AccountID) error
	// PutPremises stores p as PutAccount does; [ErrNotFound] if there is no such account.
	// Another account's premises are [ErrConflict].
	PutPremises(ctx context.Context, p customer.Premises) error
	// DeletePremises removes an account's; deleting what is not its is no error.
	DeletePremises(ctx context.Context, account customer.AccountID, id customer.PremisesID) error
	// PutMember stores m, or replaces Role, Premises, By and Evidence of whoever is a
	// member, with their Version raised. Call it in a transaction that holds the account.
	// [ErrNotFound] if there is no such account or customer.
	PutMember(ctx context.Context, m customer.Member) error
	// DeleteMember removes one; [ErrNotFound].
	DeleteMember(ctx context.Context, account customer.AccountID, id customer.ID) error
	// PutInvitation stores one; [ErrExists] if the hash is known.
	PutInvitation(ctx context.Context, i Invitation) error
	// TakeInvitation removes one; [ErrNotFound] if it is gone, so that of all who bring
	// the secret one alone is let in.
	TakeInvitation(ctx context.Context, hash [32]byte) error
}
