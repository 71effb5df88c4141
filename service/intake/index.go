package intake

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"slices"

	"sallyport/pure/migrate"
)

// index finds the rows of a joined input by name. On disk it is all entries in
// order, 32 bytes for each row; in memory, the first name of each 4 KiB of them
// and a bit for each, a megabyte or two for ten million rows. So it takes no
// more memory for a large file, and the two files may be in any order.
//
// It is built once and then only read, but for the bits: mark before you share
// it between goroutines, and give each its own cursor.
type index struct {
	plan    *migrate.Plan
	input   migrate.Input
	source  Source
	digest  [32]byte // of the source
	entries io.ReaderAt
	file    *scratch // that holds them; nil: they are in memory
	count   int64
	fence   [][nameSize]byte // the first name of each block
	asked   []uint64         // bits of those that a record asked for
}

// blockEntries are read at once.
const blockEntries = 128

// newIndex reads a joined input through. Close it.
func (s *Service) newIndex(ctx context.Context, req Request, name migrate.Input) (_ *index, err error) {
	x := &index{plan: req.Plan, input: name, source: req.Joined[name]}
	defer func() {
		if err != nil {
			err = errors.Join(err, x.close())
		}
	}()
	sorter := &sorting{dir: s.scratchDir(), room: s.cfg.sortRoom}
	defer func() { err = errors.Join(err, sorter.close()) }()
	digest := sha256.New()
	rows, err := req.Plan.ReadJoined(name, io.TeeReader(x.source.section(0), digest))
	if err != nil {
		return nil, err
	}
	err = s.each(ctx, req, rows, 0, func(record migrate.Record) error {
		x.count++
		return sorter.add(x.entry(rows, record))
	})
	if err != nil {
		return nil, err
	}
	x.digest = [32]byte(digest.Sum(nil))
	x.asked = make([]uint64, (x.count+63)/64)
	return x, x.keep(s.scratchDir(), sorter)
}

// entry is that of the row which was read last.
func (x *index) entry(rows *migrate.Rows, record migrate.Record) entry {
	start := rows.Start()
	length := min(rows.Position().Offset-start, migrate.MaxRow+1)
	names := x.plan.Joint(&record, x.input)
	if len(names) == 0 {
		key := x.plan.Identify(record).Key // made from what is in the row
		return newEntry(oddName([]byte(key)), start, length, record.Row)
	}
	return newEntry(nameOf(names[0]), start, length, record.Row)
}

// keep stores the entries in order: on disk, unless they are few.
func (x *index) keep(dir string, sorter *sorting) (err error) {
	if all, few := sorter.inMemory(); few {
		x.entries = all
		for n := 0; n < len(all); n += blockEntries {
			x.fence = append(x.fence, all[n].name())
		}
		return nil
	}
	if x.file, err = newScratch(dir); err != nil {
		return err
	}
	x.entries = x.file
	out := bufio.NewWriterSize(x.file, 256<<10)
	var n int64
	err = sorter.finish(func(e entry) error {
		if n%blockEntries == 0 {
			x.fence = append(x.fence, e.name())
		}
		n++
		_, err := out.Write(e[:])
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// close forgets what is on disk.
func (x *index) close() error {
	if x == nil || x.file == nil {
		return nil
	}
	return x.file.Close()
}

func (x *index) isAsked(n int64) bool { return x.asked[n>>6]&(1<<(n&63)) != 0 }

func (x *index) ask(n int64) { x.asked[n>>6] |= 1 << (n & 63) }

// cursor reads an index. It is used by one goroutine.
type cursor struct {
	*index
	block [blockEntries * entrySize]byte
	at    int64 // which block is read; -1: none
	have  int   // entries in it
	line  []byte
}

func (x *index) cursor() *cursor { return &cursor{index: x, at: -1} }

// entry gives the n-th, which must be there.
func (c *cursor) entry(n int64) (e entry, err error) {
	if at := n / blockEntries; at != c.at {
		c.have = int(min(blockEntries, c.count-at*blockEntries))
		if _, err := c.entries.ReadAt(c.block[:c.have*entrySize], at*blockEntries*entrySize); err != nil && err != io.EOF {
			c.at = -1
			return e, err
		}
		c.at = at
	}
	copy(e[:], c.block[n%blockEntries*entrySize:])
	return e, nil
}

// first gives the number of the first entry with a name; found tells whether
// there is one.
func (c *cursor) first(name [nameSize]byte) (n int64, found bool, err error) {
	at, _ := slices.BinarySearchFunc(c.fence, name, func(a, b [nameSize]byte) int { return bytes.Compare(a[:], b[:]) })
	low, high := max(0, int64(at-1)*blockEntries), min(c.count, int64(at+1)*blockEntries)
	for low < high {
		middle := (low + high) / 2
		e, err := c.entry(middle)
		if err != nil {
			return 0, false, err
		}
		if bytes.Compare(e[:nameSize], name[:]) < 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == c.count {
		return 0, false, nil
	}
	e, err := c.entry(low)
	return low, err == nil && e.name() == name, err
}

// mark notes that a record asks for the rows of a name. Those of one name are
// marked once, so that many who ask for many rows cost no more.
func (c *cursor) mark(name string) error {
	wanted := nameOf(name)
	n, found, err := c.first(wanted)
	if err != nil || !found || c.isAsked(n) {
		return err
	}
	for ; n < c.count; n++ {
		e, err := c.entry(n)
		if err != nil || e.name() != wanted {
			return err
		}
		c.ask(n)
	}
	return nil
}

// rows gives those of a name, of very many only the first migrate.MaxJoint and
// one.
func (c *cursor) rows(name string) (all []migrate.Record, err error) {
	wanted := nameOf(name)
	n, found, err := c.first(wanted)
	if err != nil || !found {
		return nil, err
	}
	for ; n < c.count && len(all) <= migrate.MaxJoint; n++ {
		e, err := c.entry(n)
		if err != nil || e.name() != wanted {
			return all, err
		}
		record, err := c.read(e)
		if err != nil {
			return nil, err
		}
		if names := c.plan.Joint(&record, c.input); len(names) == 0 || names[0] != name {
			return nil, ErrSourceChanged
		}
		all = append(all, record)
	}
	return all, nil
}

// read reads a row again.
func (c *cursor) read(e entry) (migrate.Record, error) {
	c.line = slices.Grow(c.line[:0], int(e.length()))[:e.length()]
	if _, err := c.source.Reader.ReadAt(c.line, e.offset()); err != nil && err != io.EOF {
		return migrate.Record{}, err
	}
	return c.plan.ReadRow(c.input, c.line, e.row()), nil
}

// join fills in what the index has about a record.
func (c *cursor) join(record *migrate.Record) error {
	for _, name := range c.plan.Joint(record, c.input) {
		rows, err := c.rows(name)
		if err != nil {
			return err
		}
		if len(rows) > migrate.MaxJoint {
			c.plan.Crowded(record, rows[0])
			continue
		}
		c.plan.Join(record, rows)
	}
	return nil
}
