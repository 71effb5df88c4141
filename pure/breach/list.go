package breach

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Form is how a list is written.
type Form string

// The forms. The lines of one list are all of one form.
const (
	Plain   Form = "plain" // a password on each line
	Digests Form = "sha1"  // a SHA-1 in hexadecimal on each line, and behind a colon how often it was seen, if that is known
)

// MaxLine is how many bytes a line has at most. Plain ones beyond it are passed over.
const MaxLine = 4096

// ErrLine reports a line of a list of digests that is none. It never quotes the line,
// which may be a password.
var ErrLine = errors.New("not a SHA-1 in hexadecimal")

// Entry is one line of a list.
type Entry struct {
	Key  Key
	Seen uint64 // how often; 0: the list does not say
}

// Read is what was in a list.
type Read struct {
	Form   Form
	Lines  int64 // that hold something
	Passed int64 // passed over: too long
}

// ReadList gives the entries of a list to take, in its order, and stops at the first
// error, which may be take's own. form may be empty: then a list whose first line is a
// digest is one of digests. Line ends are those of Unix or DOS.
func ReadList(list io.Reader, form Form, take func(Entry) error) (Read, error) {
	read := Read{Form: form}
	lines := bufio.NewReaderSize(list, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		long := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = lines.ReadSlice('\n')
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return read, fmt.Errorf("reading a list: %w", err)
		}
		if err := read.one(bytes.TrimRight(line, "\r\n"), long, take); err != nil {
			return read, err
		}
		if err != nil {
			return read, nil
		}
	}
}

// one takes a line.
func (r *Read) one(line []byte, long bool, take func(Entry) error) error {
	if len(line) == 0 {
		return nil
	}
	r.Lines++
	digest, isDigest := readDigest(line)
	if r.Form == "" {
		r.Form = Plain
		if isDigest {
			r.Form = Digests
		}
	}
	switch {
	case r.Form == Digests && (!isDigest || long):
		return fmt.Errorf("line %d: %w", r.Lines, ErrLine)
	case r.Form == Digests:
		return take(digest)
	case long || len(line) > MaxLine:
		r.Passed++
		return nil
	}
	return take(Entry{Key: KeyOf(line)})
}

func readDigest(line []byte) (e Entry, ok bool) {
	digest, count, counted := bytes.Cut(line, []byte(":"))
	if e.Key, ok = keyOfDigest(digest); !ok || !counted {
		return e, ok
	}
	seen, err := strconv.ParseUint(string(bytes.TrimSpace(count)), 10, 64)
	return Entry{e.Key, seen}, err == nil
}
