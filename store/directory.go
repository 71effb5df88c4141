package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// Credential is something a customer proves to know: for now a password.
type Credential struct {
	Customer customer.ID
	Sealed   []byte    // the encoded hash, sealed with the customer's id as associated data
	Scheme   string    // what is sealed, e.g. "argon2id", "salted-sha1", "wrapped-salted-sha1"
	Weak     bool      // to be wrapped in the background
	Updated  time.Time // when the password was set; a better hash of the same one leaves it
	Version  int64     // compare-and-set
}

// Person is what one look-up at sign-in needs, by one indexed query.
type Person struct {
	Customer   customer.Customer
	Identifier customer.Identifier // the one that was asked for
	Credential *Credential         // nil if there is none
}

// CustomerPage asks for a page of customers by identifier prefix.
type CustomerPage struct {
	Kind   customer.IdentifierKind // empty: any kind
	Prefix string                  // normalised
	After  string                  // Cursor of the last row seen; empty for the first page
	Limit  int                     // 1 to 200
}

// CustomerRow is one row of a page.
type CustomerRow struct {
	Customer   customer.Customer
	Identifier customer.Identifier
	Cursor     string // opaque; resumes behind this row
}

// Customers reads the directory.
type Customers interface {
	// Customer reads one; [ErrNotFound].
	Customer(ctx context.Context, env EnvironmentID, id customer.ID) (customer.Customer, error)
	// PersonByIdentifier finds who owns a normalised identifier; [ErrNotFound].
	PersonByIdentifier(ctx context.Context, env EnvironmentID, kind customer.IdentifierKind, value string) (Person, error)
	// Identifiers lists a customer's identifiers by kind; of one kind the one with First
	// set, then those that are verified, by when they were proven, and by value.
	Identifiers(ctx context.Context, env EnvironmentID, id customer.ID) ([]customer.Identifier, error)
	// Credential reads a customer's password credential; [ErrNotFound].
	Credential(ctx context.Context, env EnvironmentID, id customer.ID) (Credential, error)
	// FindCustomers gives one keyset page, by identifier value.
	FindCustomers(ctx context.Context, env EnvironmentID, page CustomerPage) ([]CustomerRow, error)
	// WeakCredentials lists at most limit credentials with Weak set, by
	// customer id, behind after (zero: from the first).
	WeakCredentials(ctx context.Context, env EnvironmentID, after customer.ID, limit int) ([]Credential, error)
}

// NewCustomer is a customer with everything that is stored with it at once.
type NewCustomer struct {
	Customer    customer.Customer
	Identifiers []customer.Identifier
	Credential  *Credential // nil for none
}

// CustomerWriter changes the directory.
type CustomerWriter interface {
	// CreateCustomers stores them all. [ErrExists] if any id or identifier is
	// taken: use TakenIdentifiers first to know which.
	CreateCustomers(ctx context.Context, customers []NewCustomer) error
	// TakenIdentifiers tells which of the (kind, value) pairs already belong
	// to somebody, and to whom.
	TakenIdentifiers(ctx context.Context, ids []customer.Identifier) (map[IdentifierKey]customer.ID, error)
	// UpdateCustomer replaces state, name, groups, attributes and NotBefore if
	// Version still is c.Version, and raises it. [ErrConflict], [ErrNotFound].
	UpdateCustomer(ctx context.Context, c customer.Customer) error
	// PutCredential stores c if the stored Version still is c.Version (0: none
	// is stored yet), and raises it. [ErrConflict].
	PutCredential(ctx context.Context, c Credential) error
	// PutIdentifier stores an identifier of a customer, or replaces Display, Verified,
	// Source and Proof of one that is theirs; First is left to PutFirst. [ErrExists] if it is somebody else's;
	// [ErrNotFound] if there is no such customer.
	PutIdentifier(ctx context.Context, id customer.ID, i customer.Identifier) error
	// PutFirst sets First of a verified identifier of a customer, and of no other of its
	// kind; [ErrNotFound] if it is not theirs, or not verified.
	PutFirst(ctx context.Context, id customer.ID, key IdentifierKey) error
	// HoldCustomer reads a customer and the identifiers that they have, in the order of
	// Identifiers, and keeps those from changing until the transaction is over; [ErrNotFound].
	HoldCustomer(ctx context.Context, id customer.ID) (customer.Customer, []customer.Identifier, error)
	// DeleteIdentifier removes a customer's; deleting what is not theirs is no error.
	DeleteIdentifier(ctx context.Context, id customer.ID, key IdentifierKey) error
	// RemoveCustomer removes a customer with everything that is theirs, if Version
	// still is version and they have no session that was not ended, no grant, no consent
	// and no agreement but what came along with them: [ErrConflict] else, [ErrNotFound]. What ledgers tell of them stays.
	RemoveCustomer(ctx context.Context, id customer.ID, version int64) error
}

