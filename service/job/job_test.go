package job_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/service/job"
	"sallyport/store"
)

func TestAJobImportsWhatWasUploadedAndForgetsIt(t *testing.T) {
	w := newWorld(t)
	s := w.service(true)
	content := bytes.Repeat([]byte("key,email\n100001,aroha@example.org\n"), 9000) // several chunks
	queued := w.started(s, "meterman", content)
	if queued.State != "queued" || !queued.Here || queued.Inputs[0].Name != "meterman.csv" || queued.Inputs[0].Size != int64(len(content)) {
		t.Errorf("it was queued as %+v", queued)
	}
	w.runs(s)
	done := w.becomes(s, "meterman", "done")
	if done.Report == nil || done.Report.Digest != sha256.Sum256(content) {
		t.Errorf("it read something else: %+v", done.Report)
	}
	if done.Held != 2 || done.Rows != 9 || len(done.Report.Summary.Examples) > 0 {
		t.Errorf("it ended as %+v", done)
	}
	w.without()
}

func TestNothingOfAFileIsReadableOnDisk(t *testing.T) {
	w := newWorld(t)
	w.started(w.service(true), "meterman", bytes.Repeat([]byte("aroha@example.org\n"), 5000))
	for _, folder := range w.folders() {
		if err := filepath.WalkDir(filepath.Join(w.dir, folder), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if bytes.Contains(content, []byte("aroha")) {
				t.Errorf("%s shows what is in it", path)
			}
			if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s may be read by others: %v %v", path, info.Mode(), err)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFileThatWasChangedFailsTheJobWithAReason(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, path string){
		"a bit is another": func(t *testing.T, path string) { spoil(t, path, 40) },
		"it is cut short": func(t *testing.T, path string) {
			if err := os.Truncate(path, 20); err != nil {
				t.Fatal(err)
			}
		},
		"it is gone": func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			s := w.service(true)
			w.started(s, "meterman", bytes.Repeat([]byte("row\n"), 50))
			change(t, filepath.Join(w.dir, w.folders()[0], "0"))
			w.runs(s)
			failed := w.becomes(s, "meterman", "failed")
			if failed.Reason != job.Damaged && failed.Reason != job.FilesGone || failed.Problem == "" || !strings.Contains(failed.Fix, "meterman") {
				t.Errorf("it failed as %+v", failed)
			}
		})
	}
}

func spoil(t *testing.T, path string, at int) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[at] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAPackedFileIsKeptUnpacked(t *testing.T) {
	w := newWorld(t)
	s := w.service(true)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte("row\n"))
	_ = z.Close()
	if j := w.started(s, "meterman", packed.Bytes()); j.Inputs[0].Size != 4 {
		t.Errorf("it is kept as %+v", j.Inputs)
	}
}

func TestAFileLargerThanTheLimitIsRefusedAndForgotten(t *testing.T) {
	w := newWorld(t)
	w.most = 100
	s := w.service(true)
	if _, err := w.starts(s, "meterman", make([]byte, 101)); !errors.Is(err, job.ErrTooLarge) {
		t.Errorf("error is %v", err)
	}
	w.without()
	w.started(s, "meterman", make([]byte, 100))
}

func TestAJobPausesAndGoesOn(t *testing.T) {
	w := newWorld(t)
	began := make(chan string, 9)
	w.imp = patient(began)
	s := w.service(true)
	w.started(s, "meterman", []byte("a"))
	w.runs(s)
	for range 2 {
		<-began
		if now := w.becomes(s, "meterman", "running"); now.Rows != 5 || now.Of != 10 || now.Held < 1 {
			t.Errorf("while it runs it shows %+v", now)
		}
		j, err := s.Pause(t.Context(), w.by("meterman"))
		w.must(err)
		if j.State != "pausing" {
			t.Errorf("asked to pause, it is %s", j.State)
		}
		w.becomes(s, "meterman", "paused")
		_, err = s.Resume(t.Context(), w.by("meterman"))
		w.must(err)
	}
	<-began
}

