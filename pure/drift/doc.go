// Package drift tells how far people who were brought along and the system that
// they came from have grown apart since.
//
//	record there ──┐
//	               ├─▶ Sets.Side per field ─▶ Difference ─▶ Tally ─▶ Report
//	customer here ─┘
//
// # What it owns
//
// The classes of difference and which of them are dangerous, which side changed a
// field, and the bounded report of it all. It does not own the values: it is given
// digests of them and keys of records. service/intake reads both sides and feeds it;
// commands and the management API show the report.
//
// # Invariants
//
//   - The records of the source sum over [Report.Pairs], and those of the ledger that
//     the source has not over [Report.Absent].
//   - A report holds no value of anybody: at most twenty keys for each line, and those
//     can be taken out ([Report.Discreet]).
//   - Its size does not depend on how many people there are.
package drift
