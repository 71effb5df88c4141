package job_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/service/job"
	"sallyport/service/keyring"
	"sallyport/store"
	"sallyport/store/sqlite"
)

const rita = audit.Actor("operator/rita")

// world is a store, a directory for files, and an import that tests steer.
type world struct {
	*testing.T
	store  *sqlite.Store
	master *keyring.Master
	dir    string
	env    store.EnvironmentID
	moved  atomic.Int64 // of the clock, in nanoseconds
	most   int64
	imp    func(context.Context, intake.Request) (intake.Report, error)
	crash  func(string)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, dir: filepath.Join(t.TempDir(), "jobs")}
	var err error
	w.store, err = sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), "store.db"), Now: w.now})
	w.must(err)
	t.Cleanup(func() { _ = w.store.Close() })
	w.must(w.store.Write(t.Context(), store.System, func(tx store.Tx) (err error) {
		w.env, err = tx.CreateEnvironment(t.Context(), store.Environment{Tenant: "acme", Name: "production", Created: w.now()})
		return err
	}))
	w.master, err = keyring.GenerateMaster(io.Discard)
	w.must(err)
	w.imp = digesting
	return w
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.moved.Load())) }

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// service is one process's; its directory is taken if open is set.
func (w *world) service(open bool) *job.Service {
	w.Helper()
	s := job.New(job.Config{
		Store: w.store, Sealer: w.master, Audit: audit.New(w.store, w.now, rand.Reader), Dir: w.dir, Most: w.most, Reserve: 1, Every: 5 * time.Millisecond,
		Import:       func(ctx context.Context, r intake.Request) (intake.Report, error) { return w.imp(ctx, r) },
		Environments: func() []store.EnvironmentID { return []store.EnvironmentID{w.env} },
		Live: func(_ context.Context, _ store.EnvironmentID, name string) (job.Live, error) {
			if name == "gone" {
				return job.Live{}, job.ErrNoPlan
			}
			return job.Live{}, nil
		},
		Now: w.now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler), Crash: w.crash,
	})
	if open {
		w.must(s.Open())
		w.Cleanup(func() { _ = s.Close() })
	}
	return s
}

// runs has a service run jobs until the test, or stop, ends it.
func (w *world) runs(s *job.Service) (stop func()) {
	ctx, cancel := context.WithCancel(w.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.Run(ctx)
	}()
	stop = func() { cancel(); <-ended }
	w.Cleanup(stop)
	return stop
}

// digesting is an import that reads its file and reports its digest.
func digesting(_ context.Context, r intake.Request) (intake.Report, error) {
	content, err := io.ReadAll(io.NewSectionReader(r.Source.Reader, 0, r.Source.Size))
	r.Progress(intake.Progress{Phase: intake.Moving, Rows: 9, Of: 9, Held: 2})
	return intake.Report{Rows: 9, Digest: sha256.Sum256(content), Summary: migrate.Summary{
		Verdicts: map[migrate.Verdict]int64{migrate.Hold: 2},
		Examples: map[migrate.Reason][]migrate.ExampleRecord{"x": {{Key: "aroha@example.org"}}},
	}}, err
}

// patient is an import that tells that it began, and lasts until it is stopped.
func patient(began chan<- string) func(context.Context, intake.Request) (intake.Report, error) {
	return func(ctx context.Context, r intake.Request) (intake.Report, error) {
		r.Progress(intake.Progress{Phase: intake.Moving, Rows: 5, Of: 10, Held: 1})
		began <- r.Source.Name
		<-ctx.Done()
		return intake.Report{}, fmt.Errorf("importing: %w", intake.ErrPaused)
	}
}

// starts uploads a file and queues its job.
func (w *world) starts(s *job.Service, migration string, content []byte) (job.Job, error) {
	w.Helper()
	u, err := s.Begin(w.Context(), job.Request{Env: w.env, Migration: migration, Actor: rita})
	w.must(err)
	defer func() { w.must(u.Close()) }()
	if err := u.Add(migrate.FileInput, "../../etc/"+migration+".csv", bytes.NewReader(content)); err != nil {
		return job.Job{}, err
	}
	return u.Start(w.Context())
}

func (w *world) started(s *job.Service, migration string, content []byte) job.Job {
	w.Helper()
	j, err := w.starts(s, migration, content)
	w.must(err)
	return j
}

// becomes waits until the newest job of a migration is in a state.
func (w *world) becomes(s *job.Service, migration, state string) job.Job {
	w.Helper()
	var j job.Job
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		var err error
		j, _, err = s.Newest(w.Context(), w.env, migration)
		w.must(err)
		if j.State == state {
			return j
		}
	}
	w.Fatalf("it is %+v, want %s", j, state)
	return j
}

// folders are the directories of jobs that are there.
func (w *world) folders() (names []string) {
	w.Helper()
	entries, err := os.ReadDir(w.dir)
	w.must(err)
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// without waits until no files are kept any more.
func (w *world) without() {
	w.Helper()
	for end := time.Now().Add(5 * time.Second); len(w.folders()) > 0; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			w.Fatalf("files are kept: %v", w.folders())
		}
	}
}

func (w *world) by(migration string) job.Steer {
	return job.Steer{Env: w.env, Migration: migration, Actor: rita}
}