func TestManyWhoSteerAtOnceLeaveOneOfTheStatesTheyWanted(t *testing.T) {
	w := newWorld(t)
	w.imp = patient(make(chan string, 1000))
	s := w.service(true)
	w.started(s, "meterman", []byte("a"))
	w.runs(s)
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			steer := s.Pause
			if n%2 == 0 {
				steer = s.Resume
			}
			if _, err := steer(t.Context(), w.by("meterman")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	_, err := s.Pause(t.Context(), w.by("meterman"))
	w.must(err)
	w.becomes(s, "meterman", "paused")
	_, err = s.Cancel(t.Context(), w.by("meterman"))
	w.must(err)
	w.becomes(s, "meterman", "cancelled")
	for _, steer := range []func(context.Context, job.Steer) (job.Job, error){s.Pause, s.Resume, s.Cancel} {
		if _, err := steer(t.Context(), w.by("meterman")); !errors.Is(err, job.ErrNoJob) {
			t.Errorf("a cancelled job takes it with error %v", err)
		}
	}
}

func TestACancelledJobStopsAndItsFilesAreRemoved(t *testing.T) {
	w := newWorld(t)
	began := make(chan string, 1)
	w.imp = patient(began)
	s := w.service(true)
	w.started(s, "meterman", []byte("a"))
	w.runs(s)
	<-began
	_, err := s.Cancel(t.Context(), w.by("meterman"))
	w.must(err)
	w.without()
	w.imp = digesting
	w.started(s, "meterman", []byte("b"))
	w.becomes(s, "meterman", "done")
}

func TestAMigrationHasOneOpenJob(t *testing.T) {
	w := newWorld(t)
	s := w.service(true)
	first := w.started(s, "meterman", []byte("a"))
	_, err := w.starts(s, "meterman", []byte("b"))
	var open *job.OpenError
	if !errors.As(err, &open) || open.Job.ID != first.ID {
		t.Errorf("another file is refused as %v", err)
	}
	_, err = s.Pause(t.Context(), w.by("meterman"))
	w.must(err)
	if again := w.started(s, "meterman", []byte("a")); again.ID != first.ID || again.State != "queued" {
		t.Errorf("the same file goes on as %+v", again)
	}
	if len(w.folders()) != 1 {
		t.Errorf("kept are %v", w.folders())
	}
}

func TestAServerThatStopsTakesItsJobsUpAgain(t *testing.T) {
	w := newWorld(t)
	began := make(chan string, 9)
	w.imp = patient(began)
	s := w.service(true)
	w.started(s, "meterman", []byte("a"))
	stop := w.runs(s)
	<-began
	stop()
	if j := w.becomes(s, "meterman", "queued"); j.Reason != job.Stopped {
		t.Errorf("it waits for %q", j.Reason)
	}
	w.must(s.Close())
	w.imp = digesting
	next := w.service(true)
	w.runs(next)
	w.becomes(next, "meterman", "done")
}

func TestWhatRanWhenAProcessDiedIsTakenUp(t *testing.T) {
	w := newWorld(t)
	s := w.service(true)
	for migration, state := range map[string]store.JobState{"a": store.JobRunning, "b": store.JobPausing} {
		w.started(s, migration, []byte("a"))
		w.must(w.store.Write(t.Context(), w.env, func(tx store.Tx) error {
			found, err := w.store.Jobs(t.Context(), w.env, store.JobPage{Migration: migration, Limit: 1})
			if err != nil {
				return err
			}
			found[0].State = state
			return tx.PutJob(t.Context(), found[0])
		}))
	}
	w.must(s.Close())
	next := w.service(true)
	w.runs(next)
	w.becomes(next, "a", "done")
	w.becomes(next, "b", "paused")
}

func TestFilesWithoutAJobAreRemovedAtTheStart(t *testing.T) {
	w := newWorld(t)
	s := w.service(true)
	u, err := s.Begin(t.Context(), job.Request{Env: w.env, Migration: "meterman", Actor: rita})
	w.must(err)
	w.must(u.Add(migrate.FileInput, "a", strings.NewReader("a")))
	w.must(s.Close()) // the process died: nobody closes the upload
	w.runs(w.service(true))
	w.without()
}

func TestStorageThatFailsIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	var tried atomic.Int64
	w.imp = func(ctx context.Context, r intake.Request) (intake.Report, error) {
		if tried.Add(1) == 1 {
			return intake.Report{}, &fs.PathError{Op: "write", Path: "scratch", Err: syscall.ENOSPC}
		}
		return digesting(ctx, r)
	}
	s := w.service(true)
	w.started(s, "meterman", []byte("a"))
	w.runs(s)
	w.becomes(s, "meterman", "done")
	if tried.Load() != 2 {
		t.Errorf("it was tried %d times", tried.Load())
	}
}

