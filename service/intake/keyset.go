package intake

import (
	"encoding/binary"
	"io"
	"slices"
	"sort"

	"sallyport/store"
)

// keySet answers whether a source has a key, in bounded memory: the hashes of its
// keys lie on disk in order, and of each page of them the first is in memory. Of ten
// million keys, one in millions of sources has two of one hash.
type keySet struct {
	heads []uint64
	file  *scratch
	count int64
	page  []byte
	at    int // of the page that was read last; -1: none
}

// keysOnPage is what one look reads: 4 KiB.
const keysOnPage = 512

// set ends the adding of keys. Close it.
func (k *keyHashes) set() (_ *keySet, err error) {
	s := &keySet{page: make([]byte, 0, keysOnPage*8), at: -1}
	if s.file, err = newScratch(k.dir); err != nil {
		return nil, err
	}
	err = k.each(func(hash uint64) error {
		if s.count%keysOnPage == 0 {
			s.heads = append(s.heads, hash)
		}
		s.count++
		s.page = binary.BigEndian.AppendUint64(s.page, hash)
		if len(s.page) < cap(s.page) {
			return nil
		}
		return s.flush()
	})
	if err == nil {
		err = s.flush()
	}
	return s, err
}

func (s *keySet) flush() error {
	_, err := s.file.Write(s.page)
	s.page = s.page[:0]
	return err
}

// has tells whether the source has a key.
func (s *keySet) has(key string) (bool, error) {
	hash := store.RecordHash(key)
	page, first := slices.BinarySearch(s.heads, hash)
	if first {
		return true, nil
	}
	if page--; page < 0 {
		return false, nil
	}
	if page != s.at {
		size := min(keysOnPage, s.count-int64(page)*keysOnPage) * 8
		s.page = s.page[:size]
		if _, err := s.file.ReadAt(s.page, int64(page)*keysOnPage*8); err != nil && err != io.EOF {
			return false, err
		}
		s.at = page
	}
	n := len(s.page) / 8
	at := sort.Search(n, func(i int) bool { return binary.BigEndian.Uint64(s.page[8*i:]) >= hash })
	return at < n && binary.BigEndian.Uint64(s.page[8*at:]) == hash, nil
}

func (s *keySet) close() error {
	if s == nil || s.file == nil {
		return nil
	}
	return s.file.Close()
}
