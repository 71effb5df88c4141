// Package code sends one-time codes and links to an address, and says whether what
// came back is one of them.
//
//	Send ──▶ a message in the outbox          Check ──▶ counted, then compared,
//	  └────▶ Challenge, which the caller         ▲        then redeemed once
//	         keeps in sealed state ──────────────┘
//
// A challenge lies with whoever asked: in the sealed cookie or the sealed row of a
// journey, or sealed in a form. Nothing is stored of it but counters. It holds a
// keyed digest of the code, and whom, where and what for it was sent, so that it is
// worth nothing elsewhere: in another environment, for another purpose, for somebody
// else, for another address, in another journey.
//
// What a proven address lets somebody do is its callers' business (service/signin,
// service/claim). How messages are worded and sent is service/notify's, which cmd
// plugs in as [Messages].
//
// # Invariants
//
//   - A try is counted, durably and for all nodes, before what was typed is looked
//     at: five for a challenge and everything that was sent again in its place; and
//     for whoever it is about, and for the source, over all challenges. On a device
//     that its owner signed in on before, the device's own counters take the place of
//     the latter two, so that strangers cannot use them up.
//   - A code counts once. Redeeming spends the challenge, and all that it took the
//     place of, in one transaction with what the caller does about it (design record
//     0021). A code that was sent again is not good any more.
//   - Known and unknown cost the same: the same counters, the same digests, a message
//     of the same size, which for the unknown goes to nobody and whose code can never
//     match.
//   - No code and no link is stored, logged or told to the ledger; the outbox has it
//     sealed until it is sent.
//   - Clocks of nodes may differ by a minute. A challenge from further in the future
//     is refused, and whatever is spent stays so until long after the challenge is
//     dead on every node.
//
// What a visitor sees of limits depends on what they typed and on where they are, whoever
// it names; what bounds all names of a person together is never seen (design record
// 0063).
//
// Known limits: a link is good in the browser that asked for it, and nowhere else; the code in the
// same message is what gets typed there if it is read on another device.
package code
