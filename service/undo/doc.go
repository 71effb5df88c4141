// Package undo lets an address that a customer had before take a risky change back: by a
// link in the notice that tells of it, signed, good for seven days and once.
//
//	Links ──▶ notice to the addresses that there were ──▶ Look (GET: what it is about)
//	                                                        │
//	                                                     TakeBack (POST)
//
// It owns what such a link holds, who gets one, and what it does. Who sends notices is
// service/signin's and service/directory's; what the page looks like web/account's.
//
// # Invariants
//
//   - Whoever takes a change back gains nothing that they did not have just before it: an
//     address is put back as it was, or comes first again as it did, and is never made somebody's; a second factor is taken away
//     only if there was none before, or another is left; nothing that was removed before the
//     change comes back. Whoever lost an address earlier has no link.
//   - An address has a say only if it was proved thirty days before the change, or earlier than
//     every other address of the customer. So whoever added one a moment ago does not undo
//     what its owner does against it.
//   - What operators do is not undone by links, and an undoing is not either.
//   - Everything ends that is signed in, the password is good no more, and the next way in is
//     recovery, with whatever second factor is left.
//   - The link tells nobody anything about the customer, and is worth nothing behind seven days.
//
// Known limit: whoever reads a mailbox that a customer leaves, because it was stolen, can take
// that back for seven days, as they could have set a new password before. A second factor, set
// up before, is what holds against it, as it does there.
package undo
