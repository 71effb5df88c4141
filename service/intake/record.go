package intake

import (
	"context"
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
	return Record{m.Key, string(m.State), m.Reason, m.Detail, m.Row, m.Customer, m.Run, m.At}, nil
}
