// Package rival decides who is who: of records that claim one identifier, and of
// the customer here who has it, which become a person, and whose it is.
//
//	records of an export ─▶ Group ─▶ Rule ─▶ ┐
//	somebody ────────────────────▶ Decision ─┤
//	                                         ▼
//	outcomes of all claimants ──Settle──▶ outcomes as decided ──▶ migrate.Contest
//
// # What it owns
//
// The form of decisions, which of them are allowed, what they make of records, and
// the rules that decide whole classes. It does not own who wins where nothing was
// decided: that stays with migrate.Contest, which judges the settled outcomes as it
// judges all others. It knows no store and no ledger: service/intake brings the
// records and does what comes out.
//
// # Invariants
//
//   - A decision only takes claims away, or moves them onto a record that claims
//     the same identifier. Nothing is given to anybody but through migrate.Contest,
//     so a decision that does not fit any more lets nobody in: its records stay held.
//   - An identifier that one claimant has verified never goes to one who has not.
//   - No unverified record is merged with a verified person, in neither direction.
//   - A decision counts for the claimants who were looked at. If another comes, it
//     counts no more, and somebody looks again.
//   - Decisions name records by their keys and hold no value of any, so they can be
//     carried to another installation.
package rival
