package issue

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/limit"
	"sallyport/store"
)

// Flood is a request that was not looked at, since too many came before it.
type Flood struct {
	Server      *config.LiveServer
	Endpoint    string
	Limit       string              // source or application
	Application *config.Application // nil: none is known
	Address     netip.Addr
}

// floodDetail is the body of the event.
type floodDetail struct {
	Server   string `json:"server"`
	Endpoint string `json:"endpoint"`
	Limit    string `json:"limit"`
	Requests int64  `json:"requests"` // refused since the event before
}

// NoteFlood counts a refused request and gives the reference of the event that
// tells of it. Alike ones share an event for ten seconds, and the next event
// says how many there were: a flood of any size costs a line each ten seconds.
// Those after the last event of a flood are in none. The reference is empty if
// there are too many floods to be told apart.
func (s *Service) NoteFlood(ctx context.Context, v View, f Flood) (reference string, err error) {
	key := floodKey{env: v.Env, server: f.Server.Name, endpoint: f.Endpoint, limit: f.Limit, source: limit.Source(f.Address)}
	entry := audit.Entry{Type: audit.RequestLimited, Actor: audit.System, Result: f.Limit, Personal: personalOf(f.Address)}
	if f.Application != nil {
		key.application, entry.Application = f.Application.Name, f.Application.Name
	}
	reference, requests := s.floods.count(key, s.cfg.Now(), s.cfg.Audit.NewTrace)
	if requests == 0 {
		return reference, nil
	}
	entry.Trace = reference
	entry.Detail = floodDetail{Server: f.Server.Name, Endpoint: f.Endpoint, Limit: f.Limit, Requests: requests}
	return reference, s.cfg.Audit.Record(ctx, v.Env, entry)
}

// floods are the limits that were exceeded lately.
type floods struct {
	mu     sync.Mutex
	recent map[floodKey]*flood
}

type floodKey struct {
	env                                  store.EnvironmentID
	server, endpoint, limit, application string
	source                               netip.Prefix
}

type flood struct {
	reference string
	until     time.Time // when the next event is due
	requests  int64     // since the last one
}

const (
	floodPeriod = 10 * time.Second
	maxFloods   = 4 << 10
)

// count adds a request. If an event is due it gives how many it tells of, and
// zero otherwise.
func (f *floods) count(key floodKey, now time.Time, fresh func() string) (reference string, requests int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one, known := f.recent[key]
	if !known {
		if len(f.recent) >= maxFloods && !f.tidy(now) {
			return "", 0
		}
		one = &flood{}
		f.recent[key] = one
	}
	one.requests++
	if known && now.Before(one.until) {
		return one.reference, 0
	}
	requests = one.requests
	*one = flood{reference: fresh(), until: now.Add(floodPeriod)}
	return one.reference, requests
}

// tidy forgets floods that are over, and tells whether there were any.
func (f *floods) tidy(now time.Time) bool {
	before := len(f.recent)
	for key, one := range f.recent {
		if !now.Before(one.until) {
			delete(f.recent, key)
		}
	}
	return len(f.recent) < before
}
