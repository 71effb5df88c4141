package intake

import (
	"crypto/sha256"
	"encoding/binary"
)

// entry says where a row of a joined input is: 32 bytes that sort by the row's
// name and then by its place. A name is kept as half of its SHA-256, so that
// everything has one size; nobody finds two names with the same.
type entry [entrySize]byte

const (
	entrySize = 32
	nameSize  = 16
)

// nameOf is the name under which rows are found.
func nameOf(name string) [nameSize]byte { return digestOf('n', []byte(name)) }

// oddName is that of a row which cannot be read, which nobody asks for.
func oddName(line []byte) [nameSize]byte { return digestOf('x', line) }

func digestOf(kind byte, text []byte) [nameSize]byte {
	var buffer [320]byte
	sum := sha256.Sum256(append(append(buffer[:0], kind), text...))
	return [nameSize]byte(sum[:nameSize])
}

// newEntry packs a place: offset and row below 2^48, length below 2^32.
func newEntry(name [nameSize]byte, offset, length, row int64) (e entry) {
	copy(e[:], name[:])
	binary.BigEndian.PutUint64(e[16:], uint64(offset)<<16|uint64(row)>>32)
	binary.BigEndian.PutUint64(e[24:], uint64(row)<<32|uint64(length))
	return e
}

func (e *entry) name() [nameSize]byte { return [nameSize]byte(e[:nameSize]) }

func (e *entry) offset() int64 { return int64(binary.BigEndian.Uint64(e[16:]) >> 16) }

func (e *entry) length() int64 { return int64(binary.BigEndian.Uint32(e[28:])) }

func (e *entry) row() int64 {
	return int64(binary.BigEndian.Uint64(e[16:])&0xffff)<<32 | int64(binary.BigEndian.Uint32(e[24:]))
}
