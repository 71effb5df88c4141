// Package sources holds the systems that people come from against the binary: a real
// slapd, PostgreSQL and MariaDB, as Debian has them, which a test starts, fills, stops
// in the middle of what they do and starts again.
//
// The same story is told of some fifty people among all tests, and of a thousand with
// the build tag peers, by `make peers`; SALLYPORT_PEERS asks for another number then.
// A machine that lacks a system skips its test by name; with CI=true it fails.
package sources
