package directory

import (
	"context"
	"fmt"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// revocationKept is how long every node remembers that what a customer had was
// cut off: as long as the longest access token lives, and a little more.
const revocationKept = 24*time.Hour + 10*time.Minute

type stateDetail struct {
	Before customer.State `json:"before"`
	After  customer.State `json:"after"`
	Reason string         `json:"reason,omitempty"`
}

// cutDetail tells from when on nothing older counts.
type cutDetail struct {
	Before *time.Time `json:"before"`
	After  time.Time  `json:"after"`
	Reason string     `json:"reason,omitempty"`
}

// read gives the customer that is to be changed. Their version is compared once
// more by the transaction that changes them.
func (d *Directory) read(ctx context.Context, env store.EnvironmentID, id customer.ID) (customer.Customer, error) {
	c, err := d.cfg.Store.Customer(ctx, env, id)
	if err != nil {
		return c, fmt.Errorf("reading customer %s: %w", id, err)
	}
	if d.expected != 0 && c.Version != d.expected {
		return c, fmt.Errorf("customer %s: %w", id, store.ErrConflict)
	}
	return c, nil
}

// Disable ends what a customer may do: they cannot sign in, and within five
// seconds no node honours a session or token that was issued before. Disabling
// twice changes nothing. store.ErrNotFound; store.ErrConflict if the customer
// changed at the same moment: try again.
func (d *Directory) Disable(ctx context.Context, env store.EnvironmentID, id customer.ID, by audit.Actor) error {
	return d.setState(ctx, env, id, customer.Disabled, by)
}

// Enable lets a customer sign in again. It revives nothing: what was issued
// before, or was under way while they were disabled, stays dead. Errors are
// those of [Directory.Disable].
func (d *Directory) Enable(ctx context.Context, env store.EnvironmentID, id customer.ID, by audit.Actor) error {
	return d.setState(ctx, env, id, customer.Active, by)
}

// SignOut signs a customer out everywhere: within five seconds no node honours
// a session or token that was issued before. They may sign in again at once;
// tokens count whole seconds, so one of this very second is refused too. Errors
// are those of [Directory.Disable].
func (d *Directory) SignOut(ctx context.Context, env store.EnvironmentID, id customer.ID, by audit.Actor) error {
	c, err := d.read(ctx, env, id)
	if err != nil {
		return err
	}
	detail := cutDetail{After: d.cfg.Now().UTC(), Reason: d.reason}
	if !c.NotBefore.IsZero() {
		before := c.NotBefore.UTC()
		detail.Before = &before
	}
	entry := audit.Entry{Type: audit.CustomerSignedOut, Actor: by, Detail: detail}
	if err := d.cut(ctx, env, cut{customer: c, entry: entry, told: true}); err != nil {
		return fmt.Errorf("signing customer %s out: %w", id, err)
	}
	return nil
}

func (d *Directory) setState(ctx context.Context, env store.EnvironmentID, id customer.ID, state customer.State, by audit.Actor) error {
	c, err := d.read(ctx, env, id)
	if err != nil {
		return err
	}
	if c.State == state {
		return nil
	}
	entry := audit.Entry{Type: audit.CustomerChanged, Actor: by, Detail: stateDetail{c.State, state, d.reason}}
	c.State = state
	// Of somebody disabled there is no token since, so nobody need hear of the end.
	if err := d.cut(ctx, env, cut{customer: c, entry: entry, told: state == customer.Disabled}); err != nil {
		return fmt.Errorf("making customer %s %s: %w", id, state, err)
	}
	return nil
}

// cut is a change of a customer after which nothing counts that they had.
type cut struct {
	customer customer.Customer
	entry    audit.Entry
	told     bool // whether access tokens may be about that every node must refuse
}

// Cut gives a customer nothing of whom counts any more that was issued before
// now, and what every node must hear of it. Both belong into one transaction.
func Cut(c customer.Customer, now time.Time) (customer.Customer, store.FeedEntry) {
	c.Updated = now
	if c.NotBefore.Before(now) { // another node's clock may be ahead: a cut is never taken back
		c.NotBefore = now
	}
	return c, store.FeedEntry{
		Kind: store.CustomerRevoked, Subject: c.ID.String(), At: c.NotBefore, Until: c.NotBefore.Add(revocationKept),
	}
}

func (d *Directory) cut(ctx context.Context, env store.EnvironmentID, how cut) error {
	now := d.cfg.Now()
	c, news := Cut(how.customer, now)
	how.entry.At, how.entry.Customer = now, c.ID.String()
	event := d.cfg.Audit.Event(how.entry)
	err := d.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := tx.UpdateCustomer(ctx, c); err != nil {
			return err
		}
		if how.told {
			if err := tx.Publish(ctx, news); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return err
	}
	d.cfg.Feed.Wake()
	return nil
}
