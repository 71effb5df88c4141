package subscribe_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/service/audit"
	"sallyport/service/subscribe"
	"sallyport/service/verify/verifytest"
	"sallyport/store"
)

type world struct {
	*verifytest.World
	subs    *subscribe.Service
	lookups *counting
}

// counting counts what reaches the store.
type counting struct {
	store.Store
	mu    sync.Mutex
	asked int
}

func (c *counting) SubscriptionByKey(ctx context.Context, env store.EnvironmentID, hash [32]byte) (store.Subscription, error) {
	c.mu.Lock()
	c.asked++
	c.mu.Unlock()
	return c.Store.SubscriptionByKey(ctx, env, hash)
}

func newWorld(t *testing.T) *world {
	w := &world{}
	w.World = verifytest.New(t, verifytest.Tree("http://127.0.0.1:1"), func(v *verifytest.World) {
		w.lookups = &counting{Store: v.Store}
		w.subs = subscribe.New(subscribe.Config{Store: w.lookups, Audit: v.Audit, Registry: v.Registry, Now: v.Now, Rand: rand.Reader})
	})
	return w
}

func (w *world) create(application, product string) subscribe.Created {
	w.T.Helper()
	created, err := w.subs.Create(context.Background(), w.Live, application, product, audit.Operator("olive"))
	w.Must(err)
	return created
}

func (w *world) lookup(key subscribe.Key) (*subscribe.Subscription, error) {
	return w.subs.Lookup(context.Background(), w.Live, key.Reveal())
}

func TestBothKeysFindTheirSubscription(t *testing.T) {
	w := newWorld(t)
	a, b := w.create("payright", "standard"), w.create("sunshare", "standard")
	for _, c := range []struct {
		key  subscribe.Key
		id   string
		name string
	}{{a.Primary, a.ID, "payright"}, {a.Secondary, a.ID, "payright"}, {b.Primary, b.ID, "sunshare"}} {
		sub, err := w.lookup(c.key)
		if err != nil || sub.ID != c.id || sub.Application != c.name {
			t.Errorf("%+v, %v", sub, err)
		}
	}
}

