package sourcetest

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long a server may take to answer.
const patience = 30 * time.Second

// program finds a program, or ends the test.
func program(t testing.TB, name string) string {
	t.Helper()
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin", "/usr/bin", "/usr/local/sbin") {
		if info, err := os.Stat(filepath.Join(dir, name)); err == nil && info.Mode()&0o111 != 0 {
			return filepath.Join(dir, name)
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed (make setup installs it)", name)
	}
	t.Skipf("%s is not installed (make setup installs it)", name)
	return ""
}

// unprivileged is whom to run as: servers refuse root, so root steps down. Nil for
// everybody else.
func unprivileged(t testing.TB) *syscall.Credential {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	u, err := osuser.Lookup("nobody")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// folder makes a short one, since the paths of sockets are bounded, that belongs to
// whom servers run as.
func folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "sallyport-source-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	own(t, dir)
	return dir
}

// own gives a file to whom servers run as.
func own(t testing.TB, path string) {
	t.Helper()
	if as := unprivileged(t); as != nil {
		if err := os.Chown(path, int(as.Uid), int(as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t testing.TB, path, content string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	own(t, path)
	return path
}

// command prepares a program that runs as nobody in particular, and dies with us.
func command(t testing.TB, dir, path string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), path, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir, "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: unprivileged(t)}
	return cmd
}

// run runs a program to its end.
func run(t testing.TB, dir, path string, args ...string) {
	t.Helper()
	if out, err := command(t, dir, path, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", filepath.Base(path), err, bytes.TrimSpace(out))
	}
}

// Process is a server that a test may stop and start again.
type Process struct {
	command func() *exec.Cmd
	address string
	signal  syscall.Signal // that ends it at once
	ready   func() bool    // besides its port
	running *exec.Cmd
	gone    chan struct{}
}

// serve starts a server, waits until it answers, and ends it with the test.
func serve(t testing.TB, p *Process) *Process {
	t.Helper()
	t.Cleanup(p.Stop)
	p.Start(t)
	return p
}

// Start starts what was stopped, at the same address, and waits until it answers.
func (p *Process) Start(t testing.TB) {
	t.Helper()
	var log strings.Builder
	cmd, gone := p.command(), make(chan struct{})
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { _ = cmd.Wait(); close(gone) }()
	p.running, p.gone = cmd, gone
	deadline, again := time.After(patience), time.NewTicker(20*time.Millisecond)
	defer again.Stop()
	for {
		if conn, err := net.Dial("tcp", p.address); err == nil {
			_ = conn.Close()
			if p.ready == nil || p.ready() {
				return
			}
		}
		select {
		case <-gone:
			t.Fatalf("%s ended: %s", filepath.Base(cmd.Path), log.String())
		case <-deadline:
			t.Fatalf("%s does not answer", filepath.Base(cmd.Path))
		case <-again.C:
		}
	}
}

// Stop ends the server in the middle of whatever it does, and waits until it has gone.
func (p *Process) Stop() {
	if p.running == nil {
		return
	}
	_ = p.running.Process.Signal(p.signal)
	<-p.gone
	p.running = nil
}

// port asks the kernel for a loopback port that nobody uses now.
func port(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
