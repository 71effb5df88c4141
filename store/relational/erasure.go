package relational

import (
	"context"
	"errors"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

// ofErased are the tables with what is a customer's besides [ofCustomer], which follow.
var ofErased = []string{
	"DELETE FROM sessions WHERE env = ? AND customer = ? AND ended <> 0", // by the index of ended ones
	"DELETE FROM journeys WHERE env = ? AND customer = ?",
	"DELETE FROM synthetics WHERE env = ? AND customer = ?",
	"DELETE FROM account_invitations WHERE env = ? AND inviter = ?",
	"DELETE FROM outbox WHERE env = ? AND customer = ?",
	"DELETE FROM hook_events WHERE env = ? AND customer = ?",
}

const personalOf = " WHERE env = ? AND customer = ? AND customer <> '' AND erased = 0 AND length(personal) > 0"

// ErasableEvents implements [store.Erasures].
func (r *Reader) ErasableEvents(ctx context.Context, env store.EnvironmentID, customer string, limit int) (int, error) {
	return erasable(ctx, r.conn, env, customer, limit)
}

func erasable(ctx context.Context, conn Conn, env store.EnvironmentID, customer string, limit int) (int, error) {
	// Counted here: of a count the planner cannot tell that it is bounded.
	found, err := queryAll(ctx, conn, scanInt, "SELECT 1 FROM audit_events"+personalOf+" LIMIT ?", int64(env), customer, int64(limit))
	return len(found), err
}

// ErasePersonalSome implements [store.ErasureWriter]. The salt goes too: with it the
// commitment in the body would tell a guess from a miss.
func (t *Tx) ErasePersonalSome(ctx context.Context, customer string, limit int) (int, error) {
	if customer == "" {
		return 0, store.ErrInvalid
	}
	changed, err := t.conn.Exec(ctx, `UPDATE audit_events SET personal = ?, salt = ?, erased = 1 WHERE env = ? AND (at, writer, seq) IN
		(SELECT at, writer, seq FROM audit_events`+personalOf+` LIMIT ?) AND customer = ? AND customer <> ''`,
		[]byte{}, []byte{}, int64(t.env), int64(t.env), customer, int64(limit), customer)
	return int(changed), err
}

// EraseCustomer implements [store.ErasureWriter].
func (t *Tx) EraseCustomer(ctx context.Context, id customer.ID, version int64, at time.Time) (store.Remains, error) {
	var left store.Remains
	now, err := queryOne(ctx, t.conn, scanInt, "SELECT version FROM customers WHERE env = ? AND id = ?"+t.conn.ForUpdate(), int64(t.env), id[:])
	if err != nil {
		return left, err
	}
	if now != version {
		return left, store.ErrConflict
	}
	err = t.conn.Nested(ctx, func() error {
		if err := t.eraseLedgers(ctx, id, at, &left); err != nil {
			return err
		}
		if err := t.eraseAccounts(ctx, id, &left); err != nil {
			return err
		}
		return t.eraseRest(ctx, id)
	})
	return left, err
}

// eraseLedgers forgets what the ledgers tell of somebody, if that is not too much.
func (t *Tx) eraseLedgers(ctx context.Context, id customer.ID, at time.Time, left *store.Remains) error {
	name := id.String()
	switch n, err := erasable(ctx, t.conn, t.env, name, store.EraseLimit+1); {
	case err != nil:
		return err
	case n > store.EraseLimit:
		return store.ErrConflict
	}
	var err error
	if left.Events, err = t.ErasePersonal(ctx, name); err != nil {
		return err
	}
	for {
		n, err := t.EraseRecords(ctx, name, at)
		if err != nil {
			return err
		}
		if n == 0 {
			return t.eraseRivals(ctx, name)
		}
		if left.Records += n; left.Records > store.EraseLimit {
			return store.ErrConflict
		}
	}
}

// eraseRivals removes what says that somebody has what a record claims. Claims are
// found by migration, so it hops from one to the next.
func (t *Tx) eraseRivals(ctx context.Context, name string) error {
	for migration := ""; ; {
		next, err := queryOne(ctx, t.conn, func(rows Rows) (m string, err error) { return m, rows.Scan(&m) },
			"SELECT migration FROM rival_claims WHERE env = ? AND migration > ? ORDER BY migration LIMIT 1", int64(t.env), migration)
		if err != nil {
			return missingAs(err, nil)
		}
		if _, err := t.conn.Exec(ctx, "DELETE FROM rival_claims WHERE env = ? AND migration = ? AND customer = ?", int64(t.env), next, name); err != nil {
			return err
		}
		migration = next
	}
}

// eraseAccounts takes somebody out of all accounts, and removes those that are then
// nobody's.
func (t *Tx) eraseAccounts(ctx context.Context, id customer.ID, left *store.Remains) error {
	for {
		mine, err := queryAll(ctx, t.conn, func(rows Rows) (a customer.AccountID, err error) { return a, rows.Scan(asFixed(a[:])) },
			"SELECT account FROM account_members WHERE env = ? AND customer = ? ORDER BY account LIMIT ?", int64(t.env), id[:], int64(accountsAtOnce))
		if err != nil || len(mine) == 0 {
			return err
		}
		for _, account := range mine {
			if err := t.eraseMember(ctx, account, id, left); err != nil {
				return err
			}
		}
	}
}

func (t *Tx) eraseMember(ctx context.Context, account customer.AccountID, id customer.ID, left *store.Remains) error {
	_, all, err := t.HoldAccount(ctx, account)
	if err != nil {
		return err
	}
	if len(all) == 1 {
		left.Accounts = append(left.Accounts, account)
		return t.DeleteAccount(ctx, account)
	}
	if errors.Is(customer.Without(all, id), customer.ErrLastOwner) {
		left.Ownerless = append(left.Ownerless, account)
	}
	return t.DeleteMember(ctx, account, id)
}

// eraseRest removes what is found by the customer, and invitations that were sent to
// them.
func (t *Tx) eraseRest(ctx context.Context, id customer.ID) error {
	names, err := queryAll(ctx, t.conn, scanIdentifier, "SELECT "+identifierColumns+" FROM identifiers i WHERE i.env = ? AND i.customer = ?", int64(t.env), id[:])
	if err != nil {
		return err
	}
	for _, n := range names {
		if _, err := t.conn.Exec(ctx, "DELETE FROM account_invitations WHERE env = ? AND kind = ? AND value = ?", int64(t.env), string(n.Kind), n.Value); err != nil {
			return err
		}
	}
	for _, statement := range slices.Concat(ofErased, ofCustomer) {
		if _, err := t.conn.Exec(ctx, statement, int64(t.env), id[:]); err != nil {
			return err
		}
	}
	return nil
}
