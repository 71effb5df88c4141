// Package intake brings the people of an earlier system into the directory and
// keeps the ledger that says where each of them stands.
//
//	file ──survey──▶ rows, digest, rivals ──▶ run started, all records pending
//	     ──prepare─▶ map, judge, seal (ahead, on another goroutine)
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
//   - A run belongs to the exact bytes that it began with. While it is not
//     finished, another file of the same migration is refused.
//   - Whoever is in the directory keeps what is theirs: a record that claims a
//     taken identifier is held.
//   - Passwords are sealed before they reach a transaction, under the
//     customer's own row name.
//
// # Several nodes
//
// A run that says "running" may be one whose process died. So it is taken over
// by whoever asks for it, by raising its version; a worker that is still alive
// fails its next batch with [ErrTakenOver] and writes nothing. Within one
// process a second import of the same migration is refused with [ErrRunning].
package intake
