package store

import (
	"context"
	"time"

	"sallyport/pure/customer"
)

// CustomerLink is who a customer is at another provider.
type CustomerLink struct {
	customer.Link
	Customer customer.ID
	Source   string // who says so: "migration/<name>"
	Created  time.Time
}

// Links reads who customers are elsewhere.
type Links interface {
	// Links lists a customer's, by provider, connection and subject.
	Links(ctx context.Context, env EnvironmentID, id customer.ID) ([]CustomerLink, error)
}

// LinkWriter changes them.
type LinkWriter interface {
	// PutLinks stores them all; [ErrExists] if a customer has one of them
	// already. That several customers claim one link is for whoever lets people
	// sign in by it: until then it opens nothing.
	PutLinks(ctx context.Context, links []CustomerLink) error
}
