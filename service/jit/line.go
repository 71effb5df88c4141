package jit

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/breaker"
	"sallyport/service/environment"
	"sallyport/service/source"
)

const (
	freshFor = 5 * time.Minute  // an opening is used, so that a rotated secret counts soon
	retryFor = 15 * time.Second // before a client that was not taken is opened anew
)

// connected is a line to a system, and by what it was opened.
type connected struct {
	line    *source.Line
	spec    *source.Spec
	opened  time.Time
	refused bool           // the system did not take us as a client since
	retired *source.System // the opening before, which may still be in use
	plan    *migrate.Plan  // with its secrets
}

func inOrder(snapshot *config.Snapshot, wanted func(*config.LiveMigration) bool) (list []*config.LiveMigration) {
	for _, m := range snapshot.Migrations {
		if wanted(m) {
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b *config.LiveMigration) int {
		return cmp.Or(cmp.Compare(a.JIT.Priority, b.JIT.Priority), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// connect gives the line to a migration's system, opened anew where configuration
// or time demand it. A change of the connection begins with a new breaker: it is
// another system.
func (s *Service) connect(ctx context.Context, live *environment.Live, m *config.LiveMigration) (*connected, error) {
	at, now := place{live.ID, m.Name}, s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.lines[at]
	if c != nil && (c.spec == m.Connection || reflect.DeepEqual(c.spec, m.Connection)) && !c.stale(now) {
		return c, nil
	}
	plan, err := s.plan(ctx, live, m)
	if err != nil {
		return nil, err
	}
	system, err := s.cfg.Open(ctx, live, m.Connection, plan)
	if err != nil {
		return nil, err
	}
	fresh := &connected{spec: m.Connection, opened: now, plan: plan}
	if c != nil && reflect.DeepEqual(c.spec, m.Connection) {
		_ = c.retired.Close() // nobody asks by it any more
		fresh.line, fresh.retired = c.line, c.line.Replace(system)
	} else {
		fresh.line = source.NewLine(system, m.Connection, s.cfg.Now, s.teller(live, m))
		if c != nil {
			fresh.retired = c.line.Replace(system)
			_ = c.retired.Close()
		}
	}
	s.lines[at] = fresh
	return fresh, nil
}

func (c *connected) stale(now time.Time) bool {
	age := now.Sub(c.opened)
	return age > freshFor || age < 0 || c.refused && age > retryFor
}

// plan gives the plan of a migration with the secrets that its format needs.
func (s *Service) plan(ctx context.Context, live *environment.Live, m *config.LiveMigration) (*migrate.Plan, error) {
	names := m.Plan.Secrets()
	if len(names) == 0 {
		return m.Plan, nil
	}
	values := map[string][]byte{}
	for setting, name := range names {
		value, err := s.cfg.Secrets.Open(ctx, live.ID, name)
		if err != nil {
			return nil, err
		}
		values[setting] = value
	}
	return m.Plan.With(values)
}

// suspension is the body of the events about breakers.
type suspension struct {
	Migration string        `json:"migration"`
	Reason    source.Reason `json:"reason,omitempty"`
}

// teller tells that a system is left alone, or asked again.
func (s *Service) teller(live *environment.Live, m *config.LiveMigration) func(context.Context, breaker.Change, source.Reason) {
	return func(ctx context.Context, c breaker.Change, why source.Reason) {
		kind := audit.MigrationResumed
		if c == breaker.Opened {
			kind = audit.MigrationSuspended
			s.cfg.Log.WarnContext(ctx, "an earlier system is left alone for a time", "environment", live.Name, "migration", m.Name, "reason", string(why))
		} else {
			s.cfg.Log.InfoContext(ctx, "an earlier system answers again", "environment", live.Name, "migration", m.Name)
		}
		entry := audit.Entry{Type: kind, Actor: audit.System, Result: string(why), Detail: suspension{m.Name, why}}
		if err := s.cfg.Audit.Record(ctx, live.ID, entry); err != nil {
			s.cfg.Log.ErrorContext(ctx, "an event could not be recorded", "type", kind, "error", err)
		}
	}
}

// misfit notes that a system did not take us as a client, so that a secret that is
// mended counts soon.
func (s *Service) misfit(c *connected) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.refused = true
}

// Close lets all connections go.
func (s *Service) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all error
	for at, c := range s.lines {
		all = errors.Join(all, c.line.Close(), c.retired.Close())
		delete(s.lines, at)
	}
	return all
}
