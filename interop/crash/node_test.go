package crash

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"sallyport/interop/harness"
)

// patience bounds each thing that is waited for.
const patience = 60 * time.Second

// node is a server that may be killed.
type node struct {
	harness.Ready
	log    string // the path of its log
	cmd    *exec.Cmd
	exited chan struct{} // closed when it has ended
}

// address is where a server listens, before and after a crash: issuers name it.
type address string

// nextPort is below the range from which systems take ports for connections, so that
// nobody takes one while its server is away.
var nextPort atomic.Int32

func newAddress(t testing.TB) address {
	t.Helper()
	for range 1000 {
		at := fmt.Sprintf("127.0.0.1:%d", 12_000+(os.Getpid()*37+int(nextPort.Add(1)))%18_000)
		if l, err := net.Listen("tcp", at); err == nil {
			l.Close()
			return address(at)
		}
	}
	t.Fatal("there is no free port")
	return ""
}

// serve starts a server at home and waits until it is ready or has ended: alive says
// which. It ends with t.
func (h home) serve(t testing.TB, at address, cut string, flags ...string) (n *node, alive bool) {
	t.Helper()
	file, err := os.CreateTemp(h.dir, "log-*")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	ready := filepath.Join(h.dir, "ready.json")
	if err := os.Remove(ready); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	n = &node{log: file.Name(), exited: make(chan struct{})}
	args := append([]string{"serve", "--store", h.store, "--env", place, "--listen", string(at), "--ready-file", ready, "--allow-private-hosts", "localhost,127.0.0.0/8,::1"}, flags...)
	n.cmd = exec.Command(harness.Binary(t, harness.TestHooks), args...)
	n.cmd.Dir, n.cmd.Env, n.cmd.Stderr = h.dir, h.environ(crashVariable+"="+cut), file
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = n.cmd.Wait() // how it ended is in its state
		close(n.exited)
	}()
	t.Cleanup(func() { n.kill() })
	return n, n.awaitReady(t, ready)
}

func (n *node) awaitReady(t testing.TB, file string) bool {
	t.Helper()
	ready := false
	await(t, "the server is ready", func() bool {
		text, err := os.ReadFile(file)
		ready = err == nil && json.Unmarshal(text, &n.Ready) == nil
		return ready || n.gone()
	})
	if !ready && !killed(n.cmd.ProcessState) {
		t.Fatalf("the server did not start: %v\n%s", n.cmd.ProcessState, n.said())
	}
	return ready
}

// start is serve for a server that nothing cuts.
func (h home) start(t testing.TB, at address, flags ...string) *node {
	t.Helper()
	n, alive := h.serve(t, at, "", flags...)
	if !alive {
		t.Fatalf("the server ended at once: %v\n%s", n.cmd.ProcessState, n.said())
	}
	return n
}

func (n *node) gone() bool {
	select {
	case <-n.exited:
		return true
	default:
		return false
	}
}

func (n *node) said() string {
	text, err := os.ReadFile(n.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// kill ends the server as kill -9 does.
func (n *node) kill() {
	_ = n.cmd.Process.Kill() // who has ended already is told by its state
	<-n.exited
}

// leave asks the server to leave. It says whether it was cut meanwhile, and fails t
// if it left in any other way than with exit code 0.
func (n *node) leave(t testing.TB) (cut bool) {
	t.Helper()
	_ = n.cmd.Process.Signal(syscall.SIGTERM)
	await(t, "the server leaves", n.gone)
	if killed(n.cmd.ProcessState) {
		return true
	}
	if !n.cmd.ProcessState.Success() {
		t.Fatalf("the server left with %v\n%s", n.cmd.ProcessState, n.said())
	}
	return false
}

// endsSoon says whether the server is cut shortly: a client learns of it before its
// parent does.
func (n *node) endsSoon() bool {
	select {
	case <-n.exited:
		return killed(n.cmd.ProcessState)
	case <-time.After(2 * time.Second):
		return false
	}
}

// await asks again and again until the answer is yes, and fails t if it never is.
func await(t testing.TB, what string, yes func() bool) {
	t.Helper()
	if !waited(patience, yes) {
		t.Fatalf("not within %v: %s", patience, what)
	}
}

// waited asks again and again until the answer is yes, and tells whether it came in
// time.
func waited(within time.Duration, yes func() bool) bool {
	deadline := time.NewTimer(within)
	defer deadline.Stop()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !yes() {
		select {
		case <-deadline.C:
			return false
		case <-again.C:
		}
	}
	return true
}
