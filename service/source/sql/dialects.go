package sql

import (
	"context"
	"database/sql/driver"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/jackc/pgx/v5/stdlib"
	mssql "github.com/microsoft/go-mssqldb"
	"github.com/microsoft/go-mssqldb/msdsn"
	"modernc.org/sqlite"

	"sallyport/service/source"
)

// dialect is what differs between databases.
type dialect struct {
	marks
	port     string
	readOnly bool // it has transactions that only read
	open     func(ctx context.Context, d *attempt, password string) (driver.Conn, error)
	numbers  func(err error) (number string, reason source.Reason, is bool)

	identities []string // questions of which the first that is answered tells the database from others
}

// dialects lists them by the scheme of an address.
func dialects() map[string]dialect {
	question := marks{mark: func(int) string { return "?" }, repeat: true}
	return map[string]dialect{
		"postgres": {
			marks: marks{mark: func(n int) string { return "$" + strconv.Itoa(n) }, dollar: true}, port: "5432", readOnly: true, open: openPostgres, numbers: postgresError,
			identities: []string{
				"SELECT system_identifier::text, (SELECT oid::text FROM pg_database WHERE datname = current_database()) FROM pg_control_system()",
				"SELECT oid::text FROM pg_database WHERE datname = current_database()",
			},
		},
		"mysql": {
			marks: question, port: "3306", readOnly: true, open: openMySQL, numbers: mysqlError,
			identities: []string{"SELECT @@server_uuid", "SELECT @@server_uid", "SELECT @@hostname, @@server_id, @@datadir"},
		},
		"sqlserver": {
			marks: marks{mark: func(n int) string { return "@p" + strconv.Itoa(n) }}, port: "1433", open: openSQLServer, numbers: sqlServerError,
			identities: []string{"SELECT CONVERT(varchar(36), service_broker_guid) FROM sys.databases WHERE database_id = DB_ID()"},
		},
		"sqlite": {marks: question, open: openSQLite, numbers: sqliteError},
	}
}

// openPostgres overrules whatever the environment of this process says of PostgreSQL.
func openPostgres(ctx context.Context, d *attempt, password string) (driver.Conn, error) {
	config, err := pgx.ParseConfig("host=localhost port=1 user=x password=x dbname=x sslmode=disable passfile=/nonexistent servicefile=/nonexistent target_session_attrs=any")
	if err != nil {
		return nil, &source.Fault{Reason: source.NotConfigured, What: "the settings of PostgreSQL in the environment cannot be read"}
	}
	port, err := strconv.ParseUint(d.place.port, 10, 16)
	if err != nil {
		return nil, &source.Fault{Reason: source.NotConfigured, What: "the port cannot be read"}
	}
	config.Host, config.Port, config.User, config.Password, config.Database = d.place.host, uint16(port), d.place.account, password, d.place.name
	config.TLSConfig, config.Fallbacks, config.DialFunc = d.place.tls, nil, d.dial
	config.LookupFunc = func(_ context.Context, host string) ([]string, error) { return []string{host}, nil } // the guard does
	config.RuntimeParams = map[string]string{
		"application_name": "sallyport", "default_transaction_read_only": "on", "client_encoding": "UTF8",
		"statement_timeout": strconv.FormatInt(pageTime.Milliseconds(), 10), "datestyle": "ISO", "timezone": "UTC",
	}
	config.BuildFrontend = func(r io.Reader, w io.Writer) *pgproto3.Frontend {
		f := pgproto3.NewFrontend(r, w)
		f.SetMaxBodyLen(maxQuestion)
		return f
	}
	config.OnNotice, config.OnNotification = nil, nil
	config.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
	return stdlib.GetConnector(*config).Connect(ctx)
}

func openMySQL(ctx context.Context, d *attempt, password string) (driver.Conn, error) {
	config := mysql.NewConfig()
	config.User, config.Passwd, config.DBName = d.place.account, password, d.place.name
	config.Net, config.Addr, config.TLS = "tcp", d.place.hostport(), d.place.tls
	config.Timeout = d.spec.Timeout.Std()
	config.ReadTimeout, config.WriteTimeout = pageTime, pageTime
	config.DialFunc = d.dial
	config.Logger = &mysql.NopLogger{}
	inner, err := mysql.NewConnector(config)
	if err != nil {
		return nil, &source.Fault{Reason: source.NotConfigured, What: "the connection cannot be configured"}
	}
	conn, err := inner.Connect(ctx)
	if err != nil {
		return nil, err
	}
	// MySQL and MariaDB call it differently, and each refuses the other's name.
	limit := pageTime.Milliseconds()
	for _, set := range []string{
		"SET SESSION max_execution_time = " + strconv.FormatInt(limit, 10),
		"SET SESSION max_statement_time = " + strconv.FormatInt(limit/1000, 10),
	} {
		if e, is := conn.(driver.ExecerContext); is {
			_, _ = e.ExecContext(ctx, set, nil)
		}
	}
	return conn, nil
}

// guarded is the way out, names included: see mssql.HostDialer.
type guarded struct{ d *attempt }

// DialContext implements mssql.Dialer.
func (g guarded) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	return g.d.dial(ctx, network, addr)
}

// HostName implements mssql.HostDialer.
func (g guarded) HostName() string { return g.d.place.host }

func openSQLServer(ctx context.Context, d *attempt, password string) (driver.Conn, error) {
	query := url.Values{
		"database": {d.place.name}, "encrypt": {"true"}, "TrustServerCertificate": {"false"}, "ApplicationIntent": {"ReadOnly"},
		"app name": {"sallyport"}, "dial timeout": {"20"},
	}
	if d.place.tls == nil {
		query.Set("encrypt", "disable")
	}
	at := url.URL{Scheme: "sqlserver", Host: d.place.hostport(), User: url.UserPassword(d.place.account, password), RawQuery: query.Encode()}
	config, err := msdsn.Parse(at.String())
	if err != nil { // which may repeat the password
		return nil, &source.Fault{Reason: source.NotConfigured, What: "the connection cannot be configured"}
	}
	if d.place.tls != nil {
		config.TLSConfig = d.place.tls.Clone()
	}
	inner := mssql.NewConnectorConfig(config)
	inner.Dialer = guarded{d}
	return inner.Connect(ctx)
}

// openSQLite opens a file that is only read.
func openSQLite(_ context.Context, d *attempt, _ string) (driver.Conn, error) {
	path := (&url.URL{Path: filepath.ToSlash(d.place.file)}).EscapedPath()
	return (&sqlite.Driver{}).Open("file:" + path + "?mode=ro&_pragma=query_only(1)&_pragma=trusted_schema(0)&_pragma=busy_timeout(" +
		strconv.FormatInt((2*time.Second).Milliseconds(), 10) + ")")
}

// below gives the path of a file directly in a directory, if it is one and no link.
func below(dir, name string) (string, error) {
	refused := &source.Fault{Reason: source.NotConfigured, What: "there is no such file in the directory of sources"}
	if dir == "" {
		return "", &source.Fault{Reason: source.NotConfigured, What: "this server reads no files of sources: serve --source-files names their directory"}
	}
	if name == "" || name != filepath.Base(name) || !filepath.IsLocal(name) {
		return "", refused
	}
	path := filepath.Join(dir, name)
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return "", refused
	}
	return path, nil
}
