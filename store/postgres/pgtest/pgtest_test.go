package pgtest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func TestEachCallGivesAnEmptyDatabaseOfItsOwn(t *testing.T) {
	first, second := connect(t, Start(t)), connect(t, Start(t))
	if _, err := first.Exec(t.Context(), "CREATE TABLE only_here (id int)"); err != nil {
		t.Fatal(err)
	}
	var there bool
	if err := second.QueryRow(t.Context(), "SELECT to_regclass('only_here') IS NOT NULL").Scan(&there); err != nil {
		t.Fatal(err)
	}
	if there {
		t.Fatal("a table of one database shows in another")
	}
}

func TestTheLoopbackPortWantsThePassword(t *testing.T) {
	dsn := StartTCP(t)
	connect(t, dsn)

	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	config.Password = "guess"
	if conn, err := pgx.ConnectConfig(t.Context(), config); err == nil {
		conn.Close(t.Context())
		t.Fatal("a wrong password was let in")
	}
}

func TestADatabaseEndsWithItsTest(t *testing.T) {
	var dsn string
	t.Run("inner", func(t *testing.T) { dsn = Start(t) })
	if conn, err := pgx.Connect(t.Context(), dsn); err == nil {
		conn.Close(t.Context())
		t.Fatal("the database is still there")
	}
}

// The binary runs itself once more, as a child that starts a cluster, tells where,
// and is killed without a chance to clean up.
func TestTheServerEndsWithTheBinaryEvenWhenThatIsKilled(t *testing.T) {
	if os.Getenv("PGTEST_CHILD") != "" {
		Start(t)
		c, _ := shared()
		os.Stdout.WriteString("dir=" + c.dir + "\n")
		select {} // until killed
	}
	Start(t) // skips when there is no server
	child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), "PGTEST_CHILD=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 256)
	n, _ := out.Read(line)
	child.Process.Kill()
	child.Wait()

	_, dir, ok := strings.Cut(strings.TrimSpace(string(line[:n])), "dir=")
	if !ok {
		t.Fatalf("the child said %q", line[:n])
	}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return
		}
		select {
		case <-deadline.C:
			t.Fatalf("%s is still there", dir)
		case <-again.C:
		}
	}
}
