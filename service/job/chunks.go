package job

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// ErrDamaged: a kept file is not what was stored: its disk, or somebody, changed it.
var ErrDamaged = errors.New("a kept file is damaged")

const (
	keySize   = 32
	chunkSize = 32 << 10 // bytes of plaintext, fewer in the last
	tagSize   = 16
	kept      = 8 // chunks that a reader remembers
)

// cipherOf makes the cipher of a job's files.
func cipherOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// chunks is what seals the chunks of one file. A key is a single job's and a number
// a single file's of it, which is written once: no nonce is used twice.
type chunks struct {
	aead   cipher.AEAD
	job    string
	number uint32
}

func (c chunks) nonce(chunk int64) []byte {
	nonce := binary.BigEndian.AppendUint32(make([]byte, 0, 12), c.number)
	return binary.BigEndian.AppendUint64(nonce, uint64(chunk))
}

// writer encrypts what it is given. Close writes the last chunk.
type writer struct {
	chunks
	to    io.Writer
	plain []byte
	out   []byte
	next  int64
}

func newWriter(c chunks, to io.Writer) *writer {
	return &writer{chunks: c, to: to, plain: make([]byte, 0, chunkSize)}
}

// Write implements io.Writer.
func (w *writer) Write(b []byte) (n int, err error) {
	for len(b) > 0 {
		took := min(len(b), chunkSize-len(w.plain))
		w.plain, b, n = append(w.plain, b[:took]...), b[took:], n+took
		if len(w.plain) == chunkSize {
			if err := w.flush(); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

func (w *writer) flush() error {
	w.out = w.aead.Seal(w.out[:0], w.nonce(w.next), w.plain, []byte(w.job))
	w.plain, w.next = w.plain[:0], w.next+1
	_, err := w.to.Write(w.out)
	return err
}

// Close writes what is left.
func (w *writer) Close() error {
	if len(w.plain) == 0 {
		return nil
	}
	return w.flush()
}

// reader decrypts at any place. The size comes from the store, so that a file that
// was cut short shows as damaged. It is safe for concurrent use.
type reader struct {
	chunks
	from io.ReaderAt
	size int64

	mu     sync.Mutex
	sealed []byte
	recent [kept]chunk
}

type chunk struct {
	number int64 // from 1; 0: none
	plain  []byte
}

func newReader(c chunks, from io.ReaderAt, size int64) *reader {
	return &reader{chunks: c, from: from, size: size}
}

// ReadAt implements io.ReaderAt.
func (r *reader) ReadAt(b []byte, at int64) (n int, err error) {
	if at < 0 {
		return 0, errors.New("a place before the file")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(b) > n && at < r.size {
		plain, err := r.chunk(at / chunkSize)
		if err != nil {
			return n, err
		}
		took := copy(b[n:], plain[at%chunkSize:])
		n, at = n+took, at+int64(took)
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// chunk gives one that is in the file. Whoever calls holds the lock.
func (r *reader) chunk(number int64) ([]byte, error) {
	place := &r.recent[number%kept]
	if place.number == number+1 {
		return place.plain, nil
	}
	length := min(chunkSize, r.size-number*chunkSize) + tagSize
	if cap(r.sealed) < int(length) {
		r.sealed = make([]byte, chunkSize+tagSize)
	}
	sealed := r.sealed[:length]
	if n, err := r.from.ReadAt(sealed, number*(chunkSize+tagSize)); n < len(sealed) {
		if err == nil || err == io.EOF {
			return nil, fmt.Errorf("%w: it is cut short", ErrDamaged)
		}
		return nil, err
	}
	place.number = 0
	plain, err := r.aead.Open(place.plain[:0], r.nonce(number), sealed, []byte(r.job))
	if err != nil {
		return nil, ErrDamaged
	}
	*place = chunk{number + 1, plain}
	return plain, nil
}
