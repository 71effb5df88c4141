package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver of a floor beside PostgreSQL
)

// cluster is a PostgreSQL server of our own, in the world's folder of its own. Its
// socket opens to whoever can reach that folder, and nothing listens on a port.
type cluster struct {
	dir    string
	url    string // for --store
	owner  *syscall.Credential
	server *exec.Cmd
}

var errNoPostgres = errors.New("no PostgreSQL programs in /usr/lib/postgresql (make setup installs them)")

// startCluster makes a cluster as an installation would have it: durable.
func startCluster() (*cluster, error) {
	programs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(programs) == 0 {
		return nil, errors.Join(errNoPostgres, err)
	}
	bin := programs[len(programs)-1]
	c := &cluster{}
	if c.owner, err = unprivileged(); err != nil {
		return nil, err
	}
	if c.dir, err = os.MkdirTemp("", "sallyport-bench-pg-"); err != nil {
		return nil, err
	}
	if c.owner != nil {
		if err := os.Chown(c.dir, int(c.owner.Uid), int(c.owner.Gid)); err != nil {
			return nil, errors.Join(err, os.RemoveAll(c.dir))
		}
	}
	data := filepath.Join(c.dir, "data")
	password := rand.Text()
	made := c.command(filepath.Join(bin, "initdb"), "--pgdata="+data, "--username=bench", "--auth=trust", "--encoding=UTF8", "--no-locale")
	if out, err := made.CombinedOutput(); err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w\n%s", err, out), os.RemoveAll(c.dir))
	}
	c.server = c.command(filepath.Join(bin, "postgres"), "-D", data, "-c", "listen_addresses=", "-c", "unix_socket_directories="+c.dir,
		"-c", "shared_buffers=256MB", "-c", "logging_collector=off", "-c", "log_min_messages=fatal")
	if err := c.server.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(c.dir))
	}
	// The socket's folder stands in the query, where both drivers look for it; a
	// password is written although none is asked, as the product wants one.
	c.url = "postgres://bench:" + password + "@/postgres?host=" + url.QueryEscape(c.dir)
	return c, c.await()
}

// unprivileged is whom to run as: PostgreSQL refuses root. Nil is whoever we are.
func unprivileged() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, errUser := strconv.ParseUint(u.Uid, 10, 32)
	gid, errGroup := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(errUser, errGroup)
}

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = c.dir, []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: c.owner}
	return cmd
}

// await waits until the server takes connections.
func (c *cluster) await() error {
	for began := time.Now(); time.Since(began) < startWithin; time.Sleep(20 * time.Millisecond) {
		if state, err := os.ReadFile(filepath.Join(c.dir, "data", "postmaster.pid")); err == nil && bytes.Contains(state, []byte("\nready")) {
			return nil
		}
	}
	return errors.Join(errors.New("PostgreSQL was not ready in time"), c.stop())
}

// cpu is what the server and its processes have used. Those that ended are missing,
// so connections must stay, as pools keep them.
func (c *cluster) cpu() (time.Duration, error) {
	var sum time.Duration
	for _, pid := range family(c.server.Process.Pid) {
		used, err := cpuOf(pid)
		if err != nil && pid == c.server.Process.Pid {
			return 0, err
		}
		sum += used
	}
	return sum, nil
}

// stop ends the server at once: nothing of it is kept.
func (c *cluster) stop() error {
	_ = c.server.Process.Signal(syscall.SIGQUIT)
	_ = c.server.Wait() // tells of the signal
	return os.RemoveAll(c.dir)
}
