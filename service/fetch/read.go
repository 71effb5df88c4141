package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/source"
	"sallyport/store"
)

// Errors of the service, besides the [*source.Fault]s of systems.
var (
	// ErrNoConnection: the migration reaches no running system, or one that cannot be
	// read out.
	ErrNoConnection = errors.New("the migration's connection reads nobody out")
	// ErrOtherSource: the fetch began at another system, or with another connection.
	ErrOtherSource = errors.New("the fetch began at another source")
	// ErrKept: what this server kept of a fetch cannot be read.
	ErrKept = errors.New("the kept part of a fetch cannot be read")
	// ErrBusy: this server fetches for the migration already.
	ErrBusy = errors.New("a fetch of this migration is running")
)

const (
	partBytes = 256 << 10 // a part is given behind the first cursor beyond this
	maxPart   = 4 << 20   // and without one beyond this
	partEvery = 2 * time.Second

	maxPatience = 12 // faults in a row, without a line between them
	firstPause  = time.Second
	longPause   = time.Minute
)

// Sealer seals what is kept: keyring.Master.
type Sealer interface {
	Seal(ctx context.Context, env store.EnvironmentID, row string, plaintext []byte) ([]byte, error)
	Open(ctx context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error)
}

// Config constructs a [Service]. Everything but Sleep is required.
type Config struct {
	// Open makes the system of a connection: kinds.Open does, over what it needs.
	Open   func(ctx context.Context, live *environment.Live, spec *source.Spec, plan *migrate.Plan) (*source.System, error)
	Audit  *audit.Log
	Sealer Sealer
	Dir    string // for what is kept
	Now    func() time.Time
	// Sleep waits for d or until ctx ends, whose error it gives; nil: a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Service fetches. It is safe for concurrent use.
type Service struct {
	cfg  Config
	busy under
}

// New gives a service.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// Request asks for a fetch.
type Request struct {
	Live      *environment.Live
	Migration *config.LiveMigration
	Actor     audit.Actor
	// From is where an earlier fetch ended: the Next of its last part that had one, and
	// Identity of the same fetch. Both empty: from the beginning.
	From     []byte
	Identity string
}

// Part is a piece of the file. Exactly one of Data, Rewind and Done counts.
type Part struct {
	Identity string // of the source; the same in every part of a fetch
	Data     []byte // lines, each with its break
	Lines    int64
	Next     []byte // where to go on behind Data; empty: nowhere between this part and the one before
	Rewind   bool   // forget what came behind the last part that had Next
	Done     bool   // that was everybody
}

// Read gives everybody, part by part. It outlives an outage of some minutes. Errors are
// those of give and ctx, [ErrNoConnection], [ErrOtherSource], and [*source.Fault]s.
func (s *Service) Read(ctx context.Context, r Request, give func(Part) error) error {
	if r.Migration.Connection == nil {
		return ErrNoConnection
	}
	system, err := s.cfg.Open(ctx, r.Live, r.Migration.Connection, r.Migration.Plan)
	if err != nil {
		return err
	}
	defer func() { _ = system.Close() }()
	if system.Fetcher == nil {
		return ErrNoConnection
	}
	identity, err := identify(ctx, system, r.Migration.Connection)
	if err != nil {
		return err
	}
	if r.Identity != "" && r.Identity != identity || len(r.From) > 0 && r.Identity == "" {
		return ErrOtherSource
	}
	b := &binder{give: give, now: s.cfg.Now, identity: identity, next: r.From}
	lines, err := s.patiently(ctx, system, b)
	s.ended(ctx, r, lines, err)
	return err
}

// patiently fetches until everybody was given, or waiting does not help.
func (s *Service) patiently(ctx context.Context, system *source.System, b *binder) (int64, error) {
	pause := firstPause
	for faults := 0; ; {
		before := b.next
		err := system.Fetcher.Fetch(ctx, b.cursor(), b.line)
		if err == nil {
			if err = b.flush(); err == nil {
				err = b.give(Part{Identity: b.identity, Done: true})
			}
			return b.lines, err
		}
		var fault *source.Fault
		if ctx.Err() != nil || b.refused != nil || !errors.As(err, &fault) || !fault.Mends() {
			return b.lines, errors.Join(b.refused, err)
		}
		if err := b.rewind(); err != nil {
			return b.lines, err
		}
		if !bytes.Equal(before, b.next) { // the same lines again are no headway
			faults, pause = 0, firstPause
		}
		if faults++; faults >= maxPatience {
			return b.lines, err
		}
		if err := s.sleep(ctx, max(pause, min(fault.After, 10*time.Minute))); err != nil {
			return b.lines, err
		}
		pause = min(2*pause, longPause)
	}
}

func (s *Service) sleep(ctx context.Context, d time.Duration) error {
	if s.cfg.Sleep != nil {
		return s.cfg.Sleep(ctx, d)
	}
	return source.Deps{}.Wait(ctx, d)
}

// identify tells the source from every other: by what of the connection says who is
// read and how it is written, and by what the system says of itself.
func identify(ctx context.Context, system *source.System, c *source.Spec) (string, error) {
	said := ""
	if system.Identity != nil {
		var err error
		if said, err = system.Identity(ctx); err != nil {
			return "", err
		}
	}
	written, err := json.Marshal([]any{
		c.Kind, c.URL, c.Format, c.Source, c.Record, c.Base, c.People, c.Attributes, c.Query, c.After, c.Start, c.Paging, c.Realm, c.Pool, c.Tenant, c.Project, said,
	})
	if err != nil {
		return "", fmt.Errorf("writing down a connection: %w", err)
	}
	sum := sha256.Sum256(written)
	return hex.EncodeToString(sum[:16]), nil
}

// binder makes parts of lines.
type binder struct {
	give     func(Part) error
	now      func() time.Time
	identity string

	data    bytes.Buffer
	count   int64     // lines in data
	latest  []byte    // cursor behind data, if its last line had one
	began   time.Time // data
	loose   bool      // a part without a cursor was given behind next
	next    []byte    // of the last part that had one
	lines   int64     // that were given by the system
	refused error     // by give
}

func (b *binder) cursor() source.Cursor {
	if len(b.next) == 0 {
		return nil
	}
	return b.next
}

// line takes one; an empty one is a cursor alone.
func (b *binder) line(line []byte, next source.Cursor) error {
	if b.data.Len() == 0 {
		b.began = b.now()
	}
	if len(line) > 0 {
		b.data.Write(line)
		b.data.WriteByte('\n')
		b.count++
		b.lines++
	}
	b.latest = bytes.Clone(next)
	full := b.data.Len() >= partBytes || b.now().Sub(b.began) >= partEvery
	if len(next) > 0 && full || b.data.Len() >= maxPart {
		return b.flush()
	}
	return nil
}

// flush gives what there is.
func (b *binder) flush() error {
	if b.data.Len() == 0 && len(b.latest) == 0 {
		return nil
	}
	b.refused = b.give(Part{Identity: b.identity, Data: bytes.Clone(b.data.Bytes()), Lines: b.count, Next: b.latest})
	if len(b.latest) > 0 {
		b.next, b.loose = b.latest, false
	} else {
		b.loose = true
	}
	b.data.Reset()
	b.count, b.latest = 0, nil
	return b.refused
}

// rewind goes back to the last cursor: what was not given yet is kept as far as a
// cursor stands behind it.
func (b *binder) rewind() error {
	if len(b.latest) > 0 {
		return b.flush()
	}
	b.data.Reset()
	b.count = 0
	if !b.loose {
		return nil
	}
	b.loose = false
	b.refused = b.give(Part{Identity: b.identity, Rewind: true})
	return b.refused
}

// fetchDetail is what the ledger keeps of a fetch.
type fetchDetail struct {
	Migration string `json:"migration"`
	Lines     int64  `json:"lines"`
	Resumed   bool   `json:"resumed"`
}

// ended records that people were read, and how many, also if it broke off.
func (s *Service) ended(ctx context.Context, r Request, lines int64, err error) {
	result := audit.OK
	var fault *source.Fault
	switch {
	case errors.As(err, &fault):
		result = string(fault.Reason)
	case err != nil:
		result = "stopped"
	}
	// Whoever asked may be gone; that people were read is recorded all the same.
	_ = s.cfg.Audit.Record(context.WithoutCancel(ctx), r.Live.ID, audit.Entry{
		Type: audit.MigrationFetched, Actor: r.Actor, Result: result, Detail: fetchDetail{r.Migration.Name, lines, len(r.From) > 0},
	})
}
