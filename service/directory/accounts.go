package directory

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// ErrClosed: nobody joins an account that is closed.
var ErrClosed = errors.New("the account is closed")

// AccountPatch is what is written of an account; what is nil stays.
type AccountPatch struct {
	Number     *string
	Name       *string
	State      *customer.AccountState
	Attributes map[string]*string // registered for accounts; nil removes the value
}

// accountDetail tells of an account, which is the business's own; what it is called and
// where it is lies beside the chain.
type accountDetail struct {
	Account string   `json:"account"`
	Fields  []string `json:"fields,omitempty"`
	Reason  string   `json:"reason,omitempty"`
}

// OpenAccount makes an account. A *[FieldError]; store.ErrExists if the number is taken.
func (d *Directory) OpenAccount(ctx context.Context, live *environment.Live, p AccountPatch, source string, by audit.Actor) (customer.Account, error) {
	id, err := newID(d.random(), d.cfg.Now())
	if err != nil {
		return customer.Account{}, err
	}
	a := customer.Account{ID: id, State: customer.AccountOpen, Source: source, Created: d.cfg.Now(), Updated: d.cfg.Now()}
	if p.Number == nil {
		return a, field("number", customer.ErrEmpty)
	}
	fields, err := p.apply(live.Snapshot(), &a)
	if err != nil {
		return a, err
	}
	return d.putAccount(ctx, live.ID, a, d.accountEntry(audit.AccountOpened, a, fields, by))
}

// ChangeAccount writes registered fields of an account that still is at version (0: any).
// A *[FieldError], store.ErrNotFound, store.ErrConflict, store.ErrExists.
func (d *Directory) ChangeAccount(ctx context.Context, live *environment.Live, id customer.AccountID, p AccountPatch, by audit.Actor) (customer.Account, error) {
	a, err := d.account(ctx, live.ID, id)
	if err != nil {
		return a, err
	}
	fields, err := p.apply(live.Snapshot(), &a)
	if err != nil || fields == nil {
		return a, err
	}
	a.Updated = d.cfg.Now()
	return d.putAccount(ctx, live.ID, a, d.accountEntry(audit.AccountChanged, a, fields, by))
}

// account reads one that is to be changed.
func (d *Directory) account(ctx context.Context, env store.EnvironmentID, id customer.AccountID) (customer.Account, error) {
	a, err := d.cfg.Store.Account(ctx, env, id)
	if err != nil {
		return a, fmt.Errorf("reading account %s: %w", id, err)
	}
	if d.expected != 0 && a.Version != d.expected {
		return a, fmt.Errorf("account %s: %w", id, store.ErrConflict)
	}
	return a, nil
}

func (d *Directory) putAccount(ctx context.Context, env store.EnvironmentID, a customer.Account, entry audit.Entry) (customer.Account, error) {
	event := d.cfg.Audit.Event(entry)
	err := d.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := tx.PutAccount(ctx, a); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return a, fmt.Errorf("writing account %s: %w", a.ID, err)
	}
	a.Version++
	return a, nil
}

func (d *Directory) accountEntry(what audit.Type, a customer.Account, fields []string, by audit.Actor) audit.Entry {
	return audit.Entry{Type: what, Actor: by, At: d.cfg.Now(), Detail: accountDetail{a.ID.String(), fields, d.reason}}
}

// apply writes what the patch says and names what changed.
func (p AccountPatch) apply(s *config.Snapshot, a *customer.Account) (fields []string, err error) {
	if s == nil {
		return nil, ErrNoConfiguration
	}
	was := *a
	if p.Number != nil {
		if a.Number, err = customer.AccountNumber(*p.Number); err != nil {
			return nil, field("number", err)
		}
	}
	if err := setName(&a.Name, p.Name); err != nil {
		return nil, err
	}
	if p.State != nil {
		if a.State = *p.State; a.State != customer.AccountOpen && a.State != customer.AccountClosed {
			return nil, field("state", ErrValue)
		}
	}
	if err := setAttributes(s, config.OfAccount, &a.Attributes, p.Attributes, false); err != nil {
		return nil, err
	}
	note := func(name, before, after string) {
		if before != after {
			fields = append(fields, name)
		}
	}
	note("number", was.Number, a.Number)
	note("name", was.Name, a.Name)
	note("state", string(was.State), string(a.State))
	comparedAttributes(was.Attributes, a.Attributes, note)
	return fields, nil
}

// Account is an account with what belongs to it, as far as a page shows.
type Account struct {
	customer.Account
	Premises    []customer.Premises
	Members     []store.AccountMember
	Invitations []store.Invitation
	More        bool // there are more premises or members than these
}

// pageOfAccount is how many premises and members a page shows.
const pageOfAccount = 100

