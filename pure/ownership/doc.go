// Package ownership decides whether what somebody says or has proved makes an account
// of the business's own theirs.
//
//	verified e-mail and verified phone, both those of the record ──Follows──▶ it is theirs
//	the account's number and facts about it                      ──Prove────▶ it is theirs, or not
//
// service/claim finds the record, counts the guesses and links the account; this package
// compares. It looks at one record and knows no store, clock or page.
//
// # Invariants
//
//   - One address is never enough by itself, and an address that nobody proved is
//     nothing (attack class 17: linking on unverified e-mail).
//   - What a record lacks proves nothing: an empty fact matches no answer.
//   - All facts are compared, each in constant time, whichever is wrong.
//   - What was compared is told by the names of the facts, never by what was said.
package ownership
