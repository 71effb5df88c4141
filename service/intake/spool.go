package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrUnpacked says that a gzip file cannot be unpacked, or unpacks to far more
// than any export does.
var ErrUnpacked = errors.New("the gzip file cannot be unpacked")

// An export as JSON shrinks to a tenth or a twentieth. What grows to more than a
// hundred times its size, beyond a first allowance, was made to fill a disk.
const (
	mostGrowth = 100
	freeGrowth = 64 << 20
)

// Spooled is an export that is kept on disk while it is imported, since it is
// read several times. Close it to forget it.
type Spooled struct {
	file *scratch
	size int64
}

// Spool keeps what from gives in a private file of dir that has no name, or
// loses it when it is closed. What is packed by gzip is unpacked. Errors are
// those of the disk, an [*fs.PathError], [ErrUnpacked], and those of from.
func Spool(dir string, from io.Reader) (_ *Spooled, err error) {
	file, err := newScratch(dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close())
		}
	}()
	read, err := unpacked(from)
	if err != nil {
		return nil, err
	}
	size, err := io.Copy(file.File, read)
	if err != nil {
		return nil, err
	}
	return &Spooled{file, size}, nil
}

// Source gives what is kept under a name.
func (s *Spooled) Source(name string) Source {
	return Source{Name: name, Reader: s.file, Size: s.size}
}

// Close forgets it.
func (s *Spooled) Close() error { return s.file.Close() }

// gzipMark is how a gzip file begins (RFC 1952 §2.3.1).
var gzipMark = []byte{0x1f, 0x8b}

// unpacked gives what is in a gzip file, and anything else as it is.
func unpacked(from io.Reader) (io.Reader, error) {
	packed := &counting{Reader: from}
	buffered := bufio.NewReaderSize(packed, 64<<10)
	mark, err := buffered.Peek(len(gzipMark))
	if err != nil && err != io.EOF {
		return nil, err
	}
	if !bytes.Equal(mark, gzipMark) {
		return buffered, nil
	}
	reader, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, packed.blame(err)
	}
	return &unpacking{reader: reader, packed: packed}, nil
}

// counting counts what is read, and remembers whether the reader failed.
type counting struct {
	io.Reader
	read   int64
	failed bool
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += int64(n)
	c.failed = c.failed || err != nil && err != io.EOF
	return n, err
}

// blame tells a damaged file from a reader that failed.
func (c *counting) blame(err error) error {
	if c.failed {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnpacked, err)
}

// unpacking reads a gzip file within bounds.
type unpacking struct {
	reader *gzip.Reader
	packed *counting
	gave   int64
}

func (u *unpacking) Read(p []byte) (int, error) {
	n, err := u.reader.Read(p)
	u.gave += int64(n)
	if u.gave > freeGrowth && u.gave > mostGrowth*u.packed.read {
		return 0, fmt.Errorf("%w: it grows to more than %d times its size", ErrUnpacked, mostGrowth)
	}
	if err != nil && err != io.EOF {
		err = u.packed.blame(err)
	}
	return n, err
}

// scratchDir is where files of this package are kept.
func (s *Service) scratchDir() string {
	if s.cfg.Scratch == "" {
		return os.TempDir()
	}
	return s.cfg.Scratch
}
