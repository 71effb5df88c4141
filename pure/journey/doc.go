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
// There are journeys that sign people in, journeys that register them, and journeys
// that give them a new password. All begin with a name and one proof of it: a password,
// or a code that was sent. Then come a second factor, and tasks.
//
//	consulting ──has one──▶ asking for the best ◀─AnotherWay, FactorChosen─▶ another ──match──▶ on
//	    │                       └─RecoveryAsked─▶ recovery code ──match──▶ on
//	    ├──must have one──▶ enrolling an app, or a phone ──match──▶ codes ──CodesKept──▶ on
//	    │                       └──Later, where that may wait──▶ on
//	    └──need not──▶ on
//
// A task asks for one thing and is done: an address to verify, a password to be,
// documents to accept, attributes that are missing, an account to claim, or nothing, while
// rights are being prepared. All go one way:
//
//	consulting ──needed──▶ asking ──TaskGiven──▶ [reserving ▶] checking ──done──▶ on
//	    └──not needed──▶ on   └──TaskSkipped, where one may──▶ on
//
// What is left to do is a fact about the customer, never about the way: who stops, and
// comes again from another device or after the journey changed, is led to the step at
// which they stopped by walking past what is done.
//
// A passkey that made sure of its owner is two factors at once. It is taken instead
// of identifier and password, from the page of either, and instead of a code; one
// that did not is taken instead of a code alone:
//
//	identifier, password ──PasskeyGiven──▶ reserving ▶ checking ──match, verified──▶ on
//	code, recovery code  ──PasskeyGiven──▶ reserving ▶ checking ──match──▶ on
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
//   - Nothing about a person is looked up for a page before somebody proved to be them,
//     and no task is done before.
//   - The form of a task names its step; that of another step does nothing.
//   - A state names the digest of its journey. Under another journey it keeps what the
//     customer typed, and what they proved if that says there, too, who they are.
package journey
