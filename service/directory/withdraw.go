package directory

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// ErrRequired: nobody is a customer here without having agreed to the document. Who does not
// agree any more deletes what is kept of them ([Directory.Erase]).
var ErrRequired = errors.New("a document that everybody agrees to")

// Withdrawal takes back what a customer said yes to.
type Withdrawal struct {
	Kind     store.AgreementKind
	Document string // its name
	Evidence Evidence
}

// Withdraw takes back what a customer said yes to: the yes ends, and of a purpose that is asked
// now a no takes its place, with evidence, so that they are not asked again by the same version.
// What was never asked of them, and follows from an interest of the tenant, is objected to in
// the same way. [ErrRequired] of a document that there is; store.ErrNotFound of what they did
// not say yes to and is not asked any more.
func (d *Directory) Withdraw(ctx context.Context, live *environment.Live, id customer.ID, w Withdrawal, by audit.Actor) error {
	s := live.Snapshot()
	switch {
	case s == nil:
		return ErrNoConfiguration
	case w.Kind == store.AgreedDocument && s.Documents[w.Document] != nil:
		return ErrRequired
	case w.Kind == store.AgreedPurpose && s.Purposes[w.Document] != nil:
		no := Answer{Kind: w.Kind, Document: w.Document, Version: s.Purposes[w.Document].Version, Refused: true, Evidence: w.Evidence}
		return d.Agree(ctx, live, id, []Answer{no}, by)
	}
	return d.endAgreement(ctx, live, id, w, by)
}

// endAgreement ends a yes to what is not asked any more: there is nothing to say no to.
func (d *Directory) endAgreement(ctx context.Context, live *environment.Live, id customer.ID, w Withdrawal, by audit.Actor) error {
	now := d.cfg.Now()
	event := d.cfg.Audit.Event(audit.Entry{
		Type: audit.AgreementWithdrawn, Actor: by, Customer: id.String(), At: now,
		Detail: agreementDetail{Kind: w.Kind, Document: w.Document, Reason: d.reason}, Personal: w.Evidence,
	})
	err := d.write(ctx, live.ID, func(tx store.Tx) error {
		if err := tx.WithdrawAgreement(ctx, id, w.Kind, w.Document, now); err != nil {
			return err
		}
		if err := d.tellHooks(ctx, tx, live, id, config.AgreementWithdrawn); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return fmt.Errorf("withdrawing an agreement of %s: %w", id, err)
	}
	return nil
}
