package code_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/code"
	"sallyport/service/environment"
	"sallyport/store"
)

// letterbox takes letters.
type letterbox struct {
	letters []code.Letter
	full    error
}

func (l *letterbox) Card(_ context.Context, _ store.Tx, _ *environment.Live, letter code.Letter) error {
	if l.full == nil {
		l.letters = append(l.letters, letter)
	}
	return l.full
}

func (w *world) cards(s store.Store, box *letterbox) *code.Cards {
	return code.NewCards(code.CardsConfig{
		Store: s, Sealer: w.master, Letters: box, Audit: audit.New(s, w.clock, rand.Reader), Now: w.clock, Rand: rand.Reader,
	})
}

// otis has no mobile phone.
func (w *world) otis() customer.ID {
	w.Helper()
	var id customer.ID
	_, _ = rand.Read(id[:])
	w.must(w.store.Write(w.Context(), w.live.ID, func(tx store.Tx) error {
		return tx.CreateCustomers(w.Context(), []store.NewCustomer{{
			Customer: customer.Customer{ID: id, State: customer.Active, Name: "Otis", Created: w.clock(), Updated: w.clock()},
		}})
	}))
	return id
}

var order = code.CardOrder{Address: "1 Quay Street\nHarbourtown", By: audit.Operator("rita"), Reason: "no phone"}

func (w *world) issue(c *code.Cards, box *letterbox, id customer.ID) []string {
	w.Helper()
	w.must(c.Issue(w.Context(), w.live, id, order))
	return box.letters[len(box.letters)-1].Codes
}

func (w *world) takes(c *code.Cards, id customer.ID, typed string, want bool, left int) {
	w.Helper()
	taken, err := c.Take(w.Context(), w.live, id, typed)
	w.must(err)
	if taken.Match != want || want && taken.Left != left {
		w.Errorf("%q: %+v, want %v with %d left", typed, taken, want, left)
	}
}

func (w *world) has(c *code.Cards, id customer.ID, want code.CardState) {
	w.Helper()
	got, err := c.State(w.Context(), w.live, id)
	w.must(err)
	if got.InUse != want.InUse || got.Left != want.Left || !got.Since.Equal(want.Since) || !got.Waiting.Equal(want.Waiting) {
		w.Errorf("the state is %+v, want %+v", got, want)
	}
}

func TestACardIsPostedUsedAndReplacedByTheNext(t *testing.T) {
	w, box := newWorld(t, onSQLite(t)[0]), &letterbox{}
	cards, otis := w.cards(w.store, box), w.otis()
	if _, err := cards.Take(t.Context(), w.live, otis, "1234-5678"); !errors.Is(err, code.ErrNoCard) {
		t.Errorf("without a card: %v", err)
	}
	first := w.issue(cards, box, otis)
	if l := box.letters[0]; l.Customer.Name != "Otis" || l.Address != order.Address || len(l.Codes) != 30 || !strings.HasPrefix(l.Once, "card/") {
		t.Errorf("the letter is %+v", l)
	}
	w.has(cards, otis, code.CardState{Waiting: start})
	w.pass(48 * time.Hour)
	w.takes(cards, otis, first[4], true, 29)
	w.takes(cards, otis, first[4], false, 0)
	w.has(cards, otis, code.CardState{InUse: true, Left: 29, Since: start.Add(48 * time.Hour)})

	// One is ordered, and another since it does not come: the first of these is dead.
	lost := w.issue(cards, box, otis)
	w.pass(time.Hour)
	second := w.issue(cards, box, otis)
	w.takes(cards, otis, lost[0], false, 0)
	w.takes(cards, otis, first[5], true, 28) // nobody is without a card meanwhile
	w.takes(cards, otis, second[0], true, 29)
	w.takes(cards, otis, first[6], false, 0)
	w.has(cards, otis, code.CardState{InUse: true, Left: 29, Since: start.Add(49 * time.Hour)})

	// The third takes the first's place in the store, and one that stays away too long dies.
	third := w.issue(cards, box, otis)
	w.pass(60 * 24 * time.Hour)
	w.takes(cards, otis, third[0], false, 0)
	w.takes(cards, otis, second[1], true, 28)
	w.must(cards.Withdraw(t.Context(), w.live, otis, audit.Operator("rita")))
	if err := cards.Withdraw(t.Context(), w.live, otis, audit.Operator("rita")); !errors.Is(err, code.ErrNoCard) {
		t.Errorf("withdrawing none: %v", err)
	}
	w.has(cards, otis, code.CardState{})
}

func TestACardIsOfOneCustomerInOneEnvironment(t *testing.T) {
	w, box := newWorld(t, onSQLite(t)[0]), &letterbox{}
	cards, otis, mallory := w.cards(w.store, box), w.otis(), w.otis()
	codes := w.issue(cards, box, otis)
	w.issue(cards, box, mallory)
	w.takes(cards, mallory, codes[0], false, 0)
	if _, err := cards.Take(t.Context(), w.preview, otis, codes[0]); !errors.Is(err, code.ErrNoCard) {
		t.Errorf("in another environment: %v", err)
	}
	if err := cards.Issue(t.Context(), w.preview, otis, order); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("for nobody: %v", err)
	}
	box.full = errors.New("no letters here")
	if err := cards.Issue(t.Context(), w.live, otis, order); !errors.Is(err, box.full) {
		t.Errorf("with nobody to post it: %v", err)
	}
	w.takes(cards, otis, codes[1], true, 29) // the one before is as good as it was
}

func TestTheLedgerFollowsACardWithoutItsCodes(t *testing.T) {
	w, box := newWorld(t, onSQLite(t)[0]), &letterbox{}
	cards, otis := w.cards(w.store, box), w.otis()
	codes := w.issue(cards, box, otis)
	w.takes(cards, otis, codes[0], true, 29)
	w.must(cards.Withdraw(t.Context(), w.live, otis, audit.Operator("rita")))
	for kind, want := range map[audit.Type]string{
		audit.CardIssued: `"reason":"no phone"`, audit.FactorEnrolled: `"kind":"card"`, audit.FactorUsed: `"left":29`, audit.FactorRemoved: `"kind":"card"`,
	} {
		events, _, err := w.store.AuditEvents(t.Context(), w.live.ID, store.AuditQuery{Type: string(kind), Limit: 9})
		w.must(err)
		if len(events) != 1 || events[0].Customer != otis.String() || !strings.Contains(string(events[0].Body), want) {
			t.Errorf("%s: %+v", kind, events)
		}
		for _, e := range events {
			for _, one := range codes {
				if strings.Contains(string(e.Body), one) {
					t.Errorf("%s holds a code", kind)
				}
			}
		}
	}
}

// Of all who bring one code at once, on two nodes, one gets in.
func TestACrowdWithOneCodeOfACardUsesItOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, stores []store.Store) {
		w, box := newWorld(t, stores[0]), &letterbox{}
		nodes := []*code.Cards{w.cards(stores[0], box), w.cards(stores[1], box)}
		otis := w.otis()
		codes := w.issue(nodes[0], box, otis)
		var matches atomic.Int64
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				taken, err := nodes[i%2].Take(t.Context(), w.live, otis, codes[0])
				if err != nil && !errors.Is(err, store.ErrConflict) {
					t.Error(err)
				}
				if err == nil && taken.Match {
					matches.Add(1)
				}
			})
		}
		all.Wait()
		if matches.Load() != 1 {
			t.Errorf("%d got in", matches.Load())
		}
		w.has(nodes[1], otis, code.CardState{InUse: true, Left: 29, Since: start})
	})
}
