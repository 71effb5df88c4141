package directory

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

var (
	// ErrInvitation: there is no such invitation any more, or it is for somebody else.
	// It says no more, so that a link that is found tells nothing.
	ErrInvitation = errors.New("the invitation does not count")
	// ErrMember: whoever is invited, or accepts, is a member already.
	ErrMember = errors.New("a member already")
	// ErrTooManyInvitations: an account has as many as it may, or sent as many today, or
	// the address was.
	ErrTooManyInvitations = errors.New("too many open invitations")
)

const (
	// InvitationLife is how long an invitation can be accepted.
	InvitationLife = 7 * 24 * time.Hour
	// MaxInvitations is how many open ones an account has at most.
	MaxInvitations = 20
)

// Inviting says who is invited to what.
type Inviting struct {
	Account  customer.AccountID
	Role     customer.Role
	Premises []customer.PremisesID // empty: all
	Kind     customer.IdentifierKind
	Address  string // as it was typed; whoever accepts has proved that it is theirs
	Region   string
	By       audit.Actor
	ByName   string                     // how the message calls who invites; may be empty
	Language message.Language           // of the message
	Link     func(secret string) string // where the invitation is accepted
}

type invitationDetail struct {
	Account    string        `json:"account"`
	Invitation string        `json:"invitation"` // digest of what was sent
	Role       customer.Role `json:"role,omitempty"`
	Reason     string        `json:"reason,omitempty"`
}

// Invite sends somebody a link by which they join an account, once, within
// [InvitationLife]. Only owners and operators may: [ErrNotOwner]. What is sent is stored
// as a digest; who reads the link must also have proved that the address is theirs. That
// the address is or is not somebody's here makes no difference to what is answered. A
// *[FieldError], [ErrClosed], [ErrTooManyInvitations], store.ErrNotFound, and the errors
// of the messenger.
func (d *Directory) Invite(ctx context.Context, live *environment.Live, i Inviting) (store.Invitation, error) {
	address, err := customer.Register(i.Kind, i.Address, i.Region)
	switch {
	case err != nil:
		return store.Invitation{}, field(string(i.Kind), err)
	case i.Kind != customer.Email && i.Kind != customer.Phone:
		return store.Invitation{}, field("kind", ErrValue)
	case !i.Role.Known():
		return store.Invitation{}, field("role", ErrValue)
	}
	inviter, _, err := customerOf(i.By)
	if err != nil {
		return store.Invitation{}, err
	}
	var raw [32]byte
	if _, err := io.ReadFull(d.random(), raw[:]); err != nil {
		return store.Invitation{}, fmt.Errorf("making an invitation: %w", err)
	}
	secret := base64.RawURLEncoding.EncodeToString(raw[:])
	now := d.cfg.Now()
	row := store.Invitation{
		Hash: sha256.Sum256([]byte(secret)), Account: i.Account, Role: i.Role, Premises: i.Premises, Kind: i.Kind, Value: address.Value,
		By: string(i.By), Inviter: inviter, Created: now, Expires: now.Add(InvitationLife),
	}
	if err := d.roomFor(ctx, live.ID, row); err != nil {
		return store.Invitation{}, err
	}
	if err := d.spend(ctx, live.ID, row); err != nil {
		return store.Invitation{}, err
	}
	err = d.write(ctx, live.ID, func(tx store.Tx) error {
		a, all, err := tx.HoldAccount(ctx, i.Account)
		switch {
		case err != nil:
			return err
		case !row.Inviter.IsZero() && !owns(all, row.Inviter):
			return ErrNotOwner
		case a.State != customer.AccountOpen:
			return ErrClosed
		}
		if err := tx.PutInvitation(ctx, row); err != nil {
			return err
		}
		if err := d.send(ctx, tx, live, i, address, a, secret); err != nil {
			return err
		}
		return tx.Audit(ctx, d.invitationEvent(audit.MemberInvited, row, i.By, inviter))
	})
	if err != nil {
		return store.Invitation{}, fmt.Errorf("inviting to account %s: %w", i.Account, err)
	}
	return row, nil
}

