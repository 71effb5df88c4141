// Package replay asks past requests again of a candidate: another revision, or a
// tree that nobody has applied.
//
//	ledger ──▶ decision events ──▶ ReadRecord ──▶ access.Decide ──▶ what it got then,
//	           token., authorization.   │             candidate      against what it would
//	                                    └─▶ unreadable, erased, undecided: counted
//
// A decision's event holds its whole input, and the decision is made by the
// function that made it then. So a replay against the revision that decided finds
// no difference, and what cannot be asked again is counted rather than left out.
//
// What comes of it are counts and references. It holds no customer, group, attribute
// or address: those who may see them find them by the reference in the ledger. A
// candidate that somebody made up can nevertheless be shaped to ask about
// addresses, so who may replay one is the caller's to decide.
package replay

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/store"
)

// Store reads the ledger.
type Store interface {
	AuditEvents(ctx context.Context, env store.EnvironmentID, q store.AuditQuery) (events []store.ChainedEvent, next string, err error)
}

// Bounds of a replay.
const (
	DefaultEvents = 100_000
	MaxEvents     = 1_000_000
	maxChanges    = 2_000 // told apart; what is beyond is counted together
	page          = 1_000
)

// ErrRange: a replay wants a time that ends after it begins.
var ErrRange = errors.New("the time to replay ends before it begins")

// Wish is what to replay against which candidate.
type Wish struct {
	Candidate *config.Snapshot
	From, To  time.Time    // from ≤ at < to
	Events    int          // looked at, at most; 0: DefaultEvents
	Progress  func(Report) // told after each page; may be nil
}

// Report is what a replay found so far, or in the end.
type Report struct {
	From       time.Time `json:"from"`
	To         time.Time `json:"to"`
	Events     int       `json:"events"`             // looked at
	Replayed   int       `json:"replayed"`           // asked again
	Same       int       `json:"same"`               // of these
	More       int       `json:"more"`               // would have got more
	Less       int       `json:"less"`               // would have got less; some both
	Undecided  int       `json:"undecided"`          // refused before anything was decided, or no decision
	Erased     int       `json:"erased"`             // their personal part is gone, so that the address is not known
	Unreadable int       `json:"unreadable"`         // cannot be read
	Cut        bool      `json:"cut,omitempty"`      // there were more events than were looked at
	Earliest   time.Time `json:"earliest,omitzero"`  // of the events that were looked at
	Changes    []Change  `json:"changes"`            // more first, the most frequent first
	Untold     int       `json:"untold,omitempty"`   // differences beyond those told apart
	Complete   bool      `json:"complete"`           // whether this is the end
	Revision   int64     `json:"revision,omitempty"` // of the candidate; 0 for a tree
	found      map[key]*Change
}

// Change is one difference, in all events alike.
type Change struct {
	Kind        Kind                 `json:"kind"`
	Server      string               `json:"server"`
	Application access.ApplicationID `json:"application"`
	Scope       access.Scope         `json:"scope,omitempty"` // none of a lifetime
	Count       int                  `json:"count"`
	Why         string               `json:"why"` // of the example: the rule that would allow or refuse it
	Example     Example              `json:"example"`
}

// Example finds one event in the ledger.
type Example struct {
	At    time.Time `json:"at"`
	Trace string    `json:"trace,omitempty"` // the reference that the application was shown, if it was shown one
	Chain int       `json:"chain"`
	Seq   int64     `json:"seq"`
}

// Kind says what a difference is.
type Kind string

// The kinds, those that widen first.
const (
	Gained  Kind = "gained"  // a scope
	Longer  Kind = "longer"  // the life of what is issued
	Lost    Kind = "lost"    // a scope
	Shorter Kind = "shorter" // the life of what is issued
)

// Widens tells whether a difference gives somebody more.
func (k Kind) Widens() bool { return k == Gained || k == Longer }

type key struct {
	kind        Kind
	server      string
	application access.ApplicationID
	scope       access.Scope
}

// Run replays. It reads the ledger backwards, a page at a time, and holds
// nothing but counts. The report of an error is what was found by then.
func Run(ctx context.Context, s Store, env store.EnvironmentID, w Wish) (Report, error) {
	if !w.From.Before(w.To) {
		return Report{}, ErrRange
	}
	if w.Events <= 0 {
		w.Events = DefaultEvents
	}
	w.Events = min(w.Events, MaxEvents)
	r := Report{From: w.From.UTC(), To: w.To.UTC(), Revision: w.Candidate.Revision, found: map[key]*Change{}}
	for _, kind := range []string{"token.", "authorization."} {
		if err := r.read(ctx, s, env, w, kind); err != nil {
			return r.told(), err
		}
	}
	r.Complete = true
	return r.told(), nil
}

