package intake

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// scratchName is what files of this package are called while they have a name.
const scratchName = ".sallyport-export-*"

// scratch is a private file that is gone when it is closed, and when the
// process dies.
type scratch struct {
	*os.File
	named bool
}

// newScratch makes one in a directory. The file loses its name before anything
// is in it, so that nobody's details are left behind, whatever happens. Where a
// system does not take the name of an open file (Windows), Close does, and
// [Tidy] what a process that died had no time for.
func newScratch(dir string) (*scratch, error) {
	file, err := os.CreateTemp(dir, scratchName) // mode 0600
	if err != nil {
		return nil, err
	}
	return &scratch{File: file, named: os.Remove(file.Name()) != nil}, nil
}

// Close forgets what is in it.
func (s *scratch) Close() error {
	err := s.File.Close()
	if s.named {
		err = errors.Join(err, os.Remove(s.Name()))
	}
	return err
}

// Tidy removes what imports of processes that died have left in a directory.
// Call it when the program starts; files that are in use elsewhere have no name,
// or cannot be removed, and are left alone.
func Tidy(dir string) error {
	left, err := filepath.Glob(filepath.Join(dir, scratchName))
	if err != nil {
		return err
	}
	for _, path := range left {
		if e := os.Remove(path); e != nil && !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	return err
}
