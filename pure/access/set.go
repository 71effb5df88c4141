package access

import "math/bits"

// set holds small numbers, such as the positions of scopes, as bits. Sets that
// meet in an operation have the same length.
type set []uint64

// newSet returns an empty set for the numbers 0 to n-1.
func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s set) has(i int) bool { return s[i/64]&(1<<(i%64)) != 0 }

func (s set) clone() set { return append(make(set, 0, len(s)), s...) }

// fill puts every number below n into the set.
func (s set) fill(n int) {
	for i := range n {
		s.add(i)
	}
}

func (s set) empty() bool {
	for _, w := range s {
		if w != 0 {
			return false
		}
	}
	return true
}

// or, and, without change s.
func (s set) or(t set) {
	for i, w := range t {
		s[i] |= w
	}
}

func (s set) and(t set) {
	for i, w := range t {
		s[i] &= w
	}
}

func (s set) without(t set) {
	for i, w := range t {
		s[i] &^= w
	}
}

// within reports whether s has nothing that t has not.
func (s set) within(t set) bool {
	for i, w := range s {
		if w&^t[i] != 0 {
			return false
		}
	}
	return true
}

func (s set) meets(t set) bool {
	for i, w := range s {
		if w&t[i] != 0 {
			return true
		}
	}
	return false
}

// first is the smallest number in a set that is not empty.
func (s set) first() int {
	i := 0
	for s[i] == 0 {
		i++
	}
	return i*64 + bits.TrailingZeros64(s[i])
}

// each calls f with the numbers in ascending order.
func (s set) each(f func(int)) {
	for i, w := range s {
		for ; w != 0; w &= w - 1 {
			f(i*64 + bits.TrailingZeros64(w))
		}
	}
}

// key is the set as a map key.
func (s set) key() string {
	b := make([]byte, 0, len(s)*8)
	for _, w := range s {
		for range 8 {
			b = append(b, byte(w))
			w >>= 8
		}
	}
	return string(b)
}

func (s set) remove(i int) { s[i/64] &^= 1 << (i % 64) }

// addRange adds the numbers from one up to before another.
func (s set) addRange(from, to int) {
	for from < to {
		word, low := from/64, from%64
		n := min(64-low, to-from)
		s[word] |= (^uint64(0) >> (64 - n)) << low
		from += n
	}
}
