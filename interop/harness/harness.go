// Package harness runs the real binary for the tests of this module: it builds
// cmd/sallyport, starts its demo on loopback ports with a data folder of its own,
// and stops it as an operator would.
//
// It knows Sallyport only from outside: the command line, the ready file (ready.go)
// and what pages and answers call things (names.go). Whoever changes one of those
// changes the file named here, and nothing else in this module.
//
// Every Demo is held to two promises when its test ends: it leaves with exit code 0
// on SIGTERM, and no secret that it was given or that a test registered stands in
// its log.
package harness

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// How long the harness waits for a demo to be ready and to leave. Both are far above
// the product's own budgets, which other tests hold it to.
const (
	readyWithin = 60 * time.Second
	leaveWithin = 15 * time.Second
)

// Demo is a running demo. It is safe for concurrent use.
type Demo struct {
	Ready            // where everything is, and who is who
	ReadyFile string // the file that Ready was read from, for programs in other languages

	cmd      *exec.Cmd
	log      string // path of standard error: the log
	out      string // path of standard output: words for people, who may be shown sample passwords
	exited   chan struct{}
	exitErr  error // valid after exited is closed
	stopOnce sync.Once

	mu      sync.Mutex
	secrets []string
}

// Start builds the binary, starts a demo and waits until it is ready. The demo is
// stopped, and its promises are checked, when t ends.
func Start(t testing.TB, build Build, flags ...string) *Demo {
	t.Helper()
	return launch(t, Binary(t, build), flags...)
}

func launch(t testing.TB, binary string, flags ...string) *Demo {
	t.Helper()
	dir := t.TempDir()
	d := &Demo{
		ReadyFile: filepath.Join(dir, "ready.json"),
		log:       filepath.Join(dir, "stderr"),
		out:       filepath.Join(dir, "stdout"),
		exited:    make(chan struct{}),
	}
	args := append([]string{
		"demo", "--listen", "127.0.0.1:0", "--data", filepath.Join(dir, "data"),
		"--no-browser", "--ready-file", d.ReadyFile,
	}, flags...)
	d.cmd = exec.Command(binary, args...)
	d.cmd.Stdout, d.cmd.Stderr = create(t, d.out), create(t, d.log)
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		d.exitErr = d.cmd.Wait()
		close(d.exited)
	}()
	t.Cleanup(func() { d.finish(t) })
	d.awaitReady(t)
	return d
}

func create(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func (d *Demo) awaitReady(t testing.TB) {
	t.Helper()
	deadline := time.NewTimer(readyWithin)
	defer deadline.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		ready, err := readReady(d.ReadyFile)
		if err == nil {
			d.Ready = ready
			return
		}
		if !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("ready file: %v", err)
		}
		select {
		case <-d.exited:
			t.Fatalf("the demo ended before it was ready: %v", d.exitErr)
		case <-deadline.C:
			t.Fatalf("the demo was not ready within %v", readyWithin)
		case <-again.C:
		}
	}
}

// Keep registers secrets that a test came by, such as tokens: none of them may stand
// in the log either.
func (d *Demo) Keep(secrets ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.secrets = append(d.secrets, secrets...)
}

// Stop asks the demo to leave as an operator would and fails t unless it does so in
// time with exit code 0. Further calls do nothing.
func (d *Demo) Stop(t testing.TB) {
	t.Helper()
	d.stopOnce.Do(func() {
		d.cmd.Process.Signal(syscall.SIGTERM)
		deadline := time.NewTimer(leaveWithin)
		defer deadline.Stop()
		select {
		case <-d.exited:
		case <-deadline.C:
			d.cmd.Process.Kill()
			<-d.exited
			t.Errorf("the demo was still there %v after SIGTERM", leaveWithin)
			return
		}
		if d.exitErr != nil {
			t.Errorf("the demo left with %v, want exit code 0", d.exitErr)
		}
	})
}

// finish stops the demo, looks for secrets in its log, and shows both outputs of a
// test that failed.
func (d *Demo) finish(t testing.TB) {
	d.Stop(t)
	log := contents(t, d.log)
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, found := range leaks(log, append(d.Ready.secrets(), d.secrets...)) {
		t.Errorf("the log holds a secret:\n%s", found)
	}
	if t.Failed() {
		t.Logf("standard output:\n%s\nlog:\n%s", tail(contents(t, d.out)), tail(log))
	}
}

func contents(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

// tail is the end of a long text.
func tail(text string) string {
	const enough = 16 << 10
	return text[max(0, len(text)-enough):]
}

// leaks returns the lines of log that hold one of secrets. Very short ones are left
// out: they would be found by accident.
func leaks(log string, secrets []string) []string {
	var found []string
	for line := range strings.Lines(log) {
		for _, secret := range secrets {
			if len(secret) >= 8 && strings.Contains(line, secret) {
				found = append(found, strings.TrimSpace(line))
				break
			}
		}
	}
	return found
}
