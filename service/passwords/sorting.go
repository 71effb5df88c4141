package passwords

import (
	"bufio"
	"container/heap"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"

	"sallyport/pure/breach"
)

const (
	sortRoom  = 2 << 20   // keys: 16 MiB
	runBuffer = 32 << 10  // bytes of each run that is merged
	runsWrite = 256 << 10 // bytes
)

// sorting puts any number of keys in order: sorted runs are written one behind the other
// into a scratch file, and merged.
type sorting struct {
	dir  string
	room int
	keys []breach.Key
	file *os.File
	ends []int64 // of the runs, in bytes
}

func newSorting(dir string, room int) *sorting {
	if room <= 0 {
		room = sortRoom
	}
	return &sorting{dir: dir, room: room}
}

func (s *sorting) add(key breach.Key) error {
	s.keys = append(s.keys, key)
	if len(s.keys) < s.room {
		return nil
	}
	return s.spill()
}

// spill writes what is in memory as one run, each key once.
func (s *sorting) spill() (err error) {
	if s.file == nil {
		if s.file, err = os.CreateTemp(s.dir, ".sorting-*"); err != nil {
			return err
		}
	}
	slices.Sort(s.keys)
	end := int64(0)
	if len(s.ends) > 0 {
		end = s.ends[len(s.ends)-1]
	}
	out := bufio.NewWriterSize(s.file, runsWrite)
	for _, key := range slices.Compact(s.keys) {
		if _, err := out.Write(binary.BigEndian.AppendUint64(out.AvailableBuffer(), uint64(key))); err != nil {
			return err
		}
		end += 8
	}
	s.ends, s.keys = append(s.ends, end), s.keys[:0]
	return out.Flush()
}

// close removes the scratch file.
func (s *sorting) close() {
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}

// merge gives all keys in order.
func (s *sorting) merge(add func(breach.Key) error) error {
	if s.file == nil { // they were few
		slices.Sort(s.keys)
		for _, key := range s.keys {
			if err := add(key); err != nil {
				return err
			}
		}
		return nil
	}
	if err := s.spill(); err != nil {
		return err
	}
	s.keys = nil
	runs, err := s.runs()
	if err != nil {
		return err
	}
	for heap.Init(&runs); len(runs) > 0; {
		if err := add(runs[0].head); err != nil {
			return err
		}
		switch err := runs[0].next(); {
		case errors.Is(err, io.EOF):
			heap.Pop(&runs)
		case err != nil:
			return err
		default:
			heap.Fix(&runs, 0)
		}
	}
	return nil
}

// runs begins to read each run that holds something.
func (s *sorting) runs() (runs runHeap, err error) {
	begin := int64(0)
	for _, end := range s.ends {
		if end > begin {
			r := &run{from: bufio.NewReaderSize(io.NewSectionReader(s.file, begin, end-begin), runBuffer)}
			if err := r.next(); err != nil {
				return nil, err
			}
			runs = append(runs, r)
		}
		begin = end
	}
	return runs, nil
}

// run is one that is being merged; head is its least key.
type run struct {
	from *bufio.Reader
	head breach.Key
}

// next gives io.EOF behind the last.
func (r *run) next() error {
	var b [8]byte
	if _, err := io.ReadFull(r.from, b[:]); err != nil {
		return err
	}
	r.head = breach.Key(binary.BigEndian.Uint64(b[:]))
	return nil
}

// runHeap has the run with the least head in front.
type runHeap []*run

func (h runHeap) Len() int           { return len(h) }
func (h runHeap) Less(i, j int) bool { return h[i].head < h[j].head }
func (h runHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(r any)        { *h = append(*h, r.(*run)) }
func (h *runHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
