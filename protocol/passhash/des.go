package passhash

import "strings"

// desCryptStep is traditional crypt(3): 25 runs of DES over a zero block, keyed
// by seven bits of each of the first eight characters, its expansion perturbed
// by twelve bits of salt. The standard library has no such DES.
type desCryptStep struct{ salt []byte }

func (s desCryptStep) name() string          { return "descrypt" }
func (s desCryptStep) scheme() Scheme        { return "descrypt" }
func (s desCryptStep) size() int             { return 11 }
func (s desCryptStep) strong() bool          { return false }
func (s desCryptStep) cost() string          { return "" }
func (s desCryptStep) encode(w *fieldWriter) { w.bytes("s", s.salt) }

func (s desCryptStep) check(of Scheme) error {
	if !isCrypt64(string(s.salt), 2) {
		return malformed(of, "salt is not two characters")
	}
	return nil
}

// bitsOf holds one bit in each byte, most significant first: slow and plain.
type bitsOf []byte

func (b bitsOf) pick(table []byte) bitsOf {
	out := make(bitsOf, len(table))
	for i, at := range table {
		out[i] = b[at-1]
	}
	return out
}

func (s desCryptStep) apply(in []byte) ([]byte, error) {
	key := make(bitsOf, 64)
	for i, c := range in[:min(8, len(in))] {
		for j := range 7 {
			key[8*i+j] = c >> (6 - j) & 1
		}
	}
	keys := desKeys(key)
	saltBits, _ := crypt64Number(string(s.salt))
	expand := []byte(desExpand)
	for i := range 12 {
		if saltBits>>i&1 == 1 {
			expand[i], expand[i+24] = expand[i+24], expand[i]
		}
	}
	block := make(bitsOf, 64)
	for range 25 {
		block = desRun(block, keys, expand)
	}
	block = append(block, 0, 0)
	out := make([]byte, 11)
	for i := range out {
		v := 0
		for _, bit := range block[6*i : 6*i+6] {
			v = v<<1 | int(bit)
		}
		out[i] = crypt64[v]
	}
	return out, nil
}

func desKeys(key bitsOf) [16]bitsOf {
	var keys [16]bitsOf
	cd := key.pick([]byte(desPC1))
	for i := range keys {
		for range desShifts[i] - '0' {
			c, d := cd[0], cd[28]
			copy(cd, cd[1:])
			cd[27], cd[55] = c, d
		}
		keys[i] = cd.pick([]byte(desPC2))
	}
	return keys
}

func desRun(block bitsOf, keys [16]bitsOf, expand []byte) bitsOf {
	block = block.pick([]byte(desInitial))
	left, right := block[:32], block[32:]
	for _, key := range keys {
		mixed := right.pick(expand)
		for i := range mixed {
			mixed[i] ^= key[i]
		}
		f := desBoxes(mixed).pick([]byte(desP))
		for i := range f {
			f[i] ^= left[i]
		}
		left, right = right, f
	}
	return append(append(bitsOf{}, right...), left...).pick([]byte(desFinal))
}

func desBoxes(in bitsOf) bitsOf {
	out := make(bitsOf, 32)
	for box := range 8 {
		b := in[6*box : 6*box+6]
		row, column := b[0]<<1|b[5], b[1]<<3|b[2]<<2|b[3]<<1|b[4]
		v := byte(strings.IndexByte("0123456789abcdef", desS[64*box+int(16*row+column)]))
		for i := range 4 {
			out[4*box+i] = v >> (3 - i) & 1
		}
	}
	return out
}

// readDESCrypt reads two characters of salt and eleven of digest.
func readDESCrypt(encoded string) (*Hash, error) {
	if !isCrypt64(encoded, 13) {
		return nil, malformed("descrypt", "not 13 characters of crypt(3)")
	}
	return build([]byte(encoded[2:]), desCryptStep{salt: []byte(encoded[:2])})
}
