package signin

import (
	"context"
	"fmt"
	"maps"

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

// added is what a change added: an address of before may have it taken away.
type added struct {
	factor  store.FactorID
	passkey store.PasskeyID
	further map[string]string // values of the notice that it alone has
}

// writeTold is write for what its customer is to hear of: a stranger with their
// session changes nothing without their knowledge. The notice is part of the change:
// there is none without the other.
func (r *run) writeTold(ctx context.Context, what message.Name, do func(store.Tx) error) error {
	return r.writeAdded(ctx, what, added{}, do)
}

// writeAdded is writeTold of something that was added.
func (r *run) writeAdded(ctx context.Context, what message.Name, a added, do func(store.Tx) error) error {
	tell, err := r.noticeOf(ctx, what, a)
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

// noticeOf prepares what the customer is to hear of, for a transaction of others.
func (r *run) noticeOf(ctx context.Context, what message.Name, a added) (tell func(context.Context, store.Tx) error, err error) {
	if r.cfg.Notices == nil {
		return func(context.Context, store.Tx) error { return nil }, nil
	}
	id := r.person.Customer.ID
	addresses, err := r.cfg.Store.Identifiers(ctx, r.live.ID, id)
	if err != nil {
		return nil, fmt.Errorf("reading identifiers: %w", err)
	}
	page := "/account"
	if message.Undoable(what) {
		page = "/account/activity" // for whom no link takes it back
	}
	notice := notify.Notice{
		Customer: r.person.Customer, Addresses: addresses, What: what, Brand: r.snapshot.BrandOf(nil).Name,
		Values: map[string]string{"device": message.Device(r.visit.Agent), "link": r.snapshot.URL.String() + page},
	}
	if r.cfg.Undo != nil && message.Undoable(what) {
		left, err := r.seconds(ctx, store.FactorID{})
		if err != nil {
			return nil, err
		}
		stands := left > 0
		if !stands {
			if stands, err = r.passkeyStands(ctx); err != nil {
				return nil, err
			}
		}
		change := notify.Change{Customer: id, What: what, Factor: a.factor, Passkey: a.passkey, Second: stands}
		if notice.Link, err = r.cfg.Undo.Links(ctx, r.live, change, addresses); err != nil {
			return nil, err
		}
	}
	maps.Copy(notice.Values, a.further)
	return func(ctx context.Context, tx store.Tx) error { return r.cfg.Notices.Tell(ctx, tx, r.live, notice) }, nil
}

// passkeyStands tells whether a passkey that signs in alone is asked for as a second factor
// of the customer, since everybody has to have one.
func (r *run) passkeyStands(ctx context.Context) (bool, error) {
	passkeys, err := r.everyPasskey(ctx)
	if len(passkeys) == 0 || err != nil {
		return false, err
	}
	return r.demanded(ctx)
}
