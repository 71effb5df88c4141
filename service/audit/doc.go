// Package audit makes, reads and proves the audit ledger.
//
// Every state change and every decision becomes an [Entry] of a registered
// [Type]. [Log.Event] turns it into a store.Event: the body that the chain
// commits to, and beside it the personal part, committed by salted hash, that
// can be erased without breaking the chain. Services put events into the same
// transaction as the change they tell of (store.Tx.Audit), or record them
// alone ([Log.Record]), which returns once they are durable.
//
// The engines link events as they commit, one chain for each environment and
// writer. [Prover.Checkpoint] signs all heads with a key that is not in the
// database, so that a cut tail or a rebuilt chain shows in [Prover.Verify].
//
// What it cannot show: that events behind the newest checkpoint were cut, and
// that the database with its checkpoints was set back as a whole to an earlier
// state. [Verdict.SignedAt] tells how old the newest signature is; copies of
// the ledger kept elsewhere answer the rest.
package audit
