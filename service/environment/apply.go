package environment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/store"
)

// Errors of Apply.
var (
	// ErrDrift: the environment has moved on from the base of the change.
	ErrDrift = errors.New("environment moved on from the base")
	// ErrProtected: the environment takes revisions, or such as widen, only through approval, or
	// with a break-glass reason.
	ErrProtected = errors.New("environment is protected")
	// ErrNoEnvironment: there is no such environment, or it is the built-in one,
	// which has no revisions.
	ErrNoEnvironment = errors.New("no such environment")
	// ErrUnchanged: the tree means what the newest revision means.
	ErrUnchanged = errors.New("nothing would change")
)

// InvalidError carries what is wrong with a tree.
type InvalidError struct{ Problems []config.Problem }

// Error tells how many mistakes there are, and the first.
func (e *InvalidError) Error() string {
	mistakes := slices.DeleteFunc(slices.Clone(e.Problems), func(p config.Problem) bool { return p.Severity != config.Error })
	if len(mistakes) == 0 {
		return "configuration is not valid"
	}
	return fmt.Sprintf("configuration is not valid: %d problem(s), first: %s", len(mistakes), mistakes[0])
}

// Change says what to apply, and on what ground.
type Change struct {
	Tree       *config.Tree
	Base       int64 // the revision the author saw
	Author     string
	Message    string
	BreakGlass string // the reason for overriding a protection; empty for none
	Number     int64  // of the change that was approved, for Promote; 0: none
	Again      bool   // for Promote: even if it means what the newest revision means
}

// Apply makes c.Tree the newest revision of env, durably, and live on this
// node before it returns. Applying what is already the newest revision changes
// nothing, whatever the base, and returns its number with applied false.
// Errors: [InvalidError], [ErrDrift], [ErrProtected], [ErrNoEnvironment].
// After another one, of the store, the revision may have been stored; the same
// call again tells.
//
// Who wrote the newest revision may have protected the environment in it; so a
// protection ends only by a change that overrides it.
func (r *Registry) Apply(ctx context.Context, env store.EnvironmentID, c Change) (number int64, applied bool, err error) {
	live, found := r.ByID(env)
	if !found || live.System() {
		return 0, false, ErrNoEnvironment
	}
	target, _, err := r.governed(ctx, live, c.Tree)
	if err != nil {
		return 0, false, err
	}
	newest, err := r.newest(ctx, env)
	if err != nil {
		return 0, false, err
	}
	if newest != nil && newest.Digest == c.Tree.Digest() {
		r.adopt(live, target, *newest)
		return newest.Number, false, nil
	}
	revision, err := r.admit(live, newest, target, c)
	if err == nil {
		revision.Number, err = r.append(ctx, env, newest, revision, nil)
	}
	if err != nil {
		return 0, false, r.refused(ctx, live, newest, c, err)
	}
	r.adopt(live, target, revision)
	r.Wake()
	return revision.Number, true, nil
}

// Also is what is written in the transaction that appends a revision, once its
// number is known. It may run more than once.
type Also func(ctx context.Context, tx store.Tx, number int64) error

// Promote is Apply for whoever answers for the approval of c: a protection does not
// stop it, and what also writes is durable with the revision or not at all. What
// is the newest revision already is not applied again, unless c says so. It does not ask what
// governance says: that is a matter of the approval's gates, and must not keep
// anybody from undoing a change. Errors: those of Apply but
// [ErrProtected]; [ErrUnchanged]; what also gives, unchanged.
func (r *Registry) Promote(ctx context.Context, env store.EnvironmentID, c Change, also Also) (number int64, err error) {
	live, found := r.ByID(env)
	if !found || live.System() {
		return 0, ErrNoEnvironment
	}
	target, _, err := r.target(live, c.Tree)
	if err != nil {
		return 0, err
	}
	newest, err := r.newest(ctx, env)
	if err != nil {
		return 0, err
	}
	revision := store.Revision{
		Base: c.Base, Digest: c.Tree.Digest(), Content: c.Tree.Encode(), Author: c.Author, Message: c.Message, Created: r.cfg.Now(),
	}
	switch err = drifted(newest, c.Base); {
	case err != nil:
	case newest != nil && newest.Digest == revision.Digest && !c.Again:
		return 0, ErrUnchanged
	default:
		revision.Number, err = r.append(ctx, env, newest, revision, also)
	}
	if err != nil {
		return 0, r.refused(ctx, live, newest, c, err)
	}
	r.adopt(live, target, revision)
	r.Wake()
	return revision.Number, nil
}

