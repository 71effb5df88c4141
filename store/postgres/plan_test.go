package postgres

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"sallyport/store"
	"sallyport/store/postgres/pgtest"
	"sallyport/store/relational"
	"sallyport/store/storetest"
)

// asked keeps the queries that go through it.
type asked struct {
	relational.Conn
	queries []query
}

type query struct {
	text string
	args []any
}

func (a *asked) Query(ctx context.Context, text string, args ...any) (relational.Rows, error) {
	a.queries = append(a.queries, query{text, args})
	return a.Conn.Query(ctx, text, args...)
}

// Each search of the ledger is led by the index that knows most of it, in the order of
// its pages. The planner, which knows a small ledger's statistics, is told what it
// would find out of a large one: that reading or sorting all of it is dear.
func TestASearchIsLedByAnIndex(t *testing.T) {
	dsn, err := url.Parse(pgtest.Start(t))
	if err != nil {
		t.Fatal(err)
	}
	settings := dsn.Query()
	for _, dear := range []string{"enable_seqscan", "enable_sort", "enable_bitmapscan"} {
		settings.Set(dear, "off")
	}
	dsn.RawQuery = settings.Encode()
	s, err := Open(t.Context(), Config{DSN: dsn.String()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	env := ledgerOf(t, s, 3000)
	conn := s.reads
	for _, search := range storetest.Searches {
		t.Run(search.Name, func(t *testing.T) {
			through := &asked{Conn: conn}
			s.Reader = relational.NewReader(through)
			storetest.Searched(t, s, search)
			looked := 0
			for _, q := range through.queries {
				if !strings.Contains(q.text, " FROM "+search.Table+" ") {
					continue
				}
				looked++
				q.args[0] = int64(env)
				steps := explain(t, conn, q)
				if !strings.Contains(steps, " using "+search.Index+" ") && (search.Or == "" || !strings.Contains(steps, " using "+search.Or+" ")) || strings.Contains(steps, "Seq Scan") || strings.Contains(steps, "Sort") {
					t.Errorf("%s is done by\n%s", q.text, steps)
				}
			}
			if looked < search.Least {
				t.Errorf("only %d statements were seen", looked)
			}
		})
	}
}

// ledgerOf makes an environment with a small ledger of what a large one is made of.
func ledgerOf(t *testing.T, s *Store, n int) (env store.EnvironmentID) {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	err := s.Write(ctx, store.System, func(tx store.Tx) (err error) {
		env, err = tx.CreateEnvironment(ctx, store.Environment{Tenant: "large", Name: "ledger", Created: now})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	var events []store.Event
	for i := range n {
		e := store.Event{At: now.Add(time.Duration(i) * time.Second), Type: "token.issued", Actor: "application/a", Application: "a", Result: "ok"}
		switch {
		case i%100 == 0:
			e.Type, e.Actor, e.Customer = "role.granted", "operator/rita", "cus_1"
		case i%20 == 1:
			e.Type, e.Result = "token.refused", "no-rule"
		case i%5 > 1:
			e.Type, e.Customer = []string{"signin.succeeded", "token.refreshed", "session.ended"}[i%3], fmt.Sprintf("cus_%d", i)
			e.Application = fmt.Sprintf("b%d", i%7)
		}
		events = append(events, e)
	}
	if err := s.Record(ctx, env, events...); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(ctx, "ANALYZE audit_events"); err != nil {
		t.Fatal(err)
	}
	return env
}

func explain(t *testing.T, conn relational.Conn, q query) string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "EXPLAIN "+q.text, q.args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var step string
		if err := rows.Scan(&step); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, step)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(steps, "\n")
}
