package tally

import (
	"context"
	"fmt"
	"time"

	"sallyport/store"
)

// Uses is when the scopes of a server were last issued.
type Uses struct {
	// Since is the day since which uses are recorded; zero if none ever was.
	Since time.Time
	last  map[string]map[string]time.Time // scope, application
}

// Uses reads them from the store, so that they are those of every node.
func (t *Tally) Uses(ctx context.Context, env store.EnvironmentID, server string) (Uses, error) {
	all, since, err := t.cfg.Store.ScopeUses(ctx, env, server)
	if err != nil {
		return Uses{}, fmt.Errorf("reading when scopes were last issued: %w", err)
	}
	u := Uses{Since: since, last: map[string]map[string]time.Time{}}
	for _, one := range all {
		if u.last[one.Scope] == nil {
			u.last[one.Scope] = map[string]time.Time{}
		}
		u.last[one.Scope][one.Application] = one.Day
	}
	return u, nil
}

// Of gives the last day of each application that was ever issued a scope. It is not
// to be written to.
func (u Uses) Of(scope string) map[string]time.Time { return u.last[scope] }

// Last is the last day on which anybody was; zero if nobody ever was.
func (u Uses) Last(scope string) (last time.Time) {
	for _, day := range u.last[scope] {
		if day.After(last) {
			last = day
		}
	}
	return last
}
