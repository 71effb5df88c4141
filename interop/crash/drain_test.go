package crash

import (
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
)

// crowd is how many clients or commands are busy at once.
const crowd = 8

// load is a crowd of PayRight's machines that ask for tokens as fast as they can.
type load struct {
	all      sync.WaitGroup
	mu       sync.Mutex
	received []string // ids of tokens
	odd      []string // answers that were not tokens
	cutOff   int      // requests that the transport lost
	answers  atomic.Int64
	over     atomic.Bool
}

// begin starts the crowd. Each ends when a request is lost, or when the load is over.
func (n *node) begin(t testing.TB, h home) *load {
	t.Helper()
	l := &load{}
	for range crowd {
		c := n.caller(h)
		l.all.Go(func() {
			for !l.over.Load() {
				a, err := c.ask(t, "enterprise", "payright", machineForm())
				if !l.take(t, a, err) {
					return
				}
			}
		})
	}
	return l
}

func (l *load) take(t testing.TB, a answer, err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil:
		l.cutOff++
		return false
	case a.status != http.StatusOK:
		l.odd = append(l.odd, a.text)
	default:
		l.received = append(l.received, a.jti(t))
		l.answers.Add(1)
	}
	return true
}

// warm waits until the crowd got some answers.
func (l *load) warm(t testing.TB) {
	t.Helper()
	await(t, "the crowd is answered", func() bool { return l.answers.Load() >= 10*crowd })
}

// issued lists the tokens that machines were given, as the ledger has them.
func (h home) issued(t testing.TB) []string {
	t.Helper()
	var all []string
	cursor := ""
	for {
		page := ask[struct {
			Events []event
			Next   string
		}](t, h, "audit", "query", "type:token.issued", "--limit", "1000", "--cursor", cursor, "--env", place)
		for _, e := range page.Events {
			all = append(all, e.Detail.Token)
		}
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// missing lists what of these is not among those.
func missing(these, those []string) (lost []string) {
	known := map[string]bool{}
	for _, id := range those {
		known[id] = true
	}
	return slices.DeleteFunc(slices.Clone(these), func(id string) bool { return known[id] })
}

// A server that is told to leave under load answers what it has begun: whatever stands
// in its ledger was received, and whatever was received stands in its ledger.
func TestTermUnderLoadFinishesWhatWasBegunAndLosesNothing(t *testing.T) {
	t.Parallel()
	h := furnish(t, nil)
	n := h.start(t, newAddress(t))
	l := n.begin(t, h)
	l.warm(t)
	n.leave(t)
	l.all.Wait()
	if len(l.odd) > 0 {
		t.Errorf("%d requests were answered otherwise, such as %s", len(l.odd), l.odd[0])
	}
	issued := h.issued(t)
	if lost := missing(l.received, issued); len(lost) > 0 {
		t.Errorf("of %d tokens that were received, %d stand in no ledger", len(l.received), len(lost))
	}
	if unheard := missing(issued, l.received); len(unheard) > 0 {
		t.Errorf("of %d tokens that were issued, %d answers were not finished", len(issued), len(unheard))
	}
	h.soundLedger(t)
	t.Logf("%d tokens", len(issued))
}

// A crash under load may cost answers, but nothing that was answered.
func TestKillUnderLoadLosesNothingThatWasAnswered(t *testing.T) {
	t.Parallel()
	h := furnish(t, nil)
	at := newAddress(t)
	for range 3 {
		n := h.start(t, at)
		l := n.begin(t, h)
		l.warm(t)
		n.kill()
		l.all.Wait()
		if lost := missing(l.received, h.issued(t)); len(lost) > 0 {
			t.Errorf("of %d tokens that were received, %d stand in no ledger", len(l.received), len(lost))
		}
		h.soundLedger(t)
	}
}
