package directory

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

var (
	// ErrTaken: somebody else has the identifier.
	ErrTaken = errors.New("the identifier is somebody else's")
	// ErrLastIdentifier: without it they could no longer sign in.
	ErrLastIdentifier = errors.New("the last identifier that they can sign in with")
	// ErrTooManyIdentifiers: they have as many of the kind as anybody may.
	ErrTooManyIdentifiers = errors.New("too many identifiers of this kind")
)

// MaxIdentifiers is how many identifiers of a kind a customer can have.
const MaxIdentifiers = 10

// Ways in which an identifier is proven, for [customer.Proof].
const (
	ProvedByCode       = "code"
	ProvedByLink       = "link"
	ProvedByInvitation = "invitation"
	ProvedByOperator   = "operator"
	ProvedByClaim      = "claim"
)

// identifierDetail tells of an identifier without telling it: the digest finds the event
// of an address that somebody names.
type identifierDetail struct {
	Kind     customer.IdentifierKind `json:"kind"`
	Verified bool                    `json:"verified"`
	By       string                  `json:"proved_by,omitempty"`
	From     string                  `json:"from,omitempty"` // whom it was taken from, who had not proved it
	Reason   string                  `json:"reason,omitempty"`
}

// Add gives a customer an identifier that nobody has proved: what operators write, and
// usernames that customers choose. Names that look like others are refused. A
// *[FieldError], [ErrTaken], [ErrTooManyIdentifiers], store.ErrNotFound,
// store.ErrConflict.
func (d *Directory) Add(ctx context.Context, live *environment.Live, id customer.ID, kind customer.IdentifierKind, raw, region string, by audit.Actor) (customer.Identifier, error) {
	i, err := customer.Register(kind, raw, region)
	if err != nil {
		return i, field(string(kind), err)
	}
	i.Source = sourceOf(by)
	return i, d.keep(ctx, live, id, i, by)
}

// sourceOf is who says that an identifier is a customer's.
func sourceOf(by audit.Actor) string {
	kind, _, _ := cutActor(by)
	return kind
}

// Prove gives a customer an identifier that was just now proven to be theirs, as by a
// code that was sent to it: it is verified from then on. Whoever else has it without
// having proved it loses it, as [Directory.Free] says; [ErrTaken] of one that somebody else
// proved. Only what checks proofs may call it: what customers send never says what is
// verified. Errors are those of [Directory.Add].
func (d *Directory) Prove(ctx context.Context, live *environment.Live, id customer.ID, kind customer.IdentifierKind, raw, region, how string, by audit.Actor) (customer.Identifier, error) {
	i, err := customer.Normalise(kind, raw, region) // it is theirs, however it looks
	if err != nil {
		return i, field(string(kind), err)
	}
	i.Source, i.Verified, i.Proof = sourceOf(by), true, customer.Proof{At: d.cfg.Now(), By: how}
	return i, d.keep(ctx, live, id, i, by)
}

// keep stores an identifier, and has everybody who is reached by another told.
func (d *Directory) keep(ctx context.Context, live *environment.Live, id customer.ID, i customer.Identifier, by audit.Actor) error {
	c, held, err := d.named(ctx, live.ID, id)
	if err != nil {
		return err
	}
	had, others := find(held, i)
	if had == nil && others >= MaxIdentifiers {
		return ErrTooManyIdentifiers
	}
	if had != nil && had.Verified && !i.Verified {
		return nil // it is theirs already, and better
	}
	now := d.cfg.Now()
	c.Updated = now
	notice, err := d.addressNotice(ctx, live, c, notify.Change{What: message.AddressAdded}, held, by)
	if err != nil {
		return err
	}
	err = d.write(ctx, live.ID, func(tx store.Tx) error {
		detail := identifierDetail{Kind: i.Kind, Verified: i.Verified, By: i.Proof.By, Reason: d.reason}
		if i.Verified {
			from, err := d.Free(ctx, tx, live, i, id)
			if err != nil {
				return err
			}
			if !from.IsZero() {
				detail.From = from.String()
			}
		}
		if err := tx.UpdateCustomer(ctx, c); err != nil { // of two at once one is told to look again
			return err
		}
		if err := tx.DeleteTags(ctx, id, []string{TagNoIdentifier}); err != nil {
			return err
		}
		if err := tx.PutIdentifier(ctx, id, i); err != nil {
			return err
		}
		if had == nil {
			if err := d.tell(ctx, tx, live, notice); err != nil {
				return err
			}
		}
		return tx.Audit(ctx, d.cfg.Audit.Event(audit.Entry{
			Type: audit.IdentifierAdded, Actor: by, Customer: id.String(), At: now, Detail: detail, Personal: map[string]any{"value": i.Value},
		}))
	})
	if errors.Is(err, store.ErrExists) {
		return ErrTaken
	}
	if err != nil {
		return fmt.Errorf("giving %s an identifier: %w", id, err)
	}
	if i.Verified {
		d.cfg.Feed.Wake() // whoever had it may be cut off
	}
	return nil
}

