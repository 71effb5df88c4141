package leave

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"filippo.io/age"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/sallyport"
)

var (
	// ErrDamaged says that a file is not a whole export: cut, changed, or something else.
	ErrDamaged = errors.New("not a whole export of customers")
	// ErrKey says that none of the given keys opens the file.
	ErrKey = errors.New("this key does not open the export")
	// ErrNewer says that a newer release made the export.
	ErrNewer = errors.New("the export was made by a newer release")
)

// writer writes the lines of an export.
type writer struct {
	key    ed25519.PrivateKey
	head   sallyport.Head
	counts sallyport.Counts
	digest hash.Hash
	lines  *bufio.Writer
	packed *gzip.Writer
	sealed io.WriteCloser
}

func (w *writer) open(out io.Writer, recipients []age.Recipient) (err error) {
	if w.sealed, err = age.Encrypt(out, recipients...); err != nil {
		return err
	}
	if w.packed, err = gzip.NewWriterLevel(w.sealed, gzip.BestSpeed); err != nil {
		return err
	}
	w.lines, w.digest = bufio.NewWriterSize(w.packed, 256<<10), sha256.New()
	return nil
}

func (w *writer) put(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.write(line)
}

func (w *writer) write(line []byte) error {
	line = append(line, '\n')
	w.digest.Write(line)
	_, err := w.lines.Write(line)
	clear(line)
	return err
}

func (w *writer) begin(head sallyport.Head) error {
	w.head = head
	return w.put(head)
}

// signed writes a line of a person, or of an account.
func (w *writer) signed(line any) error {
	plain, err := json.Marshal(line)
	if err != nil {
		return err
	}
	defer clear(plain)
	w.counts.Note(plain)
	return w.write(sallyport.Sign(w.key, plain))
}

// sum is what was written so far.
func (w *writer) sum() Sum { return Sum{w.head, w.counts, [32]byte(w.digest.Sum(nil))} }

func (w *writer) close(sum Sum) error {
	if w.counts.People != w.head.People {
		return fmt.Errorf("%d people were announced, and %d came", w.head.People, w.counts.People)
	}
	err := w.put(sallyport.End{End: w.counts, SHA256: hex.EncodeToString(sum.Digest[:])})
	return errors.Join(err, w.lines.Flush(), w.packed.Close(), w.sealed.Close())
}

// Open writes the lines of an export to out, in clear, head and end included. Everybody
// in it was signed by the signer that the file names, if it names one: whether that is
// whom the file should be from is for the caller to ask. If it fails, what out was given is worth nothing: so open it once for nobody before it is
// opened for somebody. [ErrKey], [ErrDamaged], [ErrNewer] and the errors of out.
func Open(from io.Reader, identities []age.Identity, out io.Writer) (Sum, error) {
	plain, err := age.Decrypt(from, identities...)
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		return Sum{}, ErrKey
	case err != nil:
		return Sum{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	unpacked, err := gzip.NewReader(plain)
	if err != nil {
		return Sum{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	r := &reader{in: bufio.NewReaderSize(unpacked, 256<<10), digest: sha256.New(), out: out}
	if err := r.begin(); err != nil {
		return Sum{}, err
	}
	return r.rest()
}

// reader reads the lines of an export.
type reader struct {
	head   sallyport.Head
	counts sallyport.Counts
	number int64 // of the line that was read last
	in     *bufio.Reader
	digest hash.Hash
	out    io.Writer
}

// next gives a line with its end.
func (r *reader) next() ([]byte, error) {
	var whole []byte
	r.number++
	for {
		part, err := r.in.ReadSlice('\n')
		if err == nil && whole == nil {
			return part, nil
		}
		if whole = append(whole, part...); err == nil {
			return whole, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) || len(whole) > legacy.MaxElement+64<<10 {
			return nil, fmt.Errorf("%w: line %d: it ends here, before its last line: %w", ErrDamaged, r.number, err)
		}
	}
}

func (r *reader) begin() error {
	line, err := r.next()
	if err != nil {
		return err
	}
	switch err := json.Unmarshal(line, &r.head); {
	case err != nil, r.head.Version < 1:
		return fmt.Errorf("%w: line 1: it does not begin as one", ErrDamaged)
	case r.head.Version > sallyport.Version:
		return ErrNewer
	}
	return r.pass(line)
}

func (r *reader) pass(line []byte) error {
	r.digest.Write(line)
	_, err := r.out.Write(line)
	return err
}

func (r *reader) rest() (Sum, error) {
	for {
		line, err := r.next()
		if err != nil {
			return Sum{}, err
		}
		if bytes.HasPrefix(line, []byte(`{"end"`)) {
			return r.end(line)
		}
		r.counts.Note(line)
		if err := r.signed(line); err != nil {
			return Sum{}, err
		}
		if err := r.pass(line); err != nil {
			return Sum{}, err
		}
	}
}

// signed refuses a line that was changed, or put there, after the file was written.
func (r *reader) signed(line []byte) error {
	if r.head.Signer == "" {
		return nil
	}
	if err := sallyport.CheckSignature(r.head.Signer, bytes.TrimSuffix(line, []byte("\n"))); err != nil {
		return fmt.Errorf("%w: line %d: %w", ErrDamaged, r.number, err)
	}
	return nil
}

// end compares what was read with what the last line says.
func (r *reader) end(line []byte) (Sum, error) {
	var last sallyport.End
	if err := json.Unmarshal(line, &last); err != nil {
		return Sum{}, fmt.Errorf("%w: line %d: %w", ErrDamaged, r.number, err)
	}
	sum := Sum{r.head, r.counts, [32]byte(r.digest.Sum(nil))}
	switch {
	case last.End != r.counts || r.head.People != r.counts.People:
		return Sum{}, fmt.Errorf("%w: line %d: %d people and %d accounts are before it, and it says %d and %d",
			ErrDamaged, r.number, r.counts.People, r.counts.Accounts, last.End.People, last.End.Accounts)
	case last.SHA256 != hex.EncodeToString(sum.Digest[:]):
		return Sum{}, fmt.Errorf("%w: line %d: what is before it was changed: its digest differs", ErrDamaged, r.number)
	}
	if err := r.pass(line); err != nil {
		return Sum{}, err
	}
	if _, err := r.in.ReadByte(); err != io.EOF {
		return Sum{}, fmt.Errorf("%w: line %d: something follows its end, or it is cut", ErrDamaged, r.number+1)
	}
	return sum, nil
}
