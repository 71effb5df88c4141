package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Event is one audit event before it is chained. Body is what is committed to:
// the engine stores these exact bytes. Personal lies beside the chain and can
// be erased; Body must hold its commitment, [CommitPersonal].
type Event struct {
	At          time.Time
	Type        string // e.g. "token.issued"; the catalogue is in service/audit
	Actor       string // who did it: "customer/cus_…", "application/payright", "operator/…", "system"
	Application string // empty if none
	Customer    string // text form of the customer id; empty if none
	Result      string // "ok", or the machine-readable reason it was refused
	Trace       string // reference id shown to the caller
	Body        []byte // JSON object, at most 64 KiB
	Personal    []byte // JSON object or nil
	Salt        []byte // 16 random bytes if Personal is set
}

// ChainedEvent is an event as it stands in the ledger.
type ChainedEvent struct {
	Event
	Env    EnvironmentID
	Writer int   // which chain of the environment
	Seq    int64 // from 1, without gaps in a chain
	Hash   [32]byte
	Erased bool // Personal was erased
}

// CommitPersonal is what an event's Body holds instead of its personal part:
// SHA-256 of salt and the bytes.
func CommitPersonal(salt, personal []byte) [32]byte {
	h := sha256.New()
	h.Write(salt)
	h.Write(personal)
	return [32]byte(h.Sum(nil))
}

// Link computes the hash of an event from that of its predecessor in the
// chain (zero for the first). Engines call it when they commit, verifiers when
// they check; every field but the personal part is bound, each with its length.
func Link(previous [32]byte, env EnvironmentID, writer int, seq int64, e *Event) [32]byte {
	h := sha256.New()
	var n [8]byte
	number := func(v int64) {
		binary.BigEndian.PutUint64(n[:], uint64(v))
		h.Write(n[:])
	}
	h.Write(previous[:])
	number(int64(env))
	number(int64(writer))
	number(seq)
	number(e.At.UnixMicro())
	for _, s := range [...]string{e.Type, e.Actor, e.Application, e.Customer, e.Result, e.Trace} {
		number(int64(len(s)))
		h.Write([]byte(s))
	}
	number(int64(len(e.Body)))
	h.Write(e.Body)
	var out [32]byte
	h.Sum(out[:0])
	return out
}

// Head is the newest link of one chain.
type Head struct {
	Env    EnvironmentID
	Writer int
	Seq    int64
	Hash   [32]byte
}

// AuditQuery selects events of one environment, newest first. Zero fields
// select everything.
type AuditQuery struct {
	Type        string // exact, or a prefix ending in "."
	Actor       string
	Application string
	Customer    string
	Result      string // exact; "!ok" selects every refusal
	Trace       string
	From, To    time.Time // from ≤ at < to
	Before      string    // Cursor; empty for the newest
	Limit       int       // 1 to 1000
	Look        int       // at so many events at most where no index knows what is asked for; 0: 10 000
}

// Audit reads the audit ledger.
type Audit interface {
	// AuditEvents gives one page, newest first, and the cursor of the next
	// (empty at the end). What no index leads to is looked for among q.Look
	// events, so that a page takes no longer the more there are: it may then hold
	// fewer than q.Limit, even none, and still have a next.
	AuditEvents(ctx context.Context, env EnvironmentID, q AuditQuery) (events []ChainedEvent, next string, err error)
	// AuditTail gives at most limit events that were committed after the
	// cursor, oldest first, and the new cursor; an empty cursor starts at now.
	AuditTail(ctx context.Context, env EnvironmentID, cursor string, limit int) (events []ChainedEvent, next string, err error)
	// AuditChain gives at most limit events of one chain from seq on, in order.
	AuditChain(ctx context.Context, env EnvironmentID, writer int, seq int64, limit int) ([]ChainedEvent, error)
	// AuditHeads gives the newest link of each chain of env.
	AuditHeads(ctx context.Context, env EnvironmentID) ([]Head, error)
	// Checkpoints lists at most limit signed checkpoints, newest first.
	Checkpoints(ctx context.Context, env EnvironmentID, limit int) ([]Checkpoint, error)
}

