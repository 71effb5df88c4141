package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/environment"
	"sallyport/store"
)

// crowd is an environment of many invented customers and what they leave behind.
// The same number of them gives the same crowd.
type crowd struct {
	*testing.T
	store store.Store
	live  *environment.Live
	size  int
	until time.Time // when the newest event happened
	// direct is the PostgreSQL into which most households are copied past the store,
	// which writes them one by one. Empty: the store writes all.
	direct string
}

const (
	crowdBatch = 20_000
	// known is the customer of whom one event in fifty is, and who is signed in in
	// many places.
	known = 7
)

var (
	firstNames = []string{
		"Ann", "Anna", "Annette", "Ben", "Carla", "Dana", "Emil", "Fiona", "Goran", "Hana", "Ines", "Jon", "Kim", "Lena",
		"Mara", "Nils", "Olga", "Pia", "Quinn", "Rosa", "Sam", "Tia", "Uma", "Vera", "Wim", "Xenia", "Yara", "Zoe",
	}
	lastNames = []string{"Abel", "Brook", "Castle", "Dorn", "Ember", "Field", "Grove", "Hill", "Iles", "Jarvis", "Kerr", "Lake", "Moor"}
)

// idOf gives the i-th thing of a kind its id. Ids grow in great steps, so that a crowd
// is stored in little time, and are mixed within them, so that neighbours in a list are
// none in storage.
func idOf(kind string, i int) (id [16]byte) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", kind, i))
	copy(id[:], sum[:])
	const step, prime = crowdBatch, 7919
	binary.BigEndian.PutUint64(id[:], uint64(i/step*step+i%step*prime%step)<<8|1)
	return id
}

// customer is the i-th by name. Half of all begin with the same letters, as names do.
func (c crowd) customer(i int) store.NewCustomer {
	id := customer.ID(idOf("customer", i))
	place := float64(i) / float64(c.size)
	first, within := firstNames[int(place*6)%3], place*6
	if place >= 0.5 {
		within = 3 + (place-0.5)*2*float64(len(firstNames)-3)
		first = firstNames[int(within)]
	}
	last := lastNames[int((within-float64(int(within)))*float64(len(lastNames)))]
	name := fmt.Sprintf("%s.%s.%07d", lower(first), lower(last), i)
	at := c.until.Add(-time.Duration(i%1000) * 24 * time.Hour)
	p := store.NewCustomer{
		Customer: customer.Customer{
			ID: id, State: customer.Active, Name: first + " " + last, Created: at, Updated: at, Version: 1,
			Groups:     []string{[]string{"residential", "commercial", "landlords"}[i%10/5+i%10/9]},
			Attributes: map[string]string{"account_number": fmt.Sprintf("%010d", i), "town": lastNames[i%7] + "ton"},
		},
		Identifiers: []customer.Identifier{
			{Kind: customer.Username, Value: name, Display: name, Source: "meterman"},
			{Kind: customer.Email, Value: name + "@mail.example", Display: name + "@mail.example", Verified: i%4 > 0, Source: "meterman"},
			{Kind: customer.Phone, Value: fmt.Sprintf("+1%010d", 2_000_000_000+i), Display: fmt.Sprintf("+1 %010d", 2_000_000_000+i), Source: "meterman"},
		},
		Credential: &store.Credential{Customer: id, Sealed: make([]byte, 120), Scheme: "argon2id", Updated: at},
	}
	if i%100 == 99 {
		p.Customer.State = customer.Disabled
	}
	return p
}

func lower(s string) string { return string(s[0]|0x20) + s[1:] }

// record is the i-th record of the earlier system; moved is false while it is pending.
func (c crowd) record(i int) (m store.RecordMove, moved bool) {
	m = store.RecordMove{Migration: "meterman", Key: fmt.Sprintf("MM%09d", i), State: store.RecordImported, Row: int64(i + 2), Run: "run1", At: c.until}
	switch i % 100 {
	case 10, 11:
		m.State, m.Reason, m.Detail = store.RecordHeld, []string{"duplicate", "email-invalid", "no-identifier"}[i/100%3], "it waits"
	case 20:
		m.State, m.Reason = store.RecordDropped, "closed"
	case 30:
		return m, false
	default:
		m.Customer = customer.ID(idOf("customer", i)).String()
	}
	return m, true
}

// event is the i-th of n, which fill the last thirty days.
func (c crowd) event(i, n int) store.Event {
	who := i * 31 % c.size
	if i%50 == 0 {
		who = known
	}
	e := store.Event{
		At: c.until.Add(-time.Duration(n-i) * (30 * 24 * time.Hour / time.Duration(n))), Result: "ok", Application: "my-account",
		Customer: customer.ID(idOf("customer", who)).String(), Trace: fmt.Sprintf("t%015d", i),
		Body: []byte(`{"detail":{"revision":1,"server":"apps","asked":["billing.read.bill"],"granted":["billing.read.bill"],"policy":"own-applications","rule":"customers-see-and-pay"}}`),
	}
	e.Actor = "customer/" + e.Customer
	switch k := i % 200; {
	case i == 10:
		e.Type, e.Actor, e.Application, e.Customer, e.Result = "revision.refused", "operator/first", "", "", "widens"
	case i%10_000 == 500:
		e.Type, e.Actor, e.Application, e.Customer = "role.granted", "operator/rita", "", ""
	case k < 100:
		e.Type, e.Actor, e.Application, e.Customer = "token.issued", "application/payright", "payright", ""
	case k < 140:
		e.Type, e.Actor = "token.issued", "application/my-account"
	case k < 160:
		e.Type = "signin.succeeded"
	case k < 176:
		e.Type = "authorization.granted"
	case k < 184:
		e.Type, e.Actor = "token.refreshed", "application/mobile"
		e.Application = "mobile"
	case k < 192:
		e.Type, e.Actor, e.Application, e.Customer, e.Result = "token.refused", "application/sunshare", "sunshare", "", "no-rule"
	case k < 196:
		e.Type, e.Result = "signin.refused", "wrong-password"
	case k < 199:
		e.Type = "session.ended"
	default:
		e.Type, e.Actor, e.Application = "customer.viewed", "operator/rita", ""
	}
	return e
}

