package directory

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

// ErrUnproven: nobody proved that the address is theirs, so it comes first nowhere.
var ErrUnproven = errors.New("the address is not proven")

// ChooseFirst makes an address that a customer proved the first of its kind: applications
// hear of that one, and where they give none, codes are sent to it. Every address is told,
// the one that was first before too, and may take it back. That it is the first already is
// no error, and nobody is told. A *[FieldError] of a username and of what is no address,
// [ErrUnproven]; store.ErrNotFound, also if it is not theirs; store.ErrConflict.
func (d *Directory) ChooseFirst(ctx context.Context, live *environment.Live, id customer.ID, kind customer.IdentifierKind, raw, region string, by audit.Actor) error {
	wanted, err := customer.Normalise(kind, raw, region)
	if err == nil && kind == customer.Username {
		err = errors.New("a customer has one address that comes first, and no username that does")
	}
	if err != nil {
		return field(string(kind), err)
	}
	c, held, err := d.named(ctx, live.ID, id)
	if err != nil {
		return err
	}
	had, _ := find(held, wanted)
	before, _ := customer.First(held, kind)
	switch {
	case had == nil:
		return fmt.Errorf("the identifier: %w", store.ErrNotFound)
	case !had.Verified:
		return ErrUnproven
	case before.Value == had.Value:
		return nil
	}
	return d.putFirst(ctx, live, firstChoice{c, held, before, *had, by})
}

// firstChoice is one address that takes the place of another.
type firstChoice struct {
	customer    customer.Customer
	held        []customer.Identifier
	before, now customer.Identifier
	by          audit.Actor
}

func (d *Directory) putFirst(ctx context.Context, live *environment.Live, f firstChoice) error {
	id := f.customer.ID
	f.customer.Updated = d.cfg.Now()
	change := notify.Change{What: message.FirstAddress, First: store.IdentifierKey{Kind: f.before.Kind, Value: f.before.Value}}
	notice, err := d.addressNotice(ctx, live, f.customer, change, f.held, f.by)
	if err != nil {
		return err
	}
	event := d.cfg.Audit.Event(audit.Entry{
		Type: audit.IdentifierPreferred, Actor: f.by, Customer: id.String(), At: f.customer.Updated,
		Detail:   identifierDetail{Kind: f.now.Kind, Verified: true, Reason: d.reason},
		Personal: map[string]any{"value": f.now.Value, "before": f.before.Value},
	})
	err = d.alter(ctx, live, alteration{f.customer, notice, event}, func(tx store.Tx) error {
		return tx.PutFirst(ctx, id, store.IdentifierKey{Kind: f.now.Kind, Value: f.now.Value})
	})
	if err != nil {
		return fmt.Errorf("choosing the first address of %s: %w", id, err)
	}
	return nil
}
