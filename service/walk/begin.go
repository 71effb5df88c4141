package walk

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"sallyport/protocol/passhash"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/expect"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Ask says what to walk.
type Ask struct {
	Lists       []string
	Application string
	By          audit.Actor
}

// Begun is everything that whoever walks needs. It holds passwords and secrets.
type Begun struct {
	ID           string                 `json:"id"`
	Revision     int64                  `json:"revision"`
	Expires      time.Time              `json:"expires"`
	Walks        []expect.Walk          `json:"walks"`
	Customers    map[string]Customer    `json:"customers"`    // by expect.Walk.Customer
	Applications map[string]Application `json:"applications"` // by name
	Issuers      map[string]string      `json:"issuers"`      // by server
}

// Customer is somebody invented, who can sign in.
type Customer struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// Application is how one asks as an application.
type Application struct {
	Authentication string `json:"authentication"`
	Secret         string `json:"secret,omitempty"`
	Redirect       string `json:"redirect,omitempty"`
}

// detail is what is stored of a run: what it lent while it goes on, its report after.
type detail struct {
	Walks  []expect.Walk     `json:"walks,omitempty"`
	Lent   map[string]string `json:"lent,omitempty"` // application → id of its secret
	Report *Report           `json:"report,omitempty"`
}

// Begin plans a run and makes whom and what it needs. [ErrForbidden], [ErrRunning],
// [ErrTooManyCustomers], [expect.ErrTooMany], [expect.ErrUnknown].
func (s *Service) Begin(ctx context.Context, live *environment.Live, snapshot *config.Snapshot, ask Ask) (Begun, error) {
	if forbidden(live, snapshot) {
		return Begun{}, ErrForbidden
	}
	now := s.cfg.Now()
	if err := s.alone(ctx, live.ID, now); err != nil {
		return Begun{}, err
	}
	walks, err := expect.Walks(snapshot, expect.WalkOptions{
		Options: expect.Options{Lists: ask.Lists, Application: ask.Application}, Now: now, Most: MaxWalks,
	})
	if err != nil {
		return Begun{}, err
	}
	b := Begun{Revision: snapshot.Revision, Expires: now.Add(Life).UTC(), Walks: walks, Customers: map[string]Customer{}, Applications: map[string]Application{}, Issuers: map[string]string{}}
	if b.ID, err = s.random(8); err != nil {
		return Begun{}, err
	}
	d := detail{Lent: map[string]string{}}
	s.equip(ctx, live.ID, snapshot, &b, d.Lent, ask.By)
	d.Walks = b.Walks
	if err := s.invent(ctx, live.ID, &b, d, ask.By); err != nil {
		s.takeBack(ctx, live.ID, d.Lent, ask.By)
		return Begun{}, err
	}
	return b, nil
}

// alone refuses a second run.
func (s *Service) alone(ctx context.Context, env store.EnvironmentID, now time.Time) error {
	walks, err := s.cfg.Store.Walks(ctx, env, 100)
	if err != nil {
		return fmt.Errorf("reading walks: %w", err)
	}
	for _, w := range walks {
		if w.Ended.IsZero() && now.Before(w.Expires) {
			return ErrRunning
		}
	}
	return nil
}

// equip finds how one asks as each application, and lends secrets. What cannot be
// asked as is skipped, with the reason.
func (s *Service) equip(ctx context.Context, env store.EnvironmentID, snapshot *config.Snapshot, b *Begun, lent map[string]string, by audit.Actor) {
	why := map[string]string{}
	for i := range b.Walks {
		w := &b.Walks[i]
		b.Issuers[w.Server] = snapshot.Servers[w.Server].Issuer
		if _, known := b.Applications[w.Application]; !known && why[w.Application] == "" && w.Skipped == "" {
			a, reason := s.as(ctx, env, snapshot.Applications[w.Application], b.Expires, lent, by)
			if why[w.Application] = reason; reason == "" {
				b.Applications[w.Application] = a
			}
		}
		if w.Skipped == "" {
			w.Skipped = why[w.Application]
		}
	}
}

