package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"

	"sallyport/store"
	"sallyport/store/relational"
)

const (
	// lent bounds how many chains of an environment one process extends at a
	// time. Each commits by itself, so a few are needed to share a disk's
	// flush; more would only make more chains to verify.
	lent = 8
	// mostWriters bounds the writers of all processes on one database.
	mostWriters = 1024
	// claims is the class of the advisory locks by which writers are claimed.
	claims = 0x5a11
)

// writer extends the chains of one number. It is used by one transaction at a
// time.
type writer struct {
	number int
	heads  map[store.EnvironmentID]store.Head // as far as known to be stored
}

// writers lends the writers that this process has claimed, lowest first, so
// that a quiet process keeps to one chain.
type writers struct {
	settings *pgx.ConnConfig
	permits  chan struct{}

	mu    sync.Mutex
	claim *pgx.Conn // holds the locks; nil until the first, and after it broke
	free  []*writer // by number
	held  []int32   // numbers claimed so far
}

func newWriters(settings *pgx.ConnConfig) *writers {
	return &writers{settings: settings, permits: make(chan struct{}, lent)}
}

// lend gives a writer for one transaction, which must give it back.
func (w *writers) lend(ctx context.Context) (*writer, error) {
	select {
	case w.permits <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.free) > 0 {
		lowest := w.free[0]
		w.free = w.free[1:]
		return lowest, nil
	}
	fresh, err := w.claimOne(ctx)
	if err != nil {
		<-w.permits
		return nil, err
	}
	return fresh, nil
}

func (w *writers) back(one *writer) {
	w.mu.Lock()
	at, _ := slices.BinarySearchFunc(w.free, one, func(a, b *writer) int { return a.number - b.number })
	w.free = slices.Insert(w.free, at, one)
	w.mu.Unlock()
	<-w.permits
}

// claimOne claims the lowest number that no process has. The connection may have
// broken since the last claim without anybody noticing, so a failure on an old one
// is answered by a new one.
func (w *writers) claimOne(ctx context.Context) (*writer, error) {
	old := w.claim != nil
	number, err := w.lowest(ctx)
	if err != nil && old && w.claim.IsClosed() {
		number, err = w.lowest(ctx)
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fmt.Errorf("all %d audit writers are claimed: %w", mostWriters, store.ErrUnavailable)
	}
	if err != nil {
		return nil, translate(err)
	}
	w.held = append(w.held, number)
	return &writer{number: int(number), heads: map[store.EnvironmentID]store.Head{}}, nil
}

// lowest locks the lowest number that nobody holds.
func (w *writers) lowest(ctx context.Context) (number int32, err error) {
	if err := w.connect(ctx); err != nil {
		return 0, err
	}
	// One session may take a lock twice, so its own are left out.
	err = w.claim.QueryRow(ctx, `SELECT n FROM generate_series(1, $1::int) AS n
		WHERE n <> ALL($2::int[]) AND pg_try_advisory_lock($3::int, n) LIMIT 1`,
		mostWriters, append([]int32{}, w.held...), claims).Scan(&number)
	return number, err
}

// connect opens the connection that holds the locks, if there is none, and claims
// on it what was claimed on the last. What another process took in between is
// extended by both of them, slower and none the worse: a head moves only from where
// its writer knows it.
func (w *writers) connect(ctx context.Context) error {
	if w.claim != nil && !w.claim.IsClosed() {
		return nil
	}
	conn, err := pgx.ConnectConfig(ctx, w.settings)
	if err != nil {
		return err
	}
	w.claim = conn
	_, err = conn.Exec(ctx, "SELECT pg_try_advisory_lock($1::int, n) FROM unnest($2::int[]) AS n", claims, append([]int32{}, w.held...))
	return err
}

// close gives the claims up.
func (w *writers) close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.claim == nil {
		return nil
	}
	return w.claim.Close(context.Background())
}

const (
	firstHead = `INSERT INTO audit_heads (env, writer, seq, hash) VALUES (?, ?, 0, ?) ON CONFLICT DO NOTHING`
	moveHead  = `WITH head AS (UPDATE audit_heads SET seq = ?, hash = ?
		WHERE env = ? AND writer = ? AND seq = ? AND hash = ? RETURNING seq) `
)

// extension adds events and moves the head, if that still is where it was: one
// statement, so that it needs no transaction around it.
func extension() string {
	own := relational.AuditEvents.Columns
	return moveHead + "INSERT INTO audit_events (" + names(own) + ") SELECT * FROM unnest(" + arrays(own) +
		") WHERE EXISTS (SELECT 1 FROM head)"
}

var extend = extension() // never written to again

// extend chains events, and calls commit once they are stored. The new head is
// remembered only if that succeeds: after any failure the stored one is read.
func (w *writer) extend(ctx context.Context, c relational.Conn, env store.EnvironmentID, events []store.ChainedEvent, commit func() error) error {
	old, err := w.head(ctx, c, env)
	if err != nil {
		return err
	}
	delete(w.heads, env)
	head := old
	values := relational.Chain(&head, events, make([]any, 0, len(events)*len(relational.AuditEvents.Columns)))
	args := append([]any{head.Seq, head.Hash[:], int64(env), int64(w.number), old.Seq, old.Hash[:]},
		columns(&relational.AuditEvents, values)...)
	stored, err := c.Exec(ctx, extend, args...)
	if err != nil {
		return err
	}
	if stored != int64(len(events)) {
		return fmt.Errorf("audit head of environment %d, writer %d, has moved: %w", env, w.number, errAgain)
	}
	if err := commit(); err != nil {
		return err
	}
	w.heads[env] = head
	return nil
}

// head is the newest link of the writer's chain of env. A chain begins with a
// stored head in front of its first event.
func (w *writer) head(ctx context.Context, c relational.Conn, env store.EnvironmentID) (store.Head, error) {
	if head, known := w.heads[env]; known {
		return head, nil
	}
	head, err := relational.ReadHead(ctx, c, env, w.number)
	if err == nil && head.Seq == 0 {
		_, err = c.Exec(ctx, firstHead, int64(env), int64(w.number), head.Hash[:])
	}
	return head, err
}
