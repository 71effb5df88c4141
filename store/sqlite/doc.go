// Package sqlite keeps a store in one SQLite file, for one process: the engine
// that needs nothing installed. It owns the file, its lock and the order of
// writes; what the rows mean is store/relational's.
//
//	Write ──┐                    one connection        one fsync
//	Write ──┼─► queue ─► writer: BEGIN · each in turn · COMMIT ─► all answered
//	Record ─┘
//	reads ──────────────► a few read connections, on committed state
//
// SQLite writes one transaction at a time, and making one durable costs more
// than everything in it. So whatever has queued while the last commit was
// under way is committed together: each Write under a savepoint that undoes it
// alone, all Records as one insert. Nobody is made to wait for company.
//
// A Write's function runs on its caller's goroutine, which the writer hands the
// connection to and waits for; a panic there is the caller's own and undoes
// only its own work.
//
// Lines of audit are chained by one writer, number 1, per environment. The
// heads are kept in memory and compared with the stored ones at each commit.
package sqlite
