package relational

import (
	"context"
	"errors"
	"fmt"

	"sallyport/pure/customer"
	"sallyport/store"
)

var (
	customers = Table{"customers", []Column{
		{"env", Int},
		{"id", Blob},
		{"state", Text},
		{"name", Text},
		{"groups", Text},
		{"attributes", Text},
		{"not_before", Int},
		{"created", Int},
		{"updated", Int},
		{"version", Int},
	}}
	identifiers = Table{"identifiers", []Column{
		{"env", Int}, {"kind", Text}, {"value", Text}, {"customer", Blob}, {"display", Text}, {"verified", Int}, {"source", Text},
	}}
	// What comes from elsewhere was not proven here; the columns of that default to it,
	// so that an import does not write them.
	provedIdentifiers = Table{"identifiers", append(identifiers.Columns[:7:7], Column{"proved_at", Int}, Column{"proved_by", Text}, Column{"leads", Int})}
	credentials       = Table{"credentials", []Column{
		{"env", Int}, {"customer", Blob}, {"sealed", Blob}, {"scheme", Text}, {"weak", Int}, {"updated", Int}, {"version", Int},
	}}
)

const (
	customerColumns   = "c.id, c.state, c.name, c.groups, c.attributes, c.not_before, c.created, c.updated, c.version"
	identifierColumns = "i.kind, i.value, i.display, i.verified, i.source, i.proved_at, i.proved_by, i.leads"
	identifierOrder   = " ORDER BY i.kind, i.leads DESC, i.verified DESC, i.proved_at, i.value"
	credentialColumns = "customer, sealed, scheme, weak, updated, version"
)

func customerFields(c *customer.Customer) []any {
	return []any{
		asFixed(c.ID[:]), (*string)(&c.State), &c.Name, asJSON(&c.Groups), asJSON(&c.Attributes),
		asTime(&c.NotBefore), asTime(&c.Created), asTime(&c.Updated), &c.Version,
	}
}

func identifierFields(i *customer.Identifier) []any {
	return []any{(*string)(&i.Kind), &i.Value, &i.Display, asFlag(&i.Verified), &i.Source, asTime(&i.Proof.At), &i.Proof.By, asFlag(&i.First)}
}

func scanCustomer(rows Rows) (c customer.Customer, err error) {
	return c, rows.Scan(customerFields(&c)...)
}

func scanIdentifier(rows Rows) (i customer.Identifier, err error) {
	return i, rows.Scan(identifierFields(&i)...)
}

func scanCredential(rows Rows) (c store.Credential, err error) {
	err = rows.Scan(asFixed(c.Customer[:]), asBytes(&c.Sealed), &c.Scheme, asFlag(&c.Weak), asTime(&c.Updated), &c.Version)
	return c, err
}

// Customer implements [store.Customers].
func (r *Reader) Customer(ctx context.Context, env store.EnvironmentID, id customer.ID) (customer.Customer, error) {
	return queryOne(ctx, r.conn, scanCustomer,
		"SELECT "+customerColumns+" FROM customers c WHERE c.env = ? AND c.id = ?", int64(env), id[:])
}

// PersonByIdentifier implements [store.Customers].
func (r *Reader) PersonByIdentifier(ctx context.Context, env store.EnvironmentID, kind customer.IdentifierKind, value string) (store.Person, error) {
	const query = "SELECT " + customerColumns + ", " + identifierColumns + `,
		COALESCE(p.version, 0), p.sealed, COALESCE(p.scheme, ''), COALESCE(p.weak, 0), COALESCE(p.updated, 0)
		FROM identifiers i JOIN customers c ON c.env = i.env AND c.id = i.customer
		LEFT JOIN credentials p ON p.env = i.env AND p.customer = i.customer
		WHERE i.env = ? AND i.kind = ? AND i.value = ?`
	return queryOne(ctx, r.conn, func(rows Rows) (store.Person, error) {
		var p store.Person
		var c store.Credential
		fields := append(customerFields(&p.Customer), identifierFields(&p.Identifier)...)
		err := rows.Scan(append(fields, &c.Version, asBytes(&c.Sealed), &c.Scheme, asFlag(&c.Weak), asTime(&c.Updated))...)
		if c.Version > 0 {
			c.Customer = p.Customer.ID
			p.Credential = &c
		}
		return p, err
	}, query, int64(env), string(kind), value)
}

// Identifiers implements [store.Customers].
func (r *Reader) Identifiers(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]customer.Identifier, error) {
	return queryAll(ctx, r.conn, scanIdentifier, "SELECT "+identifierColumns+` FROM identifiers i
		WHERE i.env = ? AND i.customer = ?`+identifierOrder, int64(env), id[:])
}

// Credential implements [store.Customers].
func (r *Reader) Credential(ctx context.Context, env store.EnvironmentID, id customer.ID) (store.Credential, error) {
	return queryOne(ctx, r.conn, scanCredential,
		"SELECT "+credentialColumns+" FROM credentials WHERE env = ? AND customer = ?", int64(env), id[:])
}

// WeakCredentials implements [store.Customers].
func (r *Reader) WeakCredentials(ctx context.Context, env store.EnvironmentID, after customer.ID, limit int) ([]store.Credential, error) {
	return queryAll(ctx, r.conn, scanCredential, "SELECT "+credentialColumns+` FROM credentials
		WHERE env = ? AND weak = 1 AND customer > ? ORDER BY customer LIMIT ?`, int64(env), after[:], between(limit, 10_000))
}

