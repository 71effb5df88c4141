// Package expect judges what people wrote down about access: which application must
// never, must only, must exactly or must at all be able to obtain which scopes, or
// call which operations, and who says so.
//
//	snapshot ──Statements──▶ statements ──Judge──▶ verdicts ──JUnit, Gate
//	   │                          └──Cover──▶ cells that nobody speaks of
//	   └─────Walks──▶ requests that show the same at a running server
//
// Statements are objects of the tree (kind: expectations, with or without a sheet),
// so they travel with what they are about. They are judged by proof: pure/access
// enumerates every context and pure/reach says what scopes open. There is no other
// reading of the rules here, and nothing here decides a request.
//
// # Invariants
//
//   - What is not there fails. A statement about an application, a scope or an
//     operation that the snapshot does not have is never met, whatever it says.
//   - What cannot be proven fails.
//   - A failure of what must not be had has a witness that has it, and the rule that
//     decides; one of what must be had says what stands nearest in the way.
//   - Who has a scope's parent has the scope.
//
// Its callers are the command line, the management API, the gates of a change, and
// the live walk, which compares the answers of a running server with the same proof.
// Everything here is a pure function of its arguments, safe for concurrent use.
package expect
