package passwords

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"sallyport/pure/breach"
)

// Building says what a filter is made of.
type Building struct {
	Lists []string    // paths
	Form  breach.Form // of every list; empty: as each list's first line is
	Seen  uint64      // digests that were seen less often are left out, if the list says how often
	Out   string      // path; it is replaced in one step when the filter is complete
	// Tell is called now and then with how many lines were read; nil: nobody wants to know.
	Tell func(lines int64)

	room int // keys that are sorted in memory; 0: sortRoom
}

// Built is what came of it.
type Built struct {
	Lines  int64  `json:"lines"`  // that hold something
	Keys   uint64 `json:"keys"`   // different passwords
	Rare   int64  `json:"rare"`   // left out: seen too seldom
	Passed int64  `json:"passed"` // left out: lines that are too long
	Sorted bool   `json:"sorted"` // the lists were not in order, and were sorted on disk
	Bytes  int64  `json:"bytes"`
}

// Build makes a filter, in bounded memory however long the lists are. One list of
// digests in order is read once, and nothing else is written; whatever else there is,
// is sorted in a scratch file beside Out, of eight bytes a line. Whatever goes wrong,
// Out stays as it was. Errors of lists are those of breach.ReadList.
func Build(ctx context.Context, b Building) (Built, error) {
	out, err := os.CreateTemp(filepath.Dir(b.Out), ".building-*")
	if err != nil {
		return Built{}, err
	}
	defer os.Remove(out.Name()) // which does nothing once it was renamed
	defer out.Close()
	built, err := b.write(ctx, out)
	if err != nil {
		return built, err
	}
	if err := out.Chmod(0o644); err != nil { // what breached passwords are is no secret
		return built, err
	}
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		return built, err
	}
	return built, os.Rename(out.Name(), b.Out)
}

// write tries whether the list is in order, which is told at once of most that are not.
func (b *Building) write(ctx context.Context, out *os.File) (Built, error) {
	w := &building{Building: b, ctx: ctx}
	if len(b.Lists) == 1 {
		err := w.filter(out, w.inOrder)
		if !errors.Is(err, breach.ErrOrder) {
			return w.built, err
		}
		if _, err := out.Seek(0, io.SeekStart); err != nil {
			return w.built, err
		}
		if err := out.Truncate(0); err != nil {
			return w.built, err
		}
	}
	w.built = Built{Sorted: true}
	return w.built, w.sorted(out)
}

type building struct {
	*Building
	ctx   context.Context
	built Built
}

// filter writes the keys that give adds.
func (w *building) filter(out *os.File, give func(add func(breach.Key) error) error) error {
	buffered := bufio.NewWriterSize(out, 1<<20)
	writer := breach.NewWriter(buffered)
	if err := give(writer.Add); err != nil {
		return err
	}
	if err := errors.Join(writer.Close(), buffered.Flush()); err != nil {
		return err
	}
	w.built.Keys = writer.Keys()
	info, err := out.Stat()
	if err == nil {
		w.built.Bytes = info.Size()
	}
	return err
}

func (w *building) inOrder(add func(breach.Key) error) error { return w.read(w.Lists[0], add) }

// sorted reads all lists before it writes.
func (w *building) sorted(out *os.File) error {
	s := newSorting(filepath.Dir(w.Out), w.room)
	defer s.close()
	for _, list := range w.Lists {
		if err := w.read(list, s.add); err != nil {
			return err
		}
	}
	return w.filter(out, s.merge)
}

// read gives the keys of a list that are to be kept.
func (w *building) read(path string, add func(breach.Key) error) error {
	list, err := os.Open(path)
	if err != nil {
		return err
	}
	defer list.Close()
	read, err := breach.ReadList(list, w.Form, func(e breach.Entry) error {
		w.built.Lines++
		if w.built.Lines%(1<<20) == 0 {
			if err := w.ctx.Err(); err != nil {
				return err
			}
			if w.Tell != nil {
				w.Tell(w.built.Lines)
			}
		}
		if e.Seen < w.Seen && e.Seen > 0 {
			w.built.Rare++
			return nil
		}
		return add(e.Key)
	})
	w.built.Lines += read.Passed
	w.built.Passed += read.Passed
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
