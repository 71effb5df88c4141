package signin

import (
	"context"
	"fmt"

	"sallyport/pure/message"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

// Notices tells customers, at the addresses that they have proved, what was changed
// about how they sign in: notify.Service has it.
type Notices interface {
	Tell(ctx context.Context, tx store.Tx, live *environment.Live, n notify.Notice) error
}

// writeTold is write for what its customer is to hear of: a stranger with their
// session changes nothing without their knowledge. The notice is part of the change:
// there is none without the other.
func (r *run) writeTold(ctx context.Context, what message.Name, do func(store.Tx) error) error {
	tell, err := r.notice(ctx, what)
	if err != nil {
		return err
	}
	return r.write(ctx, func(tx store.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return tell(ctx, tx)
	})
}

// notice prepares what the customer is to hear of, for a transaction of others.
func (r *run) notice(ctx context.Context, what message.Name) (tell func(context.Context, store.Tx) error, err error) {
	if r.cfg.Notices == nil {
		return func(context.Context, store.Tx) error { return nil }, nil
	}
	id := r.person.Customer.ID
	addresses, err := r.cfg.Store.Identifiers(ctx, r.live.ID, id)
	if err != nil {
		return nil, fmt.Errorf("reading identifiers: %w", err)
	}
	notice := notify.Notice{
		Customer: r.person.Customer, Addresses: addresses, What: what, Brand: r.snapshot.BrandOf(nil).Name,
		Values: map[string]string{"device": message.Device(r.visit.Agent), "link": r.snapshot.URL.String() + "/account"},
	}
	return func(ctx context.Context, tx store.Tx) error { return r.cfg.Notices.Tell(ctx, tx, r.live, notice) }, nil
}
