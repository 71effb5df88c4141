// Package signin takes customers through the sign-in journey and keeps their
// sessions.
//
//	authorize ──Begin──▶ /signin?t=…  ──Show, Give──▶ session ──▶ Ticket.Return
//
// The same way leads through registration and recovery: a ticket says what for.
//
// pure/journey decides what a customer sees next; this package performs the
// effects: it reserves attempts, looks people up, verifies passwords, starts
// sessions. web/login renders what it answers. Issuing tokens is
// service/issue's, which asks [Service.Current] who is signed in.
//
// # Invariants
//
//   - Before the first proven factor nothing is stored for a visitor: the ticket
//     is sealed in the address, the state in a cookie of its own for each ticket,
//     so that several tabs go their own ways. Counters are never in either.
//   - An attempt is reserved durably before the secret is looked at, for the
//     source address and for the account; for an account on a device that it
//     signed in on before, for that device instead of either, so that strangers
//     at the same address or elsewhere cannot use them up.
//   - What a visitor sees of limits depends on what they typed, not on whom it names:
//     the counters of a person by all their names are never seen (design record 0063).
//   - Known and unknown identifiers cost the same: an Argon2id hash each, the
//     same reservation, the same page, and an answer that leaves at the next
//     multiple of a quarter of a second.
//   - Behind the first factor the state is in the store, one row for each browser,
//     changed by compare-and-set; the cookie only names it. No other browser gets
//     on by a second factor that was proved in this one.
//   - What a code proves that was sent, and the step behind it, are stored in the
//     transaction in which the code is spent; what a task brings, with the row of the
//     journey or the session that it leads to. Nobody looks whether an address is known
//     before its owner proved it.
//   - A code of an app is taken, for all nodes, before it counts; so is a recovery
//     code.
//   - A session is as old as the request that brought its password, so that a cut
//     (a new password, signing out everywhere) counts for whoever waited meanwhile.
//   - An attempt is given back only where nobody looked at the secret.
//   - A session, the upgrade of a weak hash, the forgetting of attempts and their
//     audit events are one transaction.
//   - The value of the session cookie changes at every sign-in, so one that was
//     planted is worth nothing.
//   - What a customer changes of their own sign-in is an act of a session that
//     lives, is of a moment ago, and proved two factors if they have two. Guesses
//     at the present password count as those at sign-in.
//
// Known limits: an imported hash that takes longer than a quarter of a second
// tells by its time that the account exists, until its owner signs in once; one
// of Argon2 with several lanes uses as many cores meanwhile, though never two at
// once. Who watches a name whose guesses are spent sees it free again when its
// owner signs in by it.
package signin
