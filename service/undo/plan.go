package undo

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/store"
)

// plan is what is going to be done, made of what there is now.
type plan struct {
	customer   customer.Customer
	credential *store.Credential // that no password fits; nil: they had none
	restore    *customer.Identifier
	addresses  []customer.Identifier // that go
	first      store.IdentifierKey   // comes first again; zero: whichever does
	factors    []store.Factor        // that go
	passkey    store.PasskeyID       // that goes; empty: none
	owed       *store.Factor         // the mark that a second factor is missing; nil: none is
	told       []customer.Identifier // who hears of it
	done       Done
}

func (s *Service) plan(ctx context.Context, live *environment.Live, c claim) (p plan, err error) {
	id := c.Change.Customer
	p.customer, err = s.cfg.Store.Customer(ctx, live.ID, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && p.customer.State != customer.Active {
		return p, ErrOver
	}
	if err != nil {
		return p, fmt.Errorf("reading a customer: %w", err)
	}
	held, err := s.cfg.Store.Identifiers(ctx, live.ID, id)
	if err != nil {
		return p, fmt.Errorf("reading identifiers: %w", err)
	}
	p.done.Address = c.Address
	if err := s.planAddresses(ctx, live, c, held, &p); err != nil {
		return p, err
	}
	if err := s.planFactors(ctx, live, c, &p); err != nil {
		return p, err
	}
	p.done.Gone = len(p.addresses) + len(p.factors)
	if p.passkey != "" {
		p.done.Gone++
	}
	return p, s.planPassword(ctx, live, id, &p)
}

// planAddresses puts the address back to which the link was sent, if that is what was
// removed, and takes those away that were proved after it, lately. Where it is somebody
// else's by now, and not the customer's, addresses stay as they are.
func (s *Service) planAddresses(ctx context.Context, live *environment.Live, c claim, held []customer.Identifier, p *plan) error {
	p.told = slices.Clone(held)
	p.done.Held = slices.ContainsFunc(held, func(i customer.Identifier) bool { return keyOf(i) == keyOf(c.Address) && i.Verified })
	if !p.done.Held && c.Change.Removed == keyOf(c.Address) {
		_, err := s.cfg.Store.PersonByIdentifier(ctx, live.ID, c.Address.Kind, c.Address.Value)
		switch {
		case errors.Is(err, store.ErrNotFound) && len(held) < directory.MaxIdentifiers:
			back := c.Address // that it is theirs is known: the link was sent there
			back.Source, back.Proof = "customer", customer.Proof{At: c.Address.Proof.At, By: directory.ProvedByLink}
			p.restore, p.done.Held, p.done.Restored = &back, true, true
			p.told = append(p.told, back)
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return fmt.Errorf("looking whose an address is: %w", err)
		}
	}
	if !p.done.Held {
		p.done.Desk = true
		return nil
	}
	since := time.Unix(c.At, 0).Add(-settledAfter)
	for _, i := range held {
		if i.Kind != customer.Username && keyOf(i) != keyOf(c.Address) && i.Verified && i.Proof.At.After(since) && i.Proof.At.After(c.Address.Proof.At) {
			p.addresses = append(p.addresses, i)
		}
	}
	p.planFirst(c)
	return nil
}

// planFirst has the address come first again that did, if it is still there.
func (p *plan) planFirst(c claim) {
	was := c.Change.First
	if p.done.Restored && c.Address.First {
		was = keyOf(c.Address)
	}
	is := func(i customer.Identifier) bool { return keyOf(i) == was && i.Verified }
	if slices.ContainsFunc(p.told, is) && !slices.ContainsFunc(p.addresses, is) {
		p.first, p.done.First = was, true
	}
}

// planFactors takes away what the change added, unless less would be asked for then than
// before it. Nothing that was removed can be made again: where nothing is left of what was
// asked for, nobody gets in without the help desk.
func (s *Service) planFactors(ctx context.Context, live *environment.Live, c claim, p *plan) error {
	id := c.Change.Customer
	factors, err := s.cfg.Store.Factors(ctx, live.ID, id)
	if err != nil {
		return fmt.Errorf("reading second factors: %w", err)
	}
	passkeys, err := s.cfg.Store.Passkeys(ctx, live.ID, id)
	if err != nil {
		return fmt.Errorf("reading passkeys: %w", err)
	}
	left := store.Without{Factor: c.Change.Factor, Passkey: c.Change.Passkey}.Seconds(factors, passkeys)
	mayGo := left > 0 || !c.Change.Second
	for _, f := range factors {
		planted := f.ID == c.Change.Factor && c.Change.Factor != store.FactorID{}
		// Codes that stand in for a second factor were shown to whoever made them.
		if planted && (mayGo || !f.Second()) {
			p.factors = append(p.factors, f)
		} else if planted {
			p.done.Desk = true
		}
	}
	for _, k := range passkeys {
		switch {
		case k.ID != c.Change.Passkey:
		case mayGo || k.Discoverable:
			p.passkey = k.ID
		default:
			p.done.Desk = true
		}
	}
	removed := slices.Contains([]message.Name{message.AppRemoved, message.PhoneRemoved, message.PasskeyRemoved, message.CardEnded}, c.Change.What)
	// A planted passkey lets in by itself, so it goes, and what it stood in for is missing then.
	gone := p.passkey != "" && left == 0 && len(passkeys) == 1
	if (removed || gone) && c.Change.Second {
		p.done.Desk = true
		if left == 0 && !slices.ContainsFunc(factors, func(f store.Factor) bool { return f.Kind == store.FactorOwed }) {
			return s.planOwed(ctx, live, id, p)
		}
	}
	return nil
}

// planOwed marks that the customer had a second factor, so that a mailbox alone does not
// let anybody in who takes its removal back.
func (s *Service) planOwed(ctx context.Context, live *environment.Live, id customer.ID, p *plan) (err error) {
	f := store.Factor{Customer: id, Kind: store.FactorOwed, Source: "undo", Created: s.cfg.Now()}
	if _, err := io.ReadFull(s.cfg.Rand, f.ID[:]); err != nil {
		return fmt.Errorf("marking a missing factor: %w", err)
	}
	f.Sealed, err = s.cfg.Sealer.Seal(ctx, live.ID, "factor/"+hex.EncodeToString(f.ID[:]), []byte(store.FactorOwed))
	p.owed = &f
	return err
}

// planPassword makes a hash that no password fits: whoever is in may have chosen the
// present one.
func (s *Service) planPassword(ctx context.Context, live *environment.Live, id customer.ID, p *plan) error {
	before, err := s.cfg.Store.Credential(ctx, live.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading a credential: %w", err)
	}
	var nobodys [32]byte
	if _, err := io.ReadFull(s.cfg.Rand, nobodys[:]); err != nil {
		return fmt.Errorf("ending a password: %w", err)
	}
	encoded, err := passhash.New(s.cfg.Rand, []byte(hex.EncodeToString(nobodys[:])), s.cfg.Cost)
	if err != nil {
		return fmt.Errorf("ending a password: %w", err)
	}
	sealed, err := s.cfg.Sealer.Seal(ctx, live.ID, "credential/"+id.String(), []byte(encoded))
	if err != nil {
		return fmt.Errorf("ending a password: %w", err)
	}
	p.credential = &store.Credential{Customer: id, Sealed: sealed, Scheme: "argon2id", Updated: s.cfg.Now(), Version: before.Version}
	return nil
}

// write does it.
func (p *plan) write(ctx context.Context, tx store.Tx) error {
	if p.credential != nil {
		if err := tx.PutCredential(ctx, *p.credential); err != nil {
			return err
		}
	}
	if p.restore != nil {
		if err := tx.PutIdentifier(ctx, p.customer.ID, *p.restore); err != nil {
			return err
		}
	}
	for _, i := range p.addresses {
		if err := tx.DeleteIdentifier(ctx, p.customer.ID, keyOf(i)); err != nil {
			return err
		}
	}
	if p.first != (store.IdentifierKey{}) {
		if err := tx.PutFirst(ctx, p.customer.ID, p.first); err != nil {
			return err
		}
	}
	for _, f := range p.factors {
		if err := tx.DeleteFactor(ctx, f.ID); err != nil {
			return err
		}
	}
	if p.passkey != "" {
		if err := tx.DeletePasskey(ctx, p.passkey); err != nil {
			return err
		}
	}
	if p.owed != nil {
		return tx.PutFactor(ctx, *p.owed)
	}
	return nil
}

// denied is the body of the event that tells the help desk.
type denied struct {
	About    message.Name `json:"about"`
	Link     bool         `json:"link"`               // somebody pressed it at an address of before
	Restored bool         `json:"restored,omitempty"` // the address was put back
	Gone     int          `json:"gone,omitempty"`
	Desk     bool         `json:"desk,omitempty"` // more has to be done than a link may
}

// taken is the body of events of what was taken away or put back.
type taken struct {
	Kind   string `json:"kind"`
	Reason string `json:"reason"`
}

const because = "taken back by an address of before"

// events are what the ledger is told.
func (p *plan) events(s *Service, c claim, from From) (all []store.Event) {
	add := func(kind audit.Type, detail, personal any) {
		all = append(all, s.cfg.Audit.Event(audit.Entry{
			At: s.cfg.Now(), Type: kind, Actor: visitor, Customer: p.customer.ID.String(), Detail: detail, Personal: personal,
		}))
	}
	add(audit.ActivityDenied, denied{c.Change.What, true, p.done.Restored, p.done.Gone, p.done.Desk}, from)
	if p.restore != nil {
		add(audit.IdentifierAdded, taken{string(p.restore.Kind), because}, map[string]any{"value": p.restore.Value})
	}
	for _, i := range p.addresses {
		add(audit.IdentifierRemoved, taken{string(i.Kind), because}, map[string]any{"value": i.Value})
	}
	if p.first != (store.IdentifierKey{}) {
		add(audit.IdentifierPreferred, taken{string(p.first.Kind), because}, map[string]any{"value": p.first.Value})
	}
	for _, f := range p.factors {
		add(audit.FactorRemoved, taken{string(f.Kind), because}, from)
	}
	if p.passkey != "" {
		add(audit.FactorRemoved, taken{"passkey", because}, from)
	}
	return all
}

// visitor is the actor of what was done by nobody who is signed in.
const visitor audit.Actor = "visitor"
