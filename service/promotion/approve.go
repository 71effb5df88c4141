package promotion

import (
	"context"
	"errors"
	"fmt"

	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Approve records that by looked at a change and consents to it. seen is
// [Shown.Binding] of what they looked at. Errors: [ErrSeen], [ErrAuthor],
// [ErrApproved], [ErrNoApprover], [StateError], environment.ErrDrift, [GateError]
// where what is proposed cannot be reviewed.
func (s *Service) Approve(ctx context.Context, live *environment.Live, number int64, seen [32]byte, by By) (*Shown, error) {
	c, m, err := s.waiting(ctx, live, number)
	if err != nil {
		return nil, err
	}
	if err := s.mayApprove(ctx, m, seen, by); err != nil {
		return nil, s.refused(ctx, m, by, err)
	}
	approval := store.Approval{Change: number, Approver: by.ID, Name: by.Name, Binding: m.shown.Binding, At: s.now()}
	enough := m.counting()+1 >= m.shown.Needed
	err = s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		moved := c
		if enough && c.State == store.ChangeOpen {
			moved.State = store.ChangeApproved
		}
		// The move is what a change that ended meanwhile is met by.
		if err := tx.MoveChange(ctx, moved); err != nil {
			return err
		}
		if err := tx.PutApproval(ctx, approval); err != nil {
			return err
		}
		moved.Approvals = c.Approvals + 1
		return tx.Audit(ctx, s.event(audit.ChangeApproved, by, m, moved, nil))
	})
	switch {
	case errors.Is(err, store.ErrExists):
		return nil, ErrApproved
	case err != nil:
		return nil, fmt.Errorf("approving change %d: %w", number, err)
	}
	return s.Show(ctx, live, number)
}

// waiting reads a change that is still open to whatever is to be done with it;
// [StateError].
func (s *Service) waiting(ctx context.Context, live *environment.Live, number int64) (Change, *matter, error) {
	c, err := s.read(ctx, live, number)
	if err != nil {
		return Change{}, nil, err
	}
	m, err := s.stored(ctx, live, c)
	if err == nil && !waits(c.State) {
		err = &StateError{number, c.State}
	}
	return c, m, err
}

// mayApprove tells whether an approval of by would count.
func (s *Service) mayApprove(ctx context.Context, m *matter, seen [32]byte, by By) error {
	c := m.shown.Change
	switch {
	case m.shown.Drifted:
		return m.refusal()
	case seen != m.shown.Binding || !m.recognised():
		return ErrSeen
	case own(c, by):
		return ErrAuthor
	case by.ID.IsZero():
		return ErrNoApprover
	}
	for _, a := range m.shown.Approvals {
		if a.Approver == by.ID {
			return ErrApproved
		}
	}
	may, err := s.cfg.Operators.MayApprove(ctx, by.ID, m.live.Tenant, m.live.Name)
	if err != nil {
		return fmt.Errorf("asking whether %s may approve: %w", by.Name, err)
	}
	if !may {
		return ErrNoApprover
	}
	return nil
}

// counting is how many approvals count.
func (m *matter) counting() (n int) {
	for _, a := range m.shown.Approvals {
		if a.Counts {
			n++
		}
	}
	return n
}
