package breach

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/FastFilter/xorfilter"
)

// ShardKeys is how many keys a shard has at most.
const ShardKeys = 1 << 17

// Errors of writing.
var (
	// ErrOrder: a key came behind a greater one.
	ErrOrder = errors.New("keys are not in order")
	// ErrEmpty: there is no key.
	ErrEmpty = errors.New("a filter of nothing")
)

const (
	magic      = "SPBREACH"
	version    = 1
	keySHA1    = 1
	bits       = 16
	headerSize = 16
	shardHead  = 20
	rowSize    = 40
	footerSize = 64
)

// Writer writes a filter of keys that come in order. It holds one shard and its row of
// the table for each that is written: 40 bytes for every 131,072 keys. It is not safe
// for concurrent use.
type Writer struct {
	to      io.Writer
	at      uint64
	table   []row
	keys    []uint64
	total   uint64
	builder xorfilter.BinaryFuseBuilder
	buffer  []byte
	err     error
}

// NewWriter begins a filter. What is written to the writer is complete after Close.
func NewWriter(to io.Writer) *Writer {
	w := &Writer{to: to, keys: make([]uint64, 0, ShardKeys)}
	w.write(header())
	return w
}

func header() []byte {
	b := append([]byte(nil), magic...)
	for _, n := range []uint16{version, keySHA1, bits, 0} {
		b = binary.BigEndian.AppendUint16(b, n)
	}
	return b
}

func (w *Writer) write(b []byte) {
	if w.err == nil {
		_, w.err = w.to.Write(b)
		w.at += uint64(len(b))
	}
}

// Add adds a key that is not less than the one before; the same again does nothing.
// [ErrOrder], and the errors of the writer below.
func (w *Writer) Add(key Key) error {
	if n := len(w.keys); n > 0 {
		last := w.keys[n-1]
		if uint64(key) == last {
			return w.err
		}
		if uint64(key) < last {
			return ErrOrder
		}
	}
	if len(w.keys) == ShardKeys {
		// The last key stays, so that what comes next can be compared with it.
		last := w.keys[ShardKeys-1]
		w.shard(w.keys[:ShardKeys-1])
		w.keys = append(w.keys[:0], last)
	}
	w.keys = append(w.keys, uint64(key))
	return w.err
}

// shard writes one, of keys in order.
func (w *Writer) shard(keys []uint64) {
	if len(keys) == 0 || w.err != nil {
		return
	}
	least, many := keys[0], len(keys)
	filter, err := xorfilter.BuildBinaryFuse[uint16](&w.builder, keys)
	if err != nil {
		w.err = fmt.Errorf("building a filter: %w", err)
		return
	}
	b := binary.BigEndian.AppendUint64(w.buffer[:0], filter.Seed)
	for _, n := range []uint32{uint32(many), filter.SegmentLength, filter.SegmentCount} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	for _, f := range filter.Fingerprints {
		b = binary.LittleEndian.AppendUint16(b, f)
	}
	w.buffer, w.total = b, w.total+uint64(many)
	w.table = append(w.table, row{least, w.at, uint32(len(b)), [16]byte(sum(b))})
	w.write(b)
}

func sum(b []byte) []byte {
	digest := sha256.Sum256(b)
	return digest[:16]
}

// Keys is how many different keys were added.
func (w *Writer) Keys() uint64 { return w.total + uint64(len(w.keys)) }

// Close writes what is left, the table and the footer. [ErrEmpty].
func (w *Writer) Close() error {
	if w.Keys() == 0 && w.err == nil {
		return ErrEmpty
	}
	w.shard(w.keys)
	w.keys = nil
	digest, offset := sha256.New(), w.at
	digest.Write(header())
	for _, r := range w.table {
		w.both(digest, r.encode())
	}
	b := binary.BigEndian.AppendUint64(nil, offset)
	b = binary.BigEndian.AppendUint32(b, uint32(len(w.table)))
	b = binary.BigEndian.AppendUint32(b, 0)
	w.both(digest, binary.BigEndian.AppendUint64(b, w.total))
	w.write(append(digest.Sum(nil), magic...))
	return w.err
}

func (w *Writer) both(digest hash.Hash, b []byte) {
	digest.Write(b)
	w.write(b)
}
