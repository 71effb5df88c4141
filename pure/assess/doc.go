// Package assess says what an export holds before anybody is moved: how many
// people there are and what each of them will notice, which passwords, factors
// and passkeys come along, who stands in it twice, what is missing, whose it is
// to mend that, and in which order to go.
//
//	export ──migrate.Plan.Read──▶ Record ──migrate.Map──▶ Outcome ─┐
//	   └────pure/legacy's reader──▶ Person ────────────────────────┴─▶ Assessment ─▶ Report
//
// It asks no question of its own about a record: what becomes of it is what
// [migrate.Map] says, the very same function that imports later. This package
// counts, and concludes from the counts.
//
// # What it owns
//
// The counting within bounded memory, the report's form, what is known of each
// earlier system besides its file ([SystemOf]), the rules that lead from figures
// to a proposal, and guessing what a file is ([Recognise]) and what its columns
// mean ([Guess]) where nobody has said so yet. Reading files is service/intake's
// work, and showing the report is web/design/assessment's.
//
// # Invariants
//
//   - A report holds no value of anybody: figures, names of fields, and the keys
//     and row numbers of a few records as examples.
//   - The same file under the same plan and facts gives the same report, byte for
//     byte.
//   - Memory is bounded for every file: by the limits of this package and those of
//     [migrate.Contest], which finds repetitions in three readings.
//   - What cannot be known from the file is said to be unknown, never estimated
//     in silence. Where the proposal assumes something, it says what.
package assess
