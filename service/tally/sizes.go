package tally

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"sallyport/store"
)

const (
	step    = 64 // bytes that a counter covers
	buckets = 128
)

// sizes counts lengths of tokens. It is safe for concurrent use.
type sizes struct {
	counts  [buckets]atomic.Uint32 // by length, in steps
	beyond  atomic.Uint32          // longer than all of them
	longest atomic.Int64
}

// add counts a token of so many bytes; 0 is none.
func (s *sizes) add(bytes int) {
	if bytes <= 0 {
		return
	}
	if i := (bytes - 1) / step; i < buckets {
		s.counts[i].Add(1)
	} else {
		s.beyond.Add(1)
	}
	for {
		longest := s.longest.Load()
		if int64(bytes) <= longest || s.longest.CompareAndSwap(longest, int64(bytes)) {
			return
		}
	}
}

// Spread is how long tokens were, in bytes. Median and P95 are exact to 64 bytes,
// rounded up; Most is exact.
type Spread struct {
	Tokens int64 `json:"tokens"`
	Median int   `json:"p50"`
	P95    int   `json:"p95"`
	Most   int   `json:"max"`
}

// spread reads the counters.
func (s *sizes) spread() Spread {
	var counts [buckets + 1]int64
	r := Spread{Most: int(s.longest.Load())}
	for i := range s.counts {
		counts[i] = int64(s.counts[i].Load())
		r.Tokens += counts[i]
	}
	counts[buckets] = int64(s.beyond.Load())
	r.Tokens += counts[buckets]
	r.Median, r.P95 = percentile(counts[:], r.Tokens, 50, r.Most), percentile(counts[:], r.Tokens, 95, r.Most)
	return r
}

// percentile is a length that so many of a hundred tokens do not exceed.
func percentile(counts []int64, total, percent int64, most int) int {
	seen := int64(0)
	for i, n := range counts[:buckets] {
		if seen += n; n > 0 && seen*100 >= total*percent {
			return min((i+1)*step, most)
		}
	}
	return most
}

// Measured is what was issued to an application by this node since it began.
type Measured struct {
	Server      string `json:"server"`
	Application string `json:"application"`
	Access      Spread `json:"access"`
	ID          Spread `json:"id"`
}

// Sizes lists what was measured in an environment, by server and application.
func (t *Tally) Sizes(env store.EnvironmentID) []Measured {
	t.mu.RLock()
	var all []Measured
	for who, p := range t.pairs {
		if who.env == env {
			all = append(all, Measured{who.server, who.application, p.access.spread(), p.id.spread()})
		}
	}
	t.mu.RUnlock()
	slices.SortFunc(all, func(a, b Measured) int {
		return cmp.Or(cmp.Compare(a.Server, b.Server), cmp.Compare(a.Application, b.Application))
	})
	return all
}

// Began is since when this node measures.
func (t *Tally) Began() time.Time { return t.began }
