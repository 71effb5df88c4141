package relational

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"unicode/utf8"

	"sallyport/pure/customer"
	"sallyport/store"
)

// place is where a page of customers goes on: behind this value and kind.
type place struct {
	Value string                  `json:"v"`
	Kind  customer.IdentifierKind `json:"k"`
}

// cursor makes any place opaque.
func cursor(place any) string {
	text, _ := json.Marshal(place) // places hold strings and numbers only
	return base64.RawURLEncoding.EncodeToString(text)
}

// place reads what cursor wrote; empty text leaves it as it is.
func readCursor(text string, into any) error {
	if text == "" {
		return nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		return fmt.Errorf("cursor: %w", store.ErrInvalid)
	}
	return nil
}

// FindCustomers implements [store.Customers]. Identifiers are indexed by kind
// first, so a search over all kinds merges one short page of each.
func (r *Reader) FindCustomers(ctx context.Context, env store.EnvironmentID, page store.CustomerPage) ([]store.CustomerRow, error) {
	var after place
	if err := readCursor(page.After, &after); err != nil {
		return nil, err
	}
	page.Limit = between(page.Limit, 200)
	kinds := []customer.IdentifierKind{page.Kind}
	if page.Kind == "" {
		var err error
		if kinds, err = r.identifierKinds(ctx, env); err != nil {
			return nil, err
		}
	}
	var found []store.CustomerRow
	for _, kind := range kinds {
		rows, err := r.findByKind(ctx, env, kind, page, after)
		if err != nil {
			return nil, err
		}
		found = append(found, rows...)
	}
	slices.SortFunc(found, func(a, b store.CustomerRow) int {
		return cmp.Or(cmp.Compare(a.Identifier.Value, b.Identifier.Value), cmp.Compare(a.Identifier.Kind, b.Identifier.Kind))
	})
	return found[:min(len(found), page.Limit)], nil
}

// identifierKinds hops from kind to kind along the primary key.
func (r *Reader) identifierKinds(ctx context.Context, env store.EnvironmentID) ([]customer.IdentifierKind, error) {
	var kinds []customer.IdentifierKind
	last := ""
	for {
		kind, err := queryOne(ctx, r.conn, func(rows Rows) (k string, err error) { return k, rows.Scan(&k) },
			"SELECT kind FROM identifiers WHERE env = ? AND kind > ? ORDER BY kind LIMIT 1", int64(env), last)
		if err != nil {
			return kinds, missingAs(err, nil)
		}
		kinds, last = append(kinds, customer.IdentifierKind(kind)), kind
	}
}

func (r *Reader) findByKind(ctx context.Context, env store.EnvironmentID, kind customer.IdentifierKind, page store.CustomerPage, after place) ([]store.CustomerRow, error) {
	const query = "SELECT " + customerColumns + ", " + identifierColumns + ` FROM identifiers i
		JOIN customers c ON c.env = i.env AND c.id = i.customer
		WHERE i.env = ? AND i.kind = ? AND i.value >= ? AND i.value < ? ORDER BY i.value LIMIT ?`
	from, to := page.Prefix, afterPrefix(page.Prefix)
	if page.After != "" && after.Value >= from {
		from = after.Value
		if kind <= after.Kind {
			from += "\x01" // the least text behind it; NUL is never stored
		}
	}
	return queryAll(ctx, r.conn, func(rows Rows) (row store.CustomerRow, err error) {
		err = rows.Scan(append(customerFields(&row.Customer), identifierFields(&row.Identifier)...)...)
		row.Cursor = cursor(place{row.Identifier.Value, row.Identifier.Kind})
		return row, err
	}, query, int64(env), string(kind), from, to, page.Limit)
}

// afterPrefix is the least text above all that begin with prefix.
func afterPrefix(prefix string) string {
	for prefix != "" {
		last, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch {
		case last == utf8.MaxRune:
			continue
		case last+1 == 0xD800: // surrogates are no text
			return prefix + string(rune(0xE000))
		}
		return prefix + string(last+1)
	}
	return string(utf8.MaxRune) + string(utf8.MaxRune)
}
