// Package footfall counts how customers walk through journeys: how many were shown each
// step, did it, passed it over or left, by the hour, and how long a step took.
//
// What it counts is what package funnel observes, by brand, application and whether the
// device was known, and nothing of anybody. Counts are added up in memory and written each
// second; a node that is killed loses those of its last second. Memory is bounded: beyond
// that, counts are lost and the log says so, and nobody waits.
//
// The time of a step runs from its page to its being done, both on one node; one that
// began on another is counted without a time.
//
// service/signin tells it of each visit; the faces ask it. It owns neither what is
// observed (package funnel) nor the journeys.
package footfall

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sallyport/pure/funnel"
	"sallyport/service/flush"
	"sallyport/store"
)

// Store is what the service needs of the store.
type Store interface {
	store.Funnels
	store.Writer
}

// Config constructs a [Service]. All fields are required.
type Config struct {
	Store Store
	Now   func() time.Time
	Log   *slog.Logger
}

const (
	// Kept is how long counts are kept.
	Kept = 400 * 24 * time.Hour

	maxCells = 20_000 // that wait to be written
	maxFlows = 8192   // whose times are measured
	atOnce   = 500    // cells in one transaction
)

// Service counts. It is safe for concurrent use.
type Service struct {
	cfg Config

	mu      sync.Mutex // guards what follows
	pending map[cell]int64
	lost    int64
	times   times

	writes sync.Mutex // one flush at a time
}

// cell is what is counted as one.
type cell struct {
	env store.EnvironmentID
	store.FunnelCell
}

// New gives a service that writes only when Run runs, or on Flush.
func New(c Config) *Service {
	return &Service{cfg: c, pending: map[cell]int64{}, times: times{at: map[mark]time.Time{}}}
}

// Observe counts a visit. It waits for nothing.
func (s *Service) Observe(env store.EnvironmentID, v funnel.Visit) {
	now := s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seen := range v.Seen {
		c := cell{env, store.FunnelCell{
			Hour: now.UTC().Truncate(time.Hour), Journey: v.Journey, Step: seen.Step, Outcome: string(seen.Outcome),
			Brand: v.Brand, Application: v.Application, Known: v.Known,
		}}
		m := mark{env, v.Flow, seen.Step}
		switch seen.Outcome {
		case funnel.Shown:
			s.times.begin(m, now)
		case funnel.Done:
			c.Took = s.times.end(m, now)
		}
		s.add(c, 1)
	}
}

// add counts; the caller holds mu.
func (s *Service) add(c cell, n int64) {
	if _, known := s.pending[c]; !known && len(s.pending) >= maxCells {
		s.lost += n
		return
	}
	s.pending[c] += n
}

// Run writes each second until ctx ends, and once more then.
func (s *Service) Run(ctx context.Context) {
	flush.Run(ctx, s.cfg.Log, "counts of journeys", s.Flush)
}

// Flush writes what was counted. What cannot be written is kept for the next time, unless
// its environment is gone.
func (s *Service) Flush(ctx context.Context) error {
	s.writes.Lock()
	defer s.writes.Unlock()
	var all error
	for env, cells := range s.take() {
		for len(cells) > 0 {
			some := cells[:min(len(cells), atOnce)]
			cells = cells[len(some):]
			keep := s.cfg.Now().Add(Kept)
			err := s.cfg.Store.Write(ctx, env, func(tx store.Tx) error { return tx.AddFunnel(ctx, some, keep) })
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				all = errors.Join(all, fmt.Errorf("counts of environment %d: %w", env, err))
				s.putBack(env, some)
			}
		}
	}
	return all
}

// take gives what waits, by environment.
func (s *Service) take() map[store.EnvironmentID][]store.FunnelCell {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost > 0 {
		s.cfg.Log.Warn("counts of journeys were lost: there were too many kinds of them", "counts", s.lost)
		s.lost = 0
	}
	if len(s.pending) == 0 {
		return nil
	}
	all := map[store.EnvironmentID][]store.FunnelCell{}
	for c, n := range s.pending {
		c.Count = n
		all[c.env] = append(all[c.env], c.FunnelCell)
	}
	s.pending = map[cell]int64{}
	return all
}

func (s *Service) putBack(env store.EnvironmentID, cells []store.FunnelCell) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range cells {
		n := c.Count
		c.Count = 0
		s.add(cell{env, c}, n)
	}
}
