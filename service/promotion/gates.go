package promotion

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sallyport/pure/config"
	"sallyport/pure/review"
	"sallyport/service/environment"
	"sallyport/store"
)

// The names of the gates that every change passes; "reviewable" is pure/review's.
const (
	GateValid     = "valid"
	GateDrift     = "not-drifted"
	GateSame      = "as-reviewed"
	GateApprovals = "approvals"
)

// judge adds to the review what this service and others say of the change. Of what
// has ended nothing is asked any more.
func (s *Service) judge(m *matter) error {
	r := m.shown.Review
	r.Gates = append([]review.Gate{m.validity()}, r.Gates...)
	if m.after != nil {
		for _, gate := range s.cfg.Gates {
			gates, err := gate(Considered{Live: m.live, Tree: m.tree, Before: m.before, After: m.after, Review: r})
			if err != nil {
				return fmt.Errorf("judging a change: %w", err)
			}
			r.Gates = append(r.Gates, gates...)
		}
	}
	if waits(m.shown.Change.State) {
		r.Gates = append(r.Gates, m.drift(), m.same(), m.approvalGate)
	}
	return nil
}

func (m *matter) validity() review.Gate {
	g := review.Gate{Name: GateValid, Passed: m.valid == nil, Text: "the configuration is valid in this environment"}
	if m.valid != nil {
		g.Text, g.Fix = m.valid.Error(), "correct it where it comes from, and propose it anew"
	}
	return g
}

func (m *matter) drift() review.Gate {
	c := m.shown.Change
	g := review.Gate{Name: GateDrift, Passed: !m.shown.Drifted, Text: fmt.Sprintf("the environment is at revision %d, which the change was made on", c.Base)}
	if m.shown.Drifted {
		g.Text = fmt.Sprintf("the environment moved on to revision %d; the change was made on %d", m.shown.Head, c.Base)
		g.Fix = "rebase the change"
	}
	return g
}

// same holds what was stored of the change to what comes out now: the base may be
// compared otherwise by another release, or stored content may be another's.
func (m *matter) same() review.Gate {
	c := m.shown.Change
	g := review.Gate{Name: GateSame, Passed: m.recognised(), Text: "it means what it meant when it was proposed"}
	if !g.Passed {
		g.Text = fmt.Sprintf("change %d does not mean any more what it meant when it was proposed", c.Number)
		g.Fix = "rebase the change, and look at it anew"
	}
	return g
}

func (m *matter) recognised() bool {
	c := m.shown.Change
	if m.tree.Digest() != c.Digest || m.valid == nil && m.shown.Review.Delta() != c.Delta {
		return false
	}
	return c.Base == 0 && m.base == nil || m.base != nil && m.base.Digest() == c.BaseDigest
}

// approvals reads them, says which count now, and how many it takes.
func (s *Service) approvals(ctx context.Context, m *matter) error {
	c := m.shown.Change
	var stored []store.Approval
	if c.Number > 0 {
		var err error
		if stored, err = s.cfg.Store.Approvals(ctx, m.live.ID, c.Number); err != nil {
			return fmt.Errorf("reading approvals: %w", err)
		}
	}
	count := 0
	for _, a := range stored {
		why, err := s.void(ctx, m, a)
		if err != nil {
			return err
		}
		if why == "" {
			count++
		}
		m.shown.Approvals = append(m.shown.Approvals, Approved{a, why == "", why})
	}
	m.shown.Needed = m.needed()
	m.approvalGate = review.Gate{Name: GateApprovals, Passed: count >= m.shown.Needed, Text: "it needs no approval"}
	if m.shown.Needed > 0 {
		m.approvalGate.Text = fmt.Sprintf("%d of %d approvals", count, m.shown.Needed)
		m.approvalGate.Fix = "let somebody else look at it and approve it"
	}
	return nil
}

// void says why an approval does not count; empty if it does.
func (s *Service) void(ctx context.Context, m *matter, a store.Approval) (string, error) {
	switch {
	case a.Binding != m.shown.Binding:
		return "it was given to something else", nil
	case own(m.shown.Change, By{a.Approver, a.Name}):
		return "it is the author's own", nil
	case !waits(m.shown.Change.State):
		return "", nil
	}
	may, err := s.cfg.Operators.MayApprove(ctx, a.Approver, m.live.Tenant, m.live.Name)
	if err != nil {
		return "", fmt.Errorf("asking whether %s may approve: %w", a.Name, err)
	}
	if !may {
		return a.Name + " may not approve changes here any more", nil
	}
	return "", nil
}

// own tells whether a change is somebody's own. Who wrote it at a terminal of the
// host has no id, and a name only.
func own(c Change, by By) bool {
	return by.ID == c.Author && !by.ID.IsZero() || c.Author.IsZero() && by.Name == c.AuthorName
}

// needed is how many approvals the change takes, by what its base says: no change
// lowers its own bar. An undo that widens nothing takes none.
func (m *matter) needed() int {
	if m.base == nil {
		return 0
	}
	widens := m.shown.Review.Widens() || !reviewable(m.shown.Review)
	protected, wanted := m.live.Protects(m.base), approvalsOf(m.base, m.live.Name)
	switch {
	case m.shown.Change.Undoes > 0 && !widens:
		return 0
	case protected:
		return max(1, wanted)
	case widens:
		return wanted
	}
	return 0
}

// approvalsOf is what a tree asks for in an environment; 0 if it says nothing.
func approvalsOf(tree *config.Tree, name string) int {
	spec, _ := tree.Environment(name)
	return spec.Approvals
}

// reviewable tells whether everything could be compared.
func reviewable(r *review.Review) bool {
	return !slices.ContainsFunc(r.Gates, func(g review.Gate) bool { return g.Name == "reviewable" && !g.Passed })
}

// refusal is the error of a change that is not ready: drift before everything else.
func (m *matter) refusal() error {
	if m.shown.Drifted {
		return fmt.Errorf("%w: it is at revision %d, the change was made on %d", environment.ErrDrift, m.shown.Head, m.shown.Change.Base)
	}
	var failed []review.Gate
	for _, g := range m.shown.Review.Gates {
		if !g.Passed {
			failed = append(failed, g)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return &GateError{failed}
}

// gateError reads which gates an error is about.
func gateError(err error) []review.Gate {
	var e *GateError
	if errors.As(err, &e) {
		return e.Failed
	}
	return nil
}
