// Package passhash recognises, bounds, verifies and re-encodes password hashes
// made by other systems, and makes our own with Argon2id (RFC 9106).
//
// Every foreign format is read into one small pipeline of steps over bytes:
//
//	password -> transforms (utf16le, prefix salt, md5hex ...) -> algorithm -> sum
//	                                                              \-> argon2id -> sum   (wrapped)
//
// Formats are many, algorithms are few: a Keycloak row, a Django column and an
// ASP.NET Identity blob are all PBKDF2 once read. So there is one Verify, one
// storage form (Hash.Encode), one set of cost limits, and wrapping a weak hash
// is nothing more than a further step behind it.
//
// Invariants: a cost is checked against Limits before any work is done; sums
// are compared in constant time; no password, salt or sum appears in an error
// or in the printed form of a Hash; the storage form has one spelling per hash.
//
// The package does not normalise new passwords, choose policies, store, throttle
// or queue: its callers are sign-in (New, Parse, Verify, NeedsRehash), imports
// (Parse, ParseAs, Wrap) and the command migrate hashes verify (VerifyFile).
package passhash
