package promotion

import (
	"context"
	"encoding/hex"
	"fmt"

	"sallyport/pure/config"
	"sallyport/pure/review"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Rebase carries a change over to the environment's newest revision: another change
// with the same edits and the same author takes its place. Approvals go with it only
// if it means the same there; if not, everybody looks again. Errors:
// [ConflictError], [ErrNothing] if nothing is left of it, [StateError],
// *environment.InvalidError, environment.ErrDrift if the environment moves on again
// meanwhile.
func (s *Service) Rebase(ctx context.Context, live *environment.Live, number int64, by By) (*Shown, error) {
	c, old, err := s.waiting(ctx, live, number)
	if err != nil {
		return nil, err
	}
	tree, err := s.carried(ctx, old)
	if err != nil {
		return nil, err
	}
	m, err := s.draft(ctx, live, tree, Change{
		Author: c.Author, AuthorName: c.AuthorName, Title: c.Title, Reason: c.Reason, Source: c.Source,
		Base: old.shown.Head, Undoes: c.Undoes, Follows: number,
	})
	switch {
	case err != nil:
		return nil, err
	case m.nothing():
		return nil, ErrNothing
	case m.valid != nil:
		return nil, m.valid
	case m.shown.Drifted:
		return nil, m.refusal()
	}
	kept, err := keeps(old, m)
	if err != nil {
		return nil, err
	}
	if err := s.replace(ctx, m, old, kept, by); err != nil {
		return nil, err
	}
	return s.Show(ctx, live, m.shown.Change.Number)
}

// carried is the newest tree with the edits of a change.
func (s *Service) carried(ctx context.Context, old *matter) (*config.Tree, error) {
	if !old.shown.Drifted {
		return old.tree, nil
	}
	if old.base == nil { // it was the first, and another came first
		return old.tree, nil
	}
	_, newest, err := s.cfg.Environments.Revision(ctx, old.live, old.shown.Head)
	if err != nil {
		return nil, err
	}
	tree, conflicts := config.Merge(old.base, newest, old.tree)
	if len(conflicts) > 0 {
		return nil, &ConflictError{conflicts}
	}
	return tree, nil
}

// keeps tells whether a change means on its new base what it meant on the old one,
// to the byte, both looked at as of the same instant.
func keeps(old, m *matter) (bool, error) {
	if old.after == nil || !old.recognised() {
		return false, nil
	}
	r, err := review.Compare(old.before, old.after, review.Options{From: m.shown.Change.Created})
	if err != nil {
		return false, fmt.Errorf("reviewing a change: %w", err)
	}
	return reviewable(r) && r.Delta() == m.shown.Review.Delta(), nil
}

// replace stores a change in the place of another, with its approvals if they keep.
func (s *Service) replace(ctx context.Context, m, old *matter, kept bool, by By) error {
	var approvals []store.Approval
	for _, a := range old.shown.Approvals {
		if kept && a.Counts {
			approvals = append(approvals, carriedOver(a.Approval, m))
			m.shown.Approvals = append(m.shown.Approvals, a)
		}
	}
	if kept && m.shown.Needed > 0 && len(approvals) >= m.shown.Needed {
		m.shown.Change.State = store.ChangeApproved
	}
	superseded := old.shown.Change
	return s.open(ctx, m, audit.ChangeRebased, by, func(tx store.Tx, c Change) error {
		moved := superseded
		moved.State, moved.Ended, moved.EndedBy, moved.FollowUp = store.ChangeSuperseded, c.Created, by.Name, c.Number
		if err := tx.MoveChange(ctx, moved); err != nil {
			return err
		}
		for _, a := range approvals {
			a.Change = c.Number
			if err := tx.PutApproval(ctx, a); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, s.cfg.Audit.Event(audit.Entry{
			Type: audit.ChangeSuperseded, Actor: by.actor(), Detail: map[string]any{
				"change": superseded.Number, "follow_up": c.Number, "approvals_kept": kept, "approvals": len(approvals),
				"before": end{superseded.Base, hex.EncodeToString(superseded.BaseDigest[:])}, "after": end{c.Base, hex.EncodeToString(c.BaseDigest[:])},
			},
		}))
	})
}

// carriedOver is an approval as it stands with another change of the same meaning.
func carriedOver(a store.Approval, m *matter) store.Approval {
	if a.Carried == 0 {
		a.Carried = a.Change
	}
	a.Binding = m.shown.Binding
	return a
}
