package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

var (
	// ErrLastOwner: an account would be without an owner. Customers cannot leave it so;
	// operators can, with a word that they mean it.
	ErrLastOwner = customer.ErrLastOwner
	// ErrNotOwner: only owners of an account share it and take it away.
	ErrNotOwner = errors.New("not an owner of the account")
)

// How somebody became a member, for [Evidence].
const (
	ByOperator   = "operator"
	ByInvitation = "invitation"
	ByClaim      = "claim" // they proved to know what only the account's customer knows
	ByMigration  = "migration"
)

// Grounds are why somebody is a member: kept with the membership, without anybody's name
// or address.
type Grounds struct {
	How    string            `json:"how"`
	Proof  map[string]string `json:"proof,omitempty"` // words and digests, such as which facts matched
	Reason string            `json:"reason,omitempty"`
}

// Joining says who becomes a member of what.
type Joining struct {
	Account  customer.AccountID
	Customer customer.ID
	Role     customer.Role
	Premises []customer.PremisesID // empty: all
	Grounds  Grounds
}

type memberDetail struct {
	Account  string        `json:"account"`
	Role     customer.Role `json:"role,omitempty"`
	Before   customer.Role `json:"before,omitempty"` // of who was a member already
	How      string        `json:"how,omitempty"`
	Premises int           `json:"premises,omitempty"`
	Forced   bool          `json:"forced,omitempty"` // nobody owns it now
	Reason   string        `json:"reason,omitempty"`
}

// Join makes a customer a member of an account, or gives a member another role. It is for
// operators, and for what proved that somebody may: customers let nobody in but by
// [Directory.Invite]. A *[FieldError], [ErrClosed], [ErrLastOwner] if the only owner
// would be none, store.ErrNotFound.
func (d *Directory) Join(ctx context.Context, live *environment.Live, j Joining, by audit.Actor) error {
	c, addresses, err := d.reachable(ctx, live.ID, j.Customer)
	if err != nil {
		return err
	}
	err = d.write(ctx, live.ID, func(tx store.Tx) error { return d.JoinIn(ctx, tx, live, j, by, c, addresses) })
	if err != nil {
		return fmt.Errorf("making %s a member: %w", j.Customer, err)
	}
	return nil
}

// reachable reads a customer and where they are written to.
func (d *Directory) reachable(ctx context.Context, env store.EnvironmentID, id customer.ID) (customer.Customer, []customer.Identifier, error) {
	c, err := d.cfg.Store.Customer(ctx, env, id)
	if err != nil {
		return c, nil, fmt.Errorf("reading customer %s: %w", id, err)
	}
	held, err := d.cfg.Store.Identifiers(ctx, env, id)
	if err != nil {
		return c, nil, fmt.Errorf("reading the identifiers of %s: %w", id, err)
	}
	return c, held, nil
}

// JoinIn does what [Directory.Join] does, in a transaction of the caller's.
func (d *Directory) JoinIn(ctx context.Context, tx store.Tx, live *environment.Live, j Joining, by audit.Actor, c customer.Customer, addresses []customer.Identifier) error {
	if !j.Role.Known() {
		return field("role", ErrValue)
	}
	a, all, err := tx.HoldAccount(ctx, j.Account)
	if err != nil {
		return err
	}
	if a.State != customer.AccountOpen {
		return ErrClosed
	}
	detail := memberDetail{Account: j.Account.String(), Role: j.Role, How: j.Grounds.How, Premises: len(j.Premises), Reason: d.reason}
	what, tells := audit.MemberAdded, message.AccountLinked
	if at := slices.IndexFunc(all, func(m customer.Member) bool { return m.Customer == j.Customer }); at >= 0 {
		detail.Before = all[at].Role
		if what, tells = audit.MemberChanged, ""; j.Role != customer.Owner {
			if err := customer.Without(all, j.Customer); err != nil {
				return err
			}
		}
	}
	j.Grounds.Reason = d.reason
	evidence, err := json.Marshal(j.Grounds)
	if err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	if j.Role == customer.Owner {
		j.Premises = nil
	}
	now := d.cfg.Now()
	err = tx.PutMember(ctx, customer.Member{
		Account: j.Account, Customer: j.Customer, Role: j.Role, Premises: j.Premises, Since: now, By: string(by), Evidence: string(evidence),
	})
	if err != nil {
		return err
	}
	if tells != "" {
		if err := d.tell(ctx, tx, live, notify.Notice{Customer: c, Addresses: addresses, What: tells, Values: accountValue(a)}); err != nil {
			return err
		}
	}
	return tx.Audit(ctx, d.cfg.Audit.Event(audit.Entry{Type: what, Actor: by, Customer: j.Customer.String(), At: now, Detail: detail}))
}

// accountValue is how a message calls an account.
func accountValue(a customer.Account) map[string]string {
	name := a.Name
	if name == "" {
		name = a.Number
	}
	return map[string]string{"account": name}
}

// Parting says who leaves what.
type Parting struct {
	Account  customer.AccountID
	Customer customer.ID
	Orphan   bool // by an operator, who means that nobody owns it afterwards
}

// Leave ends a membership: the member's own act, an owner's, or an operator's. Customers
// never leave an account without an owner: [ErrLastOwner]. [ErrNotOwner] if by is a
// customer who is neither the member nor an owner; store.ErrNotFound.
func (d *Directory) Leave(ctx context.Context, live *environment.Live, p Parting, by audit.Actor) error {
	c, addresses, err := d.reachable(ctx, live.ID, p.Customer)
	if err != nil {
		return err
	}
	actor, customers, err := customerOf(by)
	if err != nil {
		return err
	}
	now := d.cfg.Now()
	err = d.write(ctx, live.ID, func(tx store.Tx) error {
		a, all, err := tx.HoldAccount(ctx, p.Account)
		if err != nil {
			return err
		}
		if customers && actor != p.Customer && !owns(all, actor) {
			return ErrNotOwner
		}
		orphaned := customer.Without(all, p.Customer) != nil
		if orphaned && (customers || !p.Orphan) {
			return ErrLastOwner
		}
		if err := tx.DeleteMember(ctx, p.Account, p.Customer); err != nil {
			return err
		}
		if err := d.tell(ctx, tx, live, notify.Notice{Customer: c, Addresses: addresses, What: message.AccountLeft, Values: accountValue(a)}); err != nil {
			return err
		}
		return tx.Audit(ctx, d.cfg.Audit.Event(audit.Entry{
			Type: audit.MemberRemoved, Actor: by, Customer: p.Customer.String(), At: now,
			Detail: memberDetail{Account: p.Account.String(), Forced: orphaned, Reason: d.reason},
		}))
	})
	if err != nil {
		return fmt.Errorf("ending the membership of %s: %w", p.Customer, err)
	}
	return nil
}

// owns tells whether somebody is an owner.
func owns(all []customer.Member, id customer.ID) bool {
	return slices.ContainsFunc(all, func(m customer.Member) bool { return m.Customer == id && m.Role.MayShare() })
}

// customerOf tells which customer acts; false if it is somebody else.
func customerOf(by audit.Actor) (customer.ID, bool, error) {
	kind, name, _ := cutActor(by)
	if kind != "customer" {
		return customer.ID{}, false, nil
	}
	id, err := customer.ParseID(name)
	return id, true, err
}
