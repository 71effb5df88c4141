package relational

import (
	"time"

	"sallyport/store"
)

// Reader implements [store.Reader] on committed state.
type Reader struct{ conn Conn }

// NewReader reads through conn.
func NewReader(conn Conn) *Reader { return &Reader{conn} }

// Tx implements [store.Tx] but for its end: the engine writes what Events and
// Feed collected when it commits.
type Tx struct {
	conn   TxConn
	env    store.EnvironmentID
	now    func() time.Time
	events []store.ChainedEvent
	feed   []store.FeedEntry
	retry  bool
}

var (
	_ store.Tx     = (*Tx)(nil)
	_ store.Reader = (*Reader)(nil)
)

// NewTx is a transaction on env. now dates what comes without a time.
func NewTx(conn TxConn, env store.EnvironmentID, now func() time.Time) *Tx {
	return &Tx{conn: conn, env: env, now: now}
}

// Events are the audit events to be chained, in order.
func (t *Tx) Events() []store.ChainedEvent { return t.events }

// Feed are the entries to be published, in order, without their positions.
func (t *Tx) Feed() []store.FeedEntry { return t.feed }

// MustRetry tells that the transaction met a concurrent one in a way that only
// running it again can settle; it must not be committed.
func (t *Tx) MustRetry() bool { return t.retry }

// Environment is the one that this transaction is on.
func (t *Tx) Environment() store.EnvironmentID { return t.env }
