package relational

import (
	"context"
	"errors"

	"sallyport/pure/customer"
	"sallyport/store"
)

var (
	accounts = Table{"accounts", []Column{
		{"env", Int},
		{"id", Blob},
		{"number", Text},
		{"name", Text},
		{"state", Text},
		{"attributes", Text},
		{"source", Text},
		{"created", Int},
		{"updated", Int},
		{"version", Int},
	}}
	premises = Table{"account_premises", []Column{
		{"env", Int}, {"account", Blob}, {"id", Blob}, {"reference", Text}, {"address", Text}, {"created", Int}, {"updated", Int}, {"version", Int},
	}}
)

const (
	accountColumns  = "a.id, a.number, a.name, a.state, a.attributes, a.source, a.created, a.updated, a.version"
	premisesColumns = "account, id, reference, address, created, updated, version"
	selectAccount   = "SELECT " + accountColumns + " FROM accounts a WHERE a.env = ?"

	maxAccountAttributes = 16 << 10
	accountsAtOnce       = 200
)

func accountFields(a *customer.Account) []any {
	return []any{
		asFixed(a.ID[:]), &a.Number, &a.Name, (*string)(&a.State), asJSON(&a.Attributes), &a.Source, asTime(&a.Created), asTime(&a.Updated), &a.Version,
	}
}

func scanAccount(rows Rows) (a customer.Account, err error) {
	return a, rows.Scan(accountFields(&a)...)
}

func scanPremises(rows Rows) (p customer.Premises, err error) {
	err = rows.Scan(asFixed(p.Account[:]), asFixed(p.ID[:]), &p.Reference, asJSON(&p.Address), asTime(&p.Created), asTime(&p.Updated), &p.Version)
	return p, err
}

// Account implements [store.Accounts].
func (r *Reader) Account(ctx context.Context, env store.EnvironmentID, id customer.AccountID) (customer.Account, error) {
	return queryOne(ctx, r.conn, scanAccount, selectAccount+" AND a.id = ?", int64(env), id[:])
}

// AccountByNumber implements [store.Accounts].
func (r *Reader) AccountByNumber(ctx context.Context, env store.EnvironmentID, number string) (customer.Account, error) {
	return queryOne(ctx, r.conn, scanAccount, selectAccount+" AND a.number = ?", int64(env), number)
}

// FindAccounts implements [store.Accounts].
func (r *Reader) FindAccounts(ctx context.Context, env store.EnvironmentID, page store.AccountPage) ([]customer.Account, error) {
	from, to := page.Prefix, afterPrefix(page.Prefix)
	if page.After >= from && page.After != "" {
		from = page.After + "\x01" // the least text behind it; NUL is never stored
	}
	return queryAll(ctx, r.conn, scanAccount, selectAccount+" AND a.number >= ? AND a.number < ? ORDER BY a.number LIMIT ?",
		int64(env), from, to, int64(between(page.Limit, accountsAtOnce)))
}

// PremisesOf implements [store.Accounts].
func (r *Reader) PremisesOf(ctx context.Context, env store.EnvironmentID, account customer.AccountID, after customer.PremisesID, limit int) ([]customer.Premises, error) {
	return queryAll(ctx, r.conn, scanPremises, "SELECT "+premisesColumns+` FROM account_premises
		WHERE env = ? AND account = ? AND id > ? ORDER BY id LIMIT ?`, int64(env), account[:], after[:], int64(between(limit, accountsAtOnce)))
}

// checkAccount holds an account to the limits.
func checkAccount(a *customer.Account) error {
	return errors.Join(atMost("number of an account", len(a.Number), customer.MaxAccountNumber), atMost("name of an account", len(a.Name), customer.MaxName),
		atMost("attributes of an account", len(mapping(a.Attributes)), maxAccountAttributes))
}