// Compiled gives what tree would be in live's environment, and what is to be said
// of it; [InvalidError] if it cannot become its configuration.
func (r *Registry) Compiled(live *Live, tree *config.Tree) (*config.Snapshot, []config.Problem, error) {
	return r.target(live, tree)
}

// Protects tells whether live takes revisions only through approval, or with a
// break-glass reason, as long as tree is its newest one; nil for none.
func (l *Live) Protects(tree *config.Tree) bool {
	if tree == nil {
		return false
	}
	spec, _ := tree.Environment(l.Name)
	return l.Protected || spec.Protected
}

// adopt makes live what was compiled from revision's tree.
func (r *Registry) adopt(live *Live, target *config.Snapshot, revision store.Revision) {
	target.Revision, target.Digest = revision.Number, revision.Digest
	r.install(live, revision.Number, target)
}

// admit gives the revision that c may become: [ErrDrift], [ErrProtected].
func (r *Registry) admit(live *Live, newest *store.Revision, target *config.Snapshot, c Change) (store.Revision, error) {
	if err := drifted(newest, c.Base); err != nil {
		return store.Revision{}, err
	}
	revision := store.Revision{
		Base: c.Base, Digest: c.Tree.Digest(), Content: c.Tree.Encode(),
		Author: c.Author, Message: c.Message, Created: r.cfg.Now(),
	}
	if newest == nil || !live.Protected && !protects(live, *newest) {
		stands, err := r.asksFor(live, newest, target)
		if err != nil || !stands {
			return revision, err // nothing to override, whatever reason was given
		}
	}
	if c.BreakGlass == "" {
		return store.Revision{}, ErrProtected
	}
	revision.BreakGlass = c.BreakGlass
	return revision, nil
}

// drifted tells whether the environment moved on from base; [ErrDrift].
func drifted(newest *store.Revision, base int64) error {
	if head := numberOf(newest); head != base {
		return fmt.Errorf("%w: it is at revision %d, the change was made on %d", ErrDrift, head, base)
	}
	return nil
}

func numberOf(newest *store.Revision) int64 {
	if newest == nil {
		return 0
	}
	return newest.Number
}

// protects tells whether revision's tree protects the environment. One that
// cannot be read does: nobody can see that it does not.
func protects(live *Live, revision store.Revision) bool {
	tree, err := config.Decode(revision.Content)
	if err != nil {
		return true
	}
	spec, _ := tree.Environment(live.Name)
	return spec.Protected
}

// refused records that c was refused, if it was, and returns why.
func (r *Registry) refused(ctx context.Context, live *Live, newest *store.Revision, c Change, why error) error {
	result := "drift"
	switch {
	case errors.Is(why, ErrProtected):
		result = "protected"
	case !errors.Is(why, ErrDrift):
		return why
	}
	err := r.cfg.Audit.Record(ctx, live.ID, audit.Entry{
		Type: audit.RevisionRefused, Actor: audit.Operator(c.Author), Result: result,
		Detail: map[string]any{"base": c.Base, "head": numberOf(newest), "message": c.Message, "change": c.Number},
	})
	return errors.Join(why, err)
}

// append stores the revision with its feed entry, its audit event and what also
// writes, if anything. [ErrDrift] if another one came first.
func (r *Registry) append(ctx context.Context, env store.EnvironmentID, newest *store.Revision, revision store.Revision, also Also) (number int64, err error) {
	err = r.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		var err error
		if number, err = tx.AppendRevision(ctx, revision); errors.Is(err, store.ErrConflict) {
			return fmt.Errorf("%w: another revision was applied at the same moment", ErrDrift)
		} else if err != nil {
			return err
		}
		if also != nil {
			if err := also(ctx, tx, number); err != nil {
				return err
			}
		}
		entry := store.FeedEntry{
			Kind: store.RevisionApplied, Subject: strconv.FormatInt(number, 10),
			At: revision.Created, Until: revision.Created.Add(feedKept),
		}
		if err := tx.Publish(ctx, entry); err != nil {
			return err
		}
		return tx.Audit(ctx, r.cfg.Audit.Event(audit.Entry{
			Type: audit.RevisionApplied, Actor: audit.Operator(revision.Author),
			Detail: map[string]any{
				"revision": number, "base": revision.Base, "digest": fmt.Sprintf("%x", revision.Digest),
				"message": revision.Message, "break_glass": revision.BreakGlass,
				"before": told(newest), "after": told(&store.Revision{Number: number, Digest: revision.Digest}),
			},
		}))
	})
	return number, err
}

// told is a revision as the audit ledger tells it: the number finds the content,
// the digest proves it.
func told(r *store.Revision) any {
	if r == nil {
		return nil
	}
	return map[string]any{"revision": r.Number, "digest": fmt.Sprintf("%x", r.Digest)}
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
