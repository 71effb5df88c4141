package code_test

import (
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"sallyport/service/code"
	"sallyport/store"
)

const crowd = 200

// from is one of many addresses that a guesser can take.
func from(i int) code.Source {
	return code.Source{Address: netip.AddrFrom16([16]byte{0x20, 1, 0xd, 0xb8, byte(i >> 8), byte(i), 7: byte(i)})}
}

// tally does something at once on alternating nodes and counts what comes of it.
func (w *world) tally(do func(i int) (code.Verdict, error)) map[code.Outcome]int {
	w.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	counts := map[code.Outcome]int{}
	for i := range crowd {
		all.Go(func() {
			verdict, err := do(i)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				w.Error(err)
			}
			counts[verdict.Outcome]++
		})
	}
	all.Wait()
	return counts
}

func TestACrowdOfGuessersOnTwoNodesGetsTheGuessesOfOne(t *testing.T) {
	onBoth(t, func(t *testing.T, stores []store.Store) {
		w := newWorld(t, stores[0])
		nodes := []*code.Service{w.node(stores[0], 0, code.Limits{}), w.node(stores[1], 0, code.Limits{})}
		c := w.send(nodes[0], dana())
		right := w.out.last().Code
		counts := w.tally(func(i int) (code.Verdict, error) {
			b := bound(dana())
			b.Source = from(i)
			return nodes[i%2].Check(t.Context(), w.live, c.Sealed, wrong(right), b)
		})
		if counts[code.Wrong] != code.DefaultLimits.Guesses || counts[code.Exhausted] != crowd-code.DefaultLimits.Guesses {
			t.Errorf("at one challenge: %v", counts)
		}

		// With a challenge of one's own for each guess, the person's count holds.
		ask := dana()
		ask.Subject = "cus_otis"
		challenges := make([]code.Challenge, crowd)
		for i := range challenges {
			ask.Flow, ask.Address, ask.Source = fmt.Sprint(i), fmt.Sprint(i, "@mail.test"), from(i)
			challenges[i] = w.send(nodes[i%2], ask)
		}
		counts = w.tally(func(i int) (code.Verdict, error) {
			ask := ask
			ask.Flow, ask.Address, ask.Source = fmt.Sprint(i), fmt.Sprint(i, "@mail.test"), from(i)
			return nodes[i%2].Check(t.Context(), w.live, challenges[i].Sealed, "000000", bound(ask))
		})
		if looked := counts[code.Wrong] + counts[code.Match]; looked != code.DefaultLimits.Subject.Burst || counts[code.Limited] != crowd-looked {
			t.Errorf("at one person: %v", counts)
		}
	})
}

func TestACrowdWithTheRightCodeRedeemsItOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, stores []store.Store) {
		w := newWorld(t, stores[0])
		many := code.Limit{Burst: crowd, Interval: time.Second}
		limits := code.Limits{Guesses: crowd, Subject: many, Source: many}
		nodes := []*code.Service{w.node(stores[0], 0, limits), w.node(stores[1], 0, limits)}
		c := w.send(nodes[1], dana())
		m := w.out.last()
		typed := []string{m.Code, linkToken(t, m.Link)} // by either form
		counts := w.tally(func(i int) (code.Verdict, error) {
			return nodes[i%2].Check(t.Context(), w.live, c.Sealed, typed[i/2%2], bound(dana()))
		})
		if counts[code.Match] != 1 || counts[code.Spent] != crowd-1 {
			t.Errorf("got %v", counts)
		}
	})
}

func TestACrowdThatHasCodesSentFillsNobodysMailbox(t *testing.T) {
	onBoth(t, func(t *testing.T, stores []store.Store) {
		w := newWorld(t, stores[0])
		nodes := []*code.Service{w.node(stores[0], 0, code.Limits{}), w.node(stores[1], 0, code.Limits{})}
		var mu sync.Mutex
		var sealed [][]byte
		var all sync.WaitGroup
		for i := range crowd {
			all.Go(func() {
				ask := dana()
				ask.Flow, ask.Source = fmt.Sprint(i), from(i)
				c, err := nodes[i%2].Send(t.Context(), w.live, ask)
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					sealed = append(sealed, c.Sealed)
					return
				}
				w.limited(err)
			})
		}
		all.Wait()
		slices.SortFunc(sealed, slices.Compare)
		if len(slices.CompactFunc(sealed, slices.Equal)) != code.DefaultLimits.Sends.Burst || len(w.events()) != code.DefaultLimits.Sends.Burst {
			t.Errorf("%d codes were sent, and the ledger has %d", len(sealed), len(w.events()))
		}
	})
}
