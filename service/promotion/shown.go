package promotion

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"sallyport/pure/board"
	"sallyport/pure/config"
	"sallyport/pure/review"
	"sallyport/service/environment"
	"sallyport/store"
)

// Change is where a proposal stands, without what it proposes.
type Change = store.Change

// Shown is everything that is known of a change.
type Shown struct {
	Change    Change
	Approvals []Approved
	Needed    int            // how many approvals it takes; 0: none
	Binding   [32]byte       // what an approval signs
	Review    *review.Review // with its populations counted and every gate judged
	Counts    Counts
	Board     *board.Board     // what it means for scopes; nil: nothing
	Edits     []config.Change  // of the files, object by object
	Head      int64            // the environment's newest revision
	Drifted   bool             // it is not the base any more; of one that was applied: not looked at
	Recalls   []store.Recall   // what it recalled, of an undo
	After     *config.Snapshot // what it leads to; nil where that is not valid
}

// Approved is an approval and whether it counts.
type Approved struct {
	store.Approval
	Counts bool
	Why    string // it does not; empty if it does
}

// Ready tells whether Apply would be let through, as far as can be seen.
func (s *Shown) Ready() bool {
	return waits(s.Change.State) && !s.Drifted && s.Review.Passed()
}

// waits tells whether a change can still become a revision.
func waits(s store.ChangeState) bool { return s == store.ChangeOpen || s == store.ChangeApproved }

// Page asks for changes, newest first.
type Page = store.ChangePage

// List gives one page of changes of live, without what they propose.
func (s *Service) List(ctx context.Context, live *environment.Live, page Page) ([]Change, error) {
	list, err := s.cfg.Store.ChangeList(ctx, live.ID, page)
	if err != nil {
		return nil, fmt.Errorf("listing changes: %w", err)
	}
	return list, nil
}

// Show gives one change with its review, compared anew: store.ErrNotFound.
func (s *Service) Show(ctx context.Context, live *environment.Live, number int64) (*Shown, error) {
	c, err := s.read(ctx, live, number)
	if err != nil {
		return nil, err
	}
	return s.shown(ctx, live, c)
}

func (s *Service) read(ctx context.Context, live *environment.Live, number int64) (Change, error) {
	c, err := s.cfg.Store.Change(ctx, live.ID, number)
	if err != nil {
		return Change{}, fmt.Errorf("reading change %d: %w", number, err)
	}
	return c, nil
}

// stored takes a stored change apart.
func (s *Service) stored(ctx context.Context, live *environment.Live, c Change) (*matter, error) {
	tree, err := config.Decode(c.Target)
	if err != nil {
		return nil, fmt.Errorf("decoding change %d: %w", c.Number, err)
	}
	return s.matter(ctx, live, c, tree)
}

// shown describes a stored change.
func (s *Service) shown(ctx context.Context, live *environment.Live, c Change) (*Shown, error) {
	m, err := s.stored(ctx, live, c)
	if err != nil {
		return nil, err
	}
	if err := s.board(ctx, m); err != nil {
		return nil, err
	}
	shown := m.shown
	if shown.Recalls, err = s.cfg.Store.Recalls(ctx, live.ID, c.Number); err != nil {
		return nil, fmt.Errorf("reading recalls: %w", err)
	}
	return shown, nil
}

// matter is a change taken apart: what it leads from and to.
type matter struct {
	live         *environment.Live
	shown        *Shown
	tree         *config.Tree // what is proposed
	base         *config.Tree // nil: none
	before       *config.Snapshot
	after        *config.Snapshot
	newest       *environment.Revision // nil: none
	valid        *environment.InvalidError
	approvalGate review.Gate
}

// matter reads and compares both sides of a change and judges every gate. A change
// without a number is not stored yet.
func (s *Service) matter(ctx context.Context, live *environment.Live, c Change, tree *config.Tree) (*matter, error) {
	m := &matter{live: live, tree: tree, shown: &Shown{Change: c}}
	m.shown.Change.Target = nil
	if err := s.sides(ctx, m); err != nil {
		return nil, err
	}
	if err := s.compare(m); err != nil {
		return nil, err
	}
	if c.Number == 0 {
		m.digest()
	}
	m.shown.Edits = config.Diff(m.base, tree)
	m.shown.Binding = Binding(m.shown.Change.BaseDigest, m.shown.Change.Digest, m.shown.Change.Delta)
	if err := s.approvals(ctx, m); err != nil {
		return nil, err
	}
	if err := s.judge(m); err != nil {
		return nil, err
	}
	return m, s.count(ctx, m)
}

// sides reads the base, and compiles both.
func (s *Service) sides(ctx context.Context, m *matter) error {
	c := m.shown.Change
	newest, head, err := s.cfg.Environments.Revision(ctx, m.live, 0)
	switch {
	case errors.Is(err, store.ErrNotFound):
	case err != nil:
		return err
	default:
		m.newest, m.base, m.shown.Head = &newest, head, newest.Number
	}
	m.shown.Drifted = waits(c.State) && m.shown.Head != c.Base
	if c.Base != m.shown.Head {
		if m.base = nil; c.Base > 0 {
			_, m.base, err = s.cfg.Environments.Revision(ctx, m.live, c.Base)
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("%w: it has no revision %d", environment.ErrDrift, c.Base)
			}
			if err != nil {
				return err
			}
		}
	}
	if m.base != nil {
		// One that no longer compiles gives nobody anything: all is new.
		m.before, _, _ = s.cfg.Environments.Compiled(m.live, m.base)
	}
	m.after, _, err = s.cfg.Environments.Compiled(m.live, m.tree)
	m.shown.After = m.after
	if !errors.As(err, &m.valid) {
		return err
	}
	return nil
}

// compare reviews what the change means.
func (s *Service) compare(m *matter) (err error) {
	if m.after == nil {
		m.shown.Review = &review.Review{Version: review.Version}
		return nil
	}
	// The instant is the change's own, so that its digest stays what it was.
	m.shown.Review, err = review.Compare(m.before, m.after, review.Options{From: m.shown.Change.Created})
	if err != nil {
		return fmt.Errorf("reviewing a change: %w", err)
	}
	return nil
}

// digest gives a change that is not stored yet what it will be recognised by.
func (m *matter) digest() {
	c := &m.shown.Change
	c.Digest, c.Delta = m.tree.Digest(), m.shown.Review.Delta()
	if m.base != nil {
		c.BaseDigest = m.base.Digest()
	}
}

// Binding is what an approval signs: a base, a target, and what the difference
// between them means.
func Binding(base, target, delta [32]byte) [32]byte {
	h := sha256.New()
	h.Write([]byte("sallyport approval 1\n"))
	for _, part := range [...][32]byte{base, target, delta} {
		h.Write(part[:])
	}
	return [32]byte(h.Sum(nil))
}
