// Package cut cuts exports of other systems into their parts, with bounds on
// everything: rows of CSV, lines, objects of JSON wherever a file keeps them, and
// entries of LDIF.
//
//	stream ──New──▶ Scanner ──Row, Line, Object, Entry──▶ one part after the other
//
// # What it owns
//
// Where a part begins and ends, and how one goes on behind a damaged part. What is
// in a part is not its business: packages legacy and migrate call it and look.
//
// # Invariants
//
//   - Memory does not depend on what is read: a part of more than [MaxRow] bytes is
//     passed over and told as a fault.
//   - A damaged part is told once, and the next part that is whole is found again.
//   - Reading on from a [Place] gives exactly what would have followed, from the
//     bytes behind it alone.
//   - A fault repeats no value.
package cut
