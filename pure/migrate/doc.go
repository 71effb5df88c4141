// Package migrate answers one question about a record of an earlier system:
// what does it become, and what is wrong with it?
//
//	migration in the configuration ──Compile──▶ Plan ──With(secrets)──▶ Plan
//	export ──Plan.Read──▶ Record ──Map(plan, record)──▶ Outcome
//	running system ──Plan.Element──▶ ▲                        │
//	hashes, factors ──Plan.ReadJoined──▶ Join ▲               │
//	                            │                             │
//	                            └──▶ Suspects ─▶ Contest ──Judge──▶ settled Outcome
//
// The same function assesses an export, rehearses a run, imports in bulk, takes
// one person along at sign-in and reconciles afterwards, so that no two of them
// can disagree about a person.
//
// # What it owns
//
// The plan of a migration and its mistakes, the table of formats, which rows of
// further files belong to a record, the mapping of values, and the rule for
// several claimants of one identifier. Package cut finds the parts of a file, and
// those below package legacy make persons of them. Where the rows of the second
// file wait until they are asked for is service/intake's business. It
// does not own the ledger, the directory or the order of work: service/intake
// acts on outcomes, and asks the directory who owns an identifier already.
//
// # Invariants
//
//   - A bad record is an outcome, never an error: each record is accepted, held
//     or dropped, with a reason that a script may test for.
//   - Nothing is guessed in the customer's disfavour or in an attacker's favour.
//     An address is unverified unless the source says verified; a state that is
//     not understood holds the record; a password hash that cannot be verified
//     later holds it too, instead of importing a person who cannot sign in.
//   - Of several claimants of one identifier exactly one verified claimant may
//     win. Every other one is held, and if none wins, all are.
//   - Work and memory are bounded for every input (limits.go).
//   - No reason, detail or problem repeats a value of a record.
//
// # Finding duplicates in ten million rows
//
// An export is read three times: first to count it, digest it and suspect
// values that occur twice; then, if there are suspects, to count those exactly;
// then to import. Suspects are found with a Bloom filter of 32 MiB, so
// only values that the filter had seen before (below one in a hundred of those
// that are unique) are remembered by their 64-bit hash. Sorting all hashes
// outside of memory was rejected: it needs a place to write to, and reading a
// file again is cheaper.
package migrate