// CreateCustomers implements [store.CustomerWriter].
func (t *Tx) CreateCustomers(ctx context.Context, people []store.NewCustomer) error {
	return t.conn.Nested(ctx, func() error {
		persons := make([]any, 0, len(people)*len(customers.Columns))
		var names, proved, secrets []any
		for i := range people {
			p := &people[i]
			c := &p.Customer
			persons = append(persons, int64(t.env), c.ID[:], string(c.State), c.Name, list(c.Groups), mapping(c.Attributes),
				micros(c.NotBefore), micros(c.Created), micros(c.Updated), int64(1))
			for _, n := range p.Identifiers {
				if n.Proof != (customer.Proof{}) || n.First {
					proved = append(proved, provedIdentifier(t.env, c.ID, n)...)
					continue
				}
				names = append(names, int64(t.env), string(n.Kind), n.Value, c.ID[:], n.Display, flag(n.Verified), n.Source)
			}
			if s := p.Credential; s != nil {
				secrets = append(secrets, int64(t.env), c.ID[:], blob(s.Sealed), s.Scheme, flag(s.Weak), micros(s.Updated), int64(1))
			}
		}
		for _, part := range []struct {
			table  *Table
			values []any
		}{{&customers, persons}, {&identifiers, names}, {&provedIdentifiers, proved}, {&credentials, secrets}} {
			if err := t.insertAll(ctx, part.table, part.values); err != nil {
				return err
			}
		}
		return nil
	})
}

func provedIdentifier(env store.EnvironmentID, id customer.ID, i customer.Identifier) []any {
	return []any{
		int64(env), string(i.Kind), i.Value, id[:], i.Display, flag(i.Verified), i.Source, micros(i.Proof.At), i.Proof.By, flag(i.First),
	}
}

// insertAll stores all rows; [store.ErrExists] if one clashed.
func (t *Tx) insertAll(ctx context.Context, table *Table, values []any) error {
	rows := len(values) / len(table.Columns)
	if rows == 0 {
		return nil
	}
	stored, err := t.conn.Insert(ctx, table, values)
	if err == nil && stored != int64(rows) {
		return fmt.Errorf("%d of %d rows for %s: %w", int64(rows)-stored, rows, table.Name, store.ErrExists)
	}
	return err
}

// TakenIdentifiers implements [store.CustomerWriter].
func (t *Tx) TakenIdentifiers(ctx context.Context, ids []customer.Identifier) (map[store.IdentifierKey]customer.ID, error) {
	byKind := map[customer.IdentifierKind][]string{}
	for _, id := range ids {
		byKind[id.Kind] = append(byKind[id.Kind], id.Value)
	}
	taken := map[store.IdentifierKey]customer.ID{}
	for kind, values := range byKind {
		err := t.conn.EachIn(ctx, "SELECT value, customer FROM identifiers WHERE env = ? AND kind = ? AND value", values,
			func(rows Rows) error {
				key := store.IdentifierKey{Kind: kind}
				var id customer.ID
				err := rows.Scan(&key.Value, asFixed(id[:]))
				taken[key] = id
				return err
			}, int64(t.env), string(kind))
		if err != nil {
			return nil, err
		}
	}
	return taken, nil
}

// UpdateCustomer implements [store.CustomerWriter].
func (t *Tx) UpdateCustomer(ctx context.Context, c customer.Customer) error {
	changed, err := t.conn.Exec(ctx, `UPDATE customers SET state = ?, name = ?, groups = ?, attributes = ?, not_before = ?,
		updated = ?, version = version + 1 WHERE env = ? AND id = ? AND version = ?`,
		string(c.State), c.Name, list(c.Groups), mapping(c.Attributes), micros(c.NotBefore),
		micros(c.Updated), int64(t.env), c.ID[:], c.Version)
	if err != nil || changed > 0 {
		return err
	}
	return t.conflictOrMissing(ctx, "SELECT 1 FROM customers WHERE env = ? AND id = ?", c.ID[:])
}

// conflictOrMissing tells why nothing was changed: query finds the row by
// environment and id.
func (t *Tx) conflictOrMissing(ctx context.Context, query string, id []byte) error {
	found, err := exists(ctx, t.conn, query, int64(t.env), id)
	switch {
	case err != nil:
		return err
	case found:
		return store.ErrConflict
	}
	return store.ErrNotFound
}

// PutCredential implements [store.CustomerWriter].
func (t *Tx) PutCredential(ctx context.Context, c store.Credential) error {
	if c.Version > 0 {
		changed, err := t.conn.Exec(ctx, `UPDATE credentials SET sealed = ?, scheme = ?, weak = ?, updated = ?,
			version = version + 1 WHERE env = ? AND customer = ? AND version = ?`,
			blob(c.Sealed), c.Scheme, flag(c.Weak), micros(c.Updated), int64(t.env), c.Customer[:], c.Version)
		return one(changed, err, store.ErrConflict)
	}
	err := t.conflictOrMissing(ctx, "SELECT 1 FROM customers WHERE env = ? AND id = ?", c.Customer[:])
	if !errors.Is(err, store.ErrConflict) { // the customer must be there
		return err
	}
	stored, err := t.conn.Insert(ctx, &credentials, []any{
		int64(t.env), c.Customer[:], blob(c.Sealed), c.Scheme,
		flag(c.Weak), micros(c.Updated), int64(1),
	})
	return one(stored, err, store.ErrConflict)
}
