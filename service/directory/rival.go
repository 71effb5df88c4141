package directory

import (
	"context"
	"errors"
	"slices"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

// TagNoIdentifier is what is put on customers who were left without any identifier, for the
// help desk to find; giving them one takes it off.
const TagNoIdentifier = "no-identifier"

// Why somebody loses what they had not proved.
const provedElsewhere = "somebody else proved it"

// Free takes an identifier that id has just now proved from whoever else has it without
// proof, in a transaction of the caller's, and tells from whom; zero if nobody else has it.
// They keep what else they have, are told at the addresses that they proved, and can sign
// in by this one no more. Whoever has no identifier left is disabled, with everything that
// was issued to them, wears [TagNoIdentifier], and waits for the help desk. [ErrTaken] if
// it was proved by somebody else; store.ErrConflict if it moves at this very moment.
func (d *Directory) Free(ctx context.Context, tx store.Tx, live *environment.Live, i customer.Identifier, id customer.ID) (from customer.ID, err error) {
	key := store.IdentifierKey{Kind: i.Kind, Value: i.Value}
	taken, err := tx.TakenIdentifiers(ctx, []customer.Identifier{i})
	from = taken[key]
	if err != nil || from.IsZero() || from == id {
		return customer.ID{}, err
	}
	c, held, err := tx.HoldCustomer(ctx, from)
	if errors.Is(err, store.ErrNotFound) { // erased meanwhile
		return customer.ID{}, store.ErrConflict
	}
	if err != nil {
		return customer.ID{}, err
	}
	at := slices.IndexFunc(held, func(h customer.Identifier) bool { return h.Kind == i.Kind && h.Value == i.Value })
	switch {
	case at < 0: // on another node, just now
		return customer.ID{}, store.ErrConflict
	case held[at].Verified:
		return customer.ID{}, ErrTaken
	}
	if err := tx.DeleteIdentifier(ctx, from, key); err != nil {
		return customer.ID{}, err
	}
	event := d.cfg.Audit.Event(audit.Entry{
		Type: audit.IdentifierRemoved, Actor: audit.System, Customer: from.String(), At: d.cfg.Now(),
		Detail: identifierDetail{Kind: i.Kind, Reason: provedElsewhere}, Personal: map[string]any{"value": i.Value},
	})
	if err := tx.Audit(ctx, event); err != nil {
		return customer.ID{}, err
	}
	if len(held) == 1 {
		return from, d.hold(ctx, tx, c)
	}
	c.Updated = d.cfg.Now()
	if err := tx.UpdateCustomer(ctx, c); err != nil {
		return customer.ID{}, err
	}
	return from, d.tell(ctx, tx, live, notify.Notice{Customer: c, Addresses: held, What: message.AddressRemoved})
}

// hold disables a customer who cannot be found by anything any more.
func (d *Directory) hold(ctx context.Context, tx store.Tx, c customer.Customer) error {
	now, before := d.cfg.Now(), c.State
	c.State = customer.Disabled
	c, news := Cut(c, now)
	if err := tx.UpdateCustomer(ctx, c); err != nil {
		return err
	}
	if err := tx.Publish(ctx, news); err != nil {
		return err
	}
	// Whoever wears all the words that anybody may is found in the ledger alone.
	if err := tx.PutTags(ctx, c.ID, []string{TagNoIdentifier}); err != nil && !errors.Is(err, store.ErrInvalid) {
		return err
	}
	return tx.Audit(ctx, d.cfg.Audit.Event(audit.Entry{
		Type: audit.CustomerChanged, Actor: audit.System, Customer: c.ID.String(), At: now,
		Detail: stateDetail{before, c.State, "no identifier is left: " + provedElsewhere},
	}))
}
