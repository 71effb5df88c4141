// Package leave writes everybody of one environment into an encrypted file in an open
// format, so that whoever uses Sallyport can take their people elsewhere in full, and
// opens such files.
//
//	store ──EachPerson──▶ opened by the master key ──lines──▶ gzip ──▶ age ──▶ file
//
// It owns the file around the lines; pure/legacy/sallyport has what a line says, and
// reads it again. The management API and the command line call it.
//
// # Invariants
//
//   - Everybody is as they were at one instant, or there is no whole file: the last
//     line counts the people and digests every line before it, and age authenticates
//     all. Memory is bounded by a page of people, however many there are.
//   - Nothing is written in clear. Password hashes, keys of authenticator apps and
//     what else is sealed is opened here, and encrypted for public keys alone.
//   - That somebody exports, and for which keys, is in the ledger before the first byte
//     leaves: a file that is cut off before its end still tells of most people.
//   - What cannot be opened ends the export; nobody is left out unseen.
//   - One export runs at a time in a process.
package leave
