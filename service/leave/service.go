package leave

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"filippo.io/age"

	"sallyport/pure/customer"
	"sallyport/pure/legacy/sallyport"
	"sallyport/service/audit"
	"sallyport/service/backup"
	"sallyport/store"
)

// ErrRunning: another export is not finished.
var ErrRunning = errors.New("an export of customers is running")

// Sealer opens what lies in the store sealed.
type Sealer interface {
	Open(ctx context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error)
}

// Config constructs a [Service].
type Config struct {
	Store  store.People
	Sealer Sealer
	// Seed is a secret of the environment, of which the key is made that signs its
	// exports. It is the same for ever, and serves nothing else.
	Seed  func(ctx context.Context, env store.EnvironmentID) ([ed25519.SeedSize]byte, error)
	Audit *audit.Log
	Now   func() time.Time
}

// Service exports customers. It is safe for concurrent use.
type Service struct {
	cfg  Config
	busy sync.Mutex
}

// New gives a service. All fields are required.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// Request asks for everybody of one environment, or for one of them.
type Request struct {
	Env                 store.EnvironmentID
	Tenant, Environment string // as the file names it
	Recipients          []string
	By                  audit.Actor
	Only                customer.ID // zero: everybody
}

// Sum is what an export holds.
type Sum struct {
	sallyport.Head
	Counts sallyport.Counts
	Digest [32]byte // of the lines, not of the file: encrypting again changes only that
}

// detail is what audit keeps of an export.
type detail struct {
	Recipients []string `json:"recipients"`
	People     int64    `json:"people"`
	Accounts   int64    `json:"accounts,omitempty"`
	SHA256     string   `json:"sha256,omitempty"`
	Signer     string   `json:"signer,omitempty"`
}

// each reads whoever is asked for.
func (s *Service) each(ctx context.Context, r *Request, to store.Takers) error {
	if r.Only.IsZero() {
		return s.cfg.Store.EachPerson(ctx, r.Env, to)
	}
	return s.cfg.Store.OnePerson(ctx, r.Env, r.Only, to)
}

// incomplete is the result of an export that ended before its end.
const incomplete = "incomplete"

// Running tells whether an export is not finished.
func (s *Service) Running() bool {
	if !s.busy.TryLock() {
		return true
	}
	s.busy.Unlock()
	return false
}

// Export writes whoever is asked for to out, encrypted for the recipients. Whoever reads out must
// not trust what came before an error. [ErrRunning], backup.ErrRecipient, and the
// errors of out, the store and the sealer.
func (s *Service) Export(ctx context.Context, r Request, out io.Writer) (Sum, error) {
	keys, err := backup.Recipients(r.Recipients)
	if err != nil {
		return Sum{}, err
	}
	if !s.busy.TryLock() {
		return Sum{}, ErrRunning
	}
	defer s.busy.Unlock()
	if err := s.note(ctx, &r, audit.CustomersExporting, audit.OK, detail{}); err != nil {
		return Sum{}, err
	}
	key, err := s.key(ctx, r.Env)
	if err != nil {
		return Sum{}, err
	}
	w := &writer{key: key}
	sum, err := s.write(ctx, &r, keys, w, out)
	if err != nil {
		told := s.note(context.WithoutCancel(ctx), &r, audit.CustomersExported, incomplete, detail{People: w.counts.People, Accounts: w.counts.Accounts})
		return Sum{}, fmt.Errorf("exporting customers: %w", errors.Join(err, told))
	}
	return sum, nil
}

// Signer is the key by which everybody in exports of an environment is signed, as
// whoever imports one must name it.
func (s *Service) Signer(ctx context.Context, env store.EnvironmentID) (sallyport.Signer, error) {
	key, err := s.key(ctx, env)
	if err != nil {
		return "", err
	}
	return signerOf(key), nil
}

func (s *Service) key(ctx context.Context, env store.EnvironmentID) (ed25519.PrivateKey, error) {
	seed, err := s.cfg.Seed(ctx, env)
	if err != nil {
		return nil, fmt.Errorf("the key that signs exports: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed[:]), nil
}

func signerOf(key ed25519.PrivateKey) sallyport.Signer {
	return sallyport.SignerOf(key.Public().(ed25519.PublicKey)) // which it always is
}

func (s *Service) note(ctx context.Context, r *Request, kind audit.Type, result string, d detail) error {
	d.Recipients = r.Recipients
	entry := audit.Entry{Type: kind, Actor: r.By, Result: result, Detail: d}
	if !r.Only.IsZero() {
		entry.Customer = r.Only.String()
	}
	return s.cfg.Audit.Record(ctx, r.Env, entry)
}

func (s *Service) write(ctx context.Context, r *Request, keys []age.Recipient, w *writer, out io.Writer) (Sum, error) {
	if err := w.open(out, keys); err != nil {
		return Sum{}, err
	}
	err := s.each(ctx, r, w.takers(func(people int64) error {
		return w.begin(sallyport.Head{
			Version: sallyport.Version, Tenant: r.Tenant, Environment: r.Environment,
			Created: s.cfg.Now().UTC().Truncate(time.Second), People: people,
			Signer: signerOf(w.key),
		})
	}, func(one store.Whole) error {
		line, err := s.line(ctx, r.Env, &one)
		if err != nil {
			return err
		}
		return w.signed(line)
	}))
	if err != nil {
		return Sum{}, err
	}
	sum := w.sum()
	// First, so that no file is whole of which the ledger does not know.
	if err := s.note(ctx, r, audit.CustomersExported, audit.OK, detail{People: w.counts.People, Accounts: w.counts.Accounts, SHA256: hex.EncodeToString(sum.Digest[:]), Signer: string(sum.Signer)}); err != nil {
		return Sum{}, err
	}
	return sum, w.close(sum)
}
