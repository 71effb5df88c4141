package job

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"sallyport/pure/migrate"
	"sallyport/pure/rival"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/store"
)

// Errors of this package. Those of the store are passed on.
var (
	// ErrAlone: no server runs in this process, so nobody would run a job.
	ErrAlone = errors.New("jobs are run by servers")
	// ErrOpen: the migration has a job that is not at its end; it is wrapped by an
	// [*OpenError].
	ErrOpen = errors.New("the migration has a job that is not at its end")
	// ErrNoJob: there is no job that this could be done to.
	ErrNoJob = errors.New("the migration has no job for this")
	// ErrNoPlan: the live revision has no such migration.
	ErrNoPlan = errors.New("the live revision has no such migration")
	// ErrTooLarge: a file is larger than a server keeps.
	ErrTooLarge = errors.New("the file is larger than a server keeps")
	// ErrNoRoom: the disk would be full, which others need too.
	ErrNoRoom = errors.New("the disk has no room for the file")
)

// OpenError names the job that stands in the way.
type OpenError struct{ Job Job }

// Error names the job and its state.
func (e *OpenError) Error() string {
	return ErrOpen.Error() + ": " + e.Job.ID + " is " + e.Job.State + " over other files"
}

// Unwrap gives [ErrOpen].
func (e *OpenError) Unwrap() error { return ErrOpen }

// Store is what is needed of the store.
type Store interface {
	store.Jobs
	store.Writer
}

// Sealer seals what lies in the store: keyring.Master.
type Sealer interface {
	Seal(ctx context.Context, env store.EnvironmentID, row string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error)
}

// Config constructs a [Service]. Only Most, Reserve, Every and Crash may be left out.
type Config struct {
	Store  Store
	Sealer Sealer
	Audit  *audit.Log
	// Import is intake's: it goes on where the ledger says.
	Import func(context.Context, intake.Request) (intake.Report, error)
	// Environments are those whose jobs are run.
	Environments func() []store.EnvironmentID
	// Live gives a migration as it is now, with its secrets; [ErrNoPlan].
	Live func(ctx context.Context, env store.EnvironmentID, migration string) (Live, error)
	// Dir is where files are kept, private to this node. [Service.Open] makes it.
	Dir string
	// Most is how large a file may be, unpacked; zero is 64 GiB.
	Most int64
	// Reserve is what an upload leaves free on the disk, which the store needs too;
	// zero is 256 MiB. Of a small disk it is a twentieth.
	Reserve int64
	// Every is how often the store is asked for what others decided; zero is a second.
	Every time.Duration

	Now  func() time.Time
	Rand io.Reader // safe for concurrent use, as crypto/rand.Reader is
	Log  *slog.Logger
	// Crash is told each point around a durable write, for tests that stop there; nil
	// in production.
	Crash func(point string)
}

// Live is what an import needs of a migration.
type Live struct {
	Plan  *migrate.Plan
	Stage bool // as of intake.Request
	Rules []rival.Rule
}

// The points that Config.Crash is told.
const (
	BeforeKeep = "job.keep.before" // the files are durable, the job is not
	AfterKeep  = "job.keep.after"
	BeforeMove = "job.move.before" // another state
	AfterMove  = "job.move.after"
	BeforeEnd  = "job.end.before"
	AfterEnd   = "job.end.after" // it is at its end, the files are still there
)

// CrashPoints lists the points.
func CrashPoints() []string {
	return []string{BeforeKeep, AfterKeep, BeforeMove, AfterMove, BeforeEnd, AfterEnd}
}

// atOnce is how many imports a node runs at once.
const atOnce = 2

// keptFor is how long the files of a job are kept that nobody goes on with.
const keptFor = 30 * 24 * time.Hour

// Service keeps files and runs jobs. It is safe for concurrent use.
type Service struct {
	cfg  Config
	wake chan struct{}

	mu        sync.Mutex
	folder    *folder             // nil until Open
	uploading map[string]bool     // ids whose files are there and whose job is not
	active    map[string]*running // by id: what runs here
}

// New gives a service.
func New(cfg Config) *Service {
	if cfg.Most == 0 {
		cfg.Most = 64 << 30
	}
	if cfg.Reserve == 0 {
		cfg.Reserve = 256 << 20
	}
	if cfg.Every == 0 {
		cfg.Every = time.Second
	}
	if cfg.Crash == nil {
		cfg.Crash = func(string) {}
	}
	return &Service{cfg: cfg, wake: make(chan struct{}, 1), uploading: map[string]bool{}, active: map[string]*running{}}
}

// Open takes the directory, so that files can be kept. [ErrInUse].
func (s *Service) Open() error {
	f, err := openFolder(s.cfg.Dir, s.cfg.Rand)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.folder = f
	return nil
}

// Close gives the directory back. Nothing may be running any more.
func (s *Service) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.folder == nil {
		return nil
	}
	f := s.folder
	s.folder = nil
	return f.close()
}

// opened is the directory; nil if this process runs no jobs.
func (s *Service) opened() *folder {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.folder
}

// Node is this node's name, empty if it runs no jobs.
func (s *Service) Node() string {
	if f := s.opened(); f != nil {
		return f.node
	}
	return ""
}

// stir has the store looked at without delay.
func (s *Service) stir() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
