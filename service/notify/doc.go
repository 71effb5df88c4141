// Package notify sends messages to people: mail, text messages, calls and letters.
// It owns the outbox, from the transaction that queues a message to the answer of
// whoever delivers it.
//
//	Queue ──in the caller's transaction──▶ outbox row, sealed
//	                                          │ Run: a node takes it, for a while
//	                                          ▼
//	               mail server · adapter by HTTPS · folder of letters
//	                                          │
//	         sent ◀── accepted ── ? ── not now ──▶ queued again, later
//	                     refused, worthless ──▶ failed, dropped
//
// What messages say is package message's, and the tenant's words are in the
// configuration; which senders there are is there too.
//
// # Invariants
//
//   - A message is in the outbox exactly if what it speaks of was committed.
//   - To whom it goes and what it says lies sealed, padded so that its length tells
//     nothing, and is removed once nobody needs it. Neither a log, an event, a reason
//     nor an error holds an address, a code or what a sender answered.
//   - Of one word (Message.Once) there is one message.
//   - Repeating does no harm, or is not done. Adapters and folders know a message by
//     its id, so they are asked again until they answer. A mail server does not: once
//     the last byte was written and no answer came, nobody knows. A notice is then
//     sent again with the same Message-ID; a message that hands out a secret is not,
//     since whoever waits for a code asks for another.
//   - What hands out a secret is dropped when that is worth nothing any more.
//   - A decoy costs what a message costs, and goes to nobody.
//
// Nodes meet in the row: taking a message is a compare-and-set that ends by itself,
// later than the longest time that its sender has. The clocks of nodes must agree to
// within [Grace].
package notify
