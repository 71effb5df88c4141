// Package intake brings the people of an earlier system into the directory and
// keeps the ledger that says where each of them stands.
//
//	files ─survey──▶ rows, digest, rivals ──▶ run started, all records pending
//	     ──prepare─▶ join, map, judge, seal (ahead, on another goroutine)
//	                     │
//	                     ▼ batches of at most 10 ms, one transaction each
//	     customers + ledger lines + checkpoint + audit event
//
// pure/migrate decides what a record becomes; intake does it. Assessing and
// rehearsing run the same code up to the last step, so that they show what will
// happen. Commands and the console call [Service.Import] and
// [Service.WrapWeak]; configuration, keys and pages are others' work.
//
// # Invariants
//
//   - A batch is in the store as a whole or not at all: its customers, their
//     ledger lines, the counts and the place where to go on are one transaction.
//     So the states sum to the total through kill -9, and a run that goes on
//     repeats nothing and leaves nothing out.
//   - A record is known by its key for ever. One that has a ledger line is
//     never imported again, from whichever file it comes.
//     What it came without, such as the password, a later file may bring: then
//     it moves on in the ledger, and nobody is made twice.
//   - A run belongs to the exact bytes that it began with, of all its files.
//     While it is not finished, another file of the same migration is refused.
//   - Every row of a joined file is used by a record or is a record of its own.
//   - Whoever is in the directory keeps what is theirs: a record that claims a
//     taken identifier is held.
//   - Passwords are sealed before they are written, under the customer's own
//     row name. Files with people's details lie on disk without a name.
//
// # Two files
//
// The rows of a joined file are found by an index on disk: sorted outside of
// memory, 32 bytes for each row. Neither file has to fit into memory or to be in
// any order, and the records keep the order of theirs, so that a run goes on
// from a place in it. See docs/design.
//
// # Several nodes
//
// A run that says "running" may be one whose process died. So it is taken over
// by whoever asks for it, by raising its version; a worker that is still alive
// fails its next batch with [ErrTakenOver] and writes nothing. Within one
// process a second import of the same migration is refused with [ErrRunning].
package intake
