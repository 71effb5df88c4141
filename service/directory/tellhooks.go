package directory

import (
	"context"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/environment"
	"sallyport/service/hook"
	"sallyport/store"
)

// tellHooks has hooks told of what changed of a customer, in order, in the transaction that
// changes it: neither is without the other.
func (d *Directory) tellHooks(ctx context.Context, tx store.Tx, live *environment.Live, id customer.ID, of ...config.Point) error {
	s := live.Snapshot()
	if d.cfg.Hooks == nil || s == nil {
		return nil
	}
	moments := make([]hook.Moment, len(of))
	for i, point := range of {
		moments[i] = hook.Moment{Env: live.ID, Snapshot: s, Point: point, Customer: customer.Customer{ID: id}}
	}
	events, err := d.cfg.Hooks.Prepare(moments...)
	if err != nil {
		return err
	}
	return hook.Put(ctx, tx, events)
}
