package intake

import (
	"context"
	"crypto/sha256"
	"errors"

	"sallyport/pure/migrate"
)

// indexes are those of all joined inputs, in the order of the plan's inputs. None:
// nothing is joined.
type indexes []*index

// newIndexes reads all joined inputs through. Close what is given, also beside an
// error.
func (s *Service) newIndexes(ctx context.Context, req Request) (all indexes, err error) {
	for _, name := range req.Plan.Inputs() {
		if _, given := req.Joined[name]; !given {
			continue
		}
		x, err := s.newIndex(ctx, req, name)
		if err != nil {
			return all, err
		}
		all = append(all, x)
	}
	return all, nil
}

// close forgets what is on disk.
func (all indexes) close() (err error) {
	for _, x := range all {
		err = errors.Join(err, x.close())
	}
	return err
}

// digest is that of a source of several files.
func (all indexes) digest(file [32]byte) [32]byte {
	if len(all) == 0 {
		return file
	}
	h := sha256.New()
	h.Write([]byte("sallyport two inputs"))
	h.Write(file[:])
	for _, x := range all {
		if x.input != migrate.HashesInput { // which were the only ones once
			h.Write([]byte(x.input))
		}
		h.Write(x.digest[:])
	}
	return [32]byte(h.Sum(nil))
}

// digestOf is that of one input, nil if it is not there.
func (all indexes) digestOf(input migrate.Input) []byte {
	for _, x := range all {
		if x.input == input {
			return x.digest[:]
		}
	}
	return nil
}

// cursors reads several indexes. It is used by one goroutine.
type cursors []*cursor

func (all indexes) cursors() (open cursors) {
	for _, x := range all {
		open = append(open, x.cursor())
	}
	return open
}

// mark notes which rows a record asks for.
func (open cursors) mark(record *migrate.Record) error {
	for _, c := range open {
		for _, name := range c.plan.Joint(record, c.input) {
			if err := c.mark(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// size is that of the joined files.
func (r *Request) joinedSize() (bytes int64) {
	for _, source := range r.Joined {
		bytes += source.Size
	}
	return bytes
}
