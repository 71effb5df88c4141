package claim

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/pure/ownership"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

// Decision is what a person says to a claim that waits.
type Decision struct {
	Grant bool
	Role  customer.Role // of a granted one; empty: owner
	Note  string        // why; required, at most 1 KiB
	By    audit.Actor
	Seen  int64 // the version of the claim that they looked at; 0: any
}

// ErrNote: a decision without a reason.
var ErrNote = errors.New("a decision needs a reason")

// ErrGone: there is no such account, neither here nor where accounts are kept.
var ErrGone = errors.New("no such account")

const maxNote = 1 << 10

// IDText is how a claim is named outside.
func IDText(id store.ClaimID) string { return "clm_" + hex.EncodeToString(id[:]) }

// ParseID reads what [IDText] wrote; [store.ErrNotFound].
func ParseID(text string) (id store.ClaimID, err error) {
	raw, err := hex.DecodeString(text[min(len(text), 4):])
	if err != nil || len(raw) != len(id) || IDText(store.ClaimID(raw)) != text {
		return id, fmt.Errorf("claim: %w", store.ErrNotFound)
	}
	return store.ClaimID(raw), nil
}

// List gives one keyset page of claims, oldest first.
func (s *Service) List(ctx context.Context, live *environment.Live, page store.ClaimPage) ([]store.Claim, error) {
	return s.cfg.Store.ClaimList(ctx, live.ID, page)
}

// Get reads one; [store.ErrNotFound].
func (s *Service) Get(ctx context.Context, live *environment.Live, id store.ClaimID) (store.Claim, error) {
	return s.cfg.Store.Claim(ctx, live.ID, id)
}

// Decide grants or refuses a claim that waits. Whoever owns the account stays its owner
// beside the one who is granted it. [ErrDecided], [ErrNote], [ErrGone], [ErrUnavailable],
// [store.ErrNotFound], [store.ErrConflict] if somebody decides at the same time, or it is at
// another version than was seen.
func (s *Service) Decide(ctx context.Context, live *environment.Live, id store.ClaimID, d Decision) (store.Claim, error) {
	c, err := s.cfg.Store.Claim(ctx, live.ID, id)
	switch {
	case err != nil:
		return c, err
	case c.State != store.ClaimWaits:
		return c, ErrDecided
	case d.Seen != 0 && d.Seen != c.Version:
		return c, fmt.Errorf("claim: it was tried again meanwhile: %w", store.ErrConflict)
	case d.Note == "" || len(d.Note) > maxNote:
		return c, ErrNote
	}
	tell, err := s.telling(ctx, live, c, d.Grant)
	if err != nil {
		return c, err
	}
	t := &try{Service: s, live: live, who: Claimant{Customer: c.Customer}, number: c.Number, tell: tell}
	c.State, c.Updated, c.By, c.Note = store.ClaimRefused, s.cfg.Now(), string(d.By), d.Note
	if !d.Grant {
		return c, s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error { return t.decided(ctx, tx, c, d, "") })
	}
	c.State = store.ClaimGranted
	return c, t.grant(ctx, c, d)
}

// telling prepares to tell a customer what was decided, in the transaction of that. Whoever
// cannot sign in is told nothing.
func (s *Service) telling(ctx context.Context, live *environment.Live, c store.Claim, granted bool) (func(context.Context, store.Tx) error, error) {
	nothing := func(context.Context, store.Tx) error { return nil }
	snapshot := live.Snapshot()
	if s.cfg.Notify == nil || snapshot == nil {
		return nothing, nil
	}
	who, err := s.cfg.Store.Customer(ctx, live.ID, c.Customer)
	if err != nil || who.State != customer.Active {
		return nothing, err
	}
	addresses, err := s.cfg.Store.Identifiers(ctx, live.ID, c.Customer)
	if err != nil {
		return nil, fmt.Errorf("reading identifiers: %w", err)
	}
	what := message.ClaimRefused
	if granted {
		what = message.ClaimGranted
	}
	notice := notify.Notice{
		Customer: who, Addresses: addresses, What: what, Brand: snapshot.BrandOf(nil).Name,
		Values: map[string]string{"account": c.Number, "link": snapshot.URL.String() + "/account/accounts"},
	}
	return func(ctx context.Context, tx store.Tx) error { return s.cfg.Notify.Tell(ctx, tx, live, notice) }, nil
}

// grant makes the customer a member, of an account that is opened if nobody had it yet.
func (t *try) grant(ctx context.Context, c store.Claim, d Decision) error {
	role := d.Role
	if role == "" {
		role = customer.Owner
	}
	if !role.Known() {
		return fmt.Errorf("%w: no such role", store.ErrInvalid)
	}
	_, err := t.within(ctx, func(tx store.Tx, account customer.AccountID) error {
		_, members, err := tx.HoldAccount(ctx, account)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(members, func(m customer.Member) bool { return m.Customer == c.Customer }) {
			if err := t.member(ctx, tx, account, role, d.By, Evidence{By: byOperator, Place: c.Place, Claim: IDText(c.ID)}); err != nil {
				return err
			}
		}
		return t.decided(ctx, tx, c, d, account.String())
	})
	return err
}

// find looks the record of a number up, wherever it is kept, unless that was done.
func (t *try) find(ctx context.Context) error {
	if t.record.Number != "" {
		return nil
	}
	snapshot := t.live.Snapshot()
	if snapshot == nil {
		return ErrNoRevision
	}
	for _, at := range placesOf(snapshot, "") {
		record, err := t.byNumber(ctx, t.live, at, t.number)
		if err != nil {
			return err
		}
		if record.Number != "" {
			t.at, t.record, t.proof = at, record, ownership.Proof{}
			return nil
		}
	}
	return ErrGone
}

// decided stores a decision, and tells the customer and the ledger of it.
func (t *try) decided(ctx context.Context, tx store.Tx, c store.Claim, d Decision, account string) error {
	if err := tx.PutClaim(ctx, c); err != nil {
		return err
	}
	if err := t.tell(ctx, tx); err != nil {
		return err
	}
	kind := audit.AccountDenied
	if d.Grant {
		kind = audit.AccountGranted
	}
	return tx.Audit(ctx, t.cfg.Audit.Event(audit.Entry{
		At: c.Updated, Type: kind, Actor: d.By, Customer: c.Customer.String(),
		Detail: accountDetail{Account: account, Role: d.Role, Claim: IDText(c.ID), Reason: d.Note},
	}))
}
