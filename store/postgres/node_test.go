package postgres_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sallyport/store"
	"sallyport/store/postgres"
	"sallyport/store/postgres/pgtest"
	"sallyport/store/storetest"
)

func TestPostgresKeepsWhatWasWritten(t *testing.T) {
	dsn := pgtest.Start(t)
	storetest.Reopen(t, func(t *testing.T) store.Store { return open(t, dsn) })
}

func TestTwoNodesShareAStore(t *testing.T) {
	dsn := pgtest.Start(t)
	one, two := open(t, dsn), open(t, dsn)
	storetest.Share(t, one, two)
	if err := errors.Join(one.Close(), two.Close(), two.Close()); err != nil {
		t.Fatal(err)
	}
}

func TestNodesThatStartTogetherMakeOneSchema(t *testing.T) {
	dsn := pgtest.Start(t)
	var nodes sync.WaitGroup
	for range 4 {
		nodes.Go(func() {
			s, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn})
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(s.Ping(t.Context()), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	nodes.Wait()
}

// change runs a statement behind the store's back.
func change(t *testing.T, dsn, statement string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestADatabaseThatIsNotOursIsRefused(t *testing.T) {
	for name, statement := range map[string]string{
		"made by a newer release": "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)",
		"made by something else":  "DROP TABLE goose_db_version",
	} {
		t.Run(name, func(t *testing.T) {
			dsn := pgtest.Start(t)
			if err := open(t, dsn).Close(); err != nil {
				t.Fatal(err)
			}
			change(t, dsn, statement)
			if _, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn}); !errors.Is(err, store.ErrSchema) {
				t.Fatalf("error is %v", err)
			}
		})
	}
}

func TestAConnectionStringIsRefusedWithoutItsPassword(t *testing.T) {
	for name, dsn := range map[string]string{
		"that cannot be read":      "postgres://sallyport:hunter2@localhost:notaport/x",
		"with the simple protocol": "postgres://sallyport:hunter2@localhost/x?default_query_exec_mode=simple_protocol",
		"that nobody answers":      "postgres://sallyport:hunter2@127.0.0.1:1/x",
	} {
		_, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error is %v", name, err)
		}
		if unreachable := name == "that nobody answers"; errors.Is(err, store.ErrUnavailable) != unreachable {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

func TestAHeadChangedByAnotherHandIsMetByReadingItAgain(t *testing.T) {
	dsn := pgtest.Start(t)
	s := open(t, dsn)
	defer s.Close()
	record := func() error { return s.Record(t.Context(), store.System, store.Event{Type: "x"}) }
	if err := errors.Join(record(), record()); err != nil {
		t.Fatal(err)
	}
	// As if another process had taken the same number and gone on.
	link := func() store.Head {
		heads, err := s.AuditHeads(t.Context(), store.System)
		if err != nil || len(heads) != 1 {
			t.Fatalf("heads are %+v, %v", heads, err)
		}
		return heads[0]
	}
	head := link()
	forged := store.Event{Type: "elsewhere", At: time.UnixMicro(1_790_000_000_000_000)}
	hash := store.Link(head.Hash, store.System, head.Writer, head.Seq+1, &forged)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, statement := range []string{
		`INSERT INTO audit_events SELECT 1, $1::bigint, $2::bigint + 1, $3::bigint, 'elsewhere', '', '', '', '', '', '', '', '', 0, $4::bytea`,
		`UPDATE audit_heads SET seq = $2::bigint + 1, hash = $4::bytea WHERE env = 1 AND writer = $1::bigint AND $3::bigint > 0`,
	} {
		if _, err := conn.Exec(t.Context(), statement, head.Writer, head.Seq, forged.At.UnixMicro(), hash[:]); err != nil {
			t.Fatal(err)
		}
	}
	if err := record(); err != nil {
		t.Fatal(err)
	}
	events, err := s.AuditChain(t.Context(), store.System, head.Writer, 1, 10)
	if err != nil || len(events) != 4 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	var last [32]byte
	for i := range events {
		if last = store.Link(last, store.System, head.Writer, int64(i)+1, &events[i].Event); last != events[i].Hash {
			t.Fatalf("the chain breaks at %d", i+1)
		}
	}
}

func TestALostServerIsUnavailableAndComesBack(t *testing.T) {
	dsn := pgtest.Start(t)
	s := open(t, dsn)
	defer s.Close()
	ctx := t.Context()
	kill := func() {
		change(t, dsn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sallyport' AND datname = current_database()")
	}
	if err := s.Record(ctx, store.System, store.Event{Type: "before"}); err != nil {
		t.Fatal(err)
	}
	err := s.Write(ctx, store.System, func(tx store.Tx) error {
		if _, err := tx.AppendRevision(ctx, store.Revision{}); err != nil {
			return err
		}
		_ = tx.Audit(ctx, store.Event{Type: "lost"})
		kill()
		return nil
	})
	if !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("error is %v", err)
	}
	// Whatever connections the pool still believes in, the store comes back.
	for range 40 {
		if err = s.Record(ctx, store.System, store.Event{Type: "after"}); err == nil {
			break
		}
		if !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("error is %v", err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Revision(ctx, store.System, 0); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("half of a lost transaction was kept: %v", err)
	}
	events, _, err := s.AuditEvents(ctx, store.System, store.AuditQuery{Limit: 10})
	if err != nil || len(events) != 2 {
		t.Fatalf("%d events, %v", len(events), err)
	}
}

func TestDurableWritesHaveNamedPoints(t *testing.T) {
	var points []string
	s, err := postgres.Open(t.Context(), postgres.Config{DSN: pgtest.Start(t), Crash: func(point string) { points = append(points, point) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	err = errors.Join(
		s.Record(t.Context(), store.System, store.Event{Type: "x"}),
		s.Write(t.Context(), store.System, func(tx store.Tx) error { return tx.Audit(t.Context(), store.Event{}) }))
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(points, " ")
	if got != "store.record.before-commit store.record.after-commit store.write.before-commit store.write.after-commit" {
		t.Fatal(got)
	}
}

func TestALostClaimOnChainsIsTakenAgainUnnoticed(t *testing.T) {
	dsn := pgtest.Start(t)
	held, release := make(chan struct{}), make(chan struct{})
	var first sync.Once
	s, err := postgres.Open(t.Context(), postgres.Config{DSN: dsn, Crash: func(point string) {
		if point == "store.write.before-commit" {
			first.Do(func() { close(held); <-release })
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	record := func() error { return s.Record(t.Context(), store.System, store.Event{Type: "x"}) }
	if err := record(); err != nil { // claims the first chain
		t.Fatal(err)
	}
	change(t, dsn, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
	outcome := make(chan error, 1)
	go func() {
		outcome <- s.Write(t.Context(), store.System, func(tx store.Tx) error {
			return tx.Audit(t.Context(), store.Event{Type: "y"})
		})
	}()
	<-held // the first chain is lent, so that the next claims a second
	err = record()
	close(release)
	if err := errors.Join(err, <-outcome); err != nil {
		t.Fatal(err)
	}
	heads, err := s.AuditHeads(t.Context(), store.System)
	if err != nil || len(heads) != 2 {
		t.Fatalf("chains are %+v, %v", heads, err)
	}
}
