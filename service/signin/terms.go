package signin

import (
	"context"
	"net/url"
	"slices"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/store"
)

// Agreements knows what customers are asked to agree to, and keeps what they say:
// directory.Directory does.
type Agreements interface {
	Due(ctx context.Context, live *environment.Live, id customer.ID, on directory.Occasion) ([]directory.Due, error)
	AgreeIn(ctx context.Context, tx store.Tx, live *environment.Live, id customer.ID, said []directory.Answer, by audit.Actor) error
}

// TermsItem is one thing that the page for terms asks.
type TermsItem struct {
	directory.Due
	Input string // under which the form brings the version, if they say yes
	Seen  string // and that of what was shown
	Wrong bool   // they did not, and cannot go on without
}

// terms is the task of agreeing to documents in the version that holds, and of saying
// what one's data may be used for, which is asked apart and may be refused.
type terms struct{ agreements Agreements }

// NewTerms gives that task.
func NewTerms(a Agreements) Task { return &terms{a} }

func (t *terms) Look(ctx context.Context, w *Walk) (journey.Found, any, error) {
	items, err := t.due(ctx, w)
	return journey.Found{Needed: len(items) > 0}, items, err
}

func (t *terms) due(ctx context.Context, w *Walk) ([]TermsItem, error) {
	all, err := t.agreements.Due(ctx, w.Live, w.Customer.ID, directory.Occasion{
		Application: w.Application, Languages: []string{w.Language}, Registering: w.Registering,
	})
	if err != nil {
		return nil, err
	}
	var items []TermsItem
	for _, due := range all {
		if said := w.Step.Documents; len(said) > 0 && due.Kind == store.AgreedDocument && !slices.Contains(said, due.Name) {
			continue
		}
		of := string(due.Kind) + "-" + due.Name
		items = append(items, TermsItem{Due: due, Input: "agree-" + of, Seen: "seen-" + of})
	}
	return items, nil
}

// Do takes the answers to everything that is asked now. What was not on the page that
// they saw, or in another version, nobody has agreed to: they are shown it.
func (t *terms) Do(ctx context.Context, w *Walk, form url.Values) (journey.Performed, error) {
	items, err := t.due(ctx, w)
	if err != nil {
		return journey.Performed{}, err
	}
	refused := false
	said := make([]directory.Answer, len(items))
	for i := range items {
		item := &items[i]
		yes := form.Get(item.Input) == item.Version
		item.Wrong = item.Required && !yes
		refused = refused || item.Wrong || form.Get(item.Seen) != item.Version
		said[i] = directory.Answer{Kind: item.Kind, Document: item.Name, Version: item.Version, Refused: !yes, Evidence: directory.Evidence{
			Language: item.Wording.Language, Application: w.Application, Journey: w.run.journey.Name(), Address: w.run.visit.address(),
		}}
	}
	if refused {
		w.Show(items)
		return journey.Performed{Verdict: journey.NoMatch, Problem: TermsMissing}, nil
	}
	live, id, by := w.Live, w.Customer.ID, audit.Customer(w.Customer.ID.String())
	w.Write(func(ctx context.Context, tx store.Tx) error { return t.agreements.AgreeIn(ctx, tx, live, id, said, by) })
	return journey.Performed{Verdict: journey.Match}, nil
}

// TermsMissing: something that they cannot go on without was not agreed to, or changed
// since the page was shown.
const TermsMissing journey.Problem = "terms-missing"
