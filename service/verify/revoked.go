package verify

import (
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"sallyport/store"
)

// revoked is what the feed has named and may still be in somebody's token.
type revoked struct {
	mu    sync.RWMutex
	limit int
	ids   map[origin]struct{}
	since map[holder]time.Time // nothing issued until then counts
	queue []revocation         // as heard, which is about the order of their ends
	floor map[store.EnvironmentID]time.Time

	singles recalled
	cells   cells
}

// origin is a grant or a session.
type origin struct {
	env  store.EnvironmentID
	kind store.FeedKind
	id   [16]byte
}

// holder is a customer, or what one application has of a customer.
type holder struct {
	env                   store.EnvironmentID
	customer, application string
}

// revocation is one entry of the queue: an origin, or a holder.
type revocation struct {
	origin    origin
	holder    holder
	at, until time.Time
}

func newRevoked(limit int) *revoked {
	return &revoked{
		limit: limit, ids: map[origin]struct{}{}, since: map[holder]time.Time{},
		floor: map[store.EnvironmentID]time.Time{}, singles: newRecalled(limit), cells: newCells(limit),
	}
}

// hear takes in one entry of the feed and forgets those that matter no more.
func (r *revoked) hear(entry store.FeedEntry, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.queue) > 0 && r.queue[0].until.Before(now) {
		r.forget()
	}
	r.singles.tidy(now)
	r.cells.tidy(now)
	if entry.Until.Before(now) {
		return
	}
	n := revocation{at: entry.At, until: entry.Until, origin: origin{env: entry.Env, kind: entry.Kind}}
	switch entry.Kind {
	case store.GrantRevoked, store.SessionEnded:
		if raw, err := hex.DecodeString(entry.Subject); err != nil || len(raw) != len(n.origin.id) {
			return
		} else {
			copy(n.origin.id[:], raw)
		}
		if _, known := r.ids[n.origin]; known { // what ended does not end again
			return
		}
		r.ids[n.origin] = struct{}{}
	case store.CustomerRevoked, store.AccessWithdrawn:
		n.holder.env = entry.Env
		n.holder.customer, n.holder.application, _ = strings.Cut(entry.Subject, "/")
		if entry.At.After(r.since[n.holder]) {
			r.since[n.holder] = entry.At
		}
	case store.TokenRevoked:
		r.singles.hear(entry)
		return
	case store.CellsRecalled:
		r.recall(entry)
		return
	default:
		return
	}
	r.queue = append(r.queue, n)
	for len(r.queue) > r.limit {
		r.raise(r.queue[0])
		r.forget()
	}
}

// recall takes in what an undo recalled. What cannot be read, or must make way, is
// made up for by refusing every token of the environment that was there with it.
func (r *revoked) recall(entry store.FeedEntry) {
	if lost := r.cells.hear(entry); lost != nil && lost.at.After(r.floor[lost.env]) {
		r.floor[lost.env] = lost.at
	}
}

// forget drops the first of the queue.
func (r *revoked) forget() {
	first := r.queue[0]
	r.queue = r.queue[1:]
	if first.holder.customer == "" {
		delete(r.ids, first.origin)
		return
	}
	if !r.since[first.holder].After(first.at) {
		delete(r.since, first.holder)
	}
}

// raise makes up for a revocation that is forgotten before its time: every
// token that was there with it is refused.
func (r *revoked) raise(n revocation) {
	if n.at.After(r.floor[n.origin.env]) {
		r.floor[n.origin.env] = n.at
	}
}

// names tells whether t was revoked. A grant or session that ended never comes
// back, so the instant counts for holders alone.
func (r *revoked) names(env store.EnvironmentID, t *Token) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if floor, raised := r.floor[env]; raised && !t.IssuedAt.After(floor) {
		return true
	}
	if r.singles.names(env, t) || r.cells.names(env, t) {
		return true
	}
	if t.Machine() {
		return false
	}
	if _, found := r.ids[origin{env, store.GrantRevoked, t.GrantID}]; found {
		return true
	}
	if _, found := r.ids[origin{env, store.SessionEnded, t.SessionID}]; found {
		return true
	}
	if at, found := r.since[holder{env, t.Subject, ""}]; found && (!t.IssuedAt.After(at) || signedInBefore(t, at)) {
		return true
	}
	at, found := r.since[holder{env, t.Subject, t.ClientID}]
	return found && !t.IssuedAt.After(at)
}

// signedInBefore tells whether a token's sign-in is older than a cut, after which
// nothing is issued for it: a token that is younger was under way at that moment.
func signedInBefore(t *Token, cut time.Time) bool {
	return !t.AuthTime.IsZero() && t.AuthTime.Before(cut.Truncate(time.Second))
}
