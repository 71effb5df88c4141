package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// EraseLimit bounds how many rows one erasure changes in the ledgers: personal parts of
// events, and records of migrations.
const EraseLimit = 5000

// Remains is what may be known of somebody after they were erased.
type Remains struct {
	Events    int                  // whose personal part went
	Records   int                  // of migrations, that are tombstones now
	Accounts  []customer.AccountID // that went with them: nobody else was a member
	Ownerless []customer.AccountID // that others are members of, and nobody owns
}

// Erasures reads how much is left to do.
type Erasures interface {
	// ErasableEvents counts events of a customer that have a personal part, up to limit.
	ErasableEvents(ctx context.Context, env EnvironmentID, customer string, limit int) (int, error)
}

// ErasureWriter forgets people.
type ErasureWriter interface {
	// ErasePersonalSome forgets the personal part of at most limit events of a customer
	// and tells of how many, so that whoever has very many is forgotten piece by piece.
	ErasePersonalSome(ctx context.Context, customer string, limit int) (int, error)
	// EraseCustomer removes a customer with all that is theirs in any table, the personal
	// parts of the ledger included, if Version still is version: [ErrConflict] else,
	// [ErrNotFound]. Of their records tombstones stay, of the events the chain. Accounts
	// of which nobody else is a member go too. [ErrConflict] also if more than
	// [EraseLimit] events or records are left: then do part of them first.
	EraseCustomer(ctx context.Context, id customer.ID, version int64, at time.Time) (Remains, error)
}
