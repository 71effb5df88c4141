package signin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/pure/journey"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/store"
)

// CardEvery is how often a customer can order a card of codes: the post takes its days, each
// order ends the card that is on its way, and stamps cost money.
const CardEvery = 24 * time.Hour

// errCardLimit ends the transaction of an order that comes too soon.
var errCardLimit = errors.New("a card was ordered within the day")

// posts tells whether a card of codes can be ordered here.
func (r *run) posts() bool {
	return r.cfg.Cards != nil && r.delivers(code.Channel(message.Letter))
}

// OrderCard has a card of codes posted to whoever is signed in. address is postal, of the
// premises of an account of theirs, as directory.PostalAddress gives it, and nobody's word:
// a line each. What they have goes on until a code of the card is used. [ErrNotFresh],
// [ErrNoApp] where nothing is asked for behind the password or nothing is posted, a [*Refusal]
// of one within [CardEvery]; notify.ErrAddress of what is no address.
func (s *Service) OrderCard(ctx context.Context, live *environment.Live, current *Current, v Visit, address string) error {
	r, _, err := s.ownApp(ctx, live, current, v)
	if err != nil {
		return err
	}
	if !r.posts() {
		return ErrNoApp
	}
	id := current.Customer.ID
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, "attempt")
	if err != nil {
		return fmt.Errorf("ordering a card: %w", err)
	}
	once := []store.Attempt{{Key: secret.MAC([]byte("card\x00" + id.String())), Burst: 1, Interval: CardEvery}}
	var wait time.Duration
	err = s.cfg.Cards.Issue(ctx, live, id, code.CardOrder{
		Address: address, Brand: r.snapshot.BrandOf(nil).Name, By: audit.Customer(id.String()), Reason: "ordered by the customer",
		With: func(ctx context.Context, tx store.Tx) (err error) {
			if err := r.useSession(ctx, tx); err != nil {
				return err
			}
			if wait, err = tx.ReserveAttempts(ctx, once, s.cfg.Now()); err == nil && wait > 0 {
				err = errCardLimit
			}
			return err
		},
	})
	switch {
	case errors.Is(err, errCardLimit):
		return &Refusal{Why: journey.TooManyAttempts, RetryAfter: wait}
	case errors.Is(err, store.ErrConflict):
		return &Refusal{Why: journey.Interrupted}
	case err != nil:
		return fmt.Errorf("ordering a card: %w", err)
	}
	return nil
}

// ErrNoCard: the customer has no such card, or has it no more.
var ErrNoCard = errors.New("no such card of codes")

// EndCard ends the card of codes that whoever is signed in uses, or with waiting the one that
// is on its way to them: its codes count no more from then on. With the last thing that is
// asked for behind the password go the recovery codes. [ErrNoCard]; [ErrLastFactor] where
// nobody gets on without one; [ErrNotFresh], [ErrNoApp] where nothing is asked for behind the
// password, a [*Refusal].
func (s *Service) EndCard(ctx context.Context, live *environment.Live, current *Current, v Visit, waiting bool) error {
	r, _, err := s.ownApp(ctx, live, current, v)
	if err != nil {
		return err
	}
	all, err := s.cfg.Store.Factors(ctx, live.ID, current.Customer.ID)
	if err != nil {
		return fmt.Errorf("ending a card: %w", err)
	}
	i := slices.IndexFunc(all, func(f store.Factor) bool { return f.Kind == store.FactorCard && f.Confirmed.IsZero() == waiting })
	if i < 0 {
		return ErrNoCard
	}
	if waiting {
		err = r.endWaiting(ctx, all[i])
	} else {
		err = r.removeFactor(ctx, all[i], message.CardEnded)
	}
	if err != nil {
		return fmt.Errorf("ending a card: %w", err)
	}
	return nil
}

// endWaiting ends a card of which no code was used: it is no second factor yet. One whose first
// code is used at this moment is, and is ended by nobody who did not see that.
func (r *run) endWaiting(ctx context.Context, f store.Factor) error {
	return r.writeTold(ctx, message.CardEnded, func(tx store.Tx) error {
		return firstError(
			func() error { return tx.PutFactor(ctx, f) },
			func() error { return tx.DeleteFactor(ctx, f.ID) },
			func() error { return tx.Audit(ctx, r.factorEvent(audit.FactorRemoved, factorDetail{Kind: f.Kind})) },
		)
	})
}
