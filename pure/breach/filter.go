package breach

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/FastFilter/xorfilter"
)

// Errors of reading.
var (
	// ErrFormat: not such a file, or one of a version that this release does not know.
	ErrFormat = errors.New("not a filter of passwords")
	// ErrDamaged: a file of the format whose bytes are not those that were written.
	ErrDamaged = errors.New("the filter of passwords is damaged")
)

// Bounds of what is believed of a file.
const (
	maxShards = 1 << 16 // of eight billion keys
	maxShard  = 1 << 20 // bytes: three times what ShardKeys need
)

// row is the table's word about a shard.
type row struct {
	least  uint64
	offset uint64
	length uint32
	digest [16]byte
}

func (r row) encode() []byte {
	b := binary.BigEndian.AppendUint64(nil, r.least)
	b = binary.BigEndian.AppendUint64(b, r.offset)
	b = binary.BigEndian.AppendUint32(b, r.length)
	return append(binary.BigEndian.AppendUint32(b, 0), r.digest[:]...)
}

func decodeRow(b []byte) row {
	return row{
		binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:]), binary.BigEndian.Uint32(b[16:]), [16]byte(b[24:40]),
	}
}

// Filter is a file of which the table was read. It is safe for concurrent use if the
// file is.
type Filter struct {
	file  io.ReaderAt
	table []row
	keys  uint64
}

// Open reads the table of a file of size bytes: 40 bytes for every 131,072 keys. What it
// says is compared with its digest; shards are when they are read. [ErrFormat],
// [ErrDamaged], and the errors of the file.
func Open(file io.ReaderAt, size int64) (*Filter, error) {
	if size < headerSize+footerSize {
		return nil, fmt.Errorf("%w: %d bytes", ErrFormat, size)
	}
	head, foot := make([]byte, headerSize), make([]byte, footerSize)
	if err := readAt(file, head, 0); err != nil {
		return nil, err
	}
	if err := readAt(file, foot, size-footerSize); err != nil {
		return nil, err
	}
	if !bytes.Equal(head, header()) {
		return nil, fmt.Errorf("%w, or not one of version %d", ErrFormat, version)
	}
	offset, shards := binary.BigEndian.Uint64(foot), binary.BigEndian.Uint32(foot[8:])
	if string(foot[footerSize-len(magic):]) != magic || shards > maxShards ||
		offset < headerSize || offset != uint64(size)-footerSize-uint64(shards)*rowSize {
		return nil, fmt.Errorf("%w: its end is not where it was", ErrDamaged)
	}
	table := make([]byte, shards*rowSize)
	if err := readAt(file, table, int64(offset)); err != nil {
		return nil, err
	}
	digest := sha256.New()
	for _, part := range [][]byte{head, table, foot[:footerSize-sha256.Size-len(magic)]} {
		digest.Write(part)
	}
	if !bytes.Equal(digest.Sum(nil), foot[footerSize-sha256.Size-len(magic):footerSize-len(magic)]) {
		return nil, fmt.Errorf("%w: its table is another", ErrDamaged)
	}
	return newFilter(file, table, offset, binary.BigEndian.Uint64(foot[16:]))
}

// newFilter checks that the rows lie one behind the other, in order.
func newFilter(file io.ReaderAt, table []byte, end, keys uint64) (*Filter, error) {
	f, at := &Filter{file: file, keys: keys}, uint64(headerSize)
	for ; len(table) > 0; table = table[rowSize:] {
		r := decodeRow(table)
		n := len(f.table)
		if r.offset != at || r.length < shardHead || r.length > maxShard || n > 0 && f.table[n-1].least >= r.least {
			return nil, fmt.Errorf("%w: its table makes no sense", ErrDamaged)
		}
		f.table, at = append(f.table, r), at+uint64(r.length)
	}
	if at != end {
		return nil, fmt.Errorf("%w: its table makes no sense", ErrDamaged)
	}
	return f, nil
}

// readAt reads all of b, or says why not.
func readAt(file io.ReaderAt, b []byte, at int64) error {
	if n, err := file.ReadAt(b, at); n < len(b) {
		return fmt.Errorf("reading a filter of passwords: %w", err)
	}
	return nil
}

// Keys is how many passwords it was made of.
func (f *Filter) Keys() uint64 { return f.keys }

// Has tells whether a key is of the list. One that is, always; of others, one in 65,536
// is taken for one. It reads one shard. [ErrDamaged], and the errors of the file: then
// nothing is known of the key.
func (f *Filter) Has(key Key) (bool, error) {
	i := sort.Search(len(f.table), func(i int) bool { return f.table[i].least > uint64(key) }) - 1
	if i < 0 {
		return false, nil
	}
	shard, _, err := f.shard(i)
	if err != nil {
		return false, err
	}
	return shard.Contains(uint64(key)), nil
}

// Verify reads the whole file and says what is wrong with it. Errors are those of Has.
func (f *Filter) Verify() error {
	var keys uint64
	for i := range f.table {
		_, n, err := f.shard(i)
		if err != nil {
			return err
		}
		keys += uint64(n)
	}
	if keys != f.keys {
		return fmt.Errorf("%w: %d keys instead of %d", ErrDamaged, keys, f.keys)
	}
	return nil
}

// shard reads one, compares it with its digest, and checks that asking it stays within
// its bounds.
func (f *Filter) shard(i int) (shard xorfilter.BinaryFuse[uint16], keys uint32, err error) {
	r := f.table[i]
	b := make([]byte, r.length)
	if err := readAt(f.file, b, int64(r.offset)); err != nil {
		return shard, 0, err
	}
	if !bytes.Equal(sum(b), r.digest[:]) {
		return shard, 0, fmt.Errorf("%w: shard %d is another", ErrDamaged, i)
	}
	shard.Seed, keys = binary.BigEndian.Uint64(b), binary.BigEndian.Uint32(b[8:])
	shard.SegmentLength, shard.SegmentCount = binary.BigEndian.Uint32(b[12:]), binary.BigEndian.Uint32(b[16:])
	many := (uint64(shard.SegmentCount) + 2) * uint64(shard.SegmentLength)
	if shard.SegmentCount == 0 || shard.SegmentLength == 0 || shard.SegmentLength&(shard.SegmentLength-1) != 0 || many*2 != uint64(len(b)-shardHead) {
		return shard, 0, fmt.Errorf("%w: shard %d makes no sense", ErrDamaged, i)
	}
	shard.SegmentLengthMask, shard.SegmentCountLength = shard.SegmentLength-1, shard.SegmentCount*shard.SegmentLength
	shard.Fingerprints = make([]uint16, many)
	for j := range shard.Fingerprints {
		shard.Fingerprints[j] = binary.LittleEndian.Uint16(b[shardHead+2*j:])
	}
	return shard, keys, nil
}
