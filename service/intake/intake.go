package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// Errors of this package. Those of pure/migrate and of the store are passed on.
var (
	// ErrRunning: this process is importing that migration already.
	ErrRunning = errors.New("an import of this migration is running")
	// ErrUnfinished: a run over another file has not been finished; it is
	// wrapped by an [*UnfinishedError].
	ErrUnfinished = errors.New("another file's import is not finished")
	// ErrTakenOver: another worker continues this run.
	ErrTakenOver = errors.New("another worker has taken the import over")
	// ErrSourceChanged: the file is not the one that was surveyed.
	ErrSourceChanged = errors.New("the source changed while it was read")
	// ErrPaused: the context ended; the same call goes on from there.
	ErrPaused = errors.New("import paused")
)

// UnfinishedError names the run that stands in the way.
type UnfinishedError struct {
	Run    string
	Source string
	Done   int64
	Total  int64
}

// Error names the run and how far it is.
func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("%v: %s of %s is at %d of %d records", ErrUnfinished, e.Run, e.Source, e.Done, e.Total)
}

// Unwrap gives [ErrUnfinished].
func (e *UnfinishedError) Unwrap() error { return ErrUnfinished }

// Sealer encrypts what is secret at rest, for one row of one environment. It is
// safe for concurrent use; service/keyring has it.
type Sealer interface {
	Seal(ctx context.Context, env store.EnvironmentID, row string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error)
}

// Config constructs a [Service].
type Config struct {
	Store  store.Store
	Sealer Sealer
	Now    func() time.Time
	Rand   io.Reader // safe for concurrent use, as crypto/rand.Reader is

	// Scratch is a private directory for what does not fit into memory; empty is
	// the system's for temporary files. Its files have no names, or lose them.
	Scratch string

	// Cost is that of wrapping weak hashes, the same as sign-in's for new ones;
	// zero is passhash.DefaultCost.
	Cost passhash.Argon2Cost
	// Rest waits between two pieces of background work that took busy, so that
	// people come first: what they write has queued meanwhile and goes ahead.
	// Nil waits a fortieth of busy after an import's batch and as long as busy
	// after a wrapped hash. It returns ctx's error when ctx ends.
	Rest func(ctx context.Context, work Work, busy time.Duration) error
	// Awaited prepares what follows where an export gives somebody who is here groups,
	// and they wait for those: it is called within the transaction. Nil: nobody waits.
	Awaited func(ctx context.Context, env store.EnvironmentID, was, is customer.Customer) (func(context.Context, store.Tx) error, error)
	// Crash is told each point around a durable write, for tests that stop
	// there; nil in production.
	Crash func(point string)

	sortRoom int // entries of an index that are sorted in memory; tests have less
}

// Work is a sort of background work.
type Work string

// The sorts of background work.
const (
	Importing Work = "import"
	Wrapping  Work = "wrap"
)

// The points that Config.Crash is told, in the order in which they are passed.
const (
	BeforeKeys   = "intake.keys.before" // which keys a run will count
	AfterKeys    = "intake.keys.after"
	BeforeStart  = "intake.start.before"
	AfterStart   = "intake.start.after"
	BeforeBatch  = "intake.batch.before"
	WithinBatch  = "intake.batch.within" // written, not committed
	AfterBatch   = "intake.batch.after"
	BeforeFinish = "intake.finish.before"
	AfterFinish  = "intake.finish.after"
	BeforeWrap   = "intake.wrap.before"
	AfterWrap    = "intake.wrap.after"
)

// CrashPoints lists the points.
func CrashPoints() []string {
	return []string{
		BeforeKeys, AfterKeys, BeforeStart, AfterStart, BeforeBatch, WithinBatch, AfterBatch, BeforeFinish, AfterFinish, BeforeWrap, AfterWrap,
		BeforeAdmit, WithinAdmit, AfterAdmit, BeforeRefresh, AfterRefresh,
		BeforeUndo, AfterUndo, BeforeRemove, WithinRemove, AfterRemove, BeforeUndone, AfterUndone, BeforeErase, AfterErase,
	}
}

// Service imports people. It is safe for concurrent use.
type Service struct {
	cfg   Config
	audit *audit.Log

	mu     sync.Mutex
	busy   map[place]bool
	tables map[place]*targetTable

	rivalKeys sync.Map // by place; they never change
}

// place is where at most one worker of this process may be.
type place struct {
	env  store.EnvironmentID
	name string // of the migration; "" for wrapping
}

// New gives a service. Store, Sealer, Now and Rand are required.
func New(cfg Config) *Service {
	if cfg.Cost == (passhash.Argon2Cost{}) {
		cfg.Cost = passhash.DefaultCost
	}
	if cfg.Rest == nil {
		cfg.Rest = rest
	}
	if cfg.sortRoom == 0 {
		cfg.sortRoom = sortRoom
	}
	if cfg.Crash == nil {
		cfg.Crash = func(string) {}
	}
	return &Service{cfg: cfg, audit: audit.New(cfg.Store, cfg.Now, cfg.Rand), busy: map[place]bool{}, tables: map[place]*targetTable{}}
}

// rest is the default of Config.Rest.
func rest(ctx context.Context, work Work, busy time.Duration) error {
	if work == Importing {
		busy /= 40
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(busy):
		return nil
	}
}

// enter claims a place within this process; leave gives it back.
func (s *Service) enter(at place) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[at] {
		return nil, ErrRunning
	}
	s.busy[at] = true
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.busy, at)
	}, nil
}
