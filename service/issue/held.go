package issue

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// Held is what an application can have of a customer now, by grants that live or
// by consent, which lets it ask again at any time.
type Held struct {
	Application string
	Allowed     bool        // the customer was asked, and consented
	Scopes      []HeldScope // by server and name
	Since       time.Time   // the oldest of those grants and consents
	Used        time.Time   // when tokens were last issued; zero: by none that live, or not known
}

// HeldScope is a scope of a server.
type HeldScope struct{ Server, Scope string }

// heldAtOnce grants are read at a time, and heldPages times at most: whoever has
// more has signed in more often than a person does.
const (
	heldAtOnce = 500
	heldPages  = 10
)

// Held lists the applications that can have something of a customer, those used
// last first. What was issued before the customer was signed out everywhere
// counts no more.
func (s *Service) Held(ctx context.Context, v View, c customer.Customer) ([]Held, error) {
	byName := map[string]*Held{}
	add := func(application, server string, scopes []string, since, used time.Time) *Held {
		h := byName[application]
		if h == nil {
			h = &Held{Application: application, Since: since}
			byName[application] = h
		}
		for _, scope := range scopes {
			h.Scopes = append(h.Scopes, HeldScope{server, scope})
		}
		h.Since, h.Used = earlier(h.Since, since), later(h.Used, used)
		return h
	}
	consents, err := s.cfg.Store.Consents(ctx, v.Env, c.ID)
	if err != nil {
		return nil, fmt.Errorf("reading consents: %w", err)
	}
	for _, consent := range consents {
		add(consent.Application, consent.Server, consent.Scopes, consent.Given, time.Time{}).Allowed = true
	}
	err = s.eachGrant(ctx, v, c, func(g store.Grant) {
		add(g.Application, g.Server, g.Scopes, g.Created, later(g.Used, g.Created))
	})
	if err != nil {
		return nil, err
	}
	all := make([]Held, 0, len(byName))
	for _, h := range byName {
		slices.SortFunc(h.Scopes, func(a, b HeldScope) int {
			return cmp.Or(cmp.Compare(a.Server, b.Server), cmp.Compare(a.Scope, b.Scope))
		})
		h.Scopes = slices.Compact(h.Scopes)
		all = append(all, *h)
	}
	slices.SortFunc(all, func(a, b Held) int {
		return cmp.Or(later(b.Used, b.Since).Compare(later(a.Used, a.Since)), cmp.Compare(a.Application, b.Application))
	})
	return all, nil
}

// eachGrant goes through the grants of a customer that count.
func (s *Service) eachGrant(ctx context.Context, v View, c customer.Customer, do func(store.Grant)) error {
	page := store.GrantPage{Customer: c.ID, At: s.cfg.Now(), Limit: heldAtOnce}
	for range heldPages {
		grants, err := s.cfg.Store.GrantsOf(ctx, v.Env, page)
		if err != nil {
			return fmt.Errorf("listing grants: %w", err)
		}
		for _, g := range grants {
			if c.Honours(g.Created) {
				do(g)
			}
		}
		if len(grants) < heldAtOnce {
			break
		}
		page.After = grants[len(grants)-1].ID
	}
	return nil
}

// ErrNothingHeld: the application has nothing of the customer.
var ErrNothingHeld = errors.New("the application has no access")

// TakenBack is the reason of grants that their customer ended.
const TakenBack Reason = "taken-back"

// takenBack is the body of the event.
type takenBack struct {
	Grants int `json:"grants"`
}

// WithdrawAll takes back whatever an application has of a customer, of every
// server: its consents, as [Service.Withdraw] does, and the grants that it was
// given without asking. w.Server and w.Customer are not looked at. Refresh tokens
// end at once, access tokens within five seconds. [ErrNothingHeld].
//
// An application that needs no consent may begin anew at the next sign-in, and
// until then can redeem a code of the last minute.
func (s *Service) WithdrawAll(ctx context.Context, v View, c customer.Customer, w Withdrawal) error {
	w.Customer = c.ID
	consents, err := s.cfg.Store.Consents(ctx, v.Env, c.ID)
	if err != nil {
		return fmt.Errorf("reading consents: %w", err)
	}
	found := false
	for _, consent := range consents {
		if consent.Application != w.Application {
			continue
		}
		w.Server, found = consent.Server, true
		if err := s.Withdraw(ctx, v.Env, w); err != nil && !errors.Is(err, ErrNoConsent) {
			return err
		}
	}
	ended, err := s.takeBack(ctx, v, w)
	if err == nil && ended == 0 && !found {
		err = ErrNothingHeld
	}
	return err
}

// takeBack ends the grants that are left, on every node, and tells the ledger once.
func (s *Service) takeBack(ctx context.Context, v View, w Withdrawal) (grants int, err error) {
	now, id := s.cfg.Now(), w.Customer.String()
	err = s.cfg.Store.Write(ctx, v.Env, func(tx store.Tx) error {
		ended, err := tx.RevokeGrantsOf(ctx, w.Customer, w.Application, now, string(TakenBack))
		if grants = len(ended); err != nil || grants == 0 {
			return err
		}
		if err := tellWithdrawn(ctx, tx, w, ended, now); err != nil {
			return err
		}
		return tx.Audit(ctx, s.cfg.Audit.Event(audit.Entry{
			At: now, Type: audit.AccessTakenBack, Actor: w.By, Application: w.Application, Customer: id,
			Detail: takenBack{grants}, Personal: personalOf(w.Address),
		}))
	})
	if err != nil {
		return 0, fmt.Errorf("taking grants back: %w", err)
	}
	s.cfg.Feed.Wake()
	return grants, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
