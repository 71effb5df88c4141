package fetch_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/fetch"
	"sallyport/service/keyring"
	"sallyport/service/source"
	"sallyport/store"
	"sallyport/store/sqlite"
)

// old is a scripted system: numbered lines, with a cursor behind each tenth.
type old struct {
	lines  int
	name   string
	fault  func(n int) error // before the n-th line is given
	opened int
}

func (o *old) Fetch(ctx context.Context, from source.Cursor, give func([]byte, source.Cursor) error) error {
	at, _ := strconv.Atoi(string(from))
	for n := at + 1; n <= o.lines; n++ {
		if o.fault != nil {
			if err := o.fault(n); err != nil {
				return err
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		var next source.Cursor
		if n%10 == 0 {
			next = source.Cursor(strconv.Itoa(n))
		}
		if err := give([]byte(fmt.Sprintf("line %d %s", n, strings.Repeat("x", 5000))), next); err != nil {
			return err
		}
	}
	return nil
}

type world struct {
	*testing.T
	*fetch.Service
	system *old
	live   *environment.Live
	store  *sqlite.Store
	dir    string
	naps   []time.Duration
}

func newWorld(t *testing.T, system *old) *world {
	t.Helper()
	w := &world{T: t, system: system, dir: t.TempDir(), live: &environment.Live{ID: store.System, Name: "production"}}
	var err error
	w.store, err = sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db"), Now: time.Now})
	w.must(err)
	t.Cleanup(func() { _ = w.store.Close() })
	master, err := keyring.GenerateMaster(io.Discard)
	w.must(err)
	w.Service = fetch.New(fetch.Config{
		Open: func(context.Context, *environment.Live, *source.Spec, *migrate.Plan) (*source.System, error) {
			system.opened++
			return &source.System{Fetcher: system, Identity: func(context.Context) (string, error) { return system.name, nil }}, nil
		},
		Audit: audit.New(w.store, time.Now, rand.Reader), Sealer: master, Dir: w.dir, Now: time.Now,
		Sleep: func(ctx context.Context, d time.Duration) error { w.naps = append(w.naps, d); return ctx.Err() },
	})
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) request() fetch.Request {
	return fetch.Request{
		Live: w.live, Actor: "operator/rita",
		Migration: &config.LiveMigration{Migration: &config.Migration{Meta: config.Meta{Name: "old"}}, Connection: &source.Spec{Connection: &config.Connection{Kind: "sql"}}},
	}
}

// numbers are those of the lines, in their order.
func numbers(data []byte) (all []int) {
	for line := range strings.Lines(string(data)) {
		var n int
		if _, err := fmt.Sscanf(line, "line %d ", &n); err == nil {
			all = append(all, n)
		}
	}
	return all
}

func (w *world) whole(data []byte, lines int) {
	w.Helper()
	got := numbers(data)
	for i, n := range got {
		if n != i+1 {
			w.Fatalf("line %d is %d", i+1, n)
		}
	}
	if len(got) != lines {
		w.Fatalf("%d lines, want %d", len(got), lines)
	}
}

// file puts parts together as whoever keeps them must.
type file struct {
	data, safe []byte
	next       []byte
	identity   string
	done       bool
}

func (f *file) add(p fetch.Part) error {
	switch {
	case p.Rewind:
		f.data = bytes.Clone(f.safe)
	case p.Done:
		f.done = true
	default:
		f.data = append(f.data, p.Data...)
		if f.identity = p.Identity; len(p.Next) > 0 {
			f.safe, f.next = bytes.Clone(f.data), p.Next
		}
	}
	return nil
}

var dead = &source.Fault{Reason: source.Unreachable}

func TestASystemThatDiesNowAndThenIsReadWhole(t *testing.T) {
	tries := map[int]int{}
	system := &old{lines: 3003, fault: func(n int) error {
		if tries[n]++; n%333 == 0 && tries[n] < 5 {
			return dead
		}
		return nil
	}}
	w := newWorld(t, system)
	var f file
	w.must(w.Read(t.Context(), w.request(), f.add))
	if w.whole(f.data, 3003); !f.done || len(w.naps) != 9*4 {
		t.Errorf("done %t after %d pauses", f.done, len(w.naps))
	}
}

func TestASystemThatStaysDeadEndsTheFetchAndItGoesOnLater(t *testing.T) {
	system := &old{lines: 3003, fault: func(n int) error {
		if n == 1500 {
			return dead
		}
		return nil
	}}
	w := newWorld(t, system)
	var f file
	var fault *source.Fault
	if err := w.Read(t.Context(), w.request(), f.add); !errors.As(err, &fault) || f.done {
		t.Fatalf("%v, done %t", err, f.done)
	}
	system.fault = nil
	r := w.request()
	r.From, r.Identity = f.next, f.identity
	f.data = bytes.Clone(f.safe)
	w.must(w.Read(t.Context(), r, f.add))
	w.whole(f.data, 3003)

	for name, change := range map[string]func(*fetch.Request){
		"another system":        func(*fetch.Request) { system.name = "another" },
		"another query":         func(r *fetch.Request) { r.Migration.Connection.Query = "SELECT 2" },
		"a cursor of somewhere": func(r *fetch.Request) { r.Identity = "" },
	} {
		r := w.request()
		r.From, r.Identity = f.next, f.identity
		change(&r)
		if err := w.Read(t.Context(), r, f.add); !errors.Is(err, fetch.ErrOtherSource) {
			t.Errorf("%s: %v", name, err)
		}
		system.name = ""
	}
}

func TestAFaultThatWaitingDoesNotMendEndsAtOnce(t *testing.T) {
	w := newWorld(t, &old{lines: 9, fault: func(int) error { return &source.Fault{Reason: source.BadClient} }})
	if err := w.Read(t.Context(), w.request(), new(file).add); err == nil || len(w.naps) > 0 {
		t.Errorf("%v after %d pauses", err, len(w.naps))
	}
	events, _, err := w.store.AuditEvents(t.Context(), store.System, store.AuditQuery{Limit: 9})
	w.must(err)
	if len(events) != 1 || events[0].Type != "migration.fetched" || events[0].Result != "misconfigured-client" {
		t.Errorf("recorded %+v", events)
	}
}

func TestTheServerKeepsAFetchThroughKillsAndSealsIt(t *testing.T) {
	system := &old{lines: 2005}
	w := newWorld(t, system)
	stop := errors.New("killed")
	for at := 300; at < 2005; at += 400 {
		system.fault = func(n int) error {
			if n == at {
				return stop
			}
			return nil
		}
		if _, err := w.Keep(t.Context(), w.live, w.request(), false, nil); !errors.Is(err, stop) {
			t.Fatal(err)
		}
		// The end of the last part never reached the disk.
		path := filepath.Join(w.dir, "fetch-1-old.sealed")
		content, err := os.ReadFile(path)
		w.must(err)
		if bytes.Contains(content, []byte("line ")) || bytes.Contains(content, []byte("xxxx")) {
			t.Error("people lie on the disk in clear")
		}
		w.must(os.Truncate(path, int64(len(content)-7)))
	}
	system.fault = nil
	kept, err := w.Keep(t.Context(), w.live, w.request(), false, nil)
	w.must(err)
	if _, err := w.Keep(t.Context(), w.live, w.request(), false, nil); !errors.Is(err, fetch.ErrBusy) {
		t.Errorf("twice at once: %v", err)
	}
	data, err := io.ReadAll(kept.Reader())
	w.must(err)
	if w.whole(data, 2005); kept.Lines != 2005 {
		t.Errorf("%d lines", kept.Lines)
	}
	w.must(kept.Release(false))
	opened := system.opened
	again, err := w.Keep(t.Context(), w.live, w.request(), false, nil)
	w.must(err)
	if system.opened != opened {
		t.Error("what is complete was fetched again")
	}
	w.must(again.Release(true))
	if left, _ := os.ReadDir(w.dir); len(left) > 0 {
		t.Errorf("left is %v", left)
	}
}

func TestWhatSomebodyChangedOnTheDiskIsNotTaken(t *testing.T) {
	w := newWorld(t, &old{lines: 300})
	kept, err := w.Keep(t.Context(), w.live, w.request(), false, nil)
	w.must(err)
	w.must(kept.Release(false))
	path := filepath.Join(w.dir, "fetch-1-old.sealed")
	content, err := os.ReadFile(path)
	w.must(err)
	content[len(content)/2] ^= 1
	w.must(os.WriteFile(path, content, 0o600))
	if _, err := w.Keep(t.Context(), w.live, w.request(), false, nil); !errors.Is(err, fetch.ErrKept) {
		t.Errorf("a changed byte: %v", err)
	}
	fresh, err := w.Keep(t.Context(), w.live, w.request(), true, nil)
	w.must(err)
	w.must(fresh.Release(true))
}

func TestALinkOfSomebodyElsesIsNotFollowed(t *testing.T) {
	w := newWorld(t, &old{lines: 3})
	elsewhere := filepath.Join(t.TempDir(), "precious")
	w.must(os.WriteFile(elsewhere, []byte("precious"), 0o600))
	path := filepath.Join(w.dir, "fetch-1-old.sealed")
	for name, plant := range map[string]func() error{
		"a link":                       func() error { return os.Symlink(elsewhere, path) },
		"a link to nothing":            func() error { return os.Symlink(elsewhere+"-new", path) },
		"a file that others may write": func() error { return errors.Join(os.WriteFile(path, nil, 0o600), os.Chmod(path, 0o666)) },
	} {
		w.must(plant())
		if _, err := w.Keep(t.Context(), w.live, w.request(), false, nil); !errors.Is(err, fetch.ErrKept) {
			t.Errorf("%s: %v", name, err)
		}
		w.must(os.Remove(path))
	}
	left, err := os.ReadFile(elsewhere)
	if _, planted := os.Stat(elsewhere + "-new"); err != nil || string(left) != "precious" || planted == nil {
		t.Errorf("elsewhere is %q, %v", left, err)
	}
}

func TestAMigrationWithoutASystemIsNotFetched(t *testing.T) {
	w := newWorld(t, &old{})
	r := w.request()
	r.Migration.Connection = nil
	if err := w.Read(t.Context(), r, new(file).add); !errors.Is(err, fetch.ErrNoConnection) {
		t.Error(err)
	}
}
