package subscribe

import (
	"context"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// Subscription is one application's right to call one product. Who got one
// from this package reads it only.
type Subscription = store.Subscription

// The states of a subscription.
const (
	Active    = "active"
	Suspended = "suspended"
)

// Errors of this package.
var (
	// ErrUnknownKey: no subscription has this key, or it is no key at all.
	ErrUnknownKey = errors.New("unknown subscription key")
	// ErrSuspended: the subscription was suspended.
	ErrSuspended = errors.New("subscription is suspended")
	// ErrExpired: the subscription has come to its end.
	ErrExpired = errors.New("subscription has expired")
	// ErrUnknown: there is no such subscription, product or application.
	ErrUnknown = errors.New("no such object")
	// ErrNotAdmitted: the product is not for this application.
	ErrNotAdmitted = errors.New("product does not admit the application")
)

// Store is what the service needs of the store.
type Store interface {
	store.Subscriptions
	store.UsageLedger
	store.Writer
}

// Feed is what it needs of the registry of environments.
type Feed interface {
	Subscribe(func(context.Context, store.FeedEntry))
	Wake()
}

// Config constructs a [Service]. All fields are required.
type Config struct {
	Store    Store
	Audit    *audit.Log
	Registry Feed
	Now      func() time.Time
	Rand     io.Reader
}

// Service keeps subscriptions. It is safe for concurrent use.
type Service struct {
	cfg      Config
	seen     *seen
	expected int64 // version of the subscription that is changed; 0: any
}

// New gives a service that hears of changes from c.Registry; call it before
// the registry's Start.
func New(c Config) *Service {
	s := &Service{cfg: c, seen: newSeen()}
	c.Registry.Subscribe(func(_ context.Context, entry store.FeedEntry) {
		if entry.Kind == store.SubscriptionChanged {
			s.seen.forget(entry.Env, entry.Subject)
		}
	})
	return s
}

// Expecting gives a service that changes a subscription only if it is still at
// that version; store.ErrConflict if not. Zero is any version.
func (s *Service) Expecting(version int64) *Service { return &Service{s.cfg, s.seen, version} }

// Created is a new subscription with its keys, which are never shown again.
type Created struct {
	ID                 string
	Primary, Secondary Key
}

// Admits tells whether an application may subscribe to a product. An empty
// application is a standalone key, which only products for everybody admit.
func Admits(product *config.Product, application string) bool {
	if slices.Contains(product.Applications, "*") {
		return true
	}
	return application != "" && slices.Contains(product.Applications, application)
}

// Create subscribes an application to a product of the live configuration; an
// empty application makes a standalone key. [ErrUnknown], [ErrNotAdmitted].
func (s *Service) Create(ctx context.Context, live *environment.Live, application, product string, by audit.Actor) (Created, error) {
	if err := admitted(live.Snapshot(), application, product); err != nil {
		return Created{}, err
	}
	primary, err := newKey(s.cfg.Rand)
	if err != nil {
		return Created{}, err
	}
	secondary, err := newKey(s.cfg.Rand)
	if err != nil {
		return Created{}, err
	}
	id, err := s.newID()
	if err != nil {
		return Created{}, err
	}
	sub := Subscription{
		ID: id, Application: application, Product: product, State: Active, Created: s.cfg.Now(),
		Primary: primary.digest(), Secondary: secondary.digest(),
	}
	if err := s.save(ctx, live, sub, change{audit.SubscriptionMade, "created", by, nil}); err != nil {
		return Created{}, err
	}
	return Created{id, primary, secondary}, nil
}

func admitted(snapshot *config.Snapshot, application, product string) error {
	if snapshot == nil || snapshot.Products[product] == nil {
		return fmt.Errorf("%w: product %q", ErrUnknown, product)
	}
	if application != "" && snapshot.Applications[application] == nil {
		return fmt.Errorf("%w: application %q", ErrUnknown, application)
	}
	if !Admits(snapshot.Products[product], application) {
		return fmt.Errorf("%w: %q does not name %q", ErrNotAdmitted, product, application)
	}
	return nil
}

var idEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func (s *Service) newID() (string, error) {
	var raw [10]byte
	if _, err := io.ReadFull(s.cfg.Rand, raw[:]); err != nil {
		return "", fmt.Errorf("no randomness: %w", err)
	}
	return "sub_" + idEncoding.EncodeToString(raw[:]), nil
}

// Slot names one of the two keys of a subscription.
type Slot string

// The slots.
const (
	Primary   Slot = "primary"
	Secondary Slot = "secondary"
)

// Rotate replaces one key and returns the new one; the old one is dead on all
// nodes within a second. [ErrUnknown]; store.ErrConflict if somebody else
// changed the subscription meanwhile, or since the version that is expected.
func (s *Service) Rotate(ctx context.Context, live *environment.Live, id string, slot Slot, by audit.Actor) (Key, error) {
	key, err := newKey(s.cfg.Rand)
	if err != nil {
		return "", err
	}
	sub, err := s.find(ctx, live, id)
	if err != nil {
		return "", err
	}
	before := sub
	switch slot {
	case Primary:
		sub.Primary = key.digest()
	case Secondary:
		sub.Secondary = key.digest()
	default:
		return "", fmt.Errorf("%w: key %q", ErrUnknown, slot)
	}
	if err := s.save(ctx, live, sub, change{audit.SubscriptionMoved, "rotated " + string(slot), by, &before}); err != nil {
		return "", err
	}
	return key, nil
}

// Suspend stops both keys until Resume. [ErrUnknown].
func (s *Service) Suspend(ctx context.Context, live *environment.Live, id string, by audit.Actor) error {
	return s.move(ctx, live, id, Suspended, by)
}

// Resume lets the keys work again. [ErrUnknown].
func (s *Service) Resume(ctx context.Context, live *environment.Live, id string, by audit.Actor) error {
	return s.move(ctx, live, id, Active, by)
}

func (s *Service) move(ctx context.Context, live *environment.Live, id, state string, by audit.Actor) error {
	sub, err := s.find(ctx, live, id)
	if err != nil || sub.State == state {
		return err
	}
	before := sub
	sub.State = state
	return s.save(ctx, live, sub, change{audit.SubscriptionMoved, state, by, &before})
}

// List gives the subscriptions of an application, or all if it is empty.
func (s *Service) List(ctx context.Context, live *environment.Live, application string) ([]Subscription, error) {
	return s.cfg.Store.Subscriptions(ctx, live.ID, application)
}

func (s *Service) find(ctx context.Context, live *environment.Live, id string) (Subscription, error) {
	all, err := s.cfg.Store.Subscriptions(ctx, live.ID, "")
	if err != nil {
		return Subscription{}, fmt.Errorf("reading subscriptions: %w", err)
	}
	i := slices.IndexFunc(all, func(sub Subscription) bool { return sub.ID == id })
	if i < 0 {
		return Subscription{}, fmt.Errorf("%w: subscription %.40q", ErrUnknown, id)
	}
	if s.expected != 0 && all[i].Version != s.expected {
		return Subscription{}, fmt.Errorf("subscription %s: %w", id, store.ErrConflict)
	}
	return all[i], nil
}

// Find gives one subscription. [ErrUnknown].
func (s *Service) Find(ctx context.Context, live *environment.Live, id string) (Subscription, error) {
	return s.find(ctx, live, id)
}

// change is what the audit ledger says of a save.
type change struct {
	event  audit.Type
	what   string
	by     audit.Actor
	before *Subscription // nil for a new one
}

// state is a subscription as the audit ledger tells it: of keys, what nobody
// can use.
type state struct {
	State     string `json:"state"`
	Primary   string `json:"primary"`
	Secondary string `json:"secondary"`
}

func stateOf(sub *Subscription) *state {
	if sub == nil {
		return nil
	}
	return &state{sub.State, hex.EncodeToString(sub.Primary[:4]), hex.EncodeToString(sub.Secondary[:4])}
}

// save stores sub with its feed entry and audit event.
func (s *Service) save(ctx context.Context, live *environment.Live, sub Subscription, c change) error {
	now := s.cfg.Now()
	err := s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		if err := tx.PutSubscription(ctx, sub); err != nil {
			return err
		}
		entry := store.FeedEntry{Kind: store.SubscriptionChanged, Subject: sub.ID, At: now, Until: now.Add(time.Hour)}
		if err := tx.Publish(ctx, entry); err != nil {
			return err
		}
		return tx.Audit(ctx, s.cfg.Audit.Event(audit.Entry{
			Type: c.event, Actor: c.by, Application: sub.Application,
			Detail: map[string]any{
				"subscription": sub.ID, "product": sub.Product, "change": c.what, "before": stateOf(c.before), "after": stateOf(&sub),
			},
		}))
	})
	if err != nil {
		return fmt.Errorf("saving subscription %s: %w", strings.TrimSpace(sub.ID), err)
	}
	s.seen.forget(live.ID, sub.ID)
	s.cfg.Registry.Wake()
	return nil
}
