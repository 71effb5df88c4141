package signin

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/code"
	"sallyport/service/environment"
)

// Cards posts cards, and knows and takes their codes: code.Cards does.
type Cards interface {
	Issue(ctx context.Context, live *environment.Live, id customer.ID, o code.CardOrder) error
	State(ctx context.Context, live *environment.Live, id customer.ID) (code.CardState, error)
	Take(ctx context.Context, live *environment.Live, id customer.ID, typed string) (code.CardTaken, error)
}

// CardWrong: what was typed is no unused code of the card.
const CardWrong journey.Problem = "card-wrong"

// lookUpCard tells the journey of a card. One that is on its way by post is asked for only
// where nobody gets on without a second factor and setting one up may not wait: else
// its owner would be locked out until the letter comes.
func (r *run) lookUpCard(ctx context.Context, found *journey.FactorsFound) error {
	if r.cfg.Cards == nil {
		return nil
	}
	state, err := r.cfg.Cards.State(ctx, r.live, r.person.Customer.ID)
	if err != nil {
		return fmt.Errorf("reading cards: %w", err)
	}
	ruling, err := r.ruling(ctx)
	if err != nil {
		return err
	}
	must := found.Required || ruling.When == journey.Always && !found.Deferrable
	found.Card = state.InUse || !state.Waiting.IsZero() && must
	return nil
}

// withoutCard tells whether no card of codes is on its way to somebody, or with them: it is
// what the help desk sends to those who lost everything else.
func (r *run) withoutCard(ctx context.Context, id customer.ID) (bool, error) {
	if r.cfg.Cards == nil {
		return true, nil
	}
	state, err := r.cfg.Cards.State(ctx, r.live, id)
	if err != nil {
		return true, fmt.Errorf("reading cards: %w", err)
	}
	return !state.InUse && state.Waiting.IsZero(), nil
}

// takeCard strikes out a code of the customer's card. The first code of one that came by
// post makes it theirs.
func (r *run) takeCard(ctx context.Context) (journey.CodeChecked, error) {
	if r.cfg.Cards == nil {
		return journey.CodeChecked{Overtaken: true}, nil
	}
	taken, err := r.cfg.Cards.Take(ctx, r.live, r.person.Customer.ID, r.code)
	switch {
	case errors.Is(err, code.ErrNoCard):
		return journey.CodeChecked{Overtaken: true}, nil
	case errors.Is(err, code.ErrCardUnreadable):
		return journey.CodeChecked{}, fmt.Errorf("%w: %w", errUnreadable, err)
	case err != nil:
		return journey.CodeChecked{}, err
	case taken.Match:
		return journey.CodeChecked{Verdict: journey.Match}, nil
	}
	r.problem = CardWrong
	return r.refuse(wrongCode)
}
