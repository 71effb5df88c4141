// Package vault keeps the secrets that an environment must know to speak to
// somebody else: the password of an earlier system's database, the key that a
// provider's hashes were made with.
//
//	operator ──Put──▶ sealed row ──Open──▶ whoever speaks to that system, for one use
//
// Configuration names them and never holds them.
//
// # What it owns
//
// Named secrets, from the moment somebody hands one over until it is deleted. It does
// not know what they are for, and keeps none in memory: see [Service.Open].
//
// # Invariants
//
//   - No operator reads a secret again, not even the one who put it there. They see
//     that it exists, how often it was replaced, and when.
//   - A row opens only as the name and the version that it was stored under, in its
//     environment, with the installation's master key.
//   - Putting and deleting one is recorded; the record holds the name, never the value
//     nor anything made of it.
package vault
