package intake

import "time"

// pace finds how many rows fit into the time that a batch may take, so that
// nobody who signs in waits longer than that for an import.
type pace struct{ size int }

const (
	batchTarget = 8 * time.Millisecond // leaves room below the promised 10
	batchFirst  = 64
	batchLeast  = 8
	batchMost   = 2048
)

func newPace() *pace { return &pace{size: batchFirst} }

func (p *pace) rows() int { return p.size }

// learn takes in how long a batch took. It doubles or halves at most, because a
// single measurement may have met somebody else's work.
func (p *pace) learn(rows int, took time.Duration) {
	if rows < p.size {
		return // the end of the file says nothing
	}
	fitting := 2 * p.size
	if took > 0 {
		fitting = int(int64(rows) * int64(batchTarget) / int64(took))
	}
	fitting = min(max(fitting, p.size/2), 2*p.size)
	p.size = min(max(fitting, batchLeast), batchMost)
}
