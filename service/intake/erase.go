package intake

import (
	"context"
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
// digest of the key, so that no export, newer file or sign-in brings them back, and
// nothing that tells of anybody. It tells how many there are. Call it with the
// erasure of the customer, and again if it failed; the customer may be gone by then.
func (s *Service) Erase(ctx context.Context, env store.EnvironmentID, id customer.ID) (int, error) {
	total := 0
	for {
		var some int
		s.cfg.Crash(BeforeErase)
		err := s.cfg.Store.Write(ctx, env, func(tx store.Tx) (err error) {
			if some, err = tx.EraseRecords(ctx, id.String(), s.cfg.Now()); err != nil || some == 0 {
				return err
			}
			return tx.Audit(ctx, s.audit.Event(audit.Entry{Type: audit.MigrationErased, Actor: audit.System, Detail: eraseDetail{some}}))
		})
		if err != nil {
			return total, fmt.Errorf("erasing the records of a customer: %w", err)
		}
		s.cfg.Crash(AfterErase)
		if total += some; some == 0 {
			return total, nil
		}
	}
}

// The points around leaving tombstones.
const (
	BeforeErase = "intake.erase.before"
	AfterErase  = "intake.erase.after"
)
