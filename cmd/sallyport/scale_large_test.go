//go:build large

package main

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// crowdSize tells how many customers there are, where it is not a million.
const crowdSize = "SALLYPORT_TEST_CUSTOMERS"

// A page of a list or a search takes no more than the budget of the design,
// whatever the number of customers.
func TestLargeListsAndSearches(t *testing.T) {
	size := 1_000_000
	if text := os.Getenv(crowdSize); text != "" {
		var err error
		size, err = strconv.Atoi(text)
		must(t, err)
	}
	t.Run("sqlite", func(t *testing.T) {
		c := newScene(t, freshSQLite(t), size)
		c.load(t.Context())
		c.measure(plan{pages: 50, times: 40, budget: 300 * time.Millisecond})
	})
	t.Run("postgres", func(t *testing.T) {
		at := freshPostgres(t)
		c := newScene(t, at, size)
		c.direct = at.target
		c.load(t.Context())
		began := time.Now() // what the server does by itself within minutes
		conn, err := pgx.Connect(t.Context(), at.target)
		must(t, err)
		_, err = conn.Exec(t.Context(), "VACUUM ANALYZE")
		must(t, err)
		must(t, conn.Close(t.Context()))
		t.Logf("VACUUM ANALYZE in %v", time.Since(began).Round(time.Millisecond))
		c.measure(plan{pages: 50, times: 40, budget: 300 * time.Millisecond})
	})
}
