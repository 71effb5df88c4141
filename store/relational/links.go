package relational

import (
	"context"

	"sallyport/pure/customer"
	"sallyport/store"
)

var links = Table{"links", []Column{
	{"env", Int},
	{"customer", Blob},
	{"provider", Text},
	{"connection", Text},
	{"subject", Text},
	{"source", Text},
	{"created", Int},
}}

const linkColumns = "customer, provider, connection, subject, source, created"

func scanLink(rows Rows) (l store.CustomerLink, err error) {
	err = rows.Scan(asFixed(l.Customer[:]), &l.Provider, &l.Connection, &l.Subject, &l.Source, asTime(&l.Created))
	return l, err
}

// Links implements [store.Links].
func (r *Reader) Links(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]store.CustomerLink, error) {
	return queryAll(ctx, r.conn, scanLink, "SELECT "+linkColumns+` FROM links
		WHERE env = ? AND customer = ? ORDER BY provider, connection, subject`, int64(env), id[:])
}

// PutLinks implements [store.LinkWriter].
func (t *Tx) PutLinks(ctx context.Context, all []store.CustomerLink) error {
	return t.conn.Nested(ctx, func() error {
		values := make([]any, 0, len(all)*len(links.Columns))
		for i := range all {
			l := &all[i]
			values = append(values, int64(t.env), l.Customer[:], l.Provider, l.Connection, l.Subject, l.Source, micros(l.Created))
		}
		return t.insertAll(ctx, &links, values)
	})
}
