package sql_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/egress"
	"sallyport/service/source"
	"sallyport/service/source/sourcetest"
	source_sql "sallyport/service/source/sql"
	"sallyport/store/postgres/pgtest"
)

// A table of each database: hashes as MD5 in hexadecimal digits ("right for Ana"), a
// decimal that no float holds, an instant, bytes, a null, an inner quote and a break.
const (
	columns = "id, login, email, pw, balance, made, raw, missing, note"
	values  = `(1, 'ana', 'Ana@old.example', '%s', 12345678901234567890.123456789, '2020-02-29 23:59:59.123456', %s, NULL, 'a "quoted", %s')`
)

// peer is one database with a table of people.
type peer struct {
	name          string
	spec          source.Spec
	secret, files string
}

func md5Of(password string) string {
	return map[string]string{"right for Ana": "ad453021b3ef69c64ee3a1b4898c7a48"}[password]
}

func rows(many int) string {
	var b strings.Builder
	for i := range many {
		fmt.Fprintf(&b, "INSERT INTO people (id, login, email) VALUES (%d, 'p%d', 'p%d@old.example');\n", i+10, i, i)
	}
	return b.String()
}

func (p *peer) defaults(kind string) {
	c := p.spec.Connection
	c.Kind, c.Secret, c.Timeout = config.ConnectSQL, "db", config.Duration(5*time.Second)
	c.Find = "SELECT " + columns + " FROM people WHERE lower(email) = lower(:identifier) OR login = :identifier"
	c.Query = "SELECT " + columns + " FROM people WHERE id > :after ORDER BY id LIMIT :limit"
	c.After, c.Start = "id", "0"
	p.name, p.spec.Format, p.spec.Rows = kind, "csv", true
}

func sqliteOf(t *testing.T, many int) *peer {
	t.Helper()
	dir := t.TempDir()
	db, err := sql.Open("sqlite", filepath.Join(dir, "old.db"))
	must(t, err)
	create(t, db, "CREATE TABLE people (id INTEGER PRIMARY KEY, login TEXT, email TEXT, pw TEXT, balance TEXT, made TEXT, raw BLOB, missing TEXT, note TEXT)",
		"INSERT INTO people ("+columns+") VALUES "+fmt.Sprintf(values, md5Of("right for Ana"), "x'00ff'", "b\n"), many)
	p := &peer{spec: source.Spec{Connection: &config.Connection{URL: "sqlite:old.db"}}, files: dir}
	p.defaults("SQLite")
	return p
}

func postgresOf(t *testing.T, many int) *peer {
	t.Helper()
	at, err := url.Parse(pgtest.StartTCP(t))
	must(t, err)
	db, err := sql.Open("pgx", at.String())
	must(t, err)
	create(t, db, "CREATE TABLE people (id bigint PRIMARY KEY, login text, email text, pw text, balance numeric, made timestamp, raw bytea, missing text, note text)",
		"INSERT INTO people ("+columns+") VALUES "+fmt.Sprintf(values, md5Of("right for Ana"), `'\x00ff'`, "b\n"), many)
	secret, _ := at.User.Password()
	p := &peer{secret: secret, spec: source.Spec{Private: []string{at.Host}, Connection: &config.Connection{
		URL: "postgres://" + at.User.Username() + "@" + at.Host + at.Path, TLS: config.TLSNone,
	}}}
	p.defaults("PostgreSQL")
	return p
}

func mariadbOf(t *testing.T, many int) *peer {
	t.Helper()
	d := sourcetest.StartMariaDB(t, "CREATE TABLE people (id bigint PRIMARY KEY, login varchar(100), email varchar(100), pw varchar(100), balance decimal(40,9), made datetime(6), raw varbinary(10), missing text, note text);\n"+
		"INSERT INTO people ("+columns+") VALUES "+fmt.Sprintf(values, md5Of("right for Ana"), "x'00ff'", `b\n`)+";\n"+rows(many))
	p := &peer{secret: d.Password, spec: source.Spec{Private: []string{d.Address}, CAPEM: d.CA, Connection: &config.Connection{
		URL: "mysql://" + d.Account + "@" + d.Address + "/old", TLS: config.TLSRequired,
	}}}
	p.defaults("MariaDB")
	return p
}

