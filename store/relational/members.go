package relational

import (
	"context"
	"errors"

	"sallyport/pure/customer"
	"sallyport/store"
)

var (
	members = Table{"account_members", []Column{
		{"env", Int},
		{"account", Blob},
		{"customer", Blob},
		{"role", Text},
		{"premises", Text},
		{"since", Int},
		{"made_by", Text},
		{"evidence", Text},
		{"version", Int},
	}}
	invitations = Table{"account_invitations", []Column{
		{"env", Int},
		{"hash", Blob},
		{"account", Blob},
		{"role", Text},
		{"premises", Text},
		{"kind", Text},
		{"value", Text},
		{"made_by", Text},
		{"inviter", Blob},
		{"created", Int},
		{"expires", Int},
	}}
)

const (
	memberColumns     = "m.account, m.customer, m.role, m.premises, m.since, m.made_by, m.evidence, m.version"
	invitationColumns = "hash, account, role, premises, kind, value, made_by, inviter, created, expires"

	maxEvidence = 4 << 10
)

func memberFields(m *customer.Member) []any {
	return []any{
		asFixed(m.Account[:]), asFixed(m.Customer[:]), (*string)(&m.Role), asJSON(&m.Premises), asTime(&m.Since), &m.By, &m.Evidence, &m.Version,
	}
}

func scanMember(rows Rows) (m customer.Member, err error) {
	return m, rows.Scan(memberFields(&m)...)
}

func scanInvitation(rows Rows) (i store.Invitation, err error) {
	err = rows.Scan(asFixed(i.Hash[:]), asFixed(i.Account[:]), (*string)(&i.Role), asJSON(&i.Premises), (*string)(&i.Kind), &i.Value,
		&i.By, asFixed(i.Inviter[:]), asTime(&i.Created), asTime(&i.Expires))
	return i, err
}

// MembersOf implements [store.Accounts].
func (r *Reader) MembersOf(ctx context.Context, env store.EnvironmentID, account customer.AccountID, after customer.ID, limit int) ([]store.AccountMember, error) {
	return queryAll(ctx, r.conn, func(rows Rows) (m store.AccountMember, err error) {
		return m, rows.Scan(append(memberFields(&m.Member), &m.Name, (*string)(&m.State))...)
	}, "SELECT "+memberColumns+`, c.name, c.state FROM account_members m JOIN customers c ON c.env = m.env AND c.id = m.customer
		WHERE m.env = ? AND m.account = ? AND m.customer > ? ORDER BY m.customer LIMIT ?`,
		int64(env), account[:], after[:], int64(between(limit, accountsAtOnce)))
}

// Memberships implements [store.Accounts].
func (r *Reader) Memberships(ctx context.Context, env store.EnvironmentID, id customer.ID, after customer.AccountID, limit int) ([]store.Membership, error) {
	return queryAll(ctx, r.conn, func(rows Rows) (m store.Membership, err error) {
		return m, rows.Scan(append(accountFields(&m.Account), memberFields(&m.Member)...)...)
	}, "SELECT "+accountColumns+", "+memberColumns+` FROM account_members m JOIN accounts a ON a.env = m.env AND a.id = m.account
		WHERE m.env = ? AND m.customer = ? AND m.account > ? ORDER BY m.account LIMIT ?`,
		int64(env), id[:], after[:], int64(between(limit, accountsAtOnce)))
}

// Invitations implements [store.Accounts].
func (r *Reader) Invitations(ctx context.Context, env store.EnvironmentID, account customer.AccountID) ([]store.Invitation, error) {
	return queryAll(ctx, r.conn, scanInvitation, "SELECT "+invitationColumns+` FROM account_invitations
		WHERE env = ? AND account = ? ORDER BY created, hash LIMIT ?`, int64(env), account[:], int64(accountsAtOnce))
}

// Invitation implements [store.Accounts].
func (r *Reader) Invitation(ctx context.Context, env store.EnvironmentID, hash [32]byte) (store.Invitation, error) {
	return queryOne(ctx, r.conn, scanInvitation, "SELECT "+invitationColumns+" FROM account_invitations WHERE env = ? AND hash = ?", int64(env), hash[:])
}

