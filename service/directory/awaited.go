package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

// Awaited prepares what follows where something else than the directory changes the
// groups of somebody who is here, such as an import: whoever waits for those that they
// get hears of it, once. What it gives is to be called in the transaction of the change.
func (d *Directory) Awaited(ctx context.Context, live *environment.Live, was, is customer.Customer) (func(context.Context, store.Tx) error, error) {
	return d.awaited(ctx, live, was, is)
}

// awaited prepares what follows where somebody gets groups for which they wait: they
// hear of it, once. It does nothing for anybody else.
func (d *Directory) awaited(ctx context.Context, live *environment.Live, was, is customer.Customer) (func(context.Context, store.Tx) error, error) {
	nothing := func(context.Context, store.Tx) error { return nil }
	if slices.Equal(was.Groups, is.Groups) {
		return nothing, nil
	}
	factors, err := d.cfg.Store.Factors(ctx, live.ID, is.ID)
	if err != nil {
		return nil, fmt.Errorf("reading whether access is awaited: %w", err)
	}
	i := slices.IndexFunc(factors, func(f store.Factor) bool { return f.Kind == store.FactorAwaiting })
	if i < 0 || slices.ContainsFunc(strings.Fields(factors[i].Label), func(g string) bool { return !slices.Contains(is.Groups, g) }) {
		return nothing, nil
	}
	mark := factors[i].ID
	if d.cfg.Notify == nil {
		return func(ctx context.Context, tx store.Tx) error { return tx.DeleteFactor(ctx, mark) }, nil
	}
	addresses, err := d.cfg.Store.Identifiers(ctx, live.ID, is.ID)
	if err != nil {
		return nil, fmt.Errorf("reading identifiers: %w", err)
	}
	s := live.Snapshot()
	notice := notify.Notice{
		Customer: is, Addresses: addresses, What: message.AccessReady, Brand: s.BrandOf(nil).Name,
		Values: map[string]string{"link": s.URL.String() + "/account"},
	}
	return func(ctx context.Context, tx store.Tx) error {
		if err := tx.DeleteFactor(ctx, mark); err != nil {
			return err
		}
		return d.cfg.Notify.Tell(ctx, tx, live, notice)
	}, nil
}
