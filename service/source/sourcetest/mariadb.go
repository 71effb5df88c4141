package sourcetest

import (
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// Database is a running MariaDB or PostgreSQL.
type Database struct {
	Address  string // host:port; the account comes in by TLS alone
	CA       []byte
	Account  string // that reads the database old, and nothing else
	Password string
	*Process
	add func(t testing.TB, statements string)
}

// Add has the database, while it is stopped, run statements when it starts, one a line.
func (d Database) Add(t testing.TB, statements string) {
	t.Helper()
	d.add(t, statements)
}

const mariadbSetup = `CREATE USER 'reader'@'%' IDENTIFIED BY 'reads: "everything"' REQUIRE SSL;
GRANT SELECT ON old.* TO 'reader'@'%';
`

// StartMariaDB starts one whose database old is made by statements, one a line.
func StartMariaDB(t testing.TB, statements string) Database {
	t.Helper()
	install, server := program(t, "mariadb-install-db"), program(t, "mariadbd")
	dir, cert := folder(t), NewCertificate(t)
	data := filepath.Join(dir, "data")
	ca := write(t, filepath.Join(dir, "ca.pem"), string(cert.CA))
	chain := write(t, filepath.Join(dir, "cert.pem"), string(cert.Cert))
	key := write(t, filepath.Join(dir, "key.pem"), string(cert.Key))
	run(t, dir, install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve")
	setup := write(t, filepath.Join(dir, "setup.sql"), "CREATE DATABASE old CHARACTER SET utf8mb4;\nUSE old;\n"+statements+mariadbSetup)
	at := port(t)
	d := Database{Address: "127.0.0.1:" + at, CA: cert.CA, Account: "reader", Password: `reads: "everything"`}
	d.add = func(t testing.TB, statements string) {
		setup = write(t, filepath.Join(dir, "more.sql"), "USE old;\n"+statements)
	}
	d.Process = serve(t, &Process{address: d.Address, signal: syscall.SIGKILL, command: func() *exec.Cmd {
		args := []string{
			"--no-defaults", "--datadir=" + data, "--socket=" + filepath.Join(dir, "s"), "--bind-address=127.0.0.1", "--port=" + at,
			"--skip-name-resolve", "--ssl-ca=" + ca, "--ssl-cert=" + chain, "--ssl-key=" + key, "--innodb-flush-log-at-trx-commit=2", // what was committed outlives the process, which is killed
			"--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M", "--performance-schema=OFF", "--pid-file=" + filepath.Join(dir, "pid"),
		}
		if setup != "" { // it answers nobody until this was done, and does it once
			args = append(args, "--init-file="+setup)
		}
		setup = ""
		return command(t, dir, server, args...)
	}})
	return d
}
