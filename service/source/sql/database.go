package sql

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/pure/config"
	"sallyport/service/source"
)

// Bounds.
const (
	connections = 4           // that a node has at once with one database
	lifetime    = time.Minute // of a connection: a replaced password counts behind it
	pageTime    = time.Minute // for a page of everybody
	pageRows    = 500
	maxQuestion = 4 << 20  // bytes that come for one question
	maxPage     = 64 << 20 // for a page
	maxColumns  = 500
)

// database is one that is asked. It is safe for concurrent use.
type database struct {
	spec    *source.Spec
	deps    source.Deps
	pace    *source.Pace
	place   address
	dialect dialect
	pool    *sql.DB
	find    statement
	query   statement
	tabular bool // elements are rows of a table, not objects
	left    atomic.Int64
}

// address is where a database is, and who asks it.
type address struct {
	host, port, account, name string
	tls                       *tls.Config // nil: none
	file                      string      // of SQLite
}

// Open makes a system of a connection. It implements [source.Opener].
func Open(_ context.Context, spec *source.Spec, deps source.Deps) (*source.System, error) {
	d := &database{spec: spec, deps: deps, pace: source.NewPace(spec), tabular: spec.Rows}
	if err := d.locate(); err != nil {
		return nil, err
	}
	if e := strings.ToLower(spec.Source.Encoding); e != "" && e != "utf-8" {
		return nil, &source.Fault{Reason: source.NotConfigured, What: "source.encoding is of a file; what a database gives is UTF-8"}
	}
	d.pool = sql.OpenDB(connector{d})
	d.pool.SetMaxOpenConns(connections)
	d.pool.SetMaxIdleConns(1)
	d.pool.SetConnMaxLifetime(lifetime)
	system := &source.System{Shut: func() error {
		_ = d.pool.Close() // a connection that the database left cannot take leave of it
		return nil
	}}
	if spec.Find != "" {
		d.find = compile(spec.Find, d.dialect.marks)
		system.Finder = d
		if deps.Plan != nil {
			system.Verifier = d
		}
	}
	if spec.Query != "" {
		d.query = compile(spec.Query, d.dialect.marks)
		system.Fetcher, system.Identity = d, d.identity
	}
	if spec.Find != "" && !d.find.has(config.PlaceIdentifier) || spec.Query != "" && !(d.query.has(config.PlaceAfter) && d.query.has(config.PlaceLimit)) {
		return nil, errors.Join(&source.Fault{Reason: source.NotConfigured, What: "a statement lacks its place for a value"}, d.pool.Close())
	}
	return system, nil
}

// locate reads the address of the connection.
func (d *database) locate() error {
	u, err := url.Parse(d.spec.URL)
	if err != nil {
		return &source.Fault{Reason: source.NotConfigured, What: "the address cannot be read"}
	}
	var known bool
	if d.dialect, known = dialects()[u.Scheme]; !known {
		return &source.Fault{Reason: source.NotConfigured, What: "the kind of database is not known"}
	}
	if u.Scheme == "sqlite" {
		d.place.file, err = below(d.deps.Files, u.Opaque)
		return err
	}
	d.place = address{host: u.Hostname(), port: u.Port(), account: u.User.Username(), name: strings.TrimPrefix(u.Path, "/")}
	if d.place.port == "" {
		d.place.port = d.dialect.port
	}
	if d.place.host == "" || d.place.account == "" {
		return &source.Fault{Reason: source.NotConfigured, What: "the address names no host, or no account"}
	}
	if d.spec.TLS == config.TLSNone {
		return nil
	}
	if d.place.tls, err = d.deps.TLS(d.spec); err != nil {
		return err
	}
	d.place.tls.ServerName = d.place.host
	return nil
}

// hostport is where to connect, in the spelling that network: lists.
func (a address) hostport() string { return net.JoinHostPort(a.host, a.port) }

// connector opens connections with the account's password as it is by then.
type connector struct{ *database }

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	password, err := c.deps.SecretOf(ctx, c.spec.Secret)
	if err != nil {
		return nil, &source.Fault{Reason: source.NotConfigured, What: "the secret of the account cannot be read"}
	}
	defer clear(password)
	if len(password) == 0 && c.place.file == "" {
		return nil, &source.Fault{Reason: source.NotConfigured, What: "the secret of the account is empty"}
	}
	one := &attempt{database: c.database}
	stop := context.AfterFunc(ctx, one.end) // not every driver looks at ctx before it is let in
	defer stop()
	return c.dialect.open(ctx, one, string(password))
}

// attempt is a connection that is being opened.
type attempt struct {
	*database
	mu   sync.Mutex
	conn net.Conn
	over bool
}

// end closes what there is of it.
func (a *attempt) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over = true; a.conn != nil {
		_ = a.conn.Close()
	}
}

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver { return unnamed{} }

// unnamed is a driver of which nobody opens anything by name.
type unnamed struct{}

// Open implements driver.Driver.
func (unnamed) Open(string) (driver.Conn, error) {
	return nil, errors.New("sql: connections are opened by their connector")
}

// dial connects through the egress guard, and counts what comes.
func (a *attempt) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	conn, err := a.deps.Dialer(a.spec).DialContext(ctx, "tcp", a.place.hostport())
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conn = conn; a.over {
		_ = conn.Close()
	}
	return &counted{conn, &a.left}, nil
}

// counted is a connection of which no more is read than is left.
type counted struct {
	net.Conn
	left *atomic.Int64
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	if c.left.Load() <= 0 {
		return 0, &source.Fault{Reason: source.TooLarge, What: "the answer is longer than is read"}
	}
	n, err := c.Conn.Read(p)
	c.left.Add(-int64(n))
	return n, err
}