// GroupSet is how many customers have exactly these groups, and a state.
type GroupSet struct {
	Groups    []string
	State     customer.State
	Customers int64
}

// Populations counts customers without reading them.
type Populations interface {
	// CountByGroups counts an environment's customers by their sets of groups and
	// state, from an index alone. It gives at most limit sets, up to 10 000; cut
	// tells that some customers are not counted, as there are more sets or as the
	// names of their groups have more than about 600 letters together.
	CountByGroups(ctx context.Context, env EnvironmentID, limit int) (sets []GroupSet, cut bool, err error)
}

// IdentifierKey is what is unique about an identifier.
type IdentifierKey struct {
	Kind  customer.IdentifierKind
	Value string
}

// SessionID names one sign-in session.
type SessionID [16]byte

// Session is a signed-in browser.
type Session struct {
	ID         SessionID
	SecretHash [32]byte // SHA-256 of the cookie's secret part
	Customer   customer.ID
	SignedIn   time.Time // auth_time: when the customer last proved a factor
	Assurance  string    // acr reached
	Methods    []string  // amr, e.g. "pwd"
	Created    time.Time
	Expires    time.Time
	Ended      time.Time // zero while it lives
	Agent      string    // user agent, shortened; advisory
	Address    string    // of the client at the last sign-in; advisory, empty: not known
	Used       time.Time // when somebody last came with it, give or take; zero: not known
}

// SessionPage asks for a customer's sessions that live at an instant.
type SessionPage struct {
	Customer customer.ID
	At       time.Time
	After    string // next of the page before; empty for the first
	Limit    int    // 1 to 200
}

// SessionOver is the reason of grants that were revoked with their session.
const SessionOver = "session-ended"

// Sessions reads sessions.
type Sessions interface {
	// Session reads one, ended or expired ones too; [ErrNotFound].
	Session(ctx context.Context, env EnvironmentID, id SessionID) (Session, error)
	// SessionsOf gives one keyset page of a customer's sessions that are neither
	// ended nor expired, newest first, and the cursor of the next (empty at the end).
	SessionsOf(ctx context.Context, env EnvironmentID, page SessionPage) (sessions []Session, next string, err error)
}

// SessionWriter changes sessions.
type SessionWriter interface {
	// CreateSession stores s; [ErrExists].
	CreateSession(ctx context.Context, s Session) error
	// RefreshSession replaces SignedIn, Assurance, Methods, SecretHash, Expires,
	// Address and Used of a session that has not ended; [ErrNotFound].
	RefreshSession(ctx context.Context, s Session) error
	// UseSession sets Used to at if that is later. [ErrNotFound] if the session
	// has ended, or its customer is switched off or was cut off since it began: what
	// is written with it is no act of a session that is over.
	UseSession(ctx context.Context, id SessionID, at time.Time) error
	// EndSession marks it ended and revokes the grants that name it, for
	// [SessionOver]: a grant may outlive the record of its session, but not a
	// session's early end. Ending twice is no error; [ErrNotFound].
	EndSession(ctx context.Context, id SessionID, at time.Time) error
}

// AttemptKey names one counter, e.g. a digest of "password" and an account.
type AttemptKey [32]byte

// Attempt reserves one try against a limit of Burst tries at once that
// refills by one each Interval (the arithmetic of pure/quota).
type Attempt struct {
	Key      AttemptKey
	Burst    int
	Interval time.Duration
}

// AttemptWriter counts tries. Reserve before a secret is looked at, in a Write
// of its own, so that a crash or a second node cannot win a free try.
type AttemptWriter interface {
	// ReserveAttempts spends one of each, or none if any is used up; then
	// retryAfter is positive and tells how long the longest wait is.
	ReserveAttempts(ctx context.Context, attempts []Attempt, now time.Time) (retryAfter time.Duration, err error)
	// ReturnAttempts gives back what was reserved, where nothing came to be tried.
	// A counter that was cleared meanwhile stays cleared.
	ReturnAttempts(ctx context.Context, attempts []Attempt) error
	// ForgetAttempts clears counters, after a success.
	ForgetAttempts(ctx context.Context, keys []AttemptKey) error
}