func TestAJobThatFailsSaysWhyInNobodysWords(t *testing.T) {
	w := newWorld(t)
	w.imp = func(context.Context, intake.Request) (intake.Report, error) {
		return intake.Report{}, errors.Join(migrate.ErrHeader, errors.New("no column aroha@example.org"))
	}
	s := w.service(true)
	w.runs(s)
	w.started(s, "meterman", []byte("a"))
	failed := w.becomes(s, "meterman", "failed")
	if told, err := json.Marshal(failed); err != nil || bytes.Contains(told, []byte("aroha")) || failed.Reason != job.Header || failed.Fix == "" {
		t.Errorf("it says %s", told)
	}
	w.imp = digesting
	_, err := s.Resume(t.Context(), w.by("meterman"))
	w.must(err)
	w.becomes(s, "meterman", "done")
	w.started(s, "gone", []byte("a"))
	if failed := w.becomes(s, "gone", "failed"); failed.Reason != job.NoPlan {
		t.Errorf("without a plan it fails for %q", failed.Reason)
	}
}

func TestWhatNobodyGoesOnWithIsForgottenAfterThirtyDays(t *testing.T) {
	w := newWorld(t)
	s := w.service(true)
	w.started(s, "meterman", []byte("a"))
	_, err := s.Pause(t.Context(), w.by("meterman"))
	w.must(err)
	w.moved.Store(int64(29 * 24 * time.Hour))
	stop := w.runs(s)
	time.Sleep(20 * time.Millisecond)
	if len(w.folders()) != 1 {
		t.Error("it was forgotten too soon")
	}
	w.moved.Store(int64(31 * 24 * time.Hour))
	w.without()
	stop()
	if j := w.becomes(s, "meterman", "cancelled"); j.Reason != job.Expired {
		t.Errorf("it is %+v", j)
	}
}

func TestADirectoryBelongsToOneProcessAndKeepsItsName(t *testing.T) {
	w := newWorld(t)
	first := w.service(true)
	if err := w.service(false).Open(); !errors.Is(err, job.ErrInUse) {
		t.Errorf("a second process gets %v", err)
	}
	name := first.Node()
	w.must(first.Close())
	if again := w.service(true); again.Node() != name || name == "" {
		t.Errorf("it was called %q, now %q", name, again.Node())
	}
}

func TestAProcessWithoutADirectoryRunsNothingAndStillSteers(t *testing.T) {
	w := newWorld(t)
	w.started(w.service(true), "meterman", []byte("a"))
	beside := w.service(false)
	if _, err := beside.Begin(t.Context(), job.Request{Env: w.env, Migration: "x"}); !errors.Is(err, job.ErrAlone) {
		t.Errorf("error is %v", err)
	}
	j, err := beside.Pause(t.Context(), w.by("meterman"))
	w.must(err)
	if j.State != "paused" || j.Here || j.Node == "" {
		t.Errorf("it is %+v", j)
	}
}

func TestTwoJobsRunAtOnceAndTheThirdWaits(t *testing.T) {
	w := newWorld(t)
	began := make(chan string, 9)
	w.imp = patient(began)
	s := w.service(true)
	for _, migration := range []string{"a", "b", "c"} {
		w.started(s, migration, []byte("x"))
	}
	w.runs(s)
	<-began
	<-began
	w.becomes(s, "c", "queued")
	_, err := s.Cancel(t.Context(), w.by("a"))
	w.must(err)
	if next := <-began; next != "c.csv" {
		t.Errorf("next came %s", next)
	}
}