func (c crowd) session(i int) store.Session {
	who := i * 10
	if i%500 == 3 {
		who = known
	}
	at := c.until.Add(-time.Duration(i%600) * time.Minute)
	return store.Session{
		ID: store.SessionID(idOf("session", i)), SecretHash: sha256.Sum256(binary.AppendVarint(nil, int64(i))), Customer: customer.ID(idOf("customer", who)),
		SignedIn: at, Created: at, Used: at, Expires: c.until.Add(12 * time.Hour), Assurance: "pwd", Methods: []string{"pwd"}, Agent: "Browser", Address: "192.0.2.7",
	}
}

// load stores the crowd by the store's own writers, and tells how fast.
func (c crowd) load(ctx context.Context) {
	c.Helper()
	c.timed("customers and records", c.size, func(from, to int) error {
		return c.store.Write(ctx, c.live.ID, func(tx store.Tx) error {
			if from == 0 {
				err := tx.StartRun(ctx, store.Run{
					Migration: "meterman", ID: "run1", Source: "export.csv", Total: int64(c.size), Done: int64(c.size), State: "done", Started: c.until, Updated: c.until,
				})
				if err != nil {
					return err
				}
			}
			var people []store.NewCustomer
			var moves []store.RecordMove
			for i := from; i < to; i++ {
				people = append(people, c.customer(i))
				if m, moved := c.record(i); moved {
					moves = append(moves, m)
				}
			}
			if err := tx.CreateCustomers(ctx, people); err != nil {
				return err
			}
			return tx.MoveRecords(ctx, moves)
		})
	})
	// Of the sister's records only the last were imported.
	c.timed("records of another migration", c.size/4, func(from, to int) error {
		var moves []store.RecordMove
		for i := from; i < to; i++ {
			m := store.RecordMove{Migration: "orchard", Key: fmt.Sprintf("OV%09d", i), State: store.RecordDropped, Reason: "closed", Run: "run1", At: c.until}
			if i >= c.size/4-20 {
				m.State, m.Reason = store.RecordImported, ""
			}
			moves = append(moves, m)
		}
		return c.store.Write(ctx, c.live.ID, func(tx store.Tx) error {
			if from == 0 {
				err := tx.StartRun(ctx, store.Run{Migration: "orchard", ID: "run1", Source: "users.ndjson", Total: int64(c.size / 4), State: "done", Started: c.until, Updated: c.until})
				if err != nil {
					return err
				}
			}
			return tx.MoveRecords(ctx, moves)
		})
	})
	events := c.events()
	c.timed("audit events", events, func(from, to int) error {
		var batch []store.Event
		for i := from; i < to; i++ {
			batch = append(batch, c.event(i, events))
		}
		return c.store.Record(ctx, c.live.ID, batch...)
	})
	c.timed("sessions", c.size/10, func(from, to int) error {
		return c.store.Write(ctx, c.live.ID, func(tx store.Tx) error {
			for i := from; i < to; i++ {
				if err := tx.CreateSession(ctx, c.session(i)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	c.households(ctx)
	c.timed("subscriptions and an hour of their usage", 200, func(from, to int) error {
		return c.store.Write(ctx, c.live.ID, func(tx store.Tx) error {
			for i := from; i < to; i++ {
				s := store.Subscription{
					ID: fmt.Sprintf("sub_%04d", i), Application: []string{"my-account", "mobile", "payright", "sunshare"}[i%4], Product: "billing-standard",
					Primary: sha256.Sum256(fmt.Appendf(nil, "key %d", i)), State: "active", Created: c.until,
				}
				if err := tx.PutSubscription(ctx, s); err != nil {
					return err
				}
				var usage []store.Usage
				for minute := range 20 {
					usage = append(usage, store.Usage{Subscription: s.ID, Operation: "billing/currentBill", Minute: c.until.Add(-time.Duration(minute) * time.Minute).Truncate(time.Minute), Calls: 3})
				}
				if err := tx.AddUsage(ctx, usage); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// events is how many the ledger has: one for each customer and a third more.
func (c crowd) events() int { return c.size + c.size/3 }

func (c crowd) timed(what string, n int, store func(from, to int) error) {
	c.Helper()
	began := time.Now()
	for from := 0; from < n; from += crowdBatch {
		if err := store(from, min(from+crowdBatch, n)); err != nil {
			c.Fatalf("%s: %v", what, err)
		}
	}
	took := time.Since(began)
	c.Logf("%d %s in %v: %.0f a second", n, what, took.Round(time.Millisecond), float64(n)/took.Seconds())
}
