package directory

import (
	"context"
	"fmt"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// revocationKept is how long every node remembers that a customer was
// disabled: as long as the longest access token lives, and a little more.
const revocationKept = 24*time.Hour + 10*time.Minute

type stateDetail struct {
	Before customer.State `json:"before"`
	After  customer.State `json:"after"`
}

// Disable ends what a customer may do: they cannot sign in, and within five
// seconds no node honours a token that was issued before. Disabling twice
// changes nothing. store.ErrNotFound; store.ErrConflict if the customer changed
// at the same moment: try again.
func (d *Directory) Disable(ctx context.Context, env store.EnvironmentID, id customer.ID, by audit.Actor) error {
	return d.setState(ctx, env, id, customer.Disabled, by)
}

// Enable lets a customer sign in again. Errors are those of [Directory.Disable].
func (d *Directory) Enable(ctx context.Context, env store.EnvironmentID, id customer.ID, by audit.Actor) error {
	return d.setState(ctx, env, id, customer.Active, by)
}

func (d *Directory) setState(ctx context.Context, env store.EnvironmentID, id customer.ID, state customer.State, by audit.Actor) error {
	c, err := d.cfg.Store.Customer(ctx, env, id)
	if err != nil {
		return fmt.Errorf("reading customer %s: %w", id, err)
	}
	if c.State == state {
		return nil
	}
	now := d.cfg.Now()
	event := d.cfg.Audit.Event(audit.Entry{
		At: now, Type: audit.CustomerChanged, Actor: by, Customer: id.String(), Detail: stateDetail{c.State, state},
	})
	c.State, c.Updated = state, now
	err = d.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := tx.UpdateCustomer(ctx, c); err != nil {
			return err
		}
		if state == customer.Disabled {
			entry := store.FeedEntry{Kind: store.CustomerDisabled, Subject: id.String(), At: now, Until: now.Add(revocationKept)}
			if err := tx.Publish(ctx, entry); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return fmt.Errorf("making customer %s %s: %w", id, state, err)
	}
	d.cfg.Feed.Wake()
	return nil
}
