package intake

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// eraseDetail is what audit keeps of tombstones.
type eraseDetail struct {
	Records int `json:"records"`
}

// everyMigration is whose tombstones hold in all migrations of an environment, whatever
// they are called: no migration has no name.
const everyMigration = ""

// Erase leaves of a customer who is erased here their tombstones: of each record a
// digest of its key, and keyed digests of their id and of what they could be found by,
// so that no export, newer file or sign-in brings them back, under another key or by
// another migration either, and nothing that tells of anybody. It tells of how many
// records. Call it before the erasure of the customer, whether they came by a migration
// or not, and again if it failed.
func (s *Service) Erase(ctx context.Context, env store.EnvironmentID, id customer.ID) (int, error) {
	stones, err := s.stones(ctx, env, id)
	for total := 0; ; stones = nil {
		if err != nil {
			return total, fmt.Errorf("erasing the records of a customer: %w", err)
		}
		s.cfg.Crash(BeforeErase)
		var some int
		some, err = s.eraseSome(ctx, env, id, stones)
		s.cfg.Crash(AfterErase)
		if total += some; some == 0 && err == nil {
			return total, nil
		}
	}
}

// eraseSome leaves tombstones and as many records as a transaction takes.
func (s *Service) eraseSome(ctx context.Context, env store.EnvironmentID, id customer.ID, stones []string) (some int, err error) {
	err = s.cfg.Store.Write(ctx, env, func(tx store.Tx) (err error) {
		if err := tx.PutTombstones(ctx, everyMigration, stones); err != nil {
			return err
		}
		if some, err = tx.EraseRecords(ctx, id.String(), s.cfg.Now()); err != nil || some == 0 {
			return err
		}
		return tx.Audit(ctx, s.audit.Event(audit.Entry{Type: audit.MigrationErased, Actor: audit.System, Detail: eraseDetail{some}}))
	})
	return some, err
}

// stones are the digests of what somebody can be found by.
func (s *Service) stones(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]string, error) {
	all, err := s.cfg.Store.Identifiers(ctx, env, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	key, err := s.keyFor(ctx, env, everyMigration)
	if err != nil {
		return nil, err
	}
	return append(key.tombstones(all), key.tombstoneOf(id)), nil
}

// The points around leaving tombstones.
const (
	BeforeErase = "intake.erase.before"
	AfterErase  = "intake.erase.after"
)