// Checkpoint is a signature over all heads of an environment.
type Checkpoint struct {
	At        time.Time
	Heads     []byte // canonical JSON of the heads
	Signature []byte
	KeyID     string
}

// AuditWriter appends to the audit ledger.
type AuditWriter interface {
	// Audit appends e to the chain of the writer that commits this
	// transaction, if it commits.
	Audit(ctx context.Context, e Event) error
	// PutCheckpoint stores c.
	PutCheckpoint(ctx context.Context, c Checkpoint) error
	// ErasePersonal forgets the personal part of every event of a customer.
	ErasePersonal(ctx context.Context, customer string) (int, error)
}

// Run is one execution of a migration over one source file.
type Run struct {
	Migration  string
	ID         string
	Source     string   // what it reads, as a person would recognise it
	Digest     [32]byte // SHA-256 of the source: a resumed run must read the same
	Total      int64    // records in the source
	Done       int64    // records in a state other than pending
	Checkpoint []byte   // where to go on, opaque to the store
	State      string   // "running", "paused", "done", "undoing", "undone"
	Started    time.Time
	Updated    time.Time
	Version    int64 // compare-and-set
}

// RecordMove is one line of the migration ledger: a record entering a state.
type RecordMove struct {
	Migration string
	Key       string // the record's id in its source; unique in the migration
	State     RecordState
	Way       RecordWay
	Reason    string // machine-readable; of imported what they lack, usually nothing
	Detail    string // for a person, without secrets
	Row       int64  // where in the source, 0 if unknown
	Customer  string // text form of the customer id, if there is one
	Run       string // of a record that came another way: the run that counted it as pending, if one did
	Marks     []byte // what it brought, value by value, opaque to the store; at most 32 KiB
	At        time.Time
}

// MovePage asks for ledger lines, by key.
type MovePage struct {
	Migration string
	State     RecordState // empty: all
	After     string      // Cursor
	Limit     int         // 1 to 1000
}

// Migrations reads the migration ledger.
type Migrations interface {
	// Run reads one run; an empty id means the newest. [ErrNotFound].
	Run(ctx context.Context, env EnvironmentID, migration, id string) (Run, error)
	// RecordCounts tells how many records of a migration are in each state;
	// they sum to the total at every moment.
	RecordCounts(ctx context.Context, env EnvironmentID, migration string) (map[RecordState]int64, error)
	// RecordWays tells the same with the ways in which they came.
	RecordWays(ctx context.Context, env EnvironmentID, migration string) (map[StateWay]int64, error)
	// KnownRecords tells where those keys stand that have a line, erased ones too. It
	// waits for nobody who writes: what counts, a transaction asks for again.
	KnownRecords(ctx context.Context, env EnvironmentID, migration string, keys []string) (map[string]KnownRecord, error)
	// LedgerRecord reads the newest line of one record; [ErrNotFound]. An erased
	// one is found by its own key, and has [ErasedKey] instead.
	LedgerRecord(ctx context.Context, env EnvironmentID, migration, key string) (RecordMove, error)
	// LedgerRecords gives a page of newest lines by key, and the next cursor.
	// Imported records are looked for among 10 000 lines, so that a page may hold
	// fewer than its limit, even none, and still have a next.
	LedgerRecords(ctx context.Context, env EnvironmentID, page MovePage) ([]RecordMove, string, error)
	// LedgerLines lists all lines of one record, oldest first, but of more than
	// 200 the newest.
	LedgerLines(ctx context.Context, env EnvironmentID, migration, key string) ([]RecordMove, error)
	// RecordsOf lists the newest lines that name a customer, by migration and key,
	// at most 200.
	RecordsOf(ctx context.Context, env EnvironmentID, customer string) ([]RecordMove, error)
	// RecordTargets lists what the numbers in marks stand for, by number.
	RecordTargets(ctx context.Context, env EnvironmentID, migration string) ([]RecordTarget, error)
}