// as gives how one asks as an application; reason says why nobody can.
func (s *Service) as(ctx context.Context, env store.EnvironmentID, spec *config.Application, until time.Time, lent map[string]string, by audit.Actor) (a Application, reason string) {
	a.Authentication = spec.Authentication
	if len(spec.Redirects) > 0 {
		a.Redirect = spec.Redirects[0]
	}
	switch spec.Authentication {
	case "none":
		return a, ""
	case "client_secret_basic", "client_secret_post":
		id, secret, err := s.cfg.Secrets.LendSecret(ctx, env, spec.Name, until, by)
		if err != nil {
			return a, "no secret can be lent to the application: " + err.Error()
		}
		lent[spec.Name], a.Secret = id, secret
		return a, ""
	}
	return a, "the application authenticates with a key of its own"
}

// invent makes the customers and stores the run, in one transaction.
func (s *Service) invent(ctx context.Context, env store.EnvironmentID, b *Begun, d detail, by audit.Actor) error {
	password, err := s.random(24)
	if err != nil {
		return err
	}
	hash, err := passhash.New(s.cfg.Rand, []byte(password), s.cfg.Cost)
	if err != nil {
		return fmt.Errorf("hashing a password: %w", err)
	}
	var all []store.NewCustomer
	for i := range b.Walks {
		w := &b.Walks[i]
		key := w.Customer()
		if _, made := b.Customers[key]; made || key == "" || w.Skipped != "" {
			continue
		}
		if len(all) == MaxCustomers {
			return ErrTooManyCustomers
		}
		one, err := s.customer(ctx, env, w, fmt.Sprintf("synthetic-%s-%d", b.ID, len(all)+1), hash)
		if err != nil {
			return err
		}
		all = append(all, one)
		b.Customers[key] = Customer{Username: one.Identifiers[0].Value, Password: password}
	}
	kept, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("storing a walk: %w", err)
	}
	row := store.Walk{ID: b.ID, Author: string(by), Revision: b.Revision, Started: s.cfg.Now(), Expires: b.Expires, Detail: kept}
	event := s.cfg.Audit.Event(audit.Entry{Type: audit.WalkBegun, Actor: by, Detail: map[string]any{
		"walk": b.ID, "revision": b.Revision, "requests": len(b.Walks), "customers": len(all), "secrets": d.Lent,
	}})
	err = s.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		if len(all) > 0 {
			if err := tx.CreateCustomers(ctx, all); err != nil {
				return err
			}
		}
		for i := range all {
			if err := tx.MarkSynthetic(ctx, all[i].Customer.ID, b.ID); err != nil {
				return err
			}
		}
		if err := tx.PutWalk(ctx, row); err != nil {
			return err
		}
		return tx.Audit(ctx, event)
	})
	if err != nil {
		return fmt.Errorf("beginning a walk: %w", err)
	}
	return nil
}

// customer invents the customer of a walk.
func (s *Service) customer(ctx context.Context, env store.EnvironmentID, w *expect.Walk, username, hash string) (store.NewCustomer, error) {
	var id customer.ID
	if _, err := io.ReadFull(s.cfg.Rand, id[:]); err != nil {
		return store.NewCustomer{}, fmt.Errorf("inventing a customer: %w", err)
	}
	sealed, err := s.cfg.Sealer.Seal(ctx, env, "credential/"+id.String(), []byte(hash))
	if err != nil {
		return store.NewCustomer{}, fmt.Errorf("sealing a password: %w", err)
	}
	scheme := "argon2id"
	if parsed, err := passhash.Parse(hash); err == nil {
		scheme = string(parsed.Scheme())
	}
	now := s.cfg.Now()
	c := customer.Customer{ID: id, State: customer.Active, Name: "Synthetic customer", Created: now, Updated: now, Version: 1, Groups: texts(w.Groups)}
	for name, value := range w.Attributes {
		if c.Attributes == nil {
			c.Attributes = map[string]string{}
		}
		c.Attributes[string(name)] = value
	}
	return store.NewCustomer{
		Customer:    c,
		Identifiers: []customer.Identifier{{Kind: customer.Username, Value: username, Display: username, Source: "walk"}},
		Credential:  &store.Credential{Customer: id, Sealed: sealed, Scheme: scheme, Updated: now, Version: 1},
	}, nil
}

func texts(groups []access.Group) []string {
	all := make([]string, len(groups))
	for i, g := range groups {
		all[i] = string(g)
	}
	return all
}

// random gives n random bytes as text.
func (s *Service) random(n int) (string, error) {
	raw := make([]byte, n)
	if _, err := io.ReadFull(s.cfg.Rand, raw); err != nil {
		return "", fmt.Errorf("making a name: %w", err)
	}
	if n < 16 {
		return hex.EncodeToString(raw), nil
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}