// roomFor keeps an account from writing to very many addresses. Whoever invites at the
// same moment may pass by it, once.
func (d *Directory) roomFor(ctx context.Context, env store.EnvironmentID, row store.Invitation) error {
	open, err := d.cfg.Store.Invitations(ctx, env, row.Account)
	if err != nil {
		return fmt.Errorf("reading invitations to %s: %w", row.Account, err)
	}
	open = slices.DeleteFunc(open, func(o store.Invitation) bool { return !o.Expires.After(row.Created) })
	if len(open) >= MaxInvitations {
		return ErrTooManyInvitations
	}
	return nil
}

// How many invitations one account sends, and one address is sent by anybody, at once;
// as many again come in a day. Taking one back gives none back: it was written.
const (
	sentByAccount = MaxInvitations
	sentToAddress = 5
)

// spend counts an invitation before it is written. [ErrTooManyInvitations].
func (d *Directory) spend(ctx context.Context, env store.EnvironmentID, row store.Invitation) error {
	attempt := func(burst int, parts ...string) store.Attempt {
		return store.Attempt{Key: sha256.Sum256([]byte("invitation\x00" + strings.Join(parts, "\x00"))), Burst: burst, Interval: 24 * time.Hour / time.Duration(burst)}
	}
	attempts := []store.Attempt{attempt(sentByAccount, "account", row.Account.String()), attempt(sentToAddress, "address", string(row.Kind), row.Value)}
	return d.write(ctx, env, func(tx store.Tx) error {
		wait, err := tx.ReserveAttempts(ctx, attempts, row.Created)
		if err == nil && wait > 0 {
			err = ErrTooManyInvitations
		}
		return err
	})
}

// send queues the message with the link. Without a messenger there is no invitation:
// nobody could accept it.
func (d *Directory) send(ctx context.Context, tx store.Tx, live *environment.Live, i Inviting, address customer.Identifier, a customer.Account, secret string) error {
	if d.cfg.Notify == nil || i.Link == nil {
		return notify.ErrNoChannel
	}
	to := notify.To{Channel: message.Email, Address: address.Display, Language: i.Language}
	if i.Kind == customer.Phone {
		to.Channel, to.Address = message.SMS, address.Value
	}
	values := accountValue(a)
	values["link"], values["days"], values["by"] = i.Link(secret), strconv.Itoa(int(InvitationLife/(24*time.Hour))), i.ByName
	return d.cfg.Notify.Queue(ctx, tx, live, notify.Message{
		To: to, Template: message.Invitation, Values: values, Once: "invitation/" + digest(secret), Until: d.cfg.Now().Add(InvitationLife),
	})
}

func (d *Directory) invitationEvent(what audit.Type, row store.Invitation, by audit.Actor, who customer.ID) store.Event {
	entry := audit.Entry{
		Type: what, Actor: by, At: d.cfg.Now(),
		Detail: invitationDetail{row.Account.String(), fmt.Sprintf("%x", row.Hash[:8]), row.Role, d.reason},
	}
	if !who.IsZero() {
		entry.Customer = who.String()
	}
	return d.cfg.Audit.Event(entry)
}

// Invited shows what an invitation is to, to a customer whom it is for: they have proved
// the address that it was sent to. [ErrInvitation] else.
func (d *Directory) Invited(ctx context.Context, env store.EnvironmentID, secret string, id customer.ID) (customer.Account, store.Invitation, error) {
	row, err := d.cfg.Store.Invitation(ctx, env, sha256.Sum256([]byte(secret)))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return customer.Account{}, row, ErrInvitation
	case err != nil:
		return customer.Account{}, row, fmt.Errorf("reading an invitation: %w", err)
	case !row.Expires.After(d.cfg.Now()):
		return customer.Account{}, row, ErrInvitation
	}
	held, err := d.cfg.Store.Identifiers(ctx, env, id)
	if err != nil {
		return customer.Account{}, row, fmt.Errorf("reading the identifiers of %s: %w", id, err)
	}
	if !isFor(row, held) {
		return customer.Account{}, row, ErrInvitation
	}
	a, err := d.cfg.Store.Account(ctx, env, row.Account)
	if err != nil {
		return a, row, fmt.Errorf("reading account %s: %w", row.Account, err)
	}
	return a, row, nil
}

// isFor tells whether somebody with these identifiers has proved the address that an
// invitation was sent to.
func isFor(row store.Invitation, held []customer.Identifier) bool {
	return slices.ContainsFunc(held, func(i customer.Identifier) bool { return i.Verified && i.Kind == row.Kind && i.Value == row.Value })
}

