package relational

import (
	"context"
	"errors"

	"sallyport/pure/customer"
	"sallyport/store"
)

// PutIdentifier implements [store.CustomerWriter].
func (t *Tx) PutIdentifier(ctx context.Context, id customer.ID, i customer.Identifier) error {
	changed, err := t.conn.Exec(ctx, `UPDATE identifiers SET display = ?, verified = ?, source = ?, proved_at = ?, proved_by = ?
		WHERE env = ? AND kind = ? AND value = ? AND customer = ?`,
		i.Display, flag(i.Verified), i.Source, micros(i.Proof.At), i.Proof.By, int64(t.env), string(i.Kind), i.Value, id[:])
	if err != nil || changed > 0 {
		return err
	}
	err = t.conflictOrMissing(ctx, "SELECT 1 FROM customers WHERE env = ? AND id = ?", id[:])
	if !errors.Is(err, store.ErrConflict) { // the customer must be there
		return err
	}
	i.First = false
	put, err := t.conn.Insert(ctx, &provedIdentifiers, provedIdentifier(t.env, id, i))
	return one(put, err, store.ErrExists)
}

// PutFirst implements [store.CustomerWriter].
func (t *Tx) PutFirst(ctx context.Context, id customer.ID, key store.IdentifierKey) error {
	_, err := t.conn.Exec(ctx, "UPDATE identifiers SET leads = 0 WHERE env = ? AND customer = ? AND kind = ? AND leads = 1",
		int64(t.env), id[:], string(key.Kind))
	if err != nil {
		return err
	}
	changed, err := t.conn.Exec(ctx, "UPDATE identifiers SET leads = 1 WHERE env = ? AND kind = ? AND value = ? AND customer = ? AND verified = 1",
		int64(t.env), string(key.Kind), key.Value, id[:])
	return one(changed, err, store.ErrNotFound)
}

// HoldCustomer implements [store.CustomerWriter].
func (t *Tx) HoldCustomer(ctx context.Context, id customer.ID) (customer.Customer, []customer.Identifier, error) {
	c, err := queryOne(ctx, t.conn, scanCustomer, "SELECT "+customerColumns+" FROM customers c WHERE c.env = ? AND c.id = ?"+t.conn.ForUpdate(), int64(t.env), id[:])
	if err != nil {
		return c, nil, err
	}
	held, err := queryAll(ctx, t.conn, scanIdentifier, "SELECT "+identifierColumns+` FROM identifiers i
		WHERE i.env = ? AND i.customer = ?`+identifierOrder+t.conn.ForUpdate(), int64(t.env), id[:])
	return c, held, err
}

// DeleteIdentifier implements [store.CustomerWriter].
func (t *Tx) DeleteIdentifier(ctx context.Context, id customer.ID, key store.IdentifierKey) error {
	_, err := t.conn.Exec(ctx, "DELETE FROM identifiers WHERE env = ? AND kind = ? AND value = ? AND customer = ?",
		int64(t.env), string(key.Kind), key.Value, id[:])
	return err
}

// useOf are the tables that tell that somebody did something here.
var useOf = []string{
	"SELECT 1 FROM sessions WHERE env = ? AND customer = ? AND ended = 0 LIMIT 1",
	"SELECT 1 FROM grants WHERE env = ? AND customer = ? LIMIT 1",
	"SELECT 1 FROM consents WHERE env = ? AND customer = ? LIMIT 1",
	// Of whom nobody changed since they came, what is older than that came along.
	`SELECT 1 FROM agreements a JOIN customers c ON c.env = a.env AND c.id = a.customer
		WHERE a.env = ? AND a.customer = ? AND (c.version <> 1 OR a.given > c.updated OR a.withdrawn > c.updated) LIMIT 1`,
	`SELECT 1 FROM account_members m JOIN customers c ON c.env = m.env AND c.id = m.customer
		WHERE m.env = ? AND m.customer = ? AND (c.version <> 1 OR m.version <> 1 OR m.since > c.updated) LIMIT 1`,
	`SELECT 1 FROM account_claims m JOIN customers c ON c.env = m.env AND c.id = m.customer
		WHERE m.env = ? AND m.customer = ? AND (c.version <> 1 OR m.version <> 1 OR m.created > c.updated) LIMIT 1`,
}

// RemoveCustomer implements [store.CustomerWriter].
func (t *Tx) RemoveCustomer(ctx context.Context, id customer.ID, version int64) error {
	now, err := queryOne(ctx, t.conn, scanInt, "SELECT version FROM customers WHERE env = ? AND id = ?"+t.conn.ForUpdate(), int64(t.env), id[:])
	if err != nil {
		return err
	}
	if now != version {
		return store.ErrConflict
	}
	for _, query := range useOf {
		switch used, err := exists(ctx, t.conn, query, int64(t.env), id[:]); {
		case err != nil:
			return err
		case used:
			return store.ErrConflict
		}
	}
	return t.conn.Nested(ctx, func() error {
		for _, statement := range ofCustomer {
			if _, err := t.conn.Exec(ctx, statement, int64(t.env), id[:]); err != nil {
				return err
			}
		}
		return nil
	})
}
