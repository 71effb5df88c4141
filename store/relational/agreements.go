package relational

import (
	"context"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/store"
)

var (
	agreements = Table{"agreements", []Column{
		{"env", Int},
		{"customer", Blob},
		{"kind", Text},
		{"document", Text},
		{"given", Int},
		{"version", Text},
		{"refused", Int},
		{"withdrawn", Int},
		{"replaced", Int},
		{"evidence", Blob},
	}}
	customerTags = Table{"customer_tags", []Column{{"env", Int}, {"customer", Blob}, {"tag", Text}}}
)

const (
	agreementColumns = "customer, kind, document, given, version, refused, withdrawn, replaced, evidence"
	selectAgreements = "SELECT " + agreementColumns + " FROM agreements WHERE env = ? AND customer = ?"
	agreementsAtOnce = 1000
)

func scanAgreement(rows Rows) (a store.Agreement, err error) {
	err = rows.Scan(asFixed(a.Customer[:]), (*string)(&a.Kind), &a.Document, asTime(&a.Given), &a.Version, asFlag(&a.Refused),
		asTime(&a.Withdrawn), asFlag(&a.Replaced), asBytes(&a.Evidence))
	return a, err
}

// Agreements implements [store.Agreements].
func (r *Reader) Agreements(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]store.Agreement, error) {
	return queryAll(ctx, r.conn, scanAgreement, selectAgreements+" ORDER BY kind, document, given LIMIT ?", int64(env), id[:], int64(agreementsAtOnce))
}

// Answers implements [store.Agreements].
func (r *Reader) Answers(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]store.Agreement, error) {
	return queryAll(ctx, r.conn, scanAgreement, selectAgreements+" AND withdrawn = 0 ORDER BY kind, document LIMIT ?", int64(env), id[:], int64(agreementsAtOnce))
}

// PutAgreement implements [store.AgreementWriter].
func (t *Tx) PutAgreement(ctx context.Context, a store.Agreement) error {
	if err := atMost("evidence", len(a.Evidence), maxEvidence); err != nil {
		return err
	}
	if err := t.mustHaveCustomer(ctx, a.Customer); err != nil {
		return err
	}
	if _, err := t.conn.Exec(ctx, `UPDATE agreements SET withdrawn = ?, replaced = 1
		WHERE env = ? AND customer = ? AND kind = ? AND document = ? AND withdrawn = 0 AND given <> ?`,
		t.moment(a.Given), int64(t.env), a.Customer[:], string(a.Kind), a.Document, t.moment(a.Given)); err != nil {
		return err
	}
	put, err := t.conn.Insert(ctx, &agreements, t.agreementRow(&a))
	return one(put, err, store.ErrExists)
}

func (t *Tx) agreementRow(a *store.Agreement) []any {
	return []any{
		int64(t.env), a.Customer[:], string(a.Kind), a.Document, t.moment(a.Given), a.Version, flag(a.Refused), micros(a.Withdrawn), flag(a.Replaced), blob(a.Evidence),
	}
}

// KeepAgreements implements [store.AgreementWriter].
func (t *Tx) KeepAgreements(ctx context.Context, all []store.Agreement) error {
	var values []any
	known := map[customer.ID]bool{}
	for i := range all {
		a := &all[i]
		if err := atMost("evidence", len(a.Evidence), maxEvidence); err != nil {
			return err
		}
		if !known[a.Customer] {
			if err := t.mustHaveCustomer(ctx, a.Customer); err != nil {
				return err
			}
			known[a.Customer] = true
		}
		values = append(values, t.agreementRow(a)...)
	}
	if values == nil {
		return nil
	}
	_, err := t.conn.Insert(ctx, &agreements, values)
	return err
}

// WithdrawAgreement implements [store.AgreementWriter].
func (t *Tx) WithdrawAgreement(ctx context.Context, id customer.ID, kind store.AgreementKind, document string, at time.Time) error {
	changed, err := t.conn.Exec(ctx, `UPDATE agreements SET withdrawn = ?
		WHERE env = ? AND customer = ? AND kind = ? AND document = ? AND withdrawn = 0 AND refused = 0`,
		t.moment(at), int64(t.env), id[:], string(kind), document)
	return one(changed, err, store.ErrNotFound)
}

// TagsOf implements [store.Tags].
func (r *Reader) TagsOf(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]string, error) {
	return tagsOf(ctx, r.conn, env, id)
}

func tagsOf(ctx context.Context, conn Conn, env store.EnvironmentID, id customer.ID) ([]string, error) {
	return queryAll(ctx, conn, func(rows Rows) (tag string, err error) { return tag, rows.Scan(&tag) },
		"SELECT tag FROM customer_tags WHERE env = ? AND customer = ? ORDER BY tag", int64(env), id[:])
}

// TaggedCustomers implements [store.Tags].
func (r *Reader) TaggedCustomers(ctx context.Context, env store.EnvironmentID, tag string, after customer.ID, limit int) ([]customer.Customer, error) {
	return queryAll(ctx, r.conn, scanCustomer, "SELECT "+customerColumns+` FROM customer_tags t JOIN customers c ON c.env = t.env AND c.id = t.customer
		WHERE t.env = ? AND t.tag = ? AND t.customer > ? ORDER BY t.customer LIMIT ?`, int64(env), tag, after[:], int64(between(limit, 200)))
}

// PutTags implements [store.TagWriter].
func (t *Tx) PutTags(ctx context.Context, id customer.ID, tags []string) error {
	if err := t.mustHaveCustomer(ctx, id); err != nil {
		return err
	}
	worn, err := tagsOf(ctx, t.conn, t.env, id)
	if err != nil {
		return err
	}
	var values []any
	for _, tag := range tags {
		if !slices.Contains(worn, tag) {
			worn = append(worn, tag)
			values = append(values, int64(t.env), id[:], tag)
		}
	}
	if err := atMost("tags of a customer", len(worn), customer.MaxTags); err != nil || values == nil {
		return err
	}
	_, err = t.conn.Insert(ctx, &customerTags, values) // one that somebody put there meanwhile stays
	return err
}

// DeleteTags implements [store.TagWriter].
func (t *Tx) DeleteTags(ctx context.Context, id customer.ID, tags []string) error {
	for _, tag := range tags {
		if _, err := t.conn.Exec(ctx, "DELETE FROM customer_tags WHERE env = ? AND customer = ? AND tag = ?", int64(t.env), id[:], tag); err != nil {
			return err
		}
	}
	return nil
}