// FindAccount reads an account by its id or its number; store.ErrNotFound.
func (d *Directory) FindAccount(ctx context.Context, env store.EnvironmentID, typed string) (customer.Account, error) {
	if id, err := customer.ParseAccountID(typed); err == nil {
		a, err := d.cfg.Store.Account(ctx, env, id)
		if err != nil {
			return a, fmt.Errorf("reading account %s: %w", id, err)
		}
		return a, nil
	}
	number, err := customer.AccountNumber(typed)
	if err != nil {
		return customer.Account{}, fmt.Errorf("account number: %w", store.ErrNotFound)
	}
	a, err := d.cfg.Store.AccountByNumber(ctx, env, number)
	if err != nil {
		return a, fmt.Errorf("finding an account by its number: %w", err)
	}
	return a, nil
}

// ShowAccount reads an account with what belongs to it; store.ErrNotFound.
func (d *Directory) ShowAccount(ctx context.Context, env store.EnvironmentID, id customer.AccountID) (Account, error) {
	var a Account
	var err error
	if a.Account, err = d.cfg.Store.Account(ctx, env, id); err != nil {
		return a, fmt.Errorf("reading account %s: %w", id, err)
	}
	if a.Premises, err = d.cfg.Store.PremisesOf(ctx, env, id, customer.PremisesID{}, pageOfAccount+1); err != nil {
		return a, fmt.Errorf("reading premises of %s: %w", id, err)
	}
	if a.Members, err = d.cfg.Store.MembersOf(ctx, env, id, customer.ID{}, pageOfAccount+1); err != nil {
		return a, fmt.Errorf("reading members of %s: %w", id, err)
	}
	if a.Invitations, err = d.cfg.Store.Invitations(ctx, env, id); err != nil {
		return a, fmt.Errorf("reading invitations to %s: %w", id, err)
	}
	a.More = len(a.Premises) > pageOfAccount || len(a.Members) > pageOfAccount
	a.Premises, a.Members = a.Premises[:min(len(a.Premises), pageOfAccount)], a.Members[:min(len(a.Members), pageOfAccount)]
	return a, nil
}

// Accounts lists accounts by the beginning of their number, and where the next page
// begins (empty at the end).
func (d *Directory) Accounts(ctx context.Context, env store.EnvironmentID, prefix, after string, limit int) (all []customer.Account, next string, err error) {
	limit = min(max(limit, 1), 200)
	prefix = strings.ToUpper(strings.Join(strings.Fields(prefix), ""))
	if len(prefix) > customer.MaxAccountNumber {
		return nil, "", nil
	}
	if all, err = d.cfg.Store.FindAccounts(ctx, env, store.AccountPage{Prefix: prefix, After: after, Limit: limit}); err != nil {
		return nil, "", fmt.Errorf("finding accounts: %w", err)
	}
	if len(all) == limit {
		next = all[len(all)-1].Number
	}
	return all, next, nil
}

// Memberships lists what a customer is a member of, by account, and where the next page
// begins (zero at the end).
func (d *Directory) Memberships(ctx context.Context, env store.EnvironmentID, id customer.ID, after customer.AccountID, limit int) (all []store.Membership, next customer.AccountID, err error) {
	limit = min(max(limit, 1), 200)
	if all, err = d.cfg.Store.Memberships(ctx, env, id, after, limit); err != nil {
		return nil, next, fmt.Errorf("reading the accounts of %s: %w", id, err)
	}
	if len(all) == limit {
		next = all[len(all)-1].Account.ID
	}
	return all, next, nil
}

// PutPremises writes where an account is: a new place if p has no version. A
// *[FieldError]; store.ErrNotFound, store.ErrConflict.
func (d *Directory) PutPremises(ctx context.Context, env store.EnvironmentID, p customer.Premises, by audit.Actor) (customer.Premises, error) {
	var err error
	if p.Address, err = p.Address.Clean(); err != nil {
		return p, field("address", err)
	}
	if p.Reference, err = customer.Text(p.Reference, customer.MaxReference); err != nil {
		return p, field("reference", err)
	}
	p.Updated = d.cfg.Now()
	if p.Version == 0 {
		p.Created = p.Updated
		if p.ID, err = newID(d.random(), p.Updated); err != nil {
			return p, err
		}
	}
	event := d.cfg.Audit.Event(audit.Entry{
		Type: audit.AccountChanged, Actor: by, At: p.Updated, Detail: accountDetail{p.Account.String(), []string{"premises"}, d.reason},
	})
	err = d.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if err := tx.PutPremises(ctx, p); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return p, fmt.Errorf("writing premises of %s: %w", p.Account, err)
	}
	p.Version++
	return p, nil
}