// HoldAccount implements [store.AccountWriter].
func (t *Tx) HoldAccount(ctx context.Context, id customer.AccountID) (customer.Account, []customer.Member, error) {
	a, err := queryOne(ctx, t.conn, scanAccount, selectAccount+" AND a.id = ?"+t.conn.ForUpdate(), int64(t.env), id[:])
	if err != nil {
		return a, nil, err
	}
	all, err := queryAll(ctx, t.conn, scanMember, "SELECT "+memberColumns+` FROM account_members m
		WHERE m.env = ? AND m.account = ? ORDER BY m.customer LIMIT ?`, int64(t.env), id[:], int64(store.MaxMembers))
	return a, all, err
}

// PutMember implements [store.AccountWriter].
func (t *Tx) PutMember(ctx context.Context, m customer.Member) error {
	shown := premisesText(m.Premises)
	if err := errors.Join(atMost("premises of a member", len(m.Premises), store.MaxPremises), atMost("evidence", len(m.Evidence), maxEvidence)); err != nil {
		return err
	}
	changed, err := t.conn.Exec(ctx, `UPDATE account_members SET role = ?, premises = ?, made_by = ?, evidence = ?, version = version + 1
		WHERE env = ? AND account = ? AND customer = ?`, string(m.Role), shown, m.By, m.Evidence, int64(t.env), m.Account[:], m.Customer[:])
	if err != nil || changed > 0 {
		return err
	}
	if err := t.mustHaveAccount(ctx, m.Account); err != nil {
		return err
	}
	if err := t.mustHaveCustomer(ctx, m.Customer); err != nil {
		return err
	}
	there, err := queryOne(ctx, t.conn, scanInt, "SELECT COUNT(*) FROM account_members WHERE env = ? AND account = ?", int64(t.env), m.Account[:])
	if err := errors.Join(err, atMost("members of an account", int(there)+1, store.MaxMembers)); err != nil {
		return err
	}
	put, err := t.conn.Insert(ctx, &members, []any{
		int64(t.env), m.Account[:], m.Customer[:], string(m.Role), shown, micros(m.Since), m.By, m.Evidence, int64(1),
	})
	return one(put, err, store.ErrExists)
}

// mustHaveCustomer is [store.ErrNotFound] if there is no such customer.
func (t *Tx) mustHaveCustomer(ctx context.Context, id customer.ID) error {
	err := t.conflictOrMissing(ctx, "SELECT 1 FROM customers WHERE env = ? AND id = ?", id[:])
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

func premisesText(all []customer.PremisesID) string {
	if len(all) == 0 {
		return ""
	}
	return asText(all)
}

// DeleteMember implements [store.AccountWriter].
func (t *Tx) DeleteMember(ctx context.Context, account customer.AccountID, id customer.ID) error {
	gone, err := t.conn.Exec(ctx, "DELETE FROM account_members WHERE env = ? AND account = ? AND customer = ?", int64(t.env), account[:], id[:])
	return one(gone, err, store.ErrNotFound)
}

// PutInvitation implements [store.AccountWriter].
func (t *Tx) PutInvitation(ctx context.Context, i store.Invitation) error {
	if err := t.mustHaveAccount(ctx, i.Account); err != nil {
		return err
	}
	put, err := t.conn.Insert(ctx, &invitations, []any{
		int64(t.env), i.Hash[:], i.Account[:], string(i.Role), premisesText(i.Premises), string(i.Kind), i.Value, i.By, i.Inviter[:],
		micros(i.Created), micros(i.Expires),
	})
	return one(put, err, store.ErrExists)
}

// TakeInvitation implements [store.AccountWriter].
func (t *Tx) TakeInvitation(ctx context.Context, hash [32]byte) error {
	gone, err := t.conn.Exec(ctx, "DELETE FROM account_invitations WHERE env = ? AND hash = ?", int64(t.env), hash[:])
	return one(gone, err, store.ErrNotFound)
}
