// Package claim makes accounts of the business's own those of the customers whose they
// are.
//
//	proved e-mail and phone ──Follow──▶ the account of the record that has both
//	number and facts        ──Claim───▶ linked, refused, or waiting for a person
//	a person decides        ──Decide──▶ linked, or refused
//
// pure/ownership compares; this package finds the record where the business keeps it,
// counts the tries, links, and keeps what it went by. Who may see and share an account
// afterwards is service/directory's.
//
// # Invariants
//
//   - A try is reserved durably before a record is looked for, of the customer, at the
//     number, whoever tries, and from the source; behind the last a claim waits for a
//     person, and nothing is compared any more.
//   - A number that nobody has, facts that are wrong and too few of them are one answer,
//     with the same work; what is wrong is told to the ledger alone, by the names of the
//     facts and never by what was said.
//   - An account that somebody owns is never taken from them here. Whoever proves that
//     it is theirs too waits for a person, and the owner is not told by whom.
//   - A place that cannot be asked is no refusal, and gives the try back.
//   - An account is linked in one transaction with what it went by.
package claim
