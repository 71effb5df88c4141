package intake

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"sallyport/pure/customer"
)

// sequence makes customer ids: UUIDs of version 7 (RFC 9562 §5.7), rising within
// a millisecond too, so that inserts stay at one end of the index. It is used
// by one goroutine.
type sequence struct {
	random *bufio.Reader // a system call for 4 KiB instead of each id
	now    func() time.Time
	last   uint64 // milliseconds and counter of the newest id
}

func newSequence(random io.Reader, now func() time.Time) *sequence {
	return &sequence{random: bufio.NewReader(random), now: now}
}

// counterBits is the width of the counter behind the milliseconds; when one
// millisecond has more, ids run ahead of the clock.
const counterBits = 12

func (s *sequence) next() (customer.ID, error) {
	var id customer.ID
	if _, err := io.ReadFull(s.random, id[8:]); err != nil {
		return customer.ID{}, fmt.Errorf("no randomness: %w", err)
	}
	s.last = max(s.last+1, uint64(s.now().UnixMilli())<<counterBits)
	milliseconds, counter := s.last>>counterBits, s.last&(1<<counterBits-1)
	binary.BigEndian.PutUint64(id[:8], milliseconds<<16|7<<counterBits|counter)
	id[8] = id[8]&0x3f | 0x80
	return id, nil
}
