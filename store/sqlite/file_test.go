package sqlite_test

import (
	"bufio"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"sallyport/store"
	"sallyport/store/sqlite"
	"sallyport/store/storetest"
)

func TestSQLiteKeepsWhatWasWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	storetest.Reopen(t, func(t *testing.T) store.Store { return open(t, path) })
}

func TestTheFileIsItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a folder? with %20 and #", "store.db")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	defer s.Close()
	if err := s.Record(t.Context(), store.System, store.Event{Type: "x"}); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(path + end)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", info.Name(), info.Mode())
		}
	}
}

func TestAStoreIsOpenOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path})
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Fatalf("error is %v, want one that names process %d", err, os.Getpid())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("closing again: %v", err)
	}
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
}

func TestADatabaseThatIsNotOursIsRefused(t *testing.T) {
	for name, statement := range map[string]string{
		"made by a newer release":  "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)",
		"made by something else":   "DROP TABLE goose_db_version",
		"not a database of SQLite": "",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			if statement == "" {
				if err := os.WriteFile(path, []byte(strings.Repeat("not a database ", 100)), 0o600); err != nil {
					t.Fatal(err)
				}
			} else {
				if err := open(t, path).Close(); err != nil {
					t.Fatal(err)
				}
				change(t, path, statement)
			}
			if _, err := sqlite.Open(t.Context(), sqlite.Config{Path: path}); !errors.Is(err, store.ErrSchema) {
				t.Fatalf("error is %v", err)
			}
		})
	}
}

// change runs a statement behind the store's back.
func change(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		t.Fatal(err)
	}
}

func TestAHeadChangedByAnotherHandStopsTheChain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := open(t, path)
	defer s.Close()
	record := func() error { return s.Record(t.Context(), store.System, store.Event{Type: "x"}) }
	if err := errors.Join(record(), record()); err != nil {
		t.Fatal(err)
	}
	change(t, path, "UPDATE audit_heads SET seq = 1")
	if err := record(); err == nil {
		t.Fatal("an event was chained behind a head that is not the newest")
	}
}

func TestDurableWritesHaveNamedPoints(t *testing.T) {
	var mu sync.Mutex
	var points []string
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db"), Crash: func(point string) {
		mu.Lock()
		defer mu.Unlock()
		points = append(points, point)
	}})
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

// childStore makes this test binary a process that writes to a store until it
// is killed.
const childStore = "SALLYPORT_TEST_CHILD_STORE"

func TestWhatWasAnsweredOutlivesAKill(t *testing.T) {
	if path := os.Getenv(childStore); path != "" {
		writeUntilKilled(t, path)
		return
	}
	path := filepath.Join(t.TempDir(), "store.db")
	answered := map[byte]int64{'r': 0, 'w': 0}
	for range 2 { // the second time on what the first left
		killWriting(t, path, answered)
		s := open(t, path)
		events, err := s.AuditChain(t.Context(), store.System, 1, 1, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		kept := map[string]bool{}
		last := [32]byte{}
		for i := range events {
			e := &events[i]
			kept[e.Trace] = true
			if last = store.Link(last, store.System, 1, int64(i)+1, &e.Event); last != e.Hash {
				t.Fatalf("the chain breaks at %d", i+1)
			}
		}
		for kind, most := range answered {
			for n := int64(1); n <= most; n++ {
				trace := fmt.Sprintf("%c%d", kind, n)
				if _, err := s.Revision(t.Context(), store.System, n); !kept[trace] || kind == 'w' && err != nil {
					t.Errorf("%s was answered and is gone: %v", trace, err)
				}
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killWriting starts a writing process, kills it amid its work, and notes what
// it had been answered.
func killWriting(t *testing.T, path string, answered map[byte]int64) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestWhatWasAnsweredOutlivesAKill$")
	child.Env = append(os.Environ(), childStore+"="+path)
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(output)
	for n := 0; lines.Scan(); n++ {
		kind, number, found := strings.Cut(lines.Text(), " ")
		if !found || len(kind) != 1 {
			t.Errorf("the child says %q", lines.Text())
			break
		}
		if answered[kind[0]], err = strconv.ParseInt(number, 10, 64); err != nil {
			t.Error(err)
			break
		}
		if n == 150 {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
}

// writeUntilKilled records and appends revisions at once, and prints the number
// of each once it is answered.
func writeUntilKilled(t *testing.T, path string) {
	s := open(t, path)
	next := func(kind string) int64 {
		events, _, err := s.AuditEvents(t.Context(), store.System, store.AuditQuery{Type: kind, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		return int64(len(events)) + 1
	}
	var printing sync.Mutex
	answer := func(kind string, n int64) {
		printing.Lock()
		defer printing.Unlock()
		fmt.Println(kind, n)
	}
	go func() {
		for n := next("r"); ; n++ {
			if err := s.Record(t.Context(), store.System, store.Event{Type: "r", Trace: fmt.Sprint("r", n)}); err != nil {
				panic(err)
			}
			answer("r", n)
		}
	}()
	for n := next("w"); ; n++ {
		err := s.Write(t.Context(), store.System, func(tx store.Tx) error {
			if err := tx.Audit(t.Context(), store.Event{Type: "w", Trace: fmt.Sprint("w", n)}); err != nil {
				return err
			}
			_, err := tx.AppendRevision(t.Context(), store.Revision{Base: n - 1})
			return err
		})
		if err != nil {
			panic(err)
		}
		answer("w", n)
	}
}
