package sourcetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

const postgresSetup = `CREATE ROLE reader LOGIN PASSWORD 'reads: "everything"';
GRANT pg_read_all_data TO reader;
`

// StartPostgreSQL starts one whose database old is made by statements. Stopping it ends
// every session, as its administrator would.
func StartPostgreSQL(t testing.TB, statements string) Database {
	t.Helper()
	dir, cert := folder(t), NewCertificate(t)
	chain := write(t, filepath.Join(dir, "cert.pem"), string(cert.Cert))
	key := write(t, filepath.Join(dir, "key.pem"), string(cert.Key))
	data := filepath.Join(dir, "data")
	run(t, dir, postgresProgram(t, "initdb"), "--pgdata="+data, "--username=root", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
	write(t, filepath.Join(data, "pg_hba.conf"), "local all root trust\nhostssl old reader 127.0.0.1/32 scram-sha-256\n")
	at, asks := port(t), postgresProgram(t, "pg_isready")
	d := Database{Address: "127.0.0.1:" + at, CA: cert.CA, Account: "reader", Password: `reads: "everything"`}
	single := func(database, statements string) {
		t.Helper()
		cmd := command(t, dir, postgresProgram(t, "postgres"), "--single", "-j", "-D", data, "-F", "-c", "exit_on_error=on", "-c", "log_min_messages=fatal", database)
		cmd.Stdin = strings.NewReader(strings.ReplaceAll(statements, ";\n", ";\n\n"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("postgres: %v: %s", err, out)
		}
	}
	single("postgres", "CREATE DATABASE old;\n"+postgresSetup)
	d.add = func(_ testing.TB, statements string) { single("old", statements) }
	d.add(t, statements)
	d.Process = serve(t, &Process{address: d.Address, signal: syscall.SIGINT, command: func() *exec.Cmd {
		return command(t, dir, postgresProgram(t, "postgres"), "-D", data, "-p", at, "-h", "127.0.0.1", "-k", dir,
			"-c", "ssl=on", "-c", "ssl_cert_file="+chain, "-c", "ssl_key_file="+key, "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "timezone=UTC")
	}, ready: func() bool { return command(t, dir, asks, "-q", "-h", dir, "-p", at).Run() == nil }})
	return d
}

// postgresProgram finds one of the newest PostgreSQL of Debian's.
func postgresProgram(t testing.TB, name string) string {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) > 0 {
		return slices.Max(found)
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed (make setup installs it)", name)
	}
	t.Skipf("%s is not installed (make setup installs it)", name)
	return ""
}
