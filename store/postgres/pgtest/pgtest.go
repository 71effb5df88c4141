// Package pgtest gives tests a PostgreSQL of their own.
//
// It starts the server programs that the machine already has (Debian keeps them in
// /usr/lib/postgresql/*/bin): one cluster for each test binary, in a temporary
// folder, with durability switched off, and one fresh database for each call of
// Start. It owns nothing of Sallyport's schema; the store's tests and the
// conformance suite call it.
//
// The cluster is tied to the life of the test binary by a pipe rather than by
// clean-up code: a guard process waits for the pipe to close, which happens however
// the binary ends, kill -9 included, then stops the server and removes the folder.
//
// A machine without PostgreSQL skips the test by name, and fails it when CI=true.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// user is the owner of every database that Start makes.
const user = "sallyport"

// patience bounds each step that is waited for.
const patience = 30 * time.Second

// shared is this test binary's one cluster, started by the first test that asks.
var shared = sync.OnceValues(startCluster)

// databases numbers the databases of this binary.
var databases atomic.Int64

// Start returns the connection URL of a fresh, empty database, reached through a
// Unix socket. The database is dropped when tb ends. It is safe for parallel tests.
func Start(tb testing.TB) string {
	tb.Helper()
	c, name := fresh(tb)
	return c.socketURL(name)
}

// StartTCP is Start over a loopback port with a password, for tests that put
// something between the program and its database.
func StartTCP(tb testing.TB) string {
	tb.Helper()
	c, name := fresh(tb)
	return c.tcpURL(name)
}

// fresh makes a database that lives as long as tb.
func fresh(tb testing.TB) (*cluster, string) {
	tb.Helper()
	c, err := shared()
	if errors.Is(err, errMissing) && os.Getenv("CI") != "true" {
		tb.Skip("PostgreSQL: ", err)
	}
	if err != nil {
		tb.Fatal("PostgreSQL: ", err)
	}
	name := fmt.Sprintf("test_%d", databases.Add(1))
	if err := c.execute("CREATE DATABASE " + name); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		// FORCE: a test that failed may have left connections open.
		if err := c.execute("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	return c, name
}

// execute runs one statement in the cluster's own database.
func (c *cluster) execute(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.socketURL("postgres"))
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func (c *cluster) socketURL(database string) string {
	q := url.Values{"host": {c.dir}, "port": {strconv.Itoa(c.port)}, "user": {user}, "sslmode": {"disable"}}
	return "postgres:///" + database + "?" + q.Encode()
}

func (c *cluster) tcpURL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(user, c.password),
		Host: "127.0.0.1:" + strconv.Itoa(c.port), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}
