package crash

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// cluster is a PostgreSQL server of one test, which the test may stop and start. It
// acknowledges what it wrote, and no sooner, but does not wait for the disk: here
// processes die, and machines do not.
type cluster struct {
	bin, dir string
	port     string
	owner    *syscall.Credential // nil unless we are root, as whom it refuses to run
	lifeline io.Closer           // closing it, or dying, ends the server
	ended    chan struct{}
	copies   atomic.Int64
}

// newCluster makes a cluster and starts it. Without PostgreSQL it skips t by name, and
// fails it when CI=true.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		t.Fatal(err)
	}
	if len(found) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("no PostgreSQL found (make setup installs it)")
		}
		t.Skip("no PostgreSQL found (make setup installs it)")
	}
	// Not t.TempDir: the owner must reach it, and sockets want short paths.
	dir, err := os.MkdirTemp(quick(), "sallyport-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	_, port, _ := strings.Cut(string(newAddress(t)), ":")
	c := &cluster{bin: filepath.Dir(found[len(found)-1]), dir: dir, port: port}
	c.stepDown(t)
	if out, err := c.command("initdb", "--pgdata="+c.data(), "--username=sallyport", "--auth=trust",
		"--encoding=UTF8", "--no-locale", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	c.start(t)
	t.Cleanup(c.stop)
	return c
}

func (c *cluster) stepDown(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	c.owner = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	if err := os.Chown(c.dir, int(uid), int(gid)); err != nil {
		t.Fatal(err)
	}
}

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir, cmd.Env = c.dir, []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: c.owner}
	return cmd
}

// guard ends the server at once, as a power cut does, when its standard input closes,
// however that came about.
const guard = `"$@" >log 2>&1 </dev/null & server=$!; read -r _; kill -QUIT $server; wait $server`

func (c *cluster) start(t testing.TB) {
	t.Helper()
	cmd := c.command("postgres")
	cmd.Path, cmd.Args = "/bin/sh", []string{
		"sh", "-c", guard, "sh", cmd.Path, "-D", c.data(), "-p", c.port, "-k", c.dir, "-h", "",
		"-c", "fsync=off", "-c", "max_connections=400",
	}
	lifeline, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.lifeline, c.ended = lifeline, make(chan struct{})
	go func(ended chan struct{}) {
		_ = cmd.Wait() // the guard tells nothing that matters
		close(ended)
	}(c.ended)
	await(t, "PostgreSQL answers", func() bool {
		return c.command("pg_isready", "-q", "-h", c.dir, "-p", c.port).Run() == nil
	})
}

// stop ends the server and waits until it is gone. It may be called again.
func (c *cluster) stop() {
	_ = c.lifeline.Close() // the second time there is nothing to close
	<-c.ended
}

// firstDatabase is the one that every cluster has.
const firstDatabase = "postgres"

// dsn is what --store takes.
func (c *cluster) dsn(database string) string {
	q := url.Values{"host": {c.dir}, "port": {c.port}, "user": {"sallyport"}, "sslmode": {"disable"}}
	return "postgres:///" + database + "?" + q.Encode()
}

// copy makes a database that is the same as that of a store, and gives what --store
// takes. Whoever was killed is still connected for a moment.
func (c *cluster) copy(t testing.TB, store string) string {
	t.Helper()
	from, err := url.Parse(store)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("copy_%d", c.copies.Add(1))
	options := []string{"-h", c.dir, "-p", c.port, "-U", "sallyport"}
	options = options[:len(options):len(options)] // shared below
	var said []byte
	for range 100 {
		make := c.command("createdb", append(options, "--maintenance-db=template1", "-T", strings.TrimPrefix(from.Path, "/"), name)...)
		if said, err = make.CombinedOutput(); err == nil {
			t.Cleanup(func() {
				_ = c.command("dropdb", append(options, "--maintenance-db=template1", "--force", name)...).Run()
			}) // or with the cluster
			return c.dsn(name)
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("createdb: %v\n%s", err, said)
	return ""
}
