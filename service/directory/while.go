package directory

import (
	"context"

	"sallyport/store"
)

// While gives a directory that changes something only if use lets it, which is asked in
// the transaction of the change, before anything else. What customers do they do in a
// session, which may have ended since their form came: whoever lost it a moment ago, by
// the owner's word, leaves nothing behind. The error of use is that of the change.
func (d *Directory) While(use func(ctx context.Context, tx store.Tx) error) *Directory {
	with := *d
	with.use = use
	return &with
}

// write changes the store, if that may be.
func (d *Directory) write(ctx context.Context, env store.EnvironmentID, change func(store.Tx) error) error {
	return d.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if d.use != nil {
			if err := d.use(ctx, tx); err != nil {
				return err
			}
		}
		return change(tx)
	})
}
