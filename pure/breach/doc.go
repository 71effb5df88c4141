// Package breach keeps the passwords of a long list in a short file, and tells
// whether a password is on the list.
//
//	list ──ReadList──▶ keys in order ──Writer──▶ file ──Open──▶ Filter.Has
//
// A password is known by its key alone, the first 64 bits of its SHA-1, as published
// lists of breached passwords have it: a list of digests will do, and nobody needs the
// passwords themselves. Keys are kept in binary fuse filters with fingerprints of 16
// bits (https://arxiv.org/abs/2201.01174): some 18 bits a key, no key is ever missed,
// and of other passwords one in 65,536 is taken for one of the list.
//
// # The file, version 1
//
// Numbers are big-endian but for the fingerprints.
//
//	header   "SPBREACH"  version uint16 = 1  key uint16 = 1 (SHA-1/64)  bits uint16 = 16  zero uint16
//	shards   each: seed uint64  keys uint32  segment length uint32  segment count uint32
//	         fingerprints, little-endian uint16, as many as (segment count + 2) × segment length
//	table    for each shard: its least key uint64  offset uint64  length uint32  zero uint32
//	         the first half of the SHA-256 of its bytes
//	footer   offset of the table uint64  shards uint32  zero uint32  keys uint64
//	         SHA-256 of header, table and the footer so far  "SPBREACH"
//
// A shard has the keys from its least one up to the next shard's, at most [ShardKeys].
// So a list of any length is written in one pass and a few megabytes, opened by
// reading its table, and asked by reading one shard of a third of a megabyte, which is
// compared with its digest each time: a file that was damaged says so, and never that a
// password is not on it.
//
// Where lists come from, and where the file lies, is the callers' business.
package breach
