package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"strconv"
	"time"

	"filippo.io/age"

	"sallyport/store"
)

// version of the format.
const version = 1

// maxLine bounds a line of the file: a row holds a revision's content at most.
const maxLine = 256 << 20

// ErrDamaged says that a file is not a whole backup: cut, changed, or something
// else.
var ErrDamaged = errors.New("not a whole backup")

// ErrKey says that none of the given keys opens the file.
var ErrKey = errors.New("this key does not open the backup")

// ErrNewer says that a newer release made the backup.
var ErrNewer = errors.New("the backup was made by a newer release")

// Head begins a backup.
type Head struct {
	Version int       `json:"sallyport-backup"`
	Schema  int64     `json:"schema"`
	Created time.Time `json:"created"`
}

// tableLine begins a table.
type tableLine struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

// endLine ends a backup.
type endLine struct {
	End     map[string]int64 `json:"end"` // rows by table
	SHA256  string           `json:"sha256"`
	Receipt []byte           `json:"receipt,omitempty"`
}

// Sum is what a backup holds.
type Sum struct {
	Head
	Rows   map[string]int64 // by table
	Digest [32]byte         // of the content, not of the file: encrypting again changes only that
	// Receipt is what the installation that made the backup wrote at its very end. Whoever
	// shows it has decrypted and read the whole of it.
	Receipt []byte
}

// Total counts all rows.
func (s *Sum) Total() (n int64) {
	for rows := range maps.Values(s.Rows) {
		n += rows
	}
	return n
}

// writer writes the lines of a backup. It is a [store.Copied].
type writer struct {
	out    io.Writer // of lines
	digest hash.Hash
	rows   map[string]int64
	table  string
	line   []byte
}

func (w *writer) put(line []byte) error {
	line = append(line, '\n')
	w.digest.Write(line)
	_, err := w.out.Write(line)
	return err
}

func (w *writer) object(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.put(line)
}

// Table implements [store.Copied].
func (w *writer) Table(name string, columns []string) error {
	w.table, w.rows[name] = name, 0
	return w.object(tableLine{name, columns})
}

// Row implements [store.Copied].
func (w *writer) Row(values []any) error {
	w.rows[w.table]++
	line := append(w.line[:0], '[')
	for i, v := range values {
		if i > 0 {
			line = append(line, ',')
		}
		switch v := v.(type) {
		case int64:
			line = strconv.AppendInt(line, v, 10)
		case []byte:
			line = append(line, `":`...)
			line = base64.StdEncoding.AppendEncode(line, v)
			line = append(line, '"')
		case string:
			text, err := json.Marshal("=" + v)
			if err != nil {
				return err
			}
			line = append(line, text...)
		default:
			return fmt.Errorf("a value of type %T: %w", v, store.ErrSchema)
		}
	}
	w.line = append(line, ']')
	return w.put(w.line)
}

// made is what a backup is made of.
type made struct {
	head       Head
	recipients []age.Recipient
	copyTo     func(store.Copied) error
	receipt    func(*Sum) []byte
}

// write gives everything of a store to out, encrypted for the recipients.
func write(out io.Writer, m made) (*Sum, error) {
	head, recipients, copyTo := m.head, m.recipients, m.copyTo
	sealed, err := age.Encrypt(out, recipients...)
	if err != nil {
		return nil, err
	}
	packed := gzip.NewWriter(sealed)
	lines := bufio.NewWriterSize(packed, 256<<10)
	w := &writer{out: lines, digest: sha256.New(), rows: map[string]int64{}}
	if err := w.object(head); err != nil {
		return nil, err
	}
	if err := copyTo(w); err != nil {
		return nil, err
	}
	sum := &Sum{Head: head, Rows: w.rows, Digest: [32]byte(w.digest.Sum(nil))}
	sum.Receipt = m.receipt(sum)
	if err := w.object(endLine{w.rows, hex.EncodeToString(sum.Digest[:]), sum.Receipt}); err != nil {
		return nil, err
	}
	return sum, errors.Join(lines.Flush(), packed.Close(), sealed.Close())
}

// reader reads the lines of a backup.
type reader struct {
	Head
	in     *bufio.Reader
	digest hash.Hash
}

// open begins to read a backup: [ErrKey], [ErrDamaged], [ErrNewer].
func open(from io.Reader, identities []age.Identity) (*reader, error) {
	plain, err := age.Decrypt(from, identities...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return nil, ErrKey
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	unpacked, err := gzip.NewReader(plain)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	r := &reader{in: bufio.NewReaderSize(unpacked, 256<<10), digest: sha256.New()}
	line, err := r.next()
	if err != nil {
		return nil, err
	}
	switch err := json.Unmarshal(line, &r.Head); {
	case err != nil, r.Version == 0:
		return nil, fmt.Errorf("%w: it does not begin as one", ErrDamaged)
	case r.Version > version:
		return nil, ErrNewer
	}
	r.digest.Write(line)
	return r, nil
}

// next gives a line with its end.
func (r *reader) next() ([]byte, error) {
	var whole []byte
	for {
		part, err := r.in.ReadSlice('\n')
		if err == nil && whole == nil {
			return part, nil
		}
		if whole = append(whole, part...); err == nil {
			return whole, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) || len(whole) > maxLine {
			return nil, fmt.Errorf("%w: it ends within a line, or before its end: %w", ErrDamaged, err)
		}
	}
}

// replay gives every row to to, and then what the backup holds. If it fails, what
// was given is worth nothing.
func (r *reader) replay(to store.Copied) (*Sum, error) {
	sum := &Sum{Head: r.Head, Rows: map[string]int64{}}
	table := ""
	for {
		line, err := r.next()
		if err != nil {
			return nil, err
		}
		switch {
		case bytes.HasPrefix(line, []byte("[")):
			values, err := row(line)
			if err != nil {
				return nil, err
			}
			sum.Rows[table]++
			if err := to.Row(values); err != nil {
				return nil, err
			}
		case bytes.HasPrefix(line, []byte(`{"table"`)):
			var t tableLine
			if err := json.Unmarshal(line, &t); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
			}
			table, sum.Rows[t.Table] = t.Table, 0
			if err := to.Table(t.Table, t.Columns); err != nil {
				return nil, err
			}
		default:
			sum.Digest = [32]byte(r.digest.Sum(nil))
			return sum, r.end(line, sum)
		}
		r.digest.Write(line)
	}
}

// end compares what was read with what the last line says.
func (r *reader) end(line []byte, sum *Sum) error {
	var last endLine
	if err := json.Unmarshal(line, &last); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if !maps.Equal(last.End, sum.Rows) || last.SHA256 != hex.EncodeToString(sum.Digest[:]) {
		return fmt.Errorf("%w: it does not hold what its end says", ErrDamaged)
	}
	if _, err := r.in.ReadByte(); err != io.EOF {
		return fmt.Errorf("%w: something follows its end", ErrDamaged)
	}
	sum.Receipt = last.Receipt
	return nil
}

// row reads the values of a row.
func row(line []byte) ([]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var values []any
	if err := decoder.Decode(&values); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	for i, v := range values {
		read, err := value(v)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		values[i] = read
	}
	return values, nil
}

var errValue = errors.New("a value of no known kind")

func value(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		return v.Int64()
	case string:
		if text, is := cut(v, '='); is {
			return text, nil
		}
		if encoded, is := cut(v, ':'); is {
			return base64.StdEncoding.DecodeString(encoded)
		}
	}
	return nil, errValue
}

func cut(s string, mark byte) (string, bool) {
	if s == "" || s[0] != mark {
		return "", false
	}
	return s[1:], true
}