func create(t *testing.T, db *sql.DB, table, ana string, many int) {
	t.Helper()
	for _, statement := range append([]string{table, ana}, strings.Split(strings.TrimSpace(rows(many)), "\n")...) {
		if statement != "" {
			_, err := db.ExecContext(t.Context(), statement)
			must(t, err)
		}
	}
	must(t, db.Close())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (p *peer) open(t *testing.T) *source.System {
	t.Helper()
	plan, problems := migrate.Compile(migrate.Spec{
		Name: "old", Key: "id", Fields: []migrate.Field{{From: "email", To: "email"}, {From: "login", To: "username"}},
		Hash: migrate.Hash{From: "pw", Scheme: "md5", Encoding: "hex"},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	system, err := source_sql.Open(t.Context(), &p.spec, source.Deps{
		Private: egress.Everywhere(),
		Secret:  func(context.Context, string) ([]byte, error) { return []byte(p.secret), nil }, Now: time.Now, Plan: plan, Files: p.files,
	})
	must(t, err)
	t.Cleanup(func() { _ = system.Close() })
	return system
}

func (p *peer) verify(t *testing.T, identifier, password string) source.Answer {
	t.Helper()
	return p.open(t).Verifier.Verify(t.Context(), source.Login{Identifier: identifier, Password: []byte(password)})
}

// copy is the same database, to be asked otherwise.
func (p *peer) copy() *peer {
	other, connection := *p, *p.spec.Connection
	other.spec.Connection = &connection
	return &other
}

// every database that the machine has is held to the same, in the order of the list:
// each is started once.
func TestDatabases(t *testing.T) {
	for name, start := range map[string]func(*testing.T, int) *peer{"SQLite": sqliteOf, "PostgreSQL": postgresOf, "MariaDB": mariadbOf} {
		t.Run(name, func(t *testing.T) {
			p := start(t, 1400)
			for _, test := range []struct {
				name string
				run  func(*testing.T, *peer)
			}{
				{"it is asked whose a password is", asksWhose},
				{"values are written exactly", writesExactly},
				{"many rows for a name are nobody's", refusesMany},
				{"nothing is ever changed", changesNothing},
				{"everybody is read once however often it stops", readsEverybody},
				{"it is reached safely or not at all", isReached},
			} {
				t.Run(test.name, func(t *testing.T) { test.run(t, p.copy()) })
			}
		})
	}
}

func asksWhose(t *testing.T, p *peer) {
	t.Helper()
	system := p.open(t)
	for _, test := range []struct {
		name, identifier, password string
		want                       source.Verdict
		reason                     source.Reason
	}{
		{"by login", "ana", "right for Ana", source.Match, ""},
		{"by address, in any case", "ANA@old.example", "right for Ana", source.Match, ""},
		{"a wrong password", "ana", "wrong", source.NoMatch, source.WrongPassword},
		{"no password", "ana", "", source.NoMatch, source.WrongPassword},
		{"somebody without a hash", "p1", "right for Ana", source.NoMatch, source.WrongPassword},
		{"nobody", "zoe", "x", source.NoMatch, source.UnknownThere},
		{"a condition that is always true", "' OR '1'='1", "right for Ana", source.NoMatch, source.UnknownThere},
		{"the end of the statement", "ana'; DROP TABLE people; --", "right for Ana", source.NoMatch, source.UnknownThere},
		{"another placeholder", ":identifier", "right for Ana", source.NoMatch, source.UnknownThere},
		{"a backslash before the quote", `\' OR 1=1 -- `, "right for Ana", source.NoMatch, source.UnknownThere},
		{"a NUL", "ana\x00", "right for Ana", source.NoMatch, source.UnknownThere},
		{"no text", "ana\xff", "right for Ana", source.NoMatch, source.UnknownThere},
		{"a number that equals words", "0", "right for Ana", source.NoMatch, source.UnknownThere},
		{"nothing", "", "right for Ana", source.NoMatch, source.UnknownThere},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := system.Verifier.Verify(t.Context(), source.Login{Identifier: test.identifier, Password: []byte(test.password)})
			if got.Verdict != test.want || got.Reason != test.reason || (got.Element != nil) != (test.want == source.Match) {
				t.Errorf("%s %s, want %s %s", got.Verdict, got.Reason, test.want, test.reason)
			}
		})
	}
	if got := p.verify(t, "ana", "right for Ana"); got.Verdict != source.Match {
		t.Errorf("the table is gone: %s", got.Reason)
	}
}

func writesExactly(t *testing.T, p *peer) {
	t.Helper()
	found, is, err := p.open(t).Finder.Find(t.Context(), "ana")
	if err != nil || !is {
		t.Fatal(is, err)
	}
	made := "2020-02-29 23:59:59.123456"
	if p.name == "PostgreSQL" {
		made = "2020-02-29T23:59:59.123456Z"
	}
	balance := "12345678901234567890.123456789"
	want := []string{"1", "ana", "Ana@old.example", md5Of("right for Ana"), balance, made, `\x00ff`, "", "a \"quoted\", b\n"}
	got := found.Values
	if p.name == "SQLite" { // it made a float of the text, before we came
		want[4] = got[4]
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	object := *p
	object.spec.Format, object.spec.Rows = "ndjson", false
	found, _, err = object.open(t).Finder.Find(t.Context(), "ana")
	if err != nil || !strings.Contains(string(found.Raw), `"missing":null,"note":"a \"quoted\", b\n"`) {
		t.Errorf("%s %v", found.Raw, err)
	}
}

func refusesMany(t *testing.T, p *peer) {
	t.Helper()
	p.spec.Find = "SELECT a.id, a.login FROM people a, people b WHERE :identifier <> ''" // four million
	began := time.Now()
	got := p.verify(t, "ana", "right for Ana")
	if got.Verdict != source.Unavailable || got.Reason != source.Unexpected {
		t.Errorf("%s %s", got.Verdict, got.Reason)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %s", took)
	}
	p.spec.Find = "SELECT id, login FROM people WHERE id = 10 AND :identifier <> ''"
	if got := p.verify(t, "ana", "x"); got.Reason != source.OtherPerson {
		t.Errorf("somebody else's row: %s", got.Reason)
	}
}

func changesNothing(t *testing.T, p *peer) {
	t.Helper()
	switch p.name {
	case "PostgreSQL":
		p.spec.Find = "WITH gone AS (DELETE FROM people RETURNING id, login) SELECT id, login FROM gone WHERE login = :identifier"
	default:
		p.spec.Find = "DELETE FROM people WHERE login = :identifier"
	}
	if got := p.verify(t, "ana", "x"); got.Verdict != source.Unavailable && got.Reason != source.UnknownThere {
		t.Errorf("%s %s", got.Verdict, got.Reason)
	}
	p.defaults(p.name)
	if got := p.verify(t, "ana", "right for Ana"); got.Verdict != source.Match {
		t.Errorf("somebody is gone: %s", got.Reason)
	}
}

func isReached(t *testing.T, d *peer) {
	t.Helper()
	if d.name != "MariaDB" { // the one that is reached by TLS
		return
	}
	for _, test := range []struct {
		name   string
		change func(*peer)
		want   source.Reason
	}{
		{"with another certificate", func(p *peer) { p.spec.CAPEM = sourcetest.NewCertificate(t).CA }, source.BadTLS},
		{"at an address that is not listed", func(p *peer) { p.spec.Private = nil }, source.Guarded},
		{"with a wrong secret", func(p *peer) { p.secret = "wrong" }, source.BadClient},
		{"with an empty secret", func(p *peer) { p.secret = "" }, source.NotConfigured},
		{"with a table that is not there", func(p *peer) { p.spec.Find = "SELECT id FROM none WHERE id = :identifier" }, source.NotConfigured},
		{"with a table that it may not read", func(p *peer) { p.spec.Find = "SELECT user FROM mysql.user WHERE user = :identifier" }, source.BadClient},
		{"where nobody listens", func(p *peer) { p.spec.URL, p.spec.Private = "mysql://reader@127.0.0.1:1/old", []string{"127.0.0.1:1"} }, source.Refused},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := d.copy()
			test.change(p)
			_, _, err := p.open(t).Finder.Find(t.Context(), "ana")
			var fault *source.Fault
			if !errors.As(err, &fault) || fault.Reason != test.want {
				t.Fatalf("%v, want %s", err, test.want)
			}
			for _, secret := range []string{"reader", "127.0.0.1", "old", "hush", d.secret} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("the error repeats %q: %v", secret, err)
				}
			}
		})
	}
}

