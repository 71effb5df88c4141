// Package journey decides what a customer sees next. A journey is a list of
// steps, each asking for one thing; [Step] takes the state a customer is in and
// what happened, and gives the new state and the effects to perform, as data.
//
//	identifier ──IdentifierGiven──▶ password ──PasswordGiven──▶ reserving
//	    ▲                             ▲  ▲ ▲                        │
//	    └───────────Back──────────────┘  │ └AttemptLimited,─────────┤
//	                                     │  AttemptUnavailable AttemptAllowed
//	                        no match, unavailable                   ▼
//	                                     └────────────────────── checking ──match──▶ signed in
//
// A journey may go on to a second factor:
//
//	match ──▶ consulting ──has an app──▶ code ◀──▶ recovery code ──match──▶ signed in
//	              │                        └──match, no codes kept──▶ codes ─CodesKept─▶
//	              ├──must have one──▶ enrolling ──match──▶ codes ──CodesKept──▶ signed in
//	              └──need not──▶ signed in
//
// A passkey that made sure of its owner is two factors at once. It is taken instead
// of identifier and password, from the page of either, and instead of a code; one
// that did not is taken instead of a code alone:
//
//	identifier, password ──PasskeyGiven──▶ reserving ▶ checking ──match, verified──▶ signed in
//	code, recovery code  ──PasskeyGiven──▶ reserving ▶ checking ──match──▶ signed in
//
// service/signin performs the effects and feeds back what came of them; the
// package knows no secret, clock, store or page.
//
// # Invariants
//
//   - Every event is answered in every state. One that comes out of order (an old
//     tab, the back button, a forged form) shows the page of the state again and
//     does nothing else.
//   - A secret is checked only after an attempt was reserved for it, and a
//     session starts only after a check that matched. [Check] proves both, and
//     that every state can be reached and can end, for a whole journey.
//   - What lies behind a factor is reached by its match alone, and a session says
//     no more than what was proved. Going back forgets what was proved.
//   - A state names the digest of its journey. Under another journey it starts
//     afresh, keeping only what the customer typed.
package journey
