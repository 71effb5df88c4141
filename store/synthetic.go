package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// Walk is one run in which requests were made at the real endpoints to compare the
// answers with the proof, or is being made.
type Walk struct {
	ID       string
	Author   string
	Revision int64     // that was walked
	Started  time.Time //
	Expires  time.Time // when it is given up, and what it made is removed
	Ended    time.Time // zero while it goes on
	Detail   []byte    // JSON that the service keeps with it; at most 4 MiB
}

// Walks reads runs and the customers that they made.
type Walks interface {
	// Walk reads one; [ErrNotFound].
	Walk(ctx context.Context, env EnvironmentID, id string) (Walk, error)
	// Walks lists at most limit (1 to 100), newest first, without Detail.
	Walks(ctx context.Context, env EnvironmentID, limit int) ([]Walk, error)
	// Synthetics lists at most limit (1 to 1000) of the customers that a run made, by id.
	Synthetics(ctx context.Context, env EnvironmentID, walk string, limit int) ([]customer.ID, error)
}

// WalkWriter changes runs and what they made.
type WalkWriter interface {
	// PutWalk stores w, in place of one of the same id.
	PutWalk(ctx context.Context, w Walk) error
	// DeleteWalk removes one; deleting what is gone is no error. [ErrConflict] while
	// customers of it are there.
	DeleteWalk(ctx context.Context, id string) error
	// MarkSynthetic says that a customer was made by a run and is nobody.
	// [ErrNotFound] if there is no such customer, [ErrExists] if it is marked.
	MarkSynthetic(ctx context.Context, id customer.ID, walk string) error
	// RemoveSynthetic deletes a marked customer with identifiers, credentials, links,
	// factors, consents, sessions and grants. [ErrNotFound] for whoever is not marked,
	// so that nobody real can be deleted by it.
	RemoveSynthetic(ctx context.Context, id customer.ID) error
}