// A server that says nothing, or one byte now and then, keeps nobody longer than the
// time limit.
func TestAServerThatDripsIsTimedOut(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for conn, err := l.Accept(); err == nil; conn, err = l.Accept() {
			go func() {
				for _, err := conn.Write([]byte{'N'}); err == nil; _, err = conn.Write([]byte{1}) {
					<-time.After(50 * time.Millisecond)
				}
			}()
		}
	}()
	for _, scheme := range []string{"postgres", "mysql", "sqlserver"} {
		t.Run(scheme, func(t *testing.T) {
			p := &peer{secret: "x", spec: source.Spec{Private: []string{l.Addr().String()}, Connection: &config.Connection{TLS: config.TLSNone}}}
			p.defaults(scheme)
			p.spec.URL = scheme + "://reader@" + l.Addr().String() + "/old"
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			began := time.Now()
			got := p.open(t).Verifier.Verify(ctx, source.Login{Identifier: "ana", Password: []byte("x")})
			if got.Verdict != source.Unavailable || time.Since(began) > 3*time.Second {
				t.Errorf("%s %s after %s", got.Verdict, got.Reason, time.Since(began))
			}
		})
	}
}

func readsEverybody(t *testing.T, p *peer) {
	t.Helper()
	stop := errors.New("stop")
	var lines []string
	var from source.Cursor
	for {
		n := 0
		err := p.open(t).Fetcher.Fetch(t.Context(), from, func(line []byte, next source.Cursor) error {
			if n++; n == 333 {
				return stop
			}
			lines = append(lines, string(line))
			if next != nil {
				from = slices.Clone(next)
			}
			return nil
		})
		if err == nil {
			break
		}
		if !errors.Is(err, stop) {
			t.Fatal(err)
		}
	}
	if len(lines) != 1402 || lines[0] != strings.ReplaceAll(columns, ", ", ",") || !strings.HasPrefix(lines[1], "1,ana,") || !strings.HasPrefix(lines[1401], "1409,p1399,") {
		t.Errorf("%d lines, %q, %q … %q", len(lines), lines[0], lines[1], lines[len(lines)-1])
	}
	if !strings.HasSuffix(lines[1], ",\"a \"\"quoted\"\", b\n\"") {
		t.Errorf("a row of CSV: %q", lines[1])
	}
}

