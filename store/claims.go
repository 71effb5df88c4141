package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// ClaimID names one claim to an account.
type ClaimID [16]byte

// ClaimState is where a claim is.
type ClaimState string

// The states of a claim. The last two are ends.
const (
	ClaimWaits   ClaimState = "waits" // for a person to decide
	ClaimGranted ClaimState = "granted"
	ClaimRefused ClaimState = "refused"
)

// Claim is a customer's claim to an account that a person decides, since nothing that
// the customer said or proved could.
type Claim struct {
	ID       ClaimID
	Customer customer.ID
	Place    string // where the account was looked for
	Number   string // of the account, normalised; there may be none
	State    ClaimState
	Reason   string // why it waits: a stable word
	Evidence []byte // what was said and proved, without anybody's words: JSON, at most 4 KiB
	Created  time.Time
	Updated  time.Time // when it was last tried again, or ended
	By       string    // who decided, as an audit actor; empty while it waits
	Note     string    // what they said; at most 1 KiB
	Version  int64     // compare-and-set
}

// ClaimPage asks for claims, oldest first.
type ClaimPage struct {
	State    ClaimState  // empty: any
	Customer customer.ID // zero: anybody's
	Number   string      // of the account; empty: any
	After    ClaimID     // the last of the page before; zero for the first. It has to be one that is there
	Limit    int         // 1 to 200
}

// Claims reads claims to accounts.
type Claims interface {
	// Claim reads one; [ErrNotFound].
	Claim(ctx context.Context, env EnvironmentID, id ClaimID) (Claim, error)
	// ClaimList gives one keyset page by creation, of one state, customer or account.
	ClaimList(ctx context.Context, env EnvironmentID, page ClaimPage) ([]Claim, error)
}

// ClaimWriter changes claims.
type ClaimWriter interface {
	// PutClaim stores c. With Version 0 it is new, [ErrExists] if the id is taken or that
	// customer's claim to that number waits already; else it replaces State, Reason,
	// Evidence, Updated, By and Note of the one that has Version, and raises it:
	// [ErrConflict]. [ErrNotFound] if there is no such customer.
	PutClaim(ctx context.Context, c Claim) error
}
