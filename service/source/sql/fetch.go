package sql

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/config"
	"sallyport/service/source"
)

// position is where a fetch goes on: the source's cursor.
type position struct {
	Key     string `json:"key"`     // behind which
	Number  bool   `json:"number"`  // it is one
	Columns string `json:"columns"` // digest of their names
}

// start is the position before everybody.
func (d *database) start() position {
	_, err := strconv.ParseInt(d.spec.Start, 10, 64)
	return position{Key: d.spec.Start, Number: err == nil}
}

// value is what is bound for :after.
func (p position) value() any {
	if n, err := strconv.ParseInt(p.Key, 10, 64); p.Number && err == nil {
		return n
	}
	return p.Key
}

// Fetch implements [source.Fetcher].
func (d *database) Fetch(ctx context.Context, from source.Cursor, give func(line []byte, next source.Cursor) error) error {
	at := d.start()
	if from != nil && (json.Unmarshal(from, &at) != nil || at.Columns == "") {
		return &source.Fault{Reason: source.NotConfigured, What: "the cursor is not of a database"}
	}
	for {
		for wait := d.pace.Take(d.deps.Now()); wait > 0; wait = d.pace.Take(d.deps.Now()) {
			if err := d.deps.Wait(ctx, wait); err != nil {
				return err
			}
		}
		rows, err := d.page(ctx, at)
		if err != nil {
			return err
		}
		if at, err = d.hand(rows, at, give); err != nil || len(rows.rows) < pageRows {
			return err
		}
	}
}

// page is a part of everybody.
type page struct {
	columns []column
	rows    []*row
}

func (d *database) page(ctx context.Context, at position) (page, error) {
	timed, cancel := context.WithTimeout(ctx, pageTime)
	defer cancel()
	d.left.Store(maxPage)
	var p page
	size := 0
	values := map[string]any{config.PlaceAfter: at.value(), config.PlaceLimit: int64(pageRows)}
	more, err := d.asked(timed, d.query, values, pageRows, func(rows *sql.Rows, columns []column) error {
		r, err := read(rows, columns)
		if err != nil {
			return err
		}
		for _, text := range r.texts {
			size += len(text)
		}
		if size > maxPage {
			return &source.Fault{Reason: source.TooLarge, What: "a page is longer than is read"}
		}
		p.columns, p.rows = columns, append(p.rows, r)
		return nil
	})
	if err == nil && more {
		err = &source.Fault{Reason: source.NotConfigured, What: "the query gives more rows than :limit"}
	}
	return p, err
}

// hand gives the rows of a page, and tells where the next one begins. The header of a
// table goes before the first of them.
func (d *database) hand(p page, at position, give func([]byte, source.Cursor) error) (position, error) {
	if len(p.rows) == 0 {
		return at, nil
	}
	key := slices.IndexFunc(p.columns, func(c column) bool { return strings.EqualFold(c.name, d.spec.After) })
	names := d.header(p.columns)
	sum := sha256.Sum256(names)
	digest := hex.EncodeToString(sum[:8])
	switch {
	case key < 0:
		return at, &source.Fault{Reason: source.NotConfigured, What: "the query does not give the column that after: names"}
	case at.Columns != "" && at.Columns != digest:
		return at, &source.Fault{Reason: source.NotConfigured, What: "the query gives other columns than when the fetch began"}
	case at.Columns == "" && d.tabular:
		if err := give(names, nil); err != nil {
			return at, err
		}
	}
	for _, r := range p.rows {
		next, err := at.behind(r, key)
		if err != nil {
			return at, err
		}
		next.Columns = digest
		cursor, err := json.Marshal(next)
		if err != nil {
			return at, fmt.Errorf("writing a cursor: %w", err)
		}
		line, err := d.line(r)
		if err != nil {
			return at, err
		}
		if err := give(line, cursor); err != nil {
			return at, err
		}
		at = next
	}
	return at, nil
}

// behind is the position behind a row. Rows in another order would leave people out.
func (p position) behind(r *row, key int) (position, error) {
	if r.null[key] {
		return p, &source.Fault{Reason: source.NotConfigured, What: "the column that after: names is empty in a row"}
	}
	next := position{Key: r.texts[key]}
	_, next.Number = r.raw[key].(int64)
	same := next.Key == p.Key && p.Columns != ""
	if n, is := next.value().(int64); is {
		if before, was := p.value().(int64); was && n <= before {
			same = true
		}
	}
	if same {
		return p, &source.Fault{Reason: source.NotConfigured, What: "the query is not ordered by the column that after: names, or that is not unique"}
	}
	return next, nil
}