func TestAQueryThatWouldLeaveSomebodyOutIsRefused(t *testing.T) {
	for _, test := range []struct{ name, query, after string }{
		{"in no order", "SELECT id FROM people WHERE id > :after ORDER BY login DESC LIMIT :limit", "id"},
		{"from the beginning each time", "SELECT id FROM people WHERE :after <> 'x' ORDER BY id LIMIT :limit", "id"},
		{"by what is not unique", "SELECT 1 AS same, id FROM people WHERE id > :after ORDER BY same LIMIT :limit", "same"},
		{"more than was asked for", "SELECT id FROM people WHERE id > :after ORDER BY id LIMIT 2 * :limit", "id"},
		{"without its key", "SELECT login FROM people WHERE id > :after ORDER BY id LIMIT :limit", "id"},
		{"with empty keys", "SELECT missing AS id FROM people WHERE id > :after ORDER BY id LIMIT :limit", "id"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := sqliteOf(t, 1200)
			p.spec.Query, p.spec.After = test.query, test.after
			err := p.open(t).Fetcher.Fetch(t.Context(), nil, func([]byte, source.Cursor) error { return nil })
			var fault *source.Fault
			if !errors.As(err, &fault) || fault.Reason != source.NotConfigured {
				t.Error(err)
			}
		})
	}
}

func TestFilesAreReadFromTheirDirectoryAlone(t *testing.T) {
	p := sqliteOf(t, 0)
	for _, name := range []string{"../old.db", "/etc/passwd", "none.db", ".", "", "a/b.db"} {
		p.spec.URL = "sqlite:" + name
		if _, err := source_sql.Open(t.Context(), &p.spec, source.Deps{Files: p.files}); err == nil {
			t.Errorf("%q was opened", name)
		}
	}
	p.spec.URL = "sqlite:old.db"
	if _, err := source_sql.Open(t.Context(), &p.spec, source.Deps{}); err == nil {
		t.Error("a file was opened where none may be")
	}
}

func TestHashesAreVerifiedByWhoBoundsThem(t *testing.T) {
	p := sqliteOf(t, 0)
	plan, _ := migrate.Compile(migrate.Spec{Name: "old", Key: "id", Fields: []migrate.Field{{From: "login", To: "username"}}, Hash: migrate.Hash{From: "pw", Scheme: "md5"}})
	busy := errors.New("busy")
	system, err := source_sql.Open(t.Context(), &p.spec, source.Deps{
		Private: egress.Everywhere(),
		Plan:    plan, Files: p.files, Now: time.Now,
		Secret: func(context.Context, string) ([]byte, error) { return nil, nil },
		Work:   func(context.Context, *passhash.Hash, func()) error { return busy },
	})
	must(t, err)
	t.Cleanup(func() { _ = system.Close() })
	got := system.Verifier.Verify(t.Context(), source.Login{Identifier: "ana", Password: []byte("right for Ana")})
	if got.Verdict != source.Unavailable || got.Reason != source.RateLimited {
		t.Errorf("%s %s", got.Verdict, got.Reason)
	}
}
