package intake

import (
	"bytes"
	"testing"
	"time"

	"sallyport/pure/customer"
)

func TestABatchGrowsAndShrinksTowardsItsTime(t *testing.T) {
	tests := map[string]struct {
		perRow time.Duration
		want   int
	}{
		"40 µs a row":           {40 * time.Microsecond, 200},
		"a fast machine":        {time.Nanosecond, batchMost},
		"a clock that is stuck": {0, batchMost},
		"a disk that crawls":    {time.Second, batchLeast},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := newPace()
			for range 10 {
				p.learn(p.rows(), time.Duration(p.rows())*test.perRow)
			}
			if p.rows() != test.want {
				t.Errorf("%d rows, want %d", p.rows(), test.want)
			}
		})
	}
}

func TestOneSlowBatchHalvesTheNextAtMost(t *testing.T) {
	p := newPace()
	p.learn(batchFirst, time.Hour)
	p.learn(3, time.Hour) // the end of the file says nothing
	if p.rows() != batchFirst/2 {
		t.Errorf("%d rows", p.rows())
	}
}

func TestIDsRiseEvenWhenTheClockStands(t *testing.T) {
	at := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	ids := newSequence(zeros{}, func() time.Time { return at })
	var last customer.ID
	for range 10_000 { // more than a millisecond's counter holds
		id, err := ids.next()
		if err != nil || bytes.Compare(id[:], last[:]) <= 0 {
			t.Fatalf("%v behind %v, %v", id, last, err)
		}
		if id[6]>>4 != 7 || id[8]>>6 != 2 {
			t.Fatalf("%v is no UUIDv7", id)
		}
		last = id
	}
	at = at.Add(-time.Hour)
	if id, _ := ids.next(); bytes.Compare(id[:], last[:]) <= 0 {
		t.Error("an id fell when the clock was set back")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
