package signin

import (
	"sync"

	"sallyport/pure/config"
	"sallyport/pure/journey"
)

// maxSets is more configurations than a node serves at once, mostly.
const maxSets = 256

// sets remembers the journeys of snapshots: each is compiled once. Its zero value is
// ready.
type sets struct {
	mu sync.Mutex
	of map[*config.Snapshot]*journey.Set
}

// of gives the journeys of a snapshot.
func (s *sets) get(snapshot *config.Snapshot) (*journey.Set, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if set, known := s.of[snapshot]; known {
		return set, nil
	}
	set, err := journey.CompileSet(snapshot.Journeys)
	if err != nil {
		return nil, err
	}
	if s.of == nil || len(s.of) >= maxSets {
		s.of = map[*config.Snapshot]*journey.Set{}
	}
	s.of[snapshot] = set
	return set, nil
}