// find gives the identifier that they have, and how many others of its kind.
func find(held []customer.Identifier, i customer.Identifier) (had *customer.Identifier, others int) {
	for n := range held {
		switch {
		case held[n].Kind != i.Kind:
		case held[n].Value == i.Value:
			had = &held[n]
		default:
			others++
		}
	}
	return had, others
}

// Remove takes an identifier, as somebody writes it, from a customer and tells the address
// itself. [ErrLastIdentifier]; store.ErrNotFound, also if it is not theirs;
// store.ErrConflict.
func (d *Directory) Remove(ctx context.Context, live *environment.Live, id customer.ID, kind customer.IdentifierKind, raw, region string, by audit.Actor) error {
	wanted, err := customer.Normalise(kind, raw, region)
	if err != nil {
		return field(string(kind), err)
	}
	key := store.IdentifierKey{Kind: kind, Value: wanted.Value}
	c, held, err := d.named(ctx, live.ID, id)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(held, func(i customer.Identifier) bool { return i.Kind == key.Kind && i.Value == key.Value })
	switch {
	case at < 0:
		return fmt.Errorf("the identifier: %w", store.ErrNotFound)
	case len(held) == 1:
		return ErrLastIdentifier
	}
	c.Updated = d.cfg.Now()
	notice, err := d.addressNotice(ctx, live, c, notify.Change{What: message.AddressRemoved, Removed: key}, held, by)
	if err != nil {
		return err
	}
	detail := identifierDetail{Kind: key.Kind, Verified: held[at].Verified, Reason: d.reason}
	event := d.cfg.Audit.Event(audit.Entry{Type: audit.IdentifierRemoved, Actor: by, Customer: id.String(), At: c.Updated, Detail: detail, Personal: map[string]any{"value": key.Value}})
	err = d.alter(ctx, live, alteration{c, notice, event}, func(tx store.Tx) error { return tx.DeleteIdentifier(ctx, id, key) })
	if err != nil {
		return fmt.Errorf("taking an identifier from %s: %w", id, err)
	}
	return nil
}

// alteration is what goes with a change of somebody's addresses.
type alteration struct {
	customer customer.Customer // as read: of two changes at once one is told to look again
	notice   notify.Notice
	event    store.Event
}

// alter changes addresses, tells of it, and records it.
func (d *Directory) alter(ctx context.Context, live *environment.Live, a alteration, change func(store.Tx) error) error {
	return d.write(ctx, live.ID, func(tx store.Tx) error {
		if err := tx.UpdateCustomer(ctx, a.customer); err != nil {
			return err
		}
		if err := change(tx); err != nil {
			return err
		}
		if err := d.tell(ctx, tx, live, a.notice); err != nil {
			return err
		}
		return tx.Audit(ctx, a.event)
	})
}

// named reads a customer whom the caller changes, and their identifiers.
func (d *Directory) named(ctx context.Context, env store.EnvironmentID, id customer.ID) (customer.Customer, []customer.Identifier, error) {
	c, err := d.read(ctx, env, id)
	if err != nil {
		return c, nil, err
	}
	held, err := d.cfg.Store.Identifiers(ctx, env, id)
	if err != nil {
		return c, nil, fmt.Errorf("reading the identifiers of %s: %w", id, err)
	}
	return c, held, nil
}

// tell queues a notice, where there is somebody to do it.
func (d *Directory) tell(ctx context.Context, tx store.Tx, live *environment.Live, n notify.Notice) error {
	if d.cfg.Notify == nil {
		return nil
	}
	return d.cfg.Notify.Tell(ctx, tx, live, n)
}

// addressNotice is what people hear of a change of their addresses. What they did
// themselves, or somebody in their name, the addresses of before may take back; what an
// operator did is not taken back by a link.
func (d *Directory) addressNotice(ctx context.Context, live *environment.Live, c customer.Customer, change notify.Change, before []customer.Identifier, by audit.Actor) (notify.Notice, error) {
	n := notify.Notice{Customer: c, Addresses: before, What: change.What}
	if snapshot := live.Snapshot(); snapshot != nil {
		n.Values = map[string]string{"link": snapshot.URL.String() + "/account/activity"}
	}
	if change.Customer = c.ID; d.cfg.Undo == nil || by != audit.Customer(c.ID.String()) {
		return n, nil
	}
	var err error
	n.Link, err = d.cfg.Undo.Links(ctx, live, change, before)
	return n, err
}

// digest names something without telling it.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x", sum[:8])
}

// cutActor parts an actor into what it is and whom it names.
func cutActor(by audit.Actor) (kind, name string, found bool) {
	return strings.Cut(string(by), "/")
}
