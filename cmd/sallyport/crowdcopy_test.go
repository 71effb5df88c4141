package main

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"sallyport/pure/customer"
)

// copied stores the households from the given one on, as copies of one that the store
// wrote, but for the columns that tell them apart.
func (c crowd) copied(ctx context.Context, from int) {
	c.Helper()
	conn, err := pgx.Connect(ctx, c.direct)
	must(c.T, err)
	defer conn.Close(ctx)
	const like = 5
	account, who := idOf("account", like), idOf("customer", like)
	for _, t := range []copying{
		{"accounts", "id", account[:], []string{"id", "number", "name"}, func(i int) [][]any {
			id := idOf("account", i)
			return [][]any{{id[:], fmt.Sprintf("HL-%09d", i), lastNames[i%len(lastNames)] + " Lane"}}
		}},
		{"account_premises", "account", account[:], []string{"account", "id"}, func(i int) [][]any {
			id, premises := idOf("account", i), idOf("premises", i)
			return [][]any{{id[:], premises[:]}}
		}},
		{"account_members", "account", account[:], []string{"account", "customer", "role"}, func(i int) [][]any {
			id := idOf("account", i)
			var rows [][]any
			for _, m := range append([]sharer{{i, customer.Owner}}, c.others(i)...) {
				member := idOf("customer", m.who)
				rows = append(rows, []any{id[:], member[:], string(m.role)})
			}
			return rows
		}},
		{"agreements", "customer", who[:], []string{"customer"}, func(i int) [][]any {
			id := idOf("customer", i)
			return [][]any{{id[:]}}
		}},
	} {
		c.timed(t.table+" copied", c.size-from, func(start, end int) error { return t.copy(ctx, conn, from+start, from+end) })
	}
	_, err = conn.Exec(ctx, `INSERT INTO customer_tags (env, customer, tag)
		SELECT a.env, a.customer, 'hardship' FROM agreements a WHERE get_byte(a.customer, 15) < 5 ON CONFLICT DO NOTHING`)
	must(c.T, err)
}

// copying is how a table of households is filled.
type copying struct {
	table, by string // the column by which the row is found that the others are like
	like      []byte
	columns   []string // that differ
	rows      func(i int) [][]any
}

func (t copying) copy(ctx context.Context, conn *pgx.Conn, from, to int) error {
	found, err := conn.Query(ctx, "SELECT * FROM "+t.table+" WHERE "+t.by+" = $1", t.like)
	if err != nil {
		return err
	}
	var names []string
	for _, f := range found.FieldDescriptions() {
		names = append(names, f.Name)
	}
	like, err := pgx.CollectExactlyOneRow(found, func(row pgx.CollectableRow) ([]any, error) { return row.Values() })
	if err != nil {
		return err
	}
	var rows [][]any
	for i := from; i < to; i++ {
		for _, differs := range t.rows(i) {
			row := slices.Clone(like)
			for at, column := range t.columns {
				row[slices.Index(names, column)] = differs[at]
			}
			rows = append(rows, row)
		}
	}
	_, err = conn.CopyFrom(ctx, pgx.Identifier{t.table}, names, pgx.CopyFromRows(rows))
	return err
}

// Households are as many, and of the same people, whoever stores them.
func TestCopiedHouseholdsAreLikeThoseThatTheStoreWrites(t *testing.T) {
	const size = 50
	counts := map[string][2]int{}
	for which, direct := range []bool{false, true} {
		at := freshPostgres(t)
		c := newScene(t, at, size)
		c.load(t.Context())
		conn, err := pgx.Connect(t.Context(), at.target)
		must(t, err)
		if direct {
			_, err = conn.Exec(t.Context(), `DELETE FROM account_members WHERE account IN (SELECT id FROM accounts WHERE number >= 'HL-000000020');
				DELETE FROM account_premises WHERE account IN (SELECT id FROM accounts WHERE number >= 'HL-000000020');
				DELETE FROM accounts WHERE number >= 'HL-000000020'; DELETE FROM customer_tags;`)
			must(t, err)
			kept := [][]byte{}
			for i := range 20 {
				id := idOf("customer", i)
				kept = append(kept, id[:])
			}
			_, err = conn.Exec(t.Context(), `DELETE FROM agreements WHERE NOT customer = ANY($1)`, kept)
			must(t, err)
			c.direct = at.target
			c.copied(t.Context(), 20)
		}
		for _, table := range []string{"accounts", "account_premises", "account_members", "agreements"} {
			var n int
			must(t, conn.QueryRow(t.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n))
			both := counts[table]
			both[which] = n
			counts[table] = both
		}
		must(t, conn.Close(t.Context()))
	}
	for table, n := range counts {
		if n[0] != n[1] || n[0] < size {
			t.Errorf("%s: %d by the store, %d copied", table, n[0], n[1])
		}
	}
}