// PutAccount implements [store.AccountWriter].
func (t *Tx) PutAccount(ctx context.Context, a customer.Account) error {
	if err := checkAccount(&a); err != nil {
		return err
	}
	if a.Version == 0 {
		put, err := t.conn.Insert(ctx, &accounts, []any{
			int64(t.env), a.ID[:], a.Number, a.Name, string(a.State), mapping(a.Attributes), a.Source, micros(a.Created), micros(a.Updated), int64(1),
		})
		return one(put, err, store.ErrExists)
	}
	taken, err := exists(ctx, t.conn, "SELECT 1 FROM accounts WHERE env = ? AND number = ? AND id <> ?", int64(t.env), a.Number, a.ID[:])
	if err != nil {
		return err
	}
	if taken {
		return store.ErrExists
	}
	changed, err := t.conn.Exec(ctx, `UPDATE accounts SET number = ?, name = ?, state = ?, attributes = ?, updated = ?, version = version + 1
		WHERE env = ? AND id = ? AND version = ?`,
		a.Number, a.Name, string(a.State), mapping(a.Attributes), micros(a.Updated), int64(t.env), a.ID[:], a.Version)
	return one(changed, err, store.ErrConflict)
}

// DeleteAccount implements [store.AccountWriter].
func (t *Tx) DeleteAccount(ctx context.Context, id customer.AccountID) error {
	return t.conn.Nested(ctx, func() error {
		for _, statement := range []string{
			"DELETE FROM account_invitations WHERE env = ? AND account = ?",
			"DELETE FROM account_members WHERE env = ? AND account = ?",
			"DELETE FROM account_premises WHERE env = ? AND account = ?",
		} {
			if _, err := t.conn.Exec(ctx, statement, int64(t.env), id[:]); err != nil {
				return err
			}
		}
		gone, err := t.conn.Exec(ctx, "DELETE FROM accounts WHERE env = ? AND id = ?", int64(t.env), id[:])
		return one(gone, err, store.ErrNotFound)
	})
}

// mustHaveAccount is [store.ErrNotFound] if there is no such account.
func (t *Tx) mustHaveAccount(ctx context.Context, id customer.AccountID) error {
	err := t.conflictOrMissing(ctx, "SELECT 1 FROM accounts WHERE env = ? AND id = ?", id[:])
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// PutPremises implements [store.AccountWriter].
func (t *Tx) PutPremises(ctx context.Context, p customer.Premises) error {
	address := asText(p.Address)
	if err := errors.Join(atMost("reference of premises", len(p.Reference), customer.MaxReference), atMost("address", len(address), 4<<10)); err != nil {
		return err
	}
	if err := t.mustHaveAccount(ctx, p.Account); err != nil {
		return err
	}
	if p.Version > 0 {
		changed, err := t.conn.Exec(ctx, `UPDATE account_premises SET reference = ?, address = ?, updated = ?, version = version + 1
			WHERE env = ? AND account = ? AND id = ? AND version = ?`,
			p.Reference, address, micros(p.Updated), int64(t.env), p.Account[:], p.ID[:], p.Version)
		return one(changed, err, store.ErrConflict)
	}
	there, err := queryOne(ctx, t.conn, scanInt, "SELECT COUNT(*) FROM account_premises WHERE env = ? AND account = ?", int64(t.env), p.Account[:])
	if err := errors.Join(err, atMost("premises of an account", int(there)+1, store.MaxPremises)); err != nil {
		return err
	}
	put, err := t.conn.Insert(ctx, &premises, []any{
		int64(t.env), p.Account[:], p.ID[:], p.Reference, address, micros(p.Created), micros(p.Updated), int64(1),
	})
	return one(put, err, store.ErrExists)
}

// DeletePremises implements [store.AccountWriter].
func (t *Tx) DeletePremises(ctx context.Context, account customer.AccountID, id customer.PremisesID) error {
	_, err := t.conn.Exec(ctx, "DELETE FROM account_premises WHERE env = ? AND account = ? AND id = ?", int64(t.env), account[:], id[:])
	return err
}
