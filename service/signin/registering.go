package signin

import (
	"context"
	"fmt"
	"io"
	"slices"

	"sallyport/pure/journey"
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

// left tells whether the second factor of their registration is left to be set up: they
// stopped before they were through, or put it off.
func (r *run) left(ctx context.Context) (bool, error) {
	all, err := r.cfg.Store.Factors(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return false, fmt.Errorf("reading what a registration left to be done: %w", err)
	}
	return slices.ContainsFunc(all, func(f store.Factor) bool {
		return f.Kind == store.FactorRegistering || f.Kind == store.FactorDeferred
	}), nil
}

// markDeferred keeps that somebody who registers, or has to catch up on it, put setting
// up a second factor off, so that the next sign-in asks again.
func (r *run) markDeferred(ctx context.Context) error {
	ruling, err := r.ruling(ctx)
	if err != nil || r.journey.Purpose() != journey.Registration && !ruling.Left {
		return err
	}
	all, err := r.cfg.Store.Factors(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil || slices.ContainsFunc(all, func(f store.Factor) bool { return f.Kind == store.FactorDeferred }) {
		return err
	}
	mark, err := r.newMark(ctx, store.FactorDeferred)
	if err != nil {
		return err
	}
	r.writes = append(r.writes, func(ctx context.Context, tx store.Tx) error { return tx.PutFactor(ctx, mark) })
	return nil
}

// newMark makes a mark of what a customer has left to do.
func (r *run) newMark(ctx context.Context, kind store.FactorKind) (store.Factor, error) {
	f := store.Factor{Customer: r.person.Customer.ID, Kind: kind, Created: r.cfg.Now()}
	if _, err := io.ReadFull(r.cfg.Rand, f.ID[:]); err != nil {
		return f, fmt.Errorf("naming a mark: %w", err)
	}
	var err error
	f.Sealed, err = r.cfg.Sealer.Seal(ctx, r.live.ID, factorRow(f.ID), []byte(f.Kind))
	return f, err
}
