// Package harness runs the real binary for the tests of this module: it builds
// cmd/sallyport, starts its demo or a server on loopback ports with a data folder of
// its own, and stops it as an operator would.
//
// It knows Sallyport only from outside: the command line, the ready file (ready.go)
// and what pages and answers call things (names.go). Whoever changes one of those
// changes the file named here, and little else in this module.
//
// Every Server is held to three promises when its test ends: it leaves with exit code
// 0 on SIGTERM, its ready file is private, and no secret that it was given or that a
// test registered stands in its log.
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

// How long the harness waits for a server to be ready and to leave. Both are far above
// the product's own budgets, which other tests hold it to.
const (
	readyWithin = 90 * time.Second
	leaveWithin = 20 * time.Second
)

// Launch says how to start a server. Its zero value is a plain build without more.
type Launch struct {
	Build Build    // Plain if empty
	Env   []string // NAME=value, on top of the test's own environment
	Flags []string // behind those that the harness sets, which they may change
	// Store is what --store takes. Without it a server gets a SQLite store of its own;
	// the demo always has one of its own.
	Store string
}

// Server is a running demo or server. It is safe for concurrent use.
type Server struct {
	Ready            // where everything is, and who is who
	ReadyFile string // the file that Ready was read from, for programs in other languages
	StoreFlag string // what --store takes to reach its store, credentials included
	Dir       string // a folder of its own

	binary   string
	env      []string
	cmd      *exec.Cmd
	exited   chan struct{}
	exitErr  error // valid after exited is closed
	stopOnce sync.Once

	mu   sync.Mutex
	kept []string
}

// StartDemo starts a demo and waits until it is ready. It is stopped, and its promises
// are checked, when t ends.
func StartDemo(t testing.TB, l Launch) *Server {
	t.Helper()
	s := newServer(t, Binary(t, l.Build), l)
	s.env = append(s.env, "SALLYPORT_ENV=harbourlight/production") // preview is beside it
	data := filepath.Join(s.Dir, "data")
	s.launch(t, append([]string{"demo", "--no-browser", "--data", data}, l.Flags...))
	s.StoreFlag = s.Store
	return s
}

// StartServer starts `sallyport serve` as StartDemo starts a demo.
func StartServer(t testing.TB, l Launch) *Server {
	t.Helper()
	s := newServer(t, Binary(t, l.Build), l)
	s.StoreFlag = l.Store
	if s.StoreFlag == "" {
		s.StoreFlag = "sqlite:" + filepath.Join(s.Dir, "data", "sallyport.db")
	}
	s.launch(t, append([]string{"serve", "--store", s.StoreFlag, "--allow-private-hosts", "localhost,127.0.0.0/8,::1"}, l.Flags...))
	return s
}

func newServer(t testing.TB, binary string, l Launch) *Server {
	t.Helper()
	dir := t.TempDir()
	return &Server{
		Dir: dir, ReadyFile: filepath.Join(dir, "ready.json"), binary: binary, exited: make(chan struct{}),
		// What belongs beside a database server lies in the state folder.
		env: append(os.Environ(), append([]string{"XDG_STATE_HOME=" + filepath.Join(dir, "state")}, l.Env...)...),
	}
}

// launch starts the binary and waits until it is ready.
func (s *Server) launch(t testing.TB, args []string) {
	t.Helper()
	standard := []string{args[0], "--listen", "127.0.0.1:0", "--ready-file", s.ReadyFile}
	s.cmd = exec.Command(s.binary, append(standard, args[1:]...)...)
	s.cmd.Dir, s.cmd.Env = s.Dir, s.env
	s.cmd.Stdout, s.cmd.Stderr = create(t, s.outName()), create(t, s.logName())
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.exitErr = s.cmd.Wait()
		close(s.exited)
	}()
	t.Cleanup(func() { s.finish(t) })
	s.awaitReady(t)
}

func (s *Server) logName() string { return filepath.Join(s.Dir, "stderr") } // the log
func (s *Server) outName() string { return filepath.Join(s.Dir, "stdout") } // words for people, who may be shown sample passwords

func create(t testing.TB, name string) *os.File {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func (s *Server) awaitReady(t testing.TB) {
	t.Helper()
	deadline := time.NewTimer(readyWithin)
	defer deadline.Stop()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		// Half a file, or one that others may read, even for a moment, fails the test.
		ready, err := readReady(s.ReadyFile)
		if err == nil {
			s.Ready = ready
			return
		}
		if !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("ready file: %v", err)
		}
		select {
		case <-s.exited:
			t.Fatalf("it ended before it was ready: %v", s.exitErr)
		case <-deadline.C:
			t.Fatalf("it was not ready within %v", readyWithin)
		case <-again.C:
		}
	}
}

// Keep registers secrets that a test came by, such as tokens: none of them may stand
// in the log either.
func (s *Server) Keep(secrets ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, secrets...)
}

// Signal sends a signal, as an operator would.
func (s *Server) Signal(t testing.TB, signal os.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// Kill ends the server at once, as a machine that fails does.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.stopOnce.Do(func() {
		_ = s.cmd.Process.Kill()
		<-s.exited
	})
}

// Stop asks the server to leave as an operator would and fails t unless it does so in
// time with exit code 0. Further calls do nothing.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	s.stopOnce.Do(func() {
		_ = s.cmd.Process.Signal(syscall.SIGTERM) // one that has left already is told by its exit
		deadline := time.NewTimer(leaveWithin)
		defer deadline.Stop()
		select {
		case <-s.exited:
		case <-deadline.C:
			_ = s.cmd.Process.Kill()
			<-s.exited
			t.Errorf("it was still there %v after SIGTERM", leaveWithin)
			return
		}
		if s.exitErr != nil {
			t.Errorf("it left with %v, want exit code 0", s.exitErr)
		}
	})
}

// finish stops the server, looks for secrets in its log, and shows both outputs of a
// test that failed.
func (s *Server) finish(t testing.TB) {
	s.Stop(t)
	log := s.Log(t)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, found := range leaks(log, append(s.Ready.secrets(), s.kept...)) {
		t.Errorf("the log holds a secret:\n%s", found)
	}
	if t.Failed() {
		t.Logf("standard output:\n%s\nlog:\n%s", tail(contents(t, s.outName())), tail(log))
	}
}

// Log returns what the server has logged so far.
func (s *Server) Log(t testing.TB) string {
	t.Helper()
	return contents(t, s.logName())
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
