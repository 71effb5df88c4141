package intake

import (
	"context"
	"errors"
	"fmt"

	"sallyport/store"
)

// Record gives where one record of a migration is, by the key that it has in its
// source. store.ErrNotFound for one that is pending or that there is not.
func (s *Service) Record(ctx context.Context, env store.EnvironmentID, migration, key string) (Record, error) {
	m, err := s.cfg.Store.LedgerRecord(ctx, env, migration, key)
	if err != nil {
		return Record{}, fmt.Errorf("reading a record of %s: %w", migration, err)
	}
	return recordOf(m), nil
}

// LookUp gives where one record of a migration is. Other than Record it knows those
// that the unfinished run has not come to yet, which are pending; store.ErrNotFound
// for one of which the ledger knows nothing.
func (s *Service) LookUp(ctx context.Context, env store.EnvironmentID, migration, key string) (Record, error) {
	found, err := s.Record(ctx, env, migration, key)
	if !errors.Is(err, store.ErrNotFound) {
		return found, err
	}
	var run store.Run
	var counted map[string]bool
	err = s.cfg.Store.Write(ctx, env, func(tx store.Tx) (err error) {
		if run, err = tx.HoldRun(ctx, migration); err != nil {
			return err
		}
		counted, err = tx.CountedKeys(ctx, migration, run.ID, []string{key})
		return err
	})
	if err == nil && !counted[key] {
		err = store.ErrNotFound
	}
	if err != nil {
		return Record{}, fmt.Errorf("looking a record of %s up: %w", migration, err)
	}
	return Record{Key: key, State: string(store.RecordPending), Run: run.ID}, nil
}
