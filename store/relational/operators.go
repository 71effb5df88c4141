package relational

import (
	"context"

	"sallyport/pure/customer"
	"sallyport/store"
)

var (
	operatorRoles = Table{"operator_roles", []Column{
		{"env", Int}, {"operator", Blob}, {"role", Text}, {"tenant", Text}, {"environment", Text}, {"server", Text}, {"since", Int},
	}}
	operatorLinks = Table{"operator_links", []Column{
		{"env", Int},
		{"hash", Blob},
		{"operator", Blob},
		{"role", Text},
		{"tenant", Text},
		{"environment", Text},
		{"server", Text},
		{"made_by", Text},
		{"created", Int},
		{"expires", Int},
		{"anew", Int},
	}}
)

// OperatorRoles implements [store.Operators].
func (r *Reader) OperatorRoles(ctx context.Context, env store.EnvironmentID, operator customer.ID) ([]store.OperatorRole, error) {
	query, args := "SELECT operator, role, tenant, environment, server, since FROM operator_roles WHERE env = ?", []any{int64(env)}
	if !operator.IsZero() {
		query, args = query+" AND operator = ?", append(args, operator[:])
	}
	return queryAll(ctx, r.conn, func(rows Rows) (o store.OperatorRole, err error) {
		err = rows.Scan(asFixed(o.Operator[:]), &o.Role, &o.Tenant, &o.Environment, &o.Server, asTime(&o.Since))
		return o, err
	}, query+" ORDER BY operator, role, tenant, environment, server", args...)
}

// OperatorLink implements [store.Operators].
func (r *Reader) OperatorLink(ctx context.Context, env store.EnvironmentID, hash [32]byte) (store.OperatorLink, error) {
	return queryOne(ctx, r.conn, func(rows Rows) (l store.OperatorLink, err error) {
		err = rows.Scan(asFixed(l.Hash[:]), asFixed(l.Role.Operator[:]), &l.Role.Role, &l.Role.Tenant, &l.Role.Environment,
			&l.Role.Server, &l.By, asTime(&l.Created), asTime(&l.Expires), asFlag(&l.Anew))
		return l, err
	}, `SELECT hash, operator, role, tenant, environment, server, made_by, created, expires, anew
		FROM operator_links WHERE env = ? AND hash = ?`, int64(env), hash[:])
}

// PutOperatorRole implements [store.OperatorWriter].
func (t *Tx) PutOperatorRole(ctx context.Context, r store.OperatorRole) error {
	stored, err := t.conn.Insert(ctx, &operatorRoles, []any{
		int64(t.env), r.Operator[:], r.Role, r.Tenant, r.Environment, r.Server, micros(r.Since),
	})
	return one(stored, err, store.ErrExists)
}

// DeleteOperatorRole implements [store.OperatorWriter].
func (t *Tx) DeleteOperatorRole(ctx context.Context, r store.OperatorRole) error {
	changed, err := t.conn.Exec(ctx, `DELETE FROM operator_roles
		WHERE env = ? AND operator = ? AND role = ? AND tenant = ? AND environment = ? AND server = ?`,
		int64(t.env), r.Operator[:], r.Role, r.Tenant, r.Environment, r.Server)
	return one(changed, err, store.ErrNotFound)
}

// PutOperatorLink implements [store.OperatorWriter].
func (t *Tx) PutOperatorLink(ctx context.Context, l store.OperatorLink) error {
	stored, err := t.conn.Insert(ctx, &operatorLinks, []any{
		int64(t.env), l.Hash[:], l.Role.Operator[:], l.Role.Role, l.Role.Tenant,
		l.Role.Environment, l.Role.Server, l.By, micros(l.Created), micros(l.Expires), flag(l.Anew),
	})
	return one(stored, err, store.ErrExists)
}

// TakeOperatorLink implements [store.OperatorWriter].
func (t *Tx) TakeOperatorLink(ctx context.Context, hash [32]byte) error {
	changed, err := t.conn.Exec(ctx, "DELETE FROM operator_links WHERE env = ? AND hash = ?", int64(t.env), hash[:])
	return one(changed, err, store.ErrNotFound)
}
