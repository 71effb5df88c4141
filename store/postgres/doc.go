// Package postgres keeps a store in PostgreSQL, for any number of processes. It
// owns connections, transactions and their retries; what the rows mean is
// store/relational's.
//
// Each Write is a transaction of its own at READ COMMITTED: whatever must not
// race is one conditional statement, a unique key or a locked row. What it
// collected for its end is written last, shortest lock last of all:
//
//	do's statements · audit chain of one writer · position in the feed · COMMIT
//
// Records have no transaction to be part of, so one goroutine gathers those of
// all callers and stores them by a single statement.
//
// # Chains
//
// An environment has several audit chains, one for each writer. A writer is a
// number that a process claims for its life by an advisory lock on a connection
// kept for that, and lends to one transaction at a time; so heads are known in
// memory and nobody waits for another's. The claim saves contention only:
// whoever appends compares and sets the stored head in the same statement, and
// starts again from what is stored if another was faster.
//
// # Feed
//
// Positions come from one counter row, taken as the last thing before COMMIT.
// Its lock is held until the transaction is visible, so the next position
// belongs to a later commit.
package postgres
