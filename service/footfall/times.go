package footfall

import (
	"time"

	"sallyport/pure/funnel"
	"sallyport/store"
)

// mark is a step of one walk.
type mark struct {
	env  store.EnvironmentID
	flow string
	step string
}

// times remembers when pages were shown, of the walks that began last.
type times struct {
	at    map[mark]time.Time
	order []mark // in which they came; a ring once it is full
	next  int
}

// begin notes that a page was shown.
func (t *times) begin(m mark, now time.Time) {
	if len(m.flow) > 128 {
		return
	}
	if _, known := t.at[m]; !known {
		if len(t.order) < maxFlows {
			t.order = append(t.order, m)
		} else {
			delete(t.at, t.order[t.next])
			t.order[t.next] = m
			t.next = (t.next + 1) % maxFlows
		}
	}
	t.at[m] = now
}

// end is the bucket of the time since then; 0 if that is not known. The mark stays until
// others take its place: the same step may be shown again.
func (t *times) end(m mark, now time.Time) int {
	began, known := t.at[m]
	if !known {
		return 0
	}
	return funnel.Bucket(now.Sub(began))
}
