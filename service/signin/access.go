package signin

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/store"
)

// defaultPatience is how long a page of a step that prepares access waits before it
// offers to go on without.
const defaultPatience = 2 * time.Minute

// Preparing is what the page shows that waits for somebody's access.
type Preparing struct {
	Again   time.Duration // after which it looks once more, by itself
	Patient bool          // it waited long: they may go on, and hear of it by a message
}

// access is the task of waiting until somebody is in the groups that open what they came
// for. They are there at once where the journey puts them there; it is for groups that
// somebody else gives, such as a service that is told of registrations.
type access struct{}

func (*access) Look(ctx context.Context, w *Walk) (journey.Found, any, error) {
	if len(lacking(w)) == 0 {
		return journey.Found{}, nil, nil
	}
	told, err := w.run.awaiting(ctx)
	if err != nil || told != nil { // they went on without, and hear of it
		return journey.Found{}, nil, err
	}
	return journey.Found{Needed: true}, w.preparing(), nil
}

// lacking are the groups of the step in which the customer is not.
func lacking(w *Walk) []string {
	return slices.DeleteFunc(slices.Clone(w.Step.Groups), func(g string) bool { return slices.Contains(w.Customer.Groups, g) })
}

// preparing tells how long the page has waited, first often and then at leisure.
func (w *Walk) preparing() Preparing {
	r := w.run
	now := r.cfg.Now()
	if r.saved.Waits.IsZero() {
		r.saved.Waits = now
	}
	patience := w.Step.Patience.Std()
	if patience <= 0 {
		patience = defaultPatience
	}
	switch waited := now.Sub(r.saved.Waits); {
	case waited >= patience:
		return Preparing{Again: 30 * time.Second, Patient: true}
	case waited >= 20*time.Second:
		return Preparing{Again: 5 * time.Second}
	}
	return Preparing{Again: 2 * time.Second}
}

// Do lets somebody go on who waited long, and notes that they are to hear of it. A form
// that comes before has nothing to say.
func (*access) Do(ctx context.Context, w *Walk, _ url.Values) (journey.Performed, error) {
	missing := lacking(w)
	if len(missing) == 0 {
		return journey.Performed{Verdict: journey.Match}, nil
	}
	shown := w.preparing()
	w.Show(shown)
	if !shown.Patient {
		return journey.Performed{Verdict: journey.NoMatch, Problem: journey.Interrupted}, nil
	}
	told, err := w.run.awaiting(ctx)
	if err != nil || told != nil {
		return journey.Performed{Verdict: journey.Match}, err
	}
	mark, err := w.run.newAwaiting(ctx, missing)
	if err != nil {
		return journey.Performed{}, err
	}
	event := w.Event(audit.AccessAwaited, awaitedDetail{w.run.journey.Name(), w.Step.Name, missing})
	w.Write(func(ctx context.Context, tx store.Tx) error {
		return firstError(
			func() error { return tx.PutFactor(ctx, mark) },
			func() error { return tx.Audit(ctx, event) },
		)
	})
	return journey.Performed{Verdict: journey.Match}, nil
}

type awaitedDetail struct {
	Journey string   `json:"journey"`
	Step    string   `json:"step"`
	Groups  []string `json:"groups"`
}

// awaiting gives the mark of a customer who is to hear when their access is there; nil
// if they are not.
func (r *run) awaiting(ctx context.Context) (*store.Factor, error) {
	all, err := r.cfg.Store.Factors(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return nil, fmt.Errorf("reading whether access is awaited: %w", err)
	}
	i := slices.IndexFunc(all, func(f store.Factor) bool { return f.Kind == store.FactorAwaiting })
	if i < 0 {
		return nil, nil
	}
	return &all[i], nil
}

func (r *run) newAwaiting(ctx context.Context, groups []string) (store.Factor, error) {
	f := store.Factor{Customer: r.person.Customer.ID, Kind: store.FactorAwaiting, Label: strings.Join(groups, " "), Created: r.cfg.Now()}
	if _, err := io.ReadFull(r.cfg.Rand, f.ID[:]); err != nil {
		return f, fmt.Errorf("naming a mark: %w", err)
	}
	var err error
	f.Sealed, err = r.cfg.Sealer.Seal(ctx, r.live.ID, factorRow(f.ID), []byte(f.Kind))
	return f, err
}
