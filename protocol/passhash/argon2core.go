package passhash

import (
	"encoding/binary"
	"math/bits"

	"golang.org/x/crypto/blake2b"
)

// This file computes Argon2 (RFC 9106 §3) for what x/crypto leaves out: Argon2d,
// and version 0x10 of all three, which overwrites old blocks where 0x13 mixes
// into them. Lanes are filled one after another: such hashes are rare and each
// is replaced at its owner's next sign-in.

type argonBlock [128]uint64

type argonFill struct {
	step         argon2Step
	kind         uint64 // 0 d, 1 i, 2 id
	memory       []argonBlock
	lanes        int
	lane         int // blocks in a lane
	segment      int // blocks in a quarter of a lane
	pass, slice  int
	addr, source argonBlock // of data-independent indexing
}

func argon2Key(s argon2Step, password []byte) []byte {
	f := &argonFill{step: s, lanes: int(s.work.Threads)}
	f.kind = map[string]uint64{argon2d: 0, argon2i: 1, argon2id: 2}[s.kind]
	f.segment = int(s.work.MemoryKiB) / (4 * f.lanes)
	f.lane = 4 * f.segment
	f.memory = make([]argonBlock, f.lanes*f.lane)
	f.seed(password)
	for f.pass = range int(s.work.Time) {
		for f.slice = range 4 {
			for lane := range f.lanes {
				f.fillSegment(lane)
			}
		}
	}
	last := f.memory[f.lane-1]
	for l := 1; l < f.lanes; l++ {
		for i, w := range f.memory[(l+1)*f.lane-1] {
			last[i] ^= w
		}
	}
	raw := make([]byte, 0, 1024)
	for _, w := range last {
		raw = binary.LittleEndian.AppendUint64(raw, w)
	}
	return argonHash(raw, s.length)
}

// seed makes the first two blocks of every lane from H0.
func (f *argonFill) seed(password []byte) {
	var in []byte
	c := f.step.work
	for _, n := range []int{f.lanes, f.step.length, int(c.MemoryKiB), int(c.Time), f.step.version, int(f.kind)} {
		in = binary.LittleEndian.AppendUint32(in, uint32(n))
	}
	for _, b := range [][]byte{password, f.step.salt, nil, nil} {
		in = binary.LittleEndian.AppendUint32(in, uint32(len(b)))
		in = append(in, b...)
	}
	h0 := blake2b.Sum512(in)
	for lane := range f.lanes {
		for i := range 2 {
			text := binary.LittleEndian.AppendUint32(h0[:64:64], uint32(i))
			raw := argonHash(binary.LittleEndian.AppendUint32(text, uint32(lane)), 1024)
			for w := range 128 {
				f.memory[lane*f.lane+i][w] = binary.LittleEndian.Uint64(raw[8*w:])
			}
		}
	}
}

func (f *argonFill) fillSegment(lane int) {
	independent := f.kind == 1 || f.kind == 2 && f.pass == 0 && f.slice < 2
	start := 0
	if f.pass == 0 && f.slice == 0 {
		start = 2
	}
	if independent {
		f.source = argonBlock{uint64(f.pass), uint64(lane), uint64(f.slice), uint64(len(f.memory)), uint64(f.step.work.Time), f.kind}
	}
	for i := start; i < f.segment; i++ {
		at := lane*f.lane + f.slice*f.segment + i
		before := at - 1
		if f.slice == 0 && i == 0 {
			before += f.lane
		}
		if independent && (i == start || i%128 == 0) {
			f.nextAddresses()
		}
		random := f.memory[before][0]
		if independent {
			random = f.addr[i%128]
		}
		mix := f.pass > 0 && f.step.version == 0x13
		argonCompress(&f.memory[at], &f.memory[before], &f.memory[f.reference(random, lane, i)], mix)
	}
}

func (f *argonFill) nextAddresses() {
	var zero, half argonBlock
	f.source[6]++
	argonCompress(&half, &zero, &f.source, false)
	argonCompress(&f.addr, &zero, &half, false)
}

// reference maps 64 random bits to a finished block (RFC 9106 §3.4.1.2, §3.4.2).
func (f *argonFill) reference(random uint64, lane, i int) int {
	ref := int((random >> 32) % uint64(f.lanes))
	if f.pass == 0 && f.slice == 0 {
		ref = lane
	}
	area := f.lane - f.segment
	if f.pass == 0 {
		area = f.slice * f.segment
	}
	if ref == lane {
		area += i - 1
	} else if i == 0 {
		area--
	}
	first := 0
	if f.pass > 0 && f.slice < 3 {
		first = (f.slice + 1) * f.segment
	}
	x := random & 0xffffffff
	x = x * x >> 32
	back := uint64(area) * x >> 32
	return ref*f.lane + (first+area-1-int(back))%f.lane
}

func argonCompress(out, x, y *argonBlock, mix bool) {
	var r argonBlock
	for i := range r {
		r[i] = x[i] ^ y[i]
	}
	z := r
	var index [16]int
	for row := range 8 {
		for i := range 16 {
			index[i] = 16*row + i
		}
		argonPermute(&z, &index)
	}
	for column := range 8 {
		for i := range 8 {
			index[2*i], index[2*i+1] = 2*column+16*i, 2*column+16*i+1
		}
		argonPermute(&z, &index)
	}
	for i := range z {
		z[i] ^= r[i]
		if mix {
			z[i] ^= out[i]
		}
	}
	*out = z
}

func argonPermute(z *argonBlock, at *[16]int) {
	for _, g := range [8][4]int{
		{0, 4, 8, 12},
		{1, 5, 9, 13},
		{2, 6, 10, 14},
		{3, 7, 11, 15},
		{0, 5, 10, 15},
		{1, 6, 11, 12},
		{2, 7, 8, 13},
		{3, 4, 9, 14},
	} {
		a, b, c, d := &z[at[g[0]]], &z[at[g[1]]], &z[at[g[2]]], &z[at[g[3]]]
		argonMix(a, b, d, 32)
		argonMix(c, d, b, 24)
		argonMix(a, b, d, 16)
		argonMix(c, d, b, 63)
	}
}

// argonMix is half a BlaMka step: a sum with a product in it, then a rotation.
func argonMix(a, b, d *uint64, turn int) {
	*a += *b + 2*uint64(uint32(*a))*uint64(uint32(*b))
	*d = bits.RotateLeft64(*d^*a, -turn)
}

// argonHash is H', BLAKE2b of any length (RFC 9106 §3.3).
func argonHash(in []byte, length int) []byte {
	text := append(binary.LittleEndian.AppendUint32(nil, uint32(length)), in...)
	if length <= 64 {
		return blake2bOf(text, length)
	}
	var out []byte
	v := blake2bOf(text, 64)
	for out = append(out, v[:32]...); length-len(out) > 64; out = append(out, v[:32]...) {
		v = blake2bOf(v, 64)
	}
	return append(out, blake2bOf(v, length-len(out))...)
}

func blake2bOf(in []byte, size int) []byte {
	h, err := blake2b.New(size, nil)
	if err != nil {
		return nil // size is 1 to 64 here
	}
	h.Write(in)
	return h.Sum(nil)
}
