// Package review says what a change of configuration means, for the people who
// answer for it: what widens first, each in one sentence with a witness, with whom
// it concerns, which edit caused it, and what it opens.
//
//	before ┐
//	       ├─Compare──▶ Review: lines in four sections, gates, a digest of it all
//	after  ┘
//
// It owns no rules. What can be obtained is compared by access.Diff, what scopes
// open by package reach, and everything else by walking the objects of the two
// snapshots and asking a table what each key means (see keys.go).
//
// # Invariants
//
//   - Nothing is left out: whatever differs between the two snapshots has a line. A
//     key that the table does not know is told as widening.
//   - What cannot be compared is no silence but a gate that failed.
//   - Equal changes have equal digests, wherever they are made: see [Review.Delta].
//
// The package reads no clock and counts nobody; a service fills in how many
// customers a population holds. Its callers are plan, promotion and the pages that
// show a revision. A Review may be shared as long as nobody writes to it.
package review
