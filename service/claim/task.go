package claim

import (
	"context"
	"errors"
	"net/url"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/signin"
	"sallyport/store"
)

// Why the page of a claim is shown again, besides [journey.AnswerRefused].
const (
	NumberWrong journey.Problem = "claim-number"
	ClaimWaits  journey.Problem = "claim-waits"
	NotProved   journey.Problem = "claim-not-proved"
	TooFew      journey.Problem = "claim-too-few" // nothing was tried
)

// NumberInput is under what name a form brings the number, FactPrefix what stands before
// the name of a fact.
const (
	NumberInput = "account-number"
	FactPrefix  = "fact-"
)

// maxAnswers is how many facts a form may bring.
const maxAnswers = 20

// Asked is what the page of a claim asks.
type Asked struct {
	Number string // as it was typed
	Facts  []config.FactSpec
	Need   int  // how many of the facts have to be given at least
	Waits  bool // a claim waits for a person: there is nothing to ask, and they may go on
}

// task is the step of a journey that links the account of who goes it.
type task struct{ *Service }

// Task gives the task of a journey's step that asks for claim.
func (s *Service) Task() signin.Task { return task{s} }

// Look implements [signin.Task]. Who has an account, or waits for one, is asked nothing;
// an account that is theirs by what they proved is linked on the way.
func (t task) Look(ctx context.Context, w *signin.Walk) (journey.Found, any, error) {
	who := claimant(w)
	facts, any := t.Asks(w.Live, who.Brand)
	if !any {
		return journey.Found{}, Asked{}, nil
	}
	settled, err := t.settled(ctx, w)
	if err != nil || settled {
		return journey.Found{}, Asked{Waits: settled}, err
	}
	linked, waits, err := t.Follow(ctx, w.Live, who)
	switch {
	case errors.Is(err, ErrUnavailable):
		t.cfg.Log.WarnContext(ctx, "accounts cannot be looked up", "environment", w.Live.Name, "error", err)
	case err != nil:
		return journey.Found{}, nil, err
	}
	done := len(linked) > 0 || waits || len(facts) == 0
	return journey.Found{Needed: !done}, Asked{Facts: facts, Need: t.Need(w.Live, who.Brand)}, nil
}

// settled tells whether they have an account already, or a claim that waits.
func (t task) settled(ctx context.Context, w *signin.Walk) (bool, error) {
	theirs, err := t.cfg.Store.Memberships(ctx, w.Live.ID, w.Customer.ID, customer.AccountID{}, 1)
	if err != nil || len(theirs) > 0 {
		return len(theirs) > 0, err
	}
	waiting, err := t.cfg.Store.ClaimList(ctx, w.Live.ID, store.ClaimPage{Customer: w.Customer.ID, State: store.ClaimWaits, Limit: 1})
	return len(waiting) > 0, err
}

// Do implements [signin.Task].
func (t task) Do(ctx context.Context, w *signin.Walk, form url.Values) (journey.Performed, error) {
	who := claimant(w)
	facts, _ := t.Asks(w.Live, who.Brand)
	said := Said{Number: form.Get(NumberInput), Facts: map[string]string{}}
	for _, f := range facts[:min(len(facts), maxAnswers)] {
		if answer := form.Get(FactPrefix + f.Name); answer != "" {
			said.Facts[f.Name] = answer
		}
	}
	asked := Asked{Facts: facts, Need: t.Need(w.Live, who.Brand)}
	if len(said.Number) <= customer.MaxAccountNumber {
		asked.Number = said.Number
	}
	w.Show(asked)
	if _, err := customer.AccountNumber(said.Number); err == nil && said.Given() < asked.Need {
		return journey.Performed{Verdict: journey.NoMatch, Problem: TooFew}, nil
	}
	answer, err := t.Claim(ctx, w.Live, who, said)
	switch {
	case errors.Is(err, ErrNumber):
		return journey.Performed{Verdict: journey.NoMatch, Problem: NumberWrong}, nil
	case err != nil:
		return journey.Performed{}, err
	}
	switch answer.Outcome {
	case Linked:
		return journey.Performed{Verdict: journey.Match}, nil
	case Waits:
		w.Show(Asked{Waits: true})
		return journey.Performed{Verdict: journey.NoMatch, Problem: ClaimWaits}, nil
	case Unavailable:
		return journey.Performed{Verdict: journey.Unavailable}, nil
	}
	return journey.Performed{Verdict: journey.NoMatch, Problem: NotProved}, nil
}

func claimant(w *signin.Walk) Claimant {
	who := Claimant{Customer: w.Customer.ID, Application: w.Application, Address: w.Source(), Personal: w.Personal()}
	if brand := w.Snapshot.BrandOf(w.Snapshot.Applications[w.Application]); brand != nil {
		who.Brand = brand.Name
	}
	return who
}
