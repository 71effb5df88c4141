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

// Erase leaves of the records of a customer who is erased here their tombstones: a
// digest of the key, and keyed digests of what they could be found by, so that no
// export, newer file or sign-in brings them back, under another key either, and nothing
// that tells of anybody. It tells how many there are. Call it before the erasure of the
// customer, and again if it failed; of one who is gone by then the keys are left alone.
func (s *Service) Erase(ctx context.Context, env store.EnvironmentID, id customer.ID) (int, error) {
	total := 0
	for {
		some, err := s.eraseSome(ctx, env, id)
		if err != nil {
			return total, fmt.Errorf("erasing the records of a customer: %w", err)
		}
		s.cfg.Crash(AfterErase)
		if total += some; some == 0 {
			return total, nil
		}
	}
}

func (s *Service) eraseSome(ctx context.Context, env store.EnvironmentID, id customer.ID) (some int, err error) {
	stones, err := s.stones(ctx, env, id)
	if err != nil {
		return 0, err
	}
	s.cfg.Crash(BeforeErase)
	err = s.cfg.Store.Write(ctx, env, func(tx store.Tx) (err error) {
		if some, err = tx.EraseRecords(ctx, id.String(), s.cfg.Now()); err != nil || some == 0 {
			return err
		}
		for migration, digests := range stones {
			if err := tx.PutTombstones(ctx, migration, digests); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, s.audit.Event(audit.Entry{Type: audit.MigrationErased, Actor: audit.System, Detail: eraseDetail{some}}))
	})
	return some, err
}

// stones are the digests of what somebody can be found by, by migration.
func (s *Service) stones(ctx context.Context, env store.EnvironmentID, id customer.ID) (map[string][]string, error) {
	records, err := s.cfg.Store.RecordsOf(ctx, env, id.String())
	if err != nil {
		return nil, err
	}
	all, err := s.cfg.Store.Identifiers(ctx, env, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	stones := map[string][]string{}
	for _, r := range records {
		if stones[r.Migration] != nil || len(all) == 0 {
			continue
		}
		key, err := s.keyFor(ctx, env, r.Migration)
		if err != nil {
			return nil, err
		}
		stones[r.Migration] = key.tombstones(all)
	}
	return stones, nil
}

// The points around leaving tombstones.
const (
	BeforeErase = "intake.erase.before"
	AfterErase  = "intake.erase.after"
)
