// Package job runs imports inside a server, whoever is connected. It owns the
// files of an import from the last byte of their upload to the end of the run,
// and the state of the run as operators see and steer it; what becomes of a
// record is service/intake's matter, and its ledger decides where a run goes on.
//
//	upload ──▶ files, encrypted ──▶ queued ──▶ running ──▶ done
//	                                  ▲  ▲        │ │
//	                           resume │  └────────┼─┤ storage fails: waits, tries again
//	                                paused ◀── pausing └▶ failed, with a reason and a fix
//
// The management routes and the console call [Service.Begin], [Service.Newest],
// [Service.Pause], [Service.Resume] and [Service.Cancel]; a server calls
// [Service.Open] before it listens and [Service.Run] in its background.
//
// # Invariants
//
//   - A job is in the store after its files are on disk, and its files are removed
//     after the store says that nobody needs them. What a process that died has
//     left between the two is tidied at the next start.
//   - A file is encrypted in chunks that are authenticated one by one, with a key of
//     its job alone, which lies in the store sealed by the master key. Neither the
//     disk nor a backup of the store shows anybody's details by itself. No name
//     that a person typed becomes a path.
//   - One process has a directory at a time. The directory has a name of its own,
//     by which jobs know whose files they want.
//   - A migration has one open job, in the whole installation.
//   - A job that says running belongs to the process that has its directory, or to
//     one that died: whoever opens the directory takes it up.
//
// What a record held is in no state, reason or event of a job.
package job
