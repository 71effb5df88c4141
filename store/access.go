package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// GrantID names one grant. An authorization code carries the id of the grant
// it will become, so that storing the grant is what spends the code: the
// second redemption meets [ErrExists], on any node.
type GrantID [16]byte

// Grant is what an application was given for a customer: the family of its
// refresh tokens, and what every access token under it can be traced to.
type Grant struct {
	ID          GrantID
	Application string
	Server      string // authorization server
	Customer    customer.ID
	Session     SessionID
	GrantType   string
	Scopes      []string // what was granted at first, never more
	Detail      []byte   // JSON the issuing service keeps with it (nonce, acr, claims asked); at most 16 KiB
	Counter     int64    // of the newest refresh token; a rotation raises it
	Refreshable bool     // whether refresh tokens were issued
	Created     time.Time
	Expires     time.Time // absolute end of the family
	IdleExpires time.Time // end unless refreshed before; zero: none
	Revoked     time.Time // zero while it lives
	Reason      string    // why it was revoked
	Used        time.Time // when it was made or last rotated; zero: not known
	Revision    int64     // the configuration under which it was made or last rotated; 0: not known
}

// Rotation is one use of a refresh token.
type Rotation struct {
	Grant       GrantID
	Counter     int64 // of the token
	At          time.Time
	IdleExpires time.Time // zero: none
	Revision    int64     // the configuration that allowed it
}

// GrantPage asks for a customer's grants that live at an instant.
type GrantPage struct {
	Customer customer.ID
	At       time.Time
	After    GrantID // the last of the page before; zero for the first
	Limit    int     // 1 to 1000
}

// Grants reads grants.
type Grants interface {
	// Grant reads one, revoked or expired ones too; [ErrNotFound].
	Grant(ctx context.Context, env EnvironmentID, id GrantID) (Grant, error)
	// GrantsOf gives one keyset page of a customer's grants that are neither
	// revoked nor expired nor left idle, by id.
	GrantsOf(ctx context.Context, env EnvironmentID, page GrantPage) ([]Grant, error)
}

// GrantWriter changes grants.
type GrantWriter interface {
	// CreateGrant stores g; [ErrExists] if the id was used: a spent code,
	// [ErrConflict] if the session that it names was ended.
	CreateGrant(ctx context.Context, g Grant) error
	// RotateGrant raises the counter by one if it still is r.Counter, and the
	// grant is refreshable, lives at r.At and is not revoked, and sets
	// IdleExpires, Revision, and Used to r.At; one conditional update. [ErrConflict] if
	// not: read the grant to learn why.
	RotateGrant(ctx context.Context, r Rotation) error
	// RevokeGrantsOf revokes what an application was granted for a customer, by any
	// server, and names those that were not revoked before.
	RevokeGrantsOf(ctx context.Context, id customer.ID, application string, at time.Time, reason string) ([]GrantID, error)
	// RevokeGrant marks it revoked. Revoking twice keeps the first reason and
	// is no error; [ErrNotFound].
	RevokeGrant(ctx context.Context, id GrantID, at time.Time, reason string) error
}

// KeyState is where a key is in its life.
type KeyState string

// The states of a key, in the order of its life.
const (
	KeyNext    KeyState = "next"    // published, not used yet
	KeyCurrent KeyState = "current" // signs
	KeyOld     KeyState = "old"     // published until Expires, does not sign
)

// Key is a signing or certificate key. Owner is the authorization server, or
// a purpose such as "ca/gateway" or "audit/checkpoint".
type Key struct {
	Owner     string
	ID        string // kid; unique in owner
	Algorithm string
	State     KeyState
	Sealed    []byte // private key, sealed with owner and id as associated data
	Public    []byte // public part as the owner needs it: JWK, or certificate in DER
	Created   time.Time
	Activated time.Time // when it became current; zero before
	Expires   time.Time // when an old key is dead; zero before
}

// Keys reads keys.
type Keys interface {
	// Keys lists the keys of owner, or of all owners if empty, by owner and creation.
	Keys(ctx context.Context, env EnvironmentID, owner string) ([]Key, error)
}

// KeyWriter changes keys.
type KeyWriter interface {
	// PutKey stores k. [ErrExists] if the id is taken, or if k is current or
	// next and the owner has another such key of the same algorithm.
	PutKey(ctx context.Context, k Key) error
	// SetKeyState moves a key on if it is in from; [ErrConflict] if it is not,
	// or if to is current or next and the owner has such a key already.
	// A zero time leaves the one that is stored.
	SetKeyState(ctx context.Context, owner, id string, from, to KeyState, activated, expires time.Time) error
	// DeleteKey removes it; deleting what is gone is no error.
	DeleteKey(ctx context.Context, owner, id string) error
}

// Secret is one client secret of an application. Generated secrets carry 128
// bits and more, so their plain SHA-256 is stored.
type Secret struct {
	Application string
	ID          string // public handle, unique in the application
	Hash        [32]byte
	Created     time.Time
	Expires     time.Time // zero: never
}

// Secrets reads client secrets.
type Secrets interface {
	// Secrets lists those of one application, or of all if empty.
	Secrets(ctx context.Context, env EnvironmentID, application string) ([]Secret, error)
}

// SecretWriter changes client secrets.
type SecretWriter interface {
	// PutSecret stores s; [ErrExists].
	PutSecret(ctx context.Context, s Secret) error
	// DeleteSecret removes it; deleting what is gone is no error.
	DeleteSecret(ctx context.Context, application, id string) error
	// HoldSecrets gives the ids of an application's secrets, in order. Until the
	// transaction ends, no other that holds secrets of the environment goes on.
	HoldSecrets(ctx context.Context, application string) ([]string, error)
}

// Subscription is one application's right to call one product, with its keys.
type Subscription struct {
	ID          string
	Application string // empty: standalone, opens only operations without a token
	Product     string
	Primary     [32]byte // SHA-256 of the key
	Secondary   [32]byte
	State       string // "active", "suspended"
	Created     time.Time
	Expires     time.Time // zero: never
	Version     int64     // compare-and-set
}

// Subscriptions reads subscriptions.
type Subscriptions interface {
	// Subscriptions lists those of one application, or all if empty, by id.
	Subscriptions(ctx context.Context, env EnvironmentID, application string) ([]Subscription, error)
	// SubscriptionByKey finds the one with this key hash, primary or
	// secondary; [ErrNotFound].
	SubscriptionByKey(ctx context.Context, env EnvironmentID, hash [32]byte) (Subscription, error)
}

// SubscriptionWriter changes subscriptions.
type SubscriptionWriter interface {
	// PutSubscription stores s if the stored Version still is s.Version (0:
	// not stored yet), and raises it. [ErrConflict], [ErrExists] for a key
	// that is in use.
	PutSubscription(ctx context.Context, s Subscription) error
}
