package intake

import (
	"bufio"
	"bytes"
	"container/heap"
	"io"
	"slices"
)

// sorting puts any number of entries in order within a bounded memory: sorted
// runs are written one behind the other, and merged into a second file.
type sorting struct {
	dir    string
	room   int // entries that are held in memory
	buffer []entry
	runs   *scratch
	ends   []int64 // of the runs, in entries
}

// sortRoom is 8 MiB.
const sortRoom = 1 << 18

func (s *sorting) add(e entry) error {
	s.buffer = append(s.buffer, e)
	if len(s.buffer) < s.room {
		return nil
	}
	return s.spill()
}

// spill writes what is in memory as one run.
func (s *sorting) spill() (err error) {
	if s.runs == nil {
		if s.runs, err = newScratch(s.dir); err != nil {
			return err
		}
	}
	s.sort()
	out := bufio.NewWriterSize(s.runs, 256<<10)
	for i := range s.buffer {
		if _, err := out.Write(s.buffer[i][:]); err != nil {
			return err
		}
	}
	s.ends = append(s.ends, s.written()+int64(len(s.buffer)))
	s.buffer = s.buffer[:0]
	return out.Flush()
}

func (s *sorting) sort() {
	slices.SortFunc(s.buffer, func(a, b entry) int { return bytes.Compare(a[:], b[:]) })
}

func (s *sorting) written() int64 {
	if len(s.ends) == 0 {
		return 0
	}
	return s.ends[len(s.ends)-1]
}

// inMemory gives all entries in order if they were few; the sorting is over.
func (s *sorting) inMemory() (all entryList, few bool) {
	if s.runs != nil {
		return nil, false
	}
	s.sort()
	return s.buffer, true
}

// entryList is read as the file of many entries is.
type entryList []entry

// ReadAt implements [io.ReaderAt] for whole entries.
func (l entryList) ReadAt(p []byte, at int64) (n int, err error) {
	for i := at / entrySize; n+entrySize <= len(p); i++ {
		if i >= int64(len(l)) {
			return n, io.EOF
		}
		n += copy(p[n:], l[i][:])
	}
	return n, nil
}

// finish gives all entries of the runs in order to take.
func (s *sorting) finish(take func(entry) error) error {
	if len(s.buffer) > 0 {
		if err := s.spill(); err != nil {
			return err
		}
	}
	s.buffer = nil
	return s.merge(take)
}

// runReader is one run that is being merged.
type runReader struct {
	from *bufio.Reader
	head entry
}

// next gives false behind the last.
func (r *runReader) next() (bool, error) {
	_, err := io.ReadFull(r.from, r.head[:])
	if err == io.EOF {
		return false, nil
	}
	return err == nil, err
}

// runHeap has the run with the least head in front.
type runHeap []*runReader

func (h runHeap) Len() int           { return len(h) }
func (h runHeap) Less(i, j int) bool { return bytes.Compare(h[i].head[:], h[j].head[:]) < 0 }
func (h runHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(r any)        { *h = append(*h, r.(*runReader)) }
func (h *runHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func (s *sorting) merge(take func(entry) error) error {
	var runs runHeap
	var from int64
	for _, end := range s.ends {
		section := io.NewSectionReader(s.runs, from*entrySize, (end-from)*entrySize)
		run := &runReader{from: bufio.NewReaderSize(section, 32<<10)}
		if _, err := run.next(); err != nil {
			return err
		}
		runs, from = append(runs, run), end
	}
	heap.Init(&runs)
	for len(runs) > 0 {
		if err := take(runs[0].head); err != nil {
			return err
		}
		more, err := runs[0].next()
		switch {
		case err != nil:
			return err
		case more:
			heap.Fix(&runs, 0)
		default:
			heap.Pop(&runs)
		}
	}
	return nil
}

// close forgets the runs.
func (s *sorting) close() error {
	if s.runs == nil {
		return nil
	}
	return s.runs.Close()
}
