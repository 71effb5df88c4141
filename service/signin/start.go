package signin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/store"
)

type startDetail struct {
	Session     string   `json:"session"`
	Journey     string   `json:"journey"`
	Methods     []string `json:"methods"`
	KnownDevice bool     `json:"known_device"`
	Again       bool     `json:"again,omitempty"` // the session lived before
}

type upgradeDetail struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// opening is what one transaction of startSession writes.
type opening struct {
	*run
	session    store.Session
	credential *store.Credential // better than the stored one; nil for none
	spent      []store.AttemptKey
	recovery   *store.Factor // codes that the customer keeps; nil for none
	registered *store.Factor // the mark of a registration that ends here; nil: none does
}

// startSession starts a session, or renews the one that this customer has in
// this browser, with everything that belongs to it in one transaction.
func (r *run) startSession(ctx context.Context, effect journey.StartSession) error {
	o := &opening{run: r}
	var secret [secretBytes]byte
	if _, err := io.ReadFull(r.cfg.Rand, secret[:]); err != nil {
		return fmt.Errorf("starting a session: %w", err)
	}
	if _, err := io.ReadFull(r.cfg.Rand, o.session.ID[:]); err != nil {
		return fmt.Errorf("starting a session: %w", err)
	}
	now := r.cfg.Now()
	o.session.SecretHash, o.session.Customer = sessionProof(r.snapshot, secret[:]), r.person.Customer.ID
	o.session.SignedIn, o.session.Expires = now, now.Add(effect.Lifetime)
	// Not now: the password may have waited in the queue while it was replaced, or
	// its owner signed out everywhere.
	o.session.Created = r.since
	o.session.Assurance, o.session.Methods, o.session.Agent = effect.Assurance, effect.Methods, shortened(r.visit.Agent)
	o.session.Address, o.session.Used = r.visit.address(), now
	if err := o.sealCredential(ctx); err != nil {
		return err
	}
	if err := o.sealRecovery(ctx); err != nil {
		return err
	}
	var err error
	if r.journey.Purpose() != journey.Recovery { // which asks for nothing that a registration does
		if o.registered, err = r.registering(ctx); err != nil {
			return err
		}
	}
	if o.spent, err = r.spent(ctx); err != nil {
		return err
	}
	remembered, err := r.sealDevice(ctx, r.live.ID, r.device, signedInOn{o.session.Customer, o.session.Created})
	if err != nil {
		return err
	}
	fresh := o.session.ID
	err = r.cfg.Store.Write(ctx, r.live.ID, func(tx store.Tx) error {
		o.session.ID = fresh
		return o.write(ctx, tx)
	})
	if errors.Is(err, store.ErrConflict) {
		return errMoved
	}
	if err != nil {
		return fmt.Errorf("starting a session: %w", err)
	}
	if r.current != nil && r.current.Session.ID != o.session.ID || len(r.writes) > 0 {
		r.cfg.Feed.Wake()
	}
	r.keep(Cookie{CookieName(r.live.ID, r.secure), sessionCookie(o.session.ID, secret[:]), effect.Lifetime})
	r.keep(Cookie{deviceCookieName(r.live.ID, r.secure), remembered, deviceLife})
	r.goOn()
	return nil
}

// sealCredential makes the row that replaces a hash that was not good enough.
func (o *opening) sealCredential(ctx context.Context) error {
	if o.fresh == "" || !o.upgrade {
		return nil
	}
	id := o.person.Customer.ID
	sealed, err := o.cfg.Sealer.Seal(ctx, o.live.ID, credentialRow(id), []byte(o.fresh))
	if err != nil {
		return fmt.Errorf("sealing a new password hash: %w", err)
	}
	o.credential = &store.Credential{
		Customer: id, Sealed: sealed, Scheme: "argon2id", Updated: o.person.Credential.Updated, Version: o.person.Credential.Version,
	}
	return nil
}

// sealRecovery makes the row of the codes that the customer was shown last.
// Those of another browser, if any, are replaced: these are the ones in hand.
func (o *opening) sealRecovery(ctx context.Context) error {
	if len(o.saved.Set) == 0 {
		return nil
	}
	f, err := o.newFactor(ctx, store.FactorRecovery, o.saved.Set)
	if err != nil {
		return fmt.Errorf("sealing recovery codes: %w", err)
	}
	before, err := o.factor(ctx, store.FactorRecovery)
	if err != nil {
		return err
	}
	if before != nil {
		f.ID, f.Version = before.ID, before.Version
		if f.Sealed, err = o.cfg.Sealer.Seal(ctx, o.live.ID, factorRow(f.ID), o.saved.Set); err != nil {
			return fmt.Errorf("sealing recovery codes: %w", err)
		}
	}
	o.recovery = &f
	return nil
}

