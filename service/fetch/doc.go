// Package fetch reads a running earlier system out, into a file in the shape of that
// system's own export, which is then imported like any other.
//
//	System.Fetch ──lines and cursors──▶ Read ──parts──▶ a file at the operator's desk
//	                                              └────▶ Keep: sealed, in this server's spool
//
// # What it owns
//
// The way from a system to a file: that it is paced, goes on where it stopped, and is
// whole or not there. It knows no format, and imports nothing.
//
// # Invariants
//
//   - A part that has a cursor stands for everything before it. What comes behind the
//     last cursor is cut off before it is read again, so that nobody is in a file twice.
//   - A fetch goes on only at the system where it began: by what the connection says,
//     and by what the system says of itself, where it does.
//   - A file is complete or is not taken for one: nothing is imported of half of it.
//   - What a server keeps is sealed under the master key, piece by piece and in order. It
//     is gone once it was imported, or after a day.
package fetch
