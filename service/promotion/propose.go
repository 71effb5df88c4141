package promotion

import (
	"context"
	"fmt"
	"time"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Proposal is a configuration that somebody wants an environment to have.
type Proposal struct {
	Tree   *config.Tree
	Base   int64  // the revision that the author saw; 0: there was none
	Title  string // one line; required
	Reason string
	Source string // where the tree comes from, such as "preview revision 12"
}

// Limits of what people write about a change, in bytes.
const (
	MaxTitle = 200
	MaxText  = 4 << 10 // of a reason or a note
)

// Preview reviews a proposal without storing anything. Errors: those of Propose,
// but it shows what is not valid or has drifted.
func (s *Service) Preview(ctx context.Context, live *environment.Live, p Proposal, by By) (*Shown, error) {
	m, err := s.proposal(ctx, live, p, by)
	if err != nil {
		return nil, err
	}
	return m.shown, s.board(ctx, m)
}

// Propose stores a proposal as a change, and tells whoever looks what it means.
// Errors: [ErrNothing], [ErrTooLong], *environment.InvalidError,
// environment.ErrDrift, environment.ErrNoEnvironment.
func (s *Service) Propose(ctx context.Context, live *environment.Live, p Proposal, by By) (*Shown, error) {
	m, err := s.proposal(ctx, live, p, by)
	if err != nil {
		return nil, err
	}
	switch {
	case m.valid != nil:
		return nil, m.valid
	case m.shown.Drifted:
		return nil, m.refusal()
	}
	if err := s.open(ctx, m, audit.ChangeProposed, by, nil); err != nil {
		return nil, err
	}
	return s.Show(ctx, live, m.shown.Change.Number)
}

// proposal makes a change of a proposal, and looks at it.
func (s *Service) proposal(ctx context.Context, live *environment.Live, p Proposal, by By) (*matter, error) {
	p.Title, p.Source, p.Reason = oneLine(p.Title), oneLine(p.Source), visible(p.Reason)
	switch {
	case live.System():
		return nil, environment.ErrNoEnvironment
	case p.Title == "", len(p.Title) > MaxTitle, len(p.Reason) > MaxText, len(p.Source) > MaxTitle:
		return nil, ErrTooLong
	}
	m, err := s.draft(ctx, live, p.Tree, Change{
		Author: by.ID, AuthorName: by.Name, Title: p.Title, Reason: p.Reason, Source: p.Source, Base: p.Base,
	})
	if err == nil && m.nothing() {
		err = ErrNothing
	}
	return m, err
}

// draft looks at a change that is not stored, and gives it its digests.
func (s *Service) draft(ctx context.Context, live *environment.Live, tree *config.Tree, c Change) (*matter, error) {
	c.State, c.Created = store.ChangeOpen, s.now()
	return s.matter(ctx, live, c, tree)
}

// nothing tells whether the change would change nothing.
func (m *matter) nothing() bool {
	return m.base != nil && m.shown.Change.BaseDigest == m.shown.Change.Digest
}

// now is the present, as the store keeps it: digests of reviews depend on it.
func (s *Service) now() time.Time { return s.cfg.Now().UTC().Truncate(time.Microsecond) }

// open stores the change of a matter, with its event, and what also writes.
func (s *Service) open(ctx context.Context, m *matter, as audit.Type, by By, also func(store.Tx, Change) error) error {
	c := m.shown.Change
	c.Target = m.tree.Encode()
	err := s.cfg.Store.Write(ctx, m.live.ID, func(tx store.Tx) error {
		var err error
		if c.Number, err = tx.OpenChange(ctx, c); err != nil {
			return err
		}
		if also != nil {
			if err := also(tx, c); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, s.event(as, by, m, c, nil))
	})
	if err != nil {
		return fmt.Errorf("storing a change: %w", err)
	}
	c.Target = nil
	m.shown.Change = c
	return nil
}