// writeJourney ends the way that led here, which thereby ends once, and stores
// what the customer got on it.
func (o *opening) writeJourney(ctx context.Context, tx store.Tx) error {
	if o.row.Version > 0 {
		if err := tx.EndJourney(ctx, o.row.ID, o.row.Version); err != nil {
			return err
		}
	}
	if o.recovery == nil {
		return nil
	}
	return o.writeFactor(ctx, tx, *o.recovery)
}

// writeTasks stores what tasks brought, and that nothing is left of a registration: the
// steps that led here asked for all of it.
func (o *opening) writeTasks(ctx context.Context, tx store.Tx) error {
	if err := o.written(ctx, tx); err != nil || o.registered == nil {
		return err
	}
	if err := tx.DeleteFactor(ctx, o.registered.ID); err != nil {
		return err
	}
	return tx.Audit(ctx, o.event(audit.RegistrationFinished, journeyDetail{o.journey.Name()}))
}

func (o *opening) write(ctx context.Context, tx store.Tx) error {
	if err := o.writeJourney(ctx, tx); err != nil {
		return err
	}
	if err := o.writeTasks(ctx, tx); err != nil {
		return err
	}
	again, err := o.writeSession(ctx, tx)
	if err != nil {
		return err
	}
	if err := o.writeCredential(ctx, tx); err != nil {
		return err
	}
	if err := tx.ForgetAttempts(ctx, o.spent); err != nil {
		return err
	}
	return tx.Audit(ctx, o.event(audit.SignedIn, startDetail{
		hex.EncodeToString(o.session.ID[:]), o.journey.Name(), o.session.Methods, o.keys.device, again,
	}))
}

// writeSession renews the session of the same customer, so that what was issued
// under it goes on; its secret changes all the same. Somebody else's ends: one
// browser, one person.
func (o *opening) writeSession(ctx context.Context, tx store.Tx) (again bool, err error) {
	if o.current == nil {
		return false, tx.CreateSession(ctx, o.session)
	}
	before := o.current.Session
	if o.renew && before.Customer == o.session.Customer { // a cut ended it
		return false, firstError(
			func() error { return endSession(ctx, tx, before.ID, o.session.SignedIn) },
			func() error { return tx.CreateSession(ctx, o.session) },
		)
	}
	if before.Customer == o.session.Customer {
		renewed := o.session
		renewed.ID = before.ID
		err := tx.RefreshSession(ctx, renewed)
		if err == nil {
			o.session.ID = before.ID
			return true, nil
		}
		if !errors.Is(err, store.ErrNotFound) { // ended a moment ago: start a new one
			return false, err
		}
		return false, tx.CreateSession(ctx, o.session)
	}
	if err := endSession(ctx, tx, before.ID, o.session.SignedIn); err != nil {
		return false, err
	}
	ended := o.cfg.Audit.Event(audit.Entry{
		At: o.session.SignedIn, Type: audit.SignedOut, Actor: audit.System, Customer: before.Customer.String(),
		Detail: sessionDetail{hex.EncodeToString(before.ID[:]), "another customer signed in"},
	})
	if err := tx.Audit(ctx, ended); err != nil {
		return false, err
	}
	return false, tx.CreateSession(ctx, o.session)
}

// writeCredential replaces the hash. If it changed meanwhile, by another tab or
// the background job, what is there now stays.
func (o *opening) writeCredential(ctx context.Context, tx store.Tx) error {
	if o.credential == nil {
		return nil
	}
	err := tx.PutCredential(ctx, *o.credential)
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.Audit(ctx, o.event(audit.CredentialUpgraded, upgradeDetail{o.person.Credential.Scheme, o.credential.Scheme}))
}

func (o *opening) event(kind audit.Type, detail any) store.Event {
	id := o.session.Customer.String()
	return o.cfg.Audit.Event(audit.Entry{
		At: o.session.SignedIn, Type: kind, Actor: audit.Customer(id), Application: o.ticket.Application, Customer: id,
		Detail: detail, Personal: o.personal(),
	})
}
