package sqlite

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"sallyport/store"
	"sallyport/store/relational"
)

// limit sets how many pages the file may have, which is how a full disk looks
// to the engine.
func (s *Store) limit(t *testing.T, pages int) {
	t.Helper()
	err := s.queue(&item{
		ctx: t.Context(), env: store.System, turn: make(chan *transaction), back: make(chan error),
		do: func(_ *relational.Tx, tx *transaction) error {
			rows, err := tx.Query(t.Context(), "PRAGMA max_page_count = "+strconv.Itoa(pages))
			if err != nil {
				return err
			}
			rows.Next()
			rows.Close()
			return errors.New("nothing to commit")
		},
	})
	if err == nil {
		t.Fatal("it committed")
	}
}

func TestAFullDiskRefusesWhatIsTooLargeAndNothingElse(t *testing.T) {
	s, err := Open(t.Context(), Config{Path: filepath.Join(t.TempDir(), "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	s.limit(t, 1) // as large as it is now
	write := func(base int64, size int) error {
		return s.Write(ctx, store.System, func(tx store.Tx) error {
			_ = tx.Audit(ctx, store.Event{Type: "written"})
			_, err := tx.AppendRevision(ctx, store.Revision{Base: base, Content: make([]byte, size)})
			if size > 1000 {
				_, _ = tx.KnownRecords(ctx, "m", []string{"k"}) // goes on as if nothing had been
				return nil
			}
			return err
		})
	}
	var together sync.WaitGroup
	together.Go(func() {
		if err := write(7, 1<<20); err != nil && !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("error is %v", err)
		}
	})
	for range 8 {
		together.Go(func() {
			if err := s.Record(ctx, store.System, store.Event{Type: "small"}); err != nil && !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("error is %v", err)
			}
		})
	}
	together.Wait()
	if err := write(0, 1<<20); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("error is %v", err)
	}
	if _, err := s.Revision(ctx, store.System, 0); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("something was written: %v", err)
	}
	s.limit(t, 1<<30)
	if err := write(0, 10); err != nil {
		t.Fatalf("there is space again: %v", err)
	}
	verify(t, s)
}

// verify checks the chain of the system environment.
func verify(t *testing.T, s *Store) {
	t.Helper()
	events, err := s.AuditChain(context.Background(), store.System, auditWriter, 1, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var last [32]byte
	for i := range events {
		if last = store.Link(last, store.System, auditWriter, int64(i)+1, &events[i].Event); last != events[i].Hash {
			t.Fatalf("the chain breaks at %d", i+1)
		}
	}
}
