package promotion

import (
	"context"
	"fmt"

	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Reject ends a change that somebody does not want; note says why. [StateError],
// [ErrTooLong].
func (s *Service) Reject(ctx context.Context, live *environment.Live, number int64, note string, by By) error {
	return s.end(ctx, live, number, ending{store.ChangeRejected, audit.ChangeRejected, note}, by)
}

// Withdraw ends a change for its author. [ErrNotAuthor], [StateError], [ErrTooLong].
func (s *Service) Withdraw(ctx context.Context, live *environment.Live, number int64, note string, by By) error {
	return s.end(ctx, live, number, ending{store.ChangeWithdrawn, audit.ChangeWithdrawn, note}, by)
}

// ending is how a change ends that does not become a revision.
type ending struct {
	state store.ChangeState
	as    audit.Type
	note  string
}

func (s *Service) end(ctx context.Context, live *environment.Live, number int64, e ending, by By) error {
	if e.note = visible(e.note); len(e.note) > MaxText {
		return ErrTooLong
	}
	c, err := s.read(ctx, live, number)
	switch {
	case err != nil:
		return err
	case !waits(c.State):
		return &StateError{number, c.State}
	case e.state == store.ChangeWithdrawn && !own(c, by):
		return ErrNotAuthor
	}
	c.Target = nil
	before := c.State
	c.State, c.Ended, c.EndedBy, c.Note = e.state, s.now(), by.Name, e.note
	err = s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		if err := tx.MoveChange(ctx, c); err != nil {
			return err
		}
		return tx.Audit(ctx, s.cfg.Audit.Event(audit.Entry{
			Type: e.as, Actor: by.actor(), Detail: map[string]any{
				"change": number, "title": c.Title, "note": e.note, "before": before, "after": c.State,
			},
		}))
	})
	if err != nil {
		return fmt.Errorf("ending change %d: %w", number, err)
	}
	return nil
}
