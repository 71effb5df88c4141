package intake

import (
	"context"
	"fmt"
	"io"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/store"
)

// debt seals what stands for a second factor that is owed; nil if none is. Without it
// the earlier system would have asked for a code, and the second sign-in here, which is
// local, for nothing.
func (e *entrance) debt(ctx context.Context) (*store.Factor, error) {
	if !e.SecondFactor {
		return nil, nil
	}
	return e.owedFactor(ctx, e.Env, origin(e.Plan.Name()))
}

// owedFactor seals what stands for a factor that is owed. It is never confirmed.
func (s *Service) owedFactor(ctx context.Context, env store.EnvironmentID, source string) (*store.Factor, error) {
	f := store.Factor{Kind: store.FactorOwed, Source: source}
	if _, err := io.ReadFull(s.cfg.Rand, f.ID[:]); err != nil {
		return nil, fmt.Errorf("no randomness: %w", err)
	}
	sealed, err := s.cfg.Sealer.Seal(ctx, env, factorRow(f.ID), []byte(store.FactorOwed))
	if err != nil {
		return nil, fmt.Errorf("sealing a factor: %w", err)
	}
	f.Sealed = sealed
	return &f, nil
}

// stillOwed is what a person of another Sallyport owed there.
func (s *Service) stillOwed(ctx context.Context, env store.EnvironmentID, id customer.ID, o *migrate.Outcome) ([]store.Factor, error) {
	if o.Kept == nil || o.Kept.Owes == nil {
		return nil, nil
	}
	f, err := s.owedFactor(ctx, env, o.Kept.Owes.Source)
	if err != nil {
		return nil, err
	}
	f.Customer, f.Created = id, o.Kept.Owes.Created
	return []store.Factor{*f}, nil
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
