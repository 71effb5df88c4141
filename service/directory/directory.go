package directory

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/hook"
	"sallyport/service/notify"
	"sallyport/store"
)

// Store is what a directory needs of the store.
type Store interface {
	store.Customers
	store.Factors
	store.Passkeys
	store.Links
	store.Consents
	store.Accounts
	store.Agreements
	store.Claims
	store.Tags
	store.Erasures
	store.Sessions
	store.Grants
	store.Audit
	store.Migrations
	store.Outbox
	store.Writer
}

// Notifier tells people of what becomes of what is theirs.
type Notifier interface {
	Queue(ctx context.Context, tx store.Tx, live *environment.Live, m notify.Message) error
	Tell(ctx context.Context, tx store.Tx, live *environment.Live, n notify.Notice) error
}

// Records are what migrations know of people: service/intake's.
type Records interface {
	// Erase leaves tombstones of the records of a customer who is about to be erased.
	Erase(ctx context.Context, env store.EnvironmentID, id customer.ID) (int, error)
}

// Hooks are services of the tenant's own that are told of changes: hook.Points has them.
type Hooks interface {
	Prepare(moments ...hook.Moment) ([]store.HookEvent, error)
}

// Config constructs a [Directory]. The first four fields are required.
type Config struct {
	Store Store
	Audit *audit.Log
	Feed  interface {
		Wake() // called after a change was published
	}
	Now func() time.Time

	Rand    io.Reader   // of ids and invitations; nil: the system's
	Notify  Notifier    // nil: nobody is told, and nobody invited
	Undo    notify.Undo // makes links that take a change of addresses back; nil: there are none
	Records Records     // nil: there are no migrations
	Hooks   Hooks       // told of what customers agree to, and of details that changed; nil: nobody is
	// Digest names an identifier of somebody who is erased, with a key of the
	// environment, so that whoever knows the identifier can tell, and nobody else. nil:
	// nothing is kept of identifiers.
	Digest func(ctx context.Context, env store.EnvironmentID, text string) ([]byte, error)
}

// Directory reads and changes customers. It is safe for concurrent use.
type Directory struct {
	cfg      Config
	expected int64 // version of the customer that is changed; 0: any
	reason   string
	use      func(ctx context.Context, tx store.Tx) error // nil: whatever
	looks    *looks
}

// New gives a directory.
func New(cfg Config) *Directory {
	return &Directory{cfg: cfg, looks: &looks{seen: map[[16]byte]*look{}}}
}

// random is where ids and secrets come from.
func (d *Directory) random() io.Reader {
	if d.cfg.Rand != nil {
		return d.cfg.Rand
	}
	return rand.Reader
}

// Expecting gives a directory that changes a customer only if they are still at
// that version; store.ErrConflict if not. Zero is any version.
func (d *Directory) Expecting(version int64) *Directory {
	with := *d
	with.expected = version
	return &with
}

// Subject gives the `sub` by which application knows a customer. It is the one
// function that does; today every application hears the same.
func Subject(c customer.ID, application string) string {
	_ = application // pairwise and inherited subjects are decided here
	return c.String()
}

// Find gives the person whom typed may name: an e-mail address, a username, or
// a phone number, read in region if it has no country code. store.ErrNotFound
// if nobody. Every reading of typed is looked up, found or not, so that the
// work does not tell which.
func (d *Directory) Find(ctx context.Context, env store.EnvironmentID, typed, region string) (store.Person, error) {
	var found *store.Person
	for _, id := range customer.Classify(typed, region) {
		person, err := d.cfg.Store.PersonByIdentifier(ctx, env, id.Kind, id.Value)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return store.Person{}, fmt.Errorf("finding a customer: %w", err)
		case found == nil: // the first reading is the likeliest
			found = &person
		}
	}
	if found == nil {
		return store.Person{}, store.ErrNotFound
	}
	return *found, nil
}

// Profile is a customer with every name they can be found by.
type Profile struct {
	Customer    customer.Customer
	Identifiers []customer.Identifier
	Scheme      string // of the password hash; empty if there is none
}

// Show gives a customer's profile; store.ErrNotFound.
func (d *Directory) Show(ctx context.Context, env store.EnvironmentID, id customer.ID) (Profile, error) {
	var p Profile
	var err error
	if p.Customer, err = d.cfg.Store.Customer(ctx, env, id); err != nil {
		return Profile{}, fmt.Errorf("reading customer %s: %w", id, err)
	}
	if p.Identifiers, err = d.cfg.Store.Identifiers(ctx, env, id); err != nil {
		return Profile{}, fmt.Errorf("reading the identifiers of %s: %w", id, err)
	}
	credential, err := d.cfg.Store.Credential(ctx, env, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return Profile{}, fmt.Errorf("reading the credential of %s: %w", id, err)
	}
	p.Scheme = credential.Scheme
	return p, nil
}

// Search asks for a page of customers whose identifier begins with Prefix, as
// somebody types it.
type Search struct {
	Kind   customer.IdentifierKind // empty: any
	Prefix string
	After  string // next of the page before; empty for the first
	Limit  int    // 1 to 200
}

// List gives a page by identifier, and where the next begins (empty at the
// end). Nothing is counted and nothing skipped, so page 10 000 costs what the
// first does. A cursor that nobody gave is store.ErrInvalid.
func (d *Directory) List(ctx context.Context, env store.EnvironmentID, s Search) (rows []store.CustomerRow, next string, err error) {
	s.Limit = min(max(s.Limit, 1), 200)
	page := store.CustomerPage{Kind: s.Kind, Prefix: prefix(s.Prefix), After: s.After, Limit: s.Limit}
	if rows, err = d.cfg.Store.FindCustomers(ctx, env, page); err != nil {
		return nil, "", fmt.Errorf("finding customers: %w", err)
	}
	if len(rows) == s.Limit {
		next = rows[len(rows)-1].Cursor
	}
	return rows, next, nil
}

// prefix normalises the beginning of an identifier: a whole username keeps its
// beginning when it is normalised, so what reads as one is treated so.
func prefix(typed string) string {
	typed = strings.TrimSpace(typed)
	if id, err := customer.Normalise(customer.Username, typed, ""); err == nil {
		return id.Value
	}
	if strings.HasPrefix(typed, "+") {
		return strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(typed)
	}
	return strings.ToLower(typed)
}
