package environment

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/store"
)

// Errors of Apply.
var (
	// ErrDrift: the environment has moved on from the base of the change.
	ErrDrift = errors.New("environment moved on from the base")
	// ErrProtected: the environment takes revisions only through approval, or
	// with a break-glass reason.
	ErrProtected = errors.New("environment is protected")
	// ErrNoEnvironment: there is no such environment.
	ErrNoEnvironment = errors.New("no such environment")
)

// InvalidError carries what is wrong with a tree.
type InvalidError struct{ Problems []config.Problem }

// Error tells how many problems there are, and the first.
func (e *InvalidError) Error() string {
	if len(e.Problems) == 0 {
		return "configuration is not valid"
	}
	return fmt.Sprintf("configuration is not valid: %d problem(s), first: %s", len(e.Problems), e.Problems[0])
}

// Plan is what applying a tree would change.
type Plan struct {
	Base     int64 // the revision it was compared with; 0 for none
	Digest   [32]byte
	Changes  []config.Change
	Warnings []config.Problem
	Access   []AccessChange // cells of the access matrix that would change, widening first
}

// Change says what to apply, and on what ground.
type Change struct {
	Tree       *config.Tree
	Base       int64 // the revision the author saw
	Author     string
	Message    string
	BreakGlass string // the reason for overriding a protection; empty for none
}

// Plan compares tree with the newest revision of env. [InvalidError] if the
// tree does not compile for it; [ErrNoEnvironment].
func (r *Registry) Plan(ctx context.Context, env store.EnvironmentID, tree *config.Tree) (Plan, error) {
	live, found := r.ByID(env)
	if !found {
		return Plan{}, ErrNoEnvironment
	}
	target, problems := config.Compile(tree, live.Name, r.cfg.Builtin)
	if target == nil {
		return Plan{}, &InvalidError{problems}
	}
	plan := Plan{Digest: tree.Digest(), Warnings: problems}
	before, err := r.newest(ctx, env)
	if err != nil {
		return Plan{}, err
	}
	var base *config.Tree
	var current *config.Snapshot
	if before != nil {
		plan.Base = before.Number
		if base, err = config.Decode(before.Content); err != nil {
			return Plan{}, fmt.Errorf("decoding revision %d: %w", before.Number, err)
		}
		current, _ = config.Compile(base, live.Name, r.cfg.Builtin)
	}
	plan.Changes = config.Diff(base, tree)
	plan.Access = compareAccess(current, target)
	return plan, nil
}

// Apply makes c.Tree the newest revision of env, durably, and live on this
// node before it returns. Applying what is already the newest revision changes
// nothing and returns its number with applied false. Errors: [InvalidError],
// [ErrDrift], [ErrProtected], [ErrNoEnvironment].
func (r *Registry) Apply(ctx context.Context, env store.EnvironmentID, c Change) (number int64, applied bool, err error) {
	live, found := r.ByID(env)
	if !found {
		return 0, false, ErrNoEnvironment
	}
	if target, problems := config.Compile(c.Tree, live.Name, r.cfg.Builtin); target == nil {
		return 0, false, &InvalidError{problems}
	}
	newest, err := r.newest(ctx, env)
	if err != nil {
		return 0, false, err
	}
	if newest != nil && newest.Digest == c.Tree.Digest() {
		return newest.Number, false, nil
	}
	if err := r.admit(ctx, live, newest, c); err != nil {
		return 0, false, err
	}
	if number, err = r.append(ctx, env, c); err != nil {
		return 0, false, err
	}
	r.Wake()
	return number, true, r.load(ctx, live.Environment)
}

// admit refuses what may not become a revision, and records the refusal.
func (r *Registry) admit(ctx context.Context, live *Live, newest *store.Revision, c Change) error {
	var refusal error
	var head int64
	if newest != nil {
		head = newest.Number
	}
	switch {
	case head != c.Base:
		refusal = fmt.Errorf("%w: it is at revision %d, the change was made on %d", ErrDrift, head, c.Base)
	case live.Protected && head > 0 && c.BreakGlass == "":
		refusal = ErrProtected
	default:
		return nil
	}
	err := r.cfg.Audit.Record(ctx, live.ID, audit.Entry{
		Type: audit.RevisionRefused, Actor: audit.Operator(c.Author), Result: resultOf(refusal),
		Detail: map[string]any{"base": c.Base, "head": head, "message": c.Message},
	})
	return errors.Join(refusal, err)
}

func resultOf(refusal error) string {
	if errors.Is(refusal, ErrProtected) {
		return "protected"
	}
	return "drift"
}

// append stores the revision with its feed entry and audit event.
func (r *Registry) append(ctx context.Context, env store.EnvironmentID, c Change) (int64, error) {
	now := r.cfg.Now()
	revision := store.Revision{
		Base: c.Base, Digest: c.Tree.Digest(), Content: c.Tree.Encode(),
		Author: c.Author, Message: c.Message, BreakGlass: c.BreakGlass, Created: now,
	}
	var number int64
	err := r.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		var err error
		if number, err = tx.AppendRevision(ctx, revision); err != nil {
			return err
		}
		entry := store.FeedEntry{
			Kind: store.RevisionApplied, Subject: strconv.FormatInt(number, 10),
			At: now, Until: now.Add(time.Hour),
		}
		if err := tx.Publish(ctx, entry); err != nil {
			return err
		}
		return tx.Audit(ctx, r.cfg.Audit.Event(audit.Entry{
			Type: audit.RevisionApplied, Actor: audit.Operator(c.Author),
			Detail: map[string]any{
				"revision": number, "base": c.Base, "digest": fmt.Sprintf("%x", revision.Digest),
				"message": c.Message, "break_glass": c.BreakGlass,
			},
		}))
	})
	if errors.Is(err, store.ErrConflict) {
		return 0, fmt.Errorf("%w: another revision was applied at the same moment", ErrDrift)
	}
	return number, err
}

// newest reads the newest revision of env, nil if there is none.
func (r *Registry) newest(ctx context.Context, env store.EnvironmentID) (*store.Revision, error) {
	revision, err := r.cfg.Store.Revision(ctx, env, 0)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the newest revision: %w", err)
	}
	return &revision, nil
}
