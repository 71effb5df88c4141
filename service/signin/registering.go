package signin

import (
	"context"
	"fmt"
	"io"
	"slices"

	"sallyport/store"
)

// registering gives the mark of a customer who has not finished their registration; nil
// if they have, or came another way.
func (r *run) registering(ctx context.Context) (*store.Factor, error) {
	all, err := r.cfg.Store.Factors(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return nil, fmt.Errorf("reading whether a registration was finished: %w", err)
	}
	i := slices.IndexFunc(all, func(f store.Factor) bool { return f.Kind == store.FactorRegistering })
	if i < 0 {
		return nil, nil
	}
	return &all[i], nil
}

// newMark makes it.
func (r *run) newMark(ctx context.Context) (store.Factor, error) {
	f := store.Factor{Customer: r.person.Customer.ID, Kind: store.FactorRegistering, Created: r.cfg.Now()}
	if _, err := io.ReadFull(r.cfg.Rand, f.ID[:]); err != nil {
		return f, fmt.Errorf("naming a mark: %w", err)
	}
	var err error
	f.Sealed, err = r.cfg.Sealer.Seal(ctx, r.live.ID, factorRow(f.ID), []byte(f.Kind))
	return f, err
}