func TestOnlyWhomTheProductAdmitsCanSubscribe(t *testing.T) {
	tests := map[string]struct {
		application, product string
		want                 error
	}{
		"an application that is named":         {"payright", "standard", nil},
		"any application, to a product of all": {"sunshare", "everybody", nil},
		"nobody, to a product of all":          {"", "everybody", nil},
		"nobody, to a product of some":         {"", "standard", subscribe.ErrNotAdmitted},
		"an unknown application":               {"stranger", "everybody", subscribe.ErrUnknown},
		"an unknown product":                   {"payright", "gold", subscribe.ErrUnknown},
	}
	w := newWorld(t)
	for name, test := range tests {
		if _, err := w.subs.Create(t.Context(), w.Live, test.application, test.product, audit.System); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARotatedKeyIsDeadAndTheOtherLives(t *testing.T) {
	w := newWorld(t)
	c := w.create("payright", "standard")
	for _, key := range []subscribe.Key{c.Primary, c.Secondary} {
		if _, err := w.lookup(key); err != nil {
			t.Fatal(err)
		}
	}
	fresh, err := w.subs.Rotate(t.Context(), w.Live, c.ID, subscribe.Primary, audit.System)
	w.Must(err)
	if _, err := w.lookup(c.Primary); !errors.Is(err, subscribe.ErrUnknownKey) {
		t.Errorf("the old key: %v", err)
	}
	for _, key := range []subscribe.Key{fresh, c.Secondary} {
		if _, err := w.lookup(key); err != nil {
			t.Errorf("a living key: %v", err)
		}
	}
}

// Another node changed the subscription: only the feed tells.
func TestAChangeElsewhereArrivesByTheFeed(t *testing.T) {
	w := newWorld(t)
	other := subscribe.New(subscribe.Config{Store: w.Store, Audit: w.Audit, Registry: silent{}, Now: w.Now, Rand: rand.Reader})
	c := w.create("payright", "standard")
	if _, err := w.lookup(c.Primary); err != nil {
		t.Fatal(err)
	}
	w.Must(other.Suspend(t.Context(), w.Live, c.ID, audit.System))
	w.Hear()
	if sub, err := w.lookup(c.Primary); !errors.Is(err, subscribe.ErrSuspended) || sub == nil {
		t.Errorf("suspended elsewhere: %v, %v", sub, err)
	}
	w.Must(other.Resume(t.Context(), w.Live, c.ID, audit.System))
	w.Hear()
	if _, err := w.lookup(c.Primary); err != nil {
		t.Errorf("resumed elsewhere: %v", err)
	}
}

type silent struct{}

func (silent) Subscribe(func(context.Context, store.FeedEntry)) {}
func (silent) Wake()                                            {}

func TestWhatIsNoKeyNeverReachesTheStore(t *testing.T) {
	w := newWorld(t)
	for _, text := range []string{"", "spk_", "hello", strings.Repeat("a", 47), "spk_" + strings.Repeat("a", 44), strings.Repeat("x", 1<<16)} {
		if _, err := w.subs.Lookup(t.Context(), w.Live, text); !errors.Is(err, subscribe.ErrUnknownKey) {
			t.Errorf("%.50q: %v", text, err)
		}
	}
	if w.lookups.asked != 0 {
		t.Errorf("the store was asked %d times", w.lookups.asked)
	}
}

func TestTheStoreIsAskedOnceASecondForAWrongKeyAndOnceForARightOne(t *testing.T) {
	w := newWorld(t)
	wrong := subscribe.Key("spk_" + strings.Repeat("a", 43))
	for range 10 {
		_, _ = w.lookup(wrong)
	}
	if w.lookups.asked != 1 {
		t.Errorf("a wrong key asked the store %d times", w.lookups.asked)
	}
	w.Pass(2 * time.Second)
	_, _ = w.lookup(wrong)
	if w.lookups.asked != 2 {
		t.Errorf("after two seconds it had been asked %d times", w.lookups.asked)
	}
	c := w.create("payright", "standard")
	w.lookups.asked = 0
	for range 10 {
		if _, err := w.lookup(c.Primary); err != nil {
			t.Fatal(err)
		}
	}
	if w.lookups.asked != 1 {
		t.Errorf("a right key asked the store %d times", w.lookups.asked)
	}
}

func TestKeysOfOneEnvironmentAreUnknownInAnother(t *testing.T) {
	w := newWorld(t)
	c := w.create("payright", "standard")
	if _, err := w.lookup(c.Primary); err != nil {
		t.Fatal(err)
	}
	other, err := w.Registry.Create(t.Context(), "harbourlight", "preview", false, "tester")
	w.Must(err)
	if _, err := w.subs.Lookup(t.Context(), other, c.Primary.Reveal()); !errors.Is(err, subscribe.ErrUnknownKey) {
		t.Errorf("got %v", err)
	}
}

func TestKeysHideThemselves(t *testing.T) {
	key := newWorld(t).create("payright", "standard").Primary
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("made", "key", key)
	for _, text := range []string{fmt.Sprint(key), fmt.Sprintf("%q %x %#v %+v", key, key, key, struct{ K subscribe.Key }{key}), log.String()} {
		if strings.Contains(text, key.Reveal()[4:]) || strings.Contains(text, fmt.Sprintf("%x", key.Reveal()[4:])) {
			t.Errorf("a key shows in %q", text)
		}
	}
}

func TestEveryChangeIsInTheAuditLedger(t *testing.T) {
	w := newWorld(t)
	c := w.create("payright", "standard")
	_, err := w.subs.Rotate(t.Context(), w.Live, c.ID, subscribe.Secondary, audit.Operator("olive"))
	w.Must(err)
	w.Must(w.subs.Suspend(t.Context(), w.Live, c.ID, audit.Operator("olive")))
	w.Must(w.subs.Suspend(t.Context(), w.Live, c.ID, audit.Operator("olive"))) // changes nothing
	events, _, err := w.Store.AuditEvents(t.Context(), w.Live.ID, store.AuditQuery{Type: "subscription.", Limit: 10})
	w.Must(err)
	var got []string
	for _, e := range events {
		got = append(got, e.Type)
		if strings.Contains(string(e.Body), "spk_") || e.Actor != "operator/olive" || e.Application != "payright" {
			t.Errorf("event %+v %s", e.Event, e.Body)
		}
	}
	if want := "subscription.changed subscription.changed subscription.created"; strings.Join(got, " ") != want {
		t.Errorf("events %v", got)
	}
}
