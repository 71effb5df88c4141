package intake

import (
	"context"
	"fmt"
	"io"

	"sallyport/pure/customer"
	"sallyport/store"
)

// debt seals what stands for a second factor that is owed; nil if none is. Without it
// the earlier system would have asked for a code, and the second sign-in here, which is
// local, for nothing.
func (e *entrance) debt(ctx context.Context) (*store.Factor, error) {
	if !e.SecondFactor {
		return nil, nil
	}
	f := store.Factor{Kind: store.FactorOwed, Source: origin(e.Plan.Name())}
	if _, err := io.ReadFull(e.cfg.Rand, f.ID[:]); err != nil {
		return nil, fmt.Errorf("no randomness: %w", err)
	}
	sealed, err := e.cfg.Sealer.Seal(ctx, e.Env, factorRow(f.ID), []byte(store.FactorOwed))
	if err != nil {
		return nil, fmt.Errorf("sealing a factor: %w", err)
	}
	f.Sealed = sealed
	return &f, nil
}

// owe writes down that somebody owes one.
func (e *entrance) owe(ctx context.Context, tx store.Tx, id customer.ID) error {
	if e.owed == nil {
		return nil
	}
	f := *e.owed
	f.Customer, f.Created = id, e.cfg.Now()
	return tx.PutFactor(ctx, f)
}
