package pgtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// errMissing says that the machine has no PostgreSQL server programs.
var errMissing = errors.New("no server programs found (make setup installs them)")

// cluster is one running server.
type cluster struct {
	bin      string // folder of the server programs
	dir      string // data, socket and log; removed by the guard
	port     int
	password string // asked on the loopback port only
	owner    *syscall.Credential
	lifeline io.Closer // closing it, or dying, ends the server
}

// startCluster makes a cluster in a temporary folder and waits until it answers.
func startCluster() (*cluster, error) {
	bin, err := findPrograms()
	if err != nil {
		return nil, err
	}
	owner, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sallyport-pg-")
	if err != nil {
		return nil, err
	}
	c := &cluster{bin: bin, dir: dir, owner: owner, password: rand.Text()}
	if err := c.initialise(); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	if err := c.run(); err != nil {
		return nil, err // the guard removes the folder
	}
	return c, nil
}

// findPrograms returns the folder of the newest server programs on the machine.
func findPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	newest, best := "", 0
	for _, initdb := range found {
		bin := filepath.Dir(initdb)
		version, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
		if _, err := os.Stat(filepath.Join(bin, "postgres")); err == nil && version > best {
			newest, best = bin, version
		}
	}
	if newest != "" {
		return newest, nil
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(initdb), nil
	}
	return "", errMissing
}

// unprivileged is whom to run as: PostgreSQL refuses root, so root steps down to
// the postgres user that the package made. It is nil for everybody else.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := osuser.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("running as root: %w", err)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("user id of postgres: %w", err)
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("group id of postgres: %w", err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

// command prepares a program of the cluster, in a process group of its own so that
// an interrupt at the terminal reaches it only through the guard.
func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = c.dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: c.owner}
	return cmd
}

// initialise makes the cluster's files. Whoever can open the socket, which lies in
// a folder of mode 0700, is trusted; the loopback port, which everybody on the
// machine can reach, asks for the password.
func (c *cluster) initialise() error {
	passwords := filepath.Join(c.dir, "password")
	if err := os.WriteFile(passwords, []byte(c.password), 0o600); err != nil {
		return err
	}
	if c.owner != nil {
		for _, name := range []string{c.dir, passwords} {
			if err := os.Chown(name, int(c.owner.Uid), int(c.owner.Gid)); err != nil {
				return err
			}
		}
	}
	cmd := c.command(filepath.Join(c.bin, "initdb"), "--pgdata="+c.data(), "--username="+user, "--pwfile="+passwords,
		"--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	return os.Remove(passwords)
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

// guard starts the server ($1 and after), and ends it at once and removes the
// folder ($0) when its standard input closes, not before: until then the log can be
// read.
const guard = `
"$@" >"$0/log" 2>&1 </dev/null &
server=$!
read -r _
kill -QUIT "$server" 2>/dev/null
wait "$server"
cd / && rm -rf "$0"
`

// run starts the server under its guard and waits until it answers.
func (c *cluster) run() error {
	port, err := freePort()
	if err != nil {
		return err
	}
	c.port = port
	cmd := c.command("/bin/sh", "-c", guard, c.dir, filepath.Join(c.bin, "postgres"), "-D", c.data(),
		"-p", strconv.Itoa(port), "-k", c.dir, "-h", "127.0.0.1",
		// Nothing here outlives the test, so nothing need reach the disk.
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
		"-c", "shared_buffers=64MB", "-c", "max_connections=200", "-c", "max_wal_size=256MB",
		"-c", "timezone=UTC", "-c", "log_min_messages=warning")
	if c.lifeline, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		os.RemoveAll(c.dir)
		return err
	}
	if err := c.awaitAnswer(); err != nil {
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		c.lifeline.Close()
		return fmt.Errorf("start on port %d: %w: %s", port, err, bytes.TrimSpace(log))
	}
	return nil
}

// freePort asks the kernel for a loopback port that nobody uses now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// awaitAnswer returns when the server accepts a connection.
func (c *cluster) awaitAnswer() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		conn, err := pgx.Connect(ctx, c.socketURL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return err
		case <-again.C:
		}
	}
}
