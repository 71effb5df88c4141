package environment

import (
	"context"
	"fmt"
	"time"

	"sallyport/pure/config"
	"sallyport/store"
)

// Revision is what is known of a stored configuration besides its files.
type Revision struct {
	Number     int64
	Base       int64 // what the author had seen; 0 for the first
	Digest     [32]byte
	Author     string
	Message    string
	BreakGlass string // the reason, if a protection was overridden
	Created    time.Time
}

// Revisions lists at most limit revisions of live, newest first, with a number
// below before (0: from the newest).
func (r *Registry) Revisions(ctx context.Context, live *Live, before int64, limit int) ([]Revision, error) {
	stored, err := r.cfg.Store.RevisionList(ctx, live.ID, before, limit)
	if err != nil {
		return nil, fmt.Errorf("listing revisions: %w", err)
	}
	list := make([]Revision, len(stored))
	for i := range stored {
		list[i] = revisionOf(&stored[i])
	}
	return list, nil
}

// Revision reads a revision of live and its tree; number 0 means the newest.
// store.ErrNotFound.
func (r *Registry) Revision(ctx context.Context, live *Live, number int64) (Revision, *config.Tree, error) {
	stored, err := r.cfg.Store.Revision(ctx, live.ID, number)
	if err != nil {
		return Revision{}, nil, fmt.Errorf("reading revision %d: %w", number, err)
	}
	tree, err := config.Decode(stored.Content)
	if err != nil {
		return Revision{}, nil, fmt.Errorf("decoding revision %d: %w", stored.Number, err)
	}
	return revisionOf(&stored), tree, nil
}

func revisionOf(r *store.Revision) Revision {
	return Revision{
		Number: r.Number, Base: r.Base, Digest: r.Digest, Author: r.Author, Message: r.Message,
		BreakGlass: r.BreakGlass, Created: r.Created,
	}
}
