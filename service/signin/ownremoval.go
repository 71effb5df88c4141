package signin

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/journey"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/store"
)

// ErrLastFactor: nobody signs in here without a second factor, and it is the last. Another
// is set up first.
var ErrLastFactor = errors.New("the last second factor")

// seconds is how many second factors somebody has, of those that are asked for at sign-in,
// without one that is to go. Recovery codes are none: they stand in for one.
func (r *run) seconds(ctx context.Context, without store.FactorID) (left int, err error) {
	all, err := r.cfg.Store.Factors(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return 0, fmt.Errorf("reading second factors: %w", err)
	}
	passkeys, err := r.everyPasskey(ctx)
	return store.Without{Factor: without}.Seconds(all, passkeys), err
}

// demanded tells whether the customer does not get on without a second factor.
func (r *run) demanded(ctx context.Context) (bool, error) {
	ruling, err := r.standing(ctx)
	if must := ruling.When == journey.Always && r.journey.TwoFactors(); must || err != nil {
		return must, err
	}
	return r.owes(ctx)
}

// withFactor are the factors that go with one: the recovery codes too, if nothing is left
// that they could stand in for. [ErrLastFactor].
func (r *run) withFactor(ctx context.Context, f store.Factor) ([]store.Factor, error) {
	left, err := r.seconds(ctx, f.ID)
	if err != nil || left > 0 {
		return []store.Factor{f}, err
	}
	must, err := r.demanded(ctx)
	if err != nil {
		return nil, err
	}
	if must {
		return nil, ErrLastFactor
	}
	recovery, err := r.factors(ctx, store.FactorRecovery)
	return append([]store.Factor{f}, recovery...), err
}

// removeFactor takes a second factor away, with all that goes with it.
func (r *run) removeFactor(ctx context.Context, f store.Factor, told message.Name) error {
	alone, err := r.alone(ctx)
	if err != nil {
		return err
	}
	gone, err := r.withFactor(ctx, f)
	if err != nil {
		return err
	}
	return r.writeTold(ctx, told, func(tx store.Tx) error {
		if err := alone(ctx, tx); err != nil {
			return err
		}
		for _, f := range gone {
			if err := tx.DeleteFactor(ctx, f.ID); err != nil {
				return err
			}
			if err := tx.Audit(ctx, r.factorEvent(audit.FactorRemoved, factorDetail{Kind: f.Kind})); err != nil {
				return err
			}
		}
		return nil
	})
}

// alone makes who takes something away the only one who does: of two at once, on whichever
// nodes, each of whom leaves what the other takes, one is told to look again. It is called
// before anybody looks what is left.
func (r *run) alone(ctx context.Context) (write func(context.Context, store.Tx) error, err error) {
	c, err := r.cfg.Store.Customer(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return nil, fmt.Errorf("reading a customer: %w", err)
	}
	c.Updated = r.cfg.Now()
	return func(ctx context.Context, tx store.Tx) error { return tx.UpdateCustomer(ctx, c) }, nil
}