// Accept makes a customer a member by an invitation, which is spent: of all who bring it
// at once one is let in. It does not count if whoever sent it owns the account no more.
// The owners are told. [ErrInvitation], [ErrMember], [ErrClosed].
func (d *Directory) Accept(ctx context.Context, live *environment.Live, secret string, id customer.ID) (customer.Account, error) {
	a, row, err := d.Invited(ctx, live.ID, secret, id)
	if err != nil {
		return a, err
	}
	owners, err := d.owners(ctx, live.ID, row.Account)
	if err != nil {
		return a, err
	}
	join := Joining{Account: row.Account, Customer: id, Role: row.Role, Premises: row.Premises, Grounds: Grounds{
		How: ByInvitation, Proof: map[string]string{"invitation": fmt.Sprintf("%x", row.Hash[:8]), "proved": string(row.Kind), "by": row.By},
	}}
	err = d.write(ctx, live.ID, func(tx store.Tx) error {
		_, all, err := tx.HoldAccount(ctx, row.Account)
		switch {
		case err != nil:
			return err
		case !row.Inviter.IsZero() && !owns(all, row.Inviter):
			return ErrInvitation
		case slices.ContainsFunc(all, func(m customer.Member) bool { return m.Customer == id }):
			return ErrMember
		}
		// What was looked at before may have changed: an address that was given up meanwhile,
		// or that its owner proved, lets nobody in.
		c, addresses, err := tx.HoldCustomer(ctx, id)
		switch {
		case err != nil:
			return err
		case c.State != customer.Active || !isFor(row, addresses):
			return ErrInvitation
		}
		if err := tx.TakeInvitation(ctx, row.Hash); err != nil {
			return err
		}
		for _, o := range owners {
			if err := d.tell(ctx, tx, live, notify.Notice{Customer: o.Customer, Addresses: o.Identifiers, What: message.AccountShared, Values: accountValue(a)}); err != nil {
				return err
			}
		}
		return d.JoinIn(ctx, tx, live, join, audit.Customer(id.String()), c, addresses)
	})
	if errors.Is(err, store.ErrNotFound) {
		return a, ErrInvitation
	}
	if err != nil {
		return a, fmt.Errorf("accepting an invitation: %w", err)
	}
	return a, nil
}

// ownersTold bounds how many owners hear of it.
const ownersTold = 5

// owners are the first of an account's, with where they are written to.
func (d *Directory) owners(ctx context.Context, env store.EnvironmentID, id customer.AccountID) (all []Profile, err error) {
	members, err := d.cfg.Store.MembersOf(ctx, env, id, customer.ID{}, 200)
	if err != nil {
		return nil, fmt.Errorf("reading members of %s: %w", id, err)
	}
	for _, m := range members {
		if m.Member.Role != customer.Owner || len(all) == ownersTold {
			continue
		}
		p := Profile{}
		if p.Customer, p.Identifiers, err = d.reachable(ctx, env, m.Member.Customer); err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// Uninvite takes an invitation back. The digest is that which the account's page shows.
// [ErrNotOwner], [ErrInvitation], store.ErrNotFound.
func (d *Directory) Uninvite(ctx context.Context, live *environment.Live, account customer.AccountID, hash [32]byte, by audit.Actor) error {
	actor, customers, err := customerOf(by)
	if err != nil {
		return err
	}
	row, err := d.cfg.Store.Invitation(ctx, live.ID, hash)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.Account != account {
		return ErrInvitation
	}
	if err != nil {
		return fmt.Errorf("reading an invitation: %w", err)
	}
	err = d.write(ctx, live.ID, func(tx store.Tx) error {
		_, all, err := tx.HoldAccount(ctx, account)
		if err != nil {
			return err
		}
		if customers && !owns(all, actor) {
			return ErrNotOwner
		}
		if err := tx.TakeInvitation(ctx, hash); err != nil {
			return err
		}
		return tx.Audit(ctx, d.invitationEvent(audit.InvitationWithdrawn, row, by, actor))
	})
	if err != nil {
		return fmt.Errorf("taking an invitation back: %w", err)
	}
	return nil
}
