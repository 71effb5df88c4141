package directory

import (
	"context"
	"crypto/sha256"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// Looked is what an operator looked for, and what that showed them.
type Looked struct {
	By    audit.Actor
	Kind  string        // of what: a kind of identifier, "account", "tag", "claim"; empty: customers by any name
	Typed string        // lies beside the chain
	Found int           // how many were shown
	Whom  []customer.ID // that were shown; if it is one alone, what was typed goes when they are erased
	File  bool          // in a file
}

type lookedDetail struct {
	Kind  string `json:"kind"`
	Found int    `json:"found"`
	File  bool   `json:"file,omitempty"`
	Looks int    `json:"looks,omitempty"` // of the same kind and words within the hour, with what they found together
}

// Searched leaves a trace of who looked for whom by a name. That there is nobody of a name
// is told to nobody unseen either.
func (d *Directory) Searched(ctx context.Context, env store.EnvironmentID, l Looked) error {
	return d.cfg.Audit.Record(ctx, env, l.entry(lookedDetail{Kind: l.Kind, Found: l.Found, File: l.File}))
}

// Listed leaves a trace of who was shown a page of a list. Pages of the same list, looked at
// over and over within an hour, are told at the first, the second, the fourth, the eighth
// and so on, with how many there were by then: whoever reads a whole directory page by page
// is seen, and does not fill the ledger. Each node counts by itself.
func (d *Directory) Listed(ctx context.Context, env store.EnvironmentID, l Looked) error {
	detail, tell := d.looks.count(env, l, d.cfg.Now())
	if !tell {
		return nil
	}
	return d.cfg.Audit.Record(ctx, env, l.entry(detail))
}

func (l Looked) entry(detail lookedDetail) audit.Entry {
	e := audit.Entry{Type: audit.CustomersSearched, Actor: l.By, Detail: detail, Personal: map[string]any{"typed": l.Typed}}
	if only := slices.Compact(slices.Clone(l.Whom)); len(only) == 1 && !only[0].IsZero() {
		e.Customer = only[0].String()
	}
	return e
}

// Viewed leaves a trace of who was shown what is a customer's.
func (d *Directory) Viewed(ctx context.Context, env store.EnvironmentID, id customer.ID, by audit.Actor) error {
	return d.cfg.Audit.Record(ctx, env, audit.Entry{Type: audit.CustomerViewed, Actor: by, Customer: id.String()})
}

type accountViewedDetail struct {
	Account     string `json:"account"`
	Members     int    `json:"members"` // whose names were shown
	Premises    int    `json:"premises"`
	Invitations int    `json:"invitations,omitempty"`
}

// ViewedAccount leaves a trace of who was shown an account: one line, with how many people's
// names it showed. Of one alone it is bound to them.
func (d *Directory) ViewedAccount(ctx context.Context, env store.EnvironmentID, a *Account, by audit.Actor) error {
	e := audit.Entry{Type: audit.AccountViewed, Actor: by, Detail: accountViewedDetail{a.ID.String(), len(a.Members), len(a.Premises), len(a.Invitations)}}
	if len(a.Members) == 1 {
		e.Customer = a.Members[0].Member.Customer.String()
	}
	return d.cfg.Audit.Record(ctx, env, e)
}

const (
	looksFor = time.Hour
	maxLooks = 4096 // lists that are remembered; of more the memory begins again, and more is told
)

// looks counts how often the same list was looked at. It is safe for concurrent use.
type looks struct {
	mu   sync.Mutex
	seen map[[16]byte]*look
}

type look struct {
	since        time.Time
	times, found int
}

// count counts a look, and tells whether it is to be recorded.
func (s *looks) count(env store.EnvironmentID, l Looked, now time.Time) (detail lookedDetail, tell bool) {
	sum := sha256.Sum256([]byte(strings.Join([]string{string(l.By), l.Kind, l.Typed, strconv.FormatInt(int64(env), 10)}, "\x00")))
	key := [16]byte(sum[:])
	detail = lookedDetail{Kind: l.Kind, Found: l.Found, File: l.File}
	if l.File { // a file is a list as a whole, and is always told
		return detail, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.seen[key]
	if one == nil || now.Sub(one.since) >= looksFor || now.Before(one.since) {
		if len(s.seen) >= maxLooks {
			clear(s.seen)
		}
		one = &look{since: now}
		s.seen[key] = one
	}
	one.times++
	one.found += l.Found
	if one.times > 1 {
		detail.Looks, detail.Found = one.times, one.found
	}
	return detail, one.times&(one.times-1) == 0
}
