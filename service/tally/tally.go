// Package tally counts what is issued, for whoever governs it: how long the tokens
// of each application are, and on which day each scope was last issued to it.
//
// Sizes are kept in memory, of this node since it began, in counters whose number
// configuration bounds. Days are kept in the store, so that they outlive nodes: the
// first token of a day with a scope of an application writes one row, within a
// second, and all others of that day write nothing. A node that is killed loses at
// most what was issued for the first time that day in its last second.
//
// Nothing waits for it, and nothing fails with it. It owns neither what governance
// makes of the figures (package govern), nor the ledger of what was issued to whom
// (service/audit). service/issue tells it of each token; the faces ask it.
package tally

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sallyport/pure/access"
	"sallyport/service/flush"
	"sallyport/store"
)

// Store is what a tally needs of the store.
type Store interface {
	store.Uses
	store.Writer
}

// Config constructs a [Tally]. All fields are required.
type Config struct {
	Store Store
	Now   func() time.Time
	Log   *slog.Logger
}

// Tally counts. It is safe for concurrent use.
type Tally struct {
	cfg   Config
	began time.Time

	mu      sync.RWMutex // guards pairs itself
	pairs   map[name]*pair
	waiting sync.Mutex // guards pending
	pending map[use]int64
	writes  sync.Mutex // one flush at a time
}

// name is who was issued something by whom.
type name struct {
	env                 store.EnvironmentID
	server, application string
}

// use is a scope that was issued.
type use struct {
	name
	scope access.Scope
}

// pair is what is known of an application at a server.
type pair struct {
	access, id sizes
	mu         sync.RWMutex
	days       map[access.Scope]int64 // last day noted, since 1970
}

const (
	// maxPairs bounds memory; what more there are is not measured. A pair has about
	// two kilobytes.
	maxPairs   = 20_000
	daySeconds = 24 * 60 * 60
)

// New gives a tally that writes only when Run runs, or on Flush.
func New(c Config) *Tally {
	return &Tally{cfg: c, began: c.Now(), pairs: map[name]*pair{}, pending: map[use]int64{}}
}

// Issued counts a token of an application by a server: the bytes of its access and
// ID token, 0 for none, and the scopes that were granted.
func (t *Tally) Issued(env store.EnvironmentID, server, application string, scopes []access.Scope, accessBytes, idBytes int) {
	who := name{env, server, application}
	p := t.pair(who)
	if p == nil {
		return
	}
	p.access.add(accessBytes)
	p.id.add(idBytes)
	if today := t.cfg.Now().Unix() / daySeconds; !p.noted(scopes, today) {
		t.note(who, p, scopes, today)
	}
}

func (t *Tally) pair(who name) *pair {
	t.mu.RLock()
	p := t.pairs[who]
	t.mu.RUnlock()
	if p != nil {
		return p
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if p = t.pairs[who]; p == nil && len(t.pairs) < maxPairs {
		p = &pair{days: map[access.Scope]int64{}}
		t.pairs[who] = p
	}
	return p
}

// noted tells whether all scopes were noted today.
func (p *pair) noted(scopes []access.Scope, today int64) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, s := range scopes {
		if p.days[s] < today && !access.IsOIDC(s) {
			return false
		}
	}
	return true
}

// note has the scopes written that were not noted today.
func (t *Tally) note(who name, p *pair, scopes []access.Scope, today int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t.waiting.Lock()
	defer t.waiting.Unlock()
	for _, s := range scopes {
		if p.days[s] < today && !access.IsOIDC(s) {
			p.days[s] = today
			t.pending[use{who, s}] = today
		}
	}
}

// Run writes each second until ctx ends, and once more then.
func (t *Tally) Run(ctx context.Context) {
	flush.Run(ctx, t.cfg.Log, "uses of scopes", t.Flush)
}

// Flush writes what was noted. What cannot be written is kept for the next time,
// unless its environment is gone.
func (t *Tally) Flush(ctx context.Context) error {
	t.writes.Lock()
	defer t.writes.Unlock()
	t.waiting.Lock()
	taken := t.pending
	if len(taken) > 0 {
		t.pending = map[use]int64{}
	}
	t.waiting.Unlock()
	lines := map[store.EnvironmentID][]store.ScopeUse{}
	for u, day := range taken {
		lines[u.env] = append(lines[u.env], store.ScopeUse{
			Server: u.server, Application: u.application, Scope: string(u.scope), Day: time.Unix(day*daySeconds, 0).UTC(),
		})
	}
	var all error
	for env, uses := range lines {
		err := t.cfg.Store.Write(ctx, env, func(tx store.Tx) error { return tx.PutScopeUses(ctx, uses) })
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			all = errors.Join(all, fmt.Errorf("uses of environment %d: %w", env, err))
			t.keep(env, taken)
		}
	}
	return all
}

// keep puts back what could not be written. A later day that came meanwhile stays.
func (t *Tally) keep(env store.EnvironmentID, taken map[use]int64) {
	t.waiting.Lock()
	defer t.waiting.Unlock()
	for u, day := range taken {
		if u.env == env {
			t.pending[u] = max(t.pending[u], day)
		}
	}
}
