package issue

import (
	"context"
	"fmt"
	"slices"

	"sallyport/store"
)

// recalled tells whether a family was made or last renewed under a change that was
// undone since, and holds what that had widened. One that the live revision has
// renewed needs no look: what is recalled is older than that.
func (s *Service) recalled(ctx context.Context, v View, g store.Grant) (bool, error) {
	if g.Revision != 0 && g.Revision == v.Snapshot.Revision {
		return false, nil
	}
	recalls, err := s.cfg.Store.RecallsOf(ctx, v.Env, g.Server, g.Application, s.cfg.Now())
	if err != nil {
		return false, fmt.Errorf("reading recalls: %w", err)
	}
	renewed := later(g.Created, g.Used)
	return slices.ContainsFunc(recalls, func(r store.Recall) bool {
		return r.Covers(g.Application, g.Revision, renewed, g.Scopes)
	}), nil
}