// MigrationWriter appends to the migration ledger. The counts move in the
// same transaction as the lines.
type MigrationWriter interface {
	// StartRun stores r and adds r.Total to the pending count. [ErrExists].
	StartRun(ctx context.Context, r Run) error
	// AdvanceRun replaces Done, Checkpoint, State and Updated if Version still
	// is r.Version, and raises it. [ErrConflict]: another worker runs.
	AdvanceRun(ctx context.Context, r Run) error
	// MoveRecords appends lines. One that has a line moves from the state of its
	// newest. A record that has none yet leaves pending if it comes by [WayBulk] or
	// if the unfinished run counts it ([RunKeys]), which its line then names; else
	// the total grows by it. [ErrConflict] if it was erased.
	MoveRecords(ctx context.Context, moves []RecordMove) error
	// KnownRecords tells where those keys stand that have a line.
	KnownRecords(ctx context.Context, migration string, keys []string) (map[string]KnownRecord, error)
	// HoldRun reads the run that is running or paused, and keeps it from moving on
	// until the transaction is over; [ErrNotFound] if there is none, and then none
	// starts until it is over. Call it first in a transaction that brings records
	// another way, before anything that a batch of the run may wait for.
	HoldRun(ctx context.Context, migration string) (Run, error)
	// PutRunKeys stores one page; [ErrExists], [ErrInvalid].
	PutRunKeys(ctx context.Context, keys RunKeys) error
	// CountedKeys tells which of keys the pages of a run hold.
	CountedKeys(ctx context.Context, migration, run string, keys []string) (map[string]bool, error)
	// DropRunKeys deletes at most limit pages of a migration's runs but for those of
	// the run keep (empty: none), and tells how many it deleted.
	DropRunKeys(ctx context.Context, migration, keep string, limit int) (int, error)
	// Arrivals lists the keys of records whose newest line is of another way than
	// [WayBulk] and not before since, oldest first, at most limit, up to 100 000.
	Arrivals(ctx context.Context, migration string, since time.Time, limit int) ([]string, error)
	// EraseRecords leaves of all records of a customer that one state, under
	// [ErasedKey] and with nothing else: their lines are deleted. It tells how many
	// there were, at most 200; call it until there are none.
	EraseRecords(ctx context.Context, customer string, at time.Time) (int, error)
	// PutTombstones remembers keyed digests of what a person could be found by who is
	// erased; those that are there stay. Those of no migration, "", hold in every one.
	PutTombstones(ctx context.Context, migration string, digests []string) error
	// HasTombstones tells whether a migration has any.
	HasTombstones(ctx context.Context, migration string) (bool, error)
	// Tombstones tells which of digests a migration has.
	Tombstones(ctx context.Context, migration string, digests []string) (map[string]bool, error)
	// PutRecordTarget stores what a number stands for; [ErrExists] if the number is
	// taken, [ErrInvalid].
	PutRecordTarget(ctx context.Context, migration string, t RecordTarget) error
}

// KnownRecord is where a record stands by its newest line.
type KnownRecord struct {
	State    RecordState
	Way      RecordWay
	Reason   string
	Customer string // text form of the customer id, if there is one
	Run      string
	Marks    []byte
}

// Usage counts forwarded gateway calls of one subscription and operation in
// one minute.
type Usage struct {
	Subscription string
	Operation    string    // "api/operationId"
	Minute       time.Time // truncated
	Calls        int64
	Bytes        int64 // of responses
}

// UsageQuery selects usage of one subscription.
type UsageQuery struct {
	Subscription string
	From, To     time.Time // from ≤ minute < to
	Limit        int       // 1 to 10 000
}

// UsageLedger reads the usage ledger.
type UsageLedger interface {
	// Usage lists the lines of a subscription by minute and operation.
	Usage(ctx context.Context, env EnvironmentID, q UsageQuery) ([]Usage, error)
}

// UsageWriter adds to the usage ledger.
type UsageWriter interface {
	// AddUsage adds each line to what is stored for the same key.
	AddUsage(ctx context.Context, usage []Usage) error
}
