package signin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Errors about passkeys.
var (
	// ErrNoPasskey: the customer has no such passkey.
	ErrNoPasskey = errors.New("no such passkey")
	// ErrLastWay: without it nobody could sign in any more.
	ErrLastWay = errors.New("the last way to sign in")
)

// PasskeyID names a passkey, as the store does.
type PasskeyID = store.PasskeyID

// OwnPasskey is a passkey of the customer's.
type OwnPasskey struct {
	ID       store.PasskeyID
	Label    string    // what they call it; empty: nothing
	Source   string    // who brought it: "migration/<name>"; empty: it was made here
	RPID     string    // the website that it was made for
	Usable   bool      // the pages of this environment can ask for it
	Alone    bool      // it was made for signing in without a name
	Synced   bool      // it is, or can be, on several devices
	Created  time.Time // zero: unknown
	LastUsed time.Time // zero: never here
}

func (r *run) ownPasskeys(ctx context.Context) ([]OwnPasskey, error) {
	all, err := r.cfg.Store.Passkeys(ctx, r.live.ID, r.person.Customer.ID)
	if err != nil {
		return nil, fmt.Errorf("reading passkeys: %w", err)
	}
	own := make([]OwnPasskey, len(all))
	for i, p := range all {
		own[i] = OwnPasskey{
			ID: p.ID, Label: p.Label, Source: p.Source, RPID: p.RPID, Usable: r.asksFor(p.RPID), Alone: p.Discoverable,
			Synced: p.BackupKnown && p.BackupEligible, Created: p.Created, LastUsed: p.Used,
		}
	}
	return own, nil
}

// RemovePasskey takes a passkey of the customer's away. [ErrNotFresh],
// [ErrNoPasskey], [ErrLastWay] where there is no password and no other that can be
// asked for, [ErrLastFactor] of the last second factor where nobody gets on without one.
func (s *Service) RemovePasskey(ctx context.Context, live *environment.Live, current *Current, v Visit, id store.PasskeyID) error {
	r, err := s.own(ctx, live, current, v)
	if err != nil {
		return err
	}
	if err := r.recent(ctx, FreshFor); err != nil {
		return err
	}
	alone, err := r.alone(ctx)
	if err != nil {
		return err
	}
	own, err := r.ownPasskeys(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(own, func(p OwnPasskey) bool { return p.ID == id }) {
		return ErrNoPasskey
	}
	if err := r.leavesAWay(ctx, own, id); err != nil {
		return err
	}
	err = r.writeTold(ctx, message.PasskeyRemoved, func(tx store.Tx) error {
		if err := alone(ctx, tx); err != nil {
			return err
		}
		if err := tx.DeletePasskey(ctx, id); err != nil {
			return err
		}
		return tx.Audit(ctx, r.factorEvent(audit.FactorRemoved, factorDetail{Kind: KindPasskey, Passkey: id}))
	})
	if err != nil {
		return fmt.Errorf("removing a passkey: %w", err)
	}
	return nil
}

// leavesAWay refuses to remove a passkey that is the only way in.
func (r *run) leavesAWay(ctx context.Context, own []OwnPasskey, id store.PasskeyID) error {
	if err := r.leavesASecond(ctx, own, id); err != nil {
		return err
	}
	if !slices.ContainsFunc(own, func(p OwnPasskey) bool { return p.ID == id && p.Usable }) {
		return nil // it lets nobody in as it is
	}
	_, err := r.cfg.Store.Credential(ctx, r.live.ID, r.person.Customer.ID)
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if !slices.ContainsFunc(own, func(p OwnPasskey) bool { return p.ID != id && p.Usable && p.Alone }) {
		return ErrLastWay
	}
	return nil
}

// leavesASecond refuses to remove a passkey that is the only second factor of somebody who
// does not get on without one.
func (r *run) leavesASecond(ctx context.Context, own []OwnPasskey, id store.PasskeyID) error {
	if !slices.ContainsFunc(own, func(p OwnPasskey) bool { return p.ID == id && !p.Alone }) {
		return nil
	}
	left, err := r.seconds(ctx, store.FactorID{})
	if err != nil || left > 1 {
		return err
	}
	must, err := r.demanded(ctx)
	if err == nil && must {
		err = ErrLastFactor
	}
	return err
}
