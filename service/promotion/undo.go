package promotion

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Errors of Undo.
var (
	// ErrUndone: the change was taken back already.
	ErrUndone = errors.New("the change was undone already")
	// ErrFirst: before the first revision there was nothing to go back to.
	ErrFirst = errors.New("the first revision cannot be undone")
)

// Undo takes an applied change back: a new revision that means what the environment
// would mean without it, and the recall of whatever was issued for what it widened.
// Both are one transaction. Later revisions stay, if they touch nothing of it.
//
// Where the change was taken out by other means, as by applying an older revision, the
// new revision means what the newest does, and the recall is what is left to do.
//
// Going back narrows, so it needs no second person, and no gate but validity holds
// it up. If it widens something nevertheless, where approvals are asked for, it
// becomes a change that waits for them: [Applied.Waits].
//
// Errors: [StateError] of what was not applied, [ErrUndone], [ErrFirst],
// [ConflictError], *environment.InvalidError, environment.ErrDrift.
func (s *Service) Undo(ctx context.Context, live *environment.Live, number int64, reason string, by By) (*Applied, error) {
	reason = visible(reason)
	c, err := s.read(ctx, live, number)
	if err != nil {
		return nil, err
	}
	switch {
	case c.State != store.ChangeApplied:
		return nil, &StateError{number, c.State}
	case c.UndoneBy > 0:
		return nil, ErrUndone
	case c.Base == 0:
		return nil, ErrFirst
	case len(reason) > MaxText:
		return nil, ErrTooLong
	}
	tree, head, err := s.inverse(ctx, live, c)
	if err != nil {
		return nil, err
	}
	m, err := s.draft(ctx, live, tree, Change{
		Author: by.ID, AuthorName: by.Name, Title: undoTitle(c), Reason: reason, Source: fmt.Sprintf("change %d", number), Base: head, Undoes: number,
	})
	switch {
	case err != nil:
		return nil, err
	case m.valid != nil:
		return nil, m.valid
	case m.shown.Drifted:
		return nil, m.refusal()
	case m.shown.Needed > 0:
		return s.propose(ctx, m, by)
	}
	a := application{matter: m, by: by, as: audit.ChangeUndone, points: [3]string{BeforeUndo, WithinUndo, AfterUndo}}
	if err := s.retract(ctx, &a, number); err != nil {
		return nil, err
	}
	applied, err := s.apply(ctx, a)
	if err != nil {
		return nil, s.refused(ctx, m, by, err)
	}
	return applied, nil
}

func undoTitle(c Change) string {
	title := fmt.Sprintf("undo change %d: %s", c.Number, c.Title)
	return strings.ToValidUTF8(title[:min(len(title), MaxTitle)], "") // a rune that was cut goes too
}

// propose leaves an undo that widens to somebody else.
func (s *Service) propose(ctx context.Context, m *matter, by By) (*Applied, error) {
	if err := s.open(ctx, m, audit.ChangeProposed, by, nil); err != nil {
		return nil, err
	}
	return &Applied{Change: m.shown.Change, Shown: m.shown}, nil
}

// inverse is the newest tree without what an applied change brought, and the
// revision that it is made on.
func (s *Service) inverse(ctx context.Context, live *environment.Live, c Change) (tree *config.Tree, head int64, err error) {
	newest, current, err := s.cfg.Environments.Revision(ctx, live, 0)
	if err != nil {
		return nil, 0, err
	}
	_, base, err := s.cfg.Environments.Revision(ctx, live, c.Base)
	if err != nil || newest.Number == c.Revision {
		return base, newest.Number, err
	}
	_, brought, err := s.cfg.Environments.Revision(ctx, live, c.Revision)
	if err != nil {
		return nil, 0, err
	}
	tree, conflicts := config.Merge(brought, current, base)
	if len(conflicts) > 0 {
		return nil, 0, &ConflictError{conflicts}
	}
	return tree, newest.Number, nil
}

// retract prepares what an undo writes besides its revision.
func (s *Service) retract(ctx context.Context, a *application, number int64) error {
	undone, err := s.read(ctx, a.live, number)
	switch {
	case err != nil:
		return err
	case undone.UndoneBy > 0:
		return ErrUndone
	}
	target := undone.Target
	undone.Target, a.undone = nil, &undone
	a.recalls, err = s.recalls(ctx, a.matter, undone, target)
	return err
}