// read goes through the events of one kind.
func (r *Report) read(ctx context.Context, s Store, env store.EnvironmentID, w Wish, kind string) error {
	q := store.AuditQuery{Type: kind, From: w.From, To: w.To}
	for {
		if q.Limit = min(page, w.Events-r.Events); q.Limit == 0 {
			r.Cut = true
			return nil
		}
		events, next, err := s.AuditEvents(ctx, env, q)
		if err != nil {
			return err
		}
		for i := range events {
			r.replay(w.Candidate, &events[i])
		}
		if w.Progress != nil {
			w.Progress(r.told())
		}
		if q.Before = next; next == "" {
			return ctx.Err()
		}
	}
}

// replay asks one event's request again.
func (r *Report) replay(candidate *config.Snapshot, e *store.ChainedEvent) {
	r.Events++
	if r.Earliest.IsZero() || e.At.Before(r.Earliest) {
		r.Earliest = e.At.UTC()
	}
	if audit.Type(e.Type) == audit.TokenRevoked {
		r.Undecided++
		return
	}
	then, err := issue.ReadRecord(e.Event)
	switch {
	case err != nil:
		r.Unreadable++
		return
	case then.Request.Application == "" || then.Request.Grant == "":
		r.Undecided++
		return
	case e.Erased:
		r.Erased++
		return
	}
	r.Replayed++
	r.compare(then, decide(candidate, then), e)
}

// decide asks the candidate. A server that it does not have gives nothing.
func decide(candidate *config.Snapshot, then issue.Record) access.Decision {
	server, found := candidate.Servers[then.Server]
	if !found {
		return access.Decision{Error: access.Refusal{Description: "there is no such authorization server"}}
	}
	return access.Decide(server.Access, then.Request)
}

// compare notes what one event gains and loses.
func (r *Report) compare(then issue.Record, now access.Decision, e *store.ChainedEvent) {
	more, less := false, false
	note := func(kind Kind, scope access.Scope) {
		more, less = more || kind.Widens(), less || !kind.Widens()
		r.note(key{kind, then.Server, then.Request.Application, scope}, why(kind, then.Outcome, now), e)
	}
	for _, scope := range now.Granted {
		if !slices.Contains(then.Outcome.Granted, scope) {
			note(Gained, scope)
		}
	}
	for _, scope := range then.Outcome.Granted {
		if !slices.Contains(now.Granted, scope) {
			note(Lost, scope)
		}
	}
	if then.Outcome.Allowed && now.Allowed {
		was, is := then.Outcome.Lifetimes, now.Lifetimes
		if is.Access > was.Access || is.Refresh > was.Refresh || is.Idle > was.Idle {
			note(Longer, "")
		}
		if is.Access < was.Access || is.Refresh < was.Refresh || is.Idle < was.Idle {
			note(Shorter, "")
		}
	}
	if more {
		r.More++
	}
	if less {
		r.Less++
	}
	if !more && !less {
		r.Same++
	}
}

// why says what decides now.
func why(kind Kind, then, now access.Decision) string {
	switch {
	case now.Allowed:
		return "by rule " + string(now.Rule) + " of policy " + string(now.Policy)
	case kind == Lost && then.Rule != "":
		return now.Error.Description + "; it had it by rule " + string(then.Rule)
	}
	return now.Error.Description
}

func (r *Report) note(k key, why string, e *store.ChainedEvent) {
	c := r.found[k]
	if c == nil {
		if len(r.found) == maxChanges {
			r.Untold++
			return
		}
		c = &Change{
			Kind: k.kind, Server: k.server, Application: k.application, Scope: k.scope, Why: why,
			Example: Example{At: e.At.UTC(), Trace: e.Trace, Chain: e.Writer, Seq: e.Seq},
		}
		r.found[k] = c
	}
	c.Count++
}

// told is the report as it is now, with its changes in order.
func (r *Report) told() Report {
	told := *r
	told.found, told.Changes = nil, make([]Change, 0, len(r.found))
	for _, c := range r.found {
		told.Changes = append(told.Changes, *c)
	}
	slices.SortFunc(told.Changes, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(order(a.Kind), order(b.Kind)), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Server, b.Server),
			cmp.Compare(a.Application, b.Application), cmp.Compare(a.Scope, b.Scope),
		)
	})
	return told
}

func order(k Kind) int { return slices.Index([]Kind{Gained, Longer, Lost, Shorter}, k) }
