package promotion

import (
	"context"
	"fmt"
	"slices"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/customer"
	"sallyport/pure/review"
	"sallyport/store"
)

// Counts says how the customers of populations were counted.
type Counts struct {
	At time.Time // some seconds ago
	// Partial tells that some customers were left out, being in too many different
	// sets of groups: there may be more than counted.
	Partial bool
}

// counted is what is known of an environment's customers for a while.
type counted struct {
	at   time.Time
	sets []store.GroupSet // of those who may sign in
	cut  bool
}

const (
	countedFor = time.Minute
	maxSets    = 5000
)

// count says of each population of a review how many customers it holds now, by
// their groups alone: where it asks for more than groups, it is at most so many.
func (s *Service) count(ctx context.Context, m *matter) error {
	counts := func(l review.Line) bool {
		return slices.ContainsFunc(l.Who, func(p review.Population) bool { return !p.Machine })
	}
	if !slices.ContainsFunc(m.shown.Review.Lines, counts) {
		return nil
	}
	c, err := s.customers(ctx, m.live.ID)
	if err != nil {
		return err
	}
	m.shown.Counts = Counts{At: c.at, Partial: c.cut}
	for i := range m.shown.Review.Lines {
		who := m.shown.Review.Lines[i].Who
		for j := range who {
			if !who[j].Machine {
				n := c.of(who[j].Population)
				who[j].Customers = &n
			}
		}
	}
	return nil
}

// customers counts those of an environment, at most once a minute.
func (s *Service) customers(ctx context.Context, env store.EnvironmentID) (*counted, error) {
	now := s.cfg.Now()
	s.mu.Lock()
	c := s.counted[env]
	s.mu.Unlock()
	if c != nil && now.Sub(c.at) < countedFor && !now.Before(c.at) {
		return c, nil
	}
	sets, cut, err := s.cfg.Store.CountByGroups(ctx, env, maxSets)
	if err != nil {
		return nil, fmt.Errorf("counting customers: %w", err)
	}
	c = &counted{at: now, cut: cut, sets: slices.DeleteFunc(sets, func(set store.GroupSet) bool { return set.State != customer.Active })}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counted[env] = c
	return c, nil
}

// of counts the customers whose groups fit a population.
func (c *counted) of(p access.Population) (n int64) {
	for _, set := range c.sets {
		member := func(g access.Group) bool { return slices.Contains(set.Groups, string(g)) }
		fits := !slices.ContainsFunc(p.NotIn, member)
		for _, list := range p.In {
			fits = fits && slices.ContainsFunc(list, member)
		}
		if fits {
			n += set.Customers
		}
	}
	return n
}
