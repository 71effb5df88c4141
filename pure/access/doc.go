// Package access decides which scopes an application may have, for which
// subject, by which grant, and for how long.
//
// A [Spec] is what an authorization server says about itself: its scopes, its
// ceilings, and its policies of ordered rules. [Compile] checks it and turns it
// into an immutable [Model]. Three questions are asked of a model:
//
//	Decide(model, request)     may this request have these scopes
//	Explain(model, request)    the same decision, with every step it took
//	Prove(model, options)      what can each application obtain at all, and when
//
// A fourth is asked of two: Diff(before, after, options) tells what a change means,
// to whom, with a witness, and which edit caused it.
//
// One evaluator answers all of them. It takes a context (grant, groups, attributes,
// address, instant, assurance, age of the sign-in) and columns (each a requested scope set), and passes the
// columns through the rules from the first to the last:
//
//	request ─ resolve ─ ceilings ─▶ columns ─▶ rule 1 ─▶ rule 2 ─▶ … ─▶ outcome
//	                                              ▲ context
//
// Decide passes one column, Explain passes one and listens, the matrix passes
// every single scope at once as the bits of a few words. So a preview, a proof
// and a token can never disagree.
//
// # Invariants
//
//   - Conditions are finite (sets, constants, prefixes, windows, levels, ages), so
//     that every context can be enumerated; no expression ever decides access.
//   - Only the ceilings narrow a request, and only if the server says so.
//   - Nothing grants a scope above the ceilings, or beyond a refresh's original.
//   - What is not known (an address, an instant, an attribute) meets every deny and
//     no allow.
//   - A better sign-in, stronger or fresher, never loses what a worse one has.
//   - Who can have a scope can have what is below it, as long and as often.
//
// The package does no I/O and reads no clock; instants, addresses and time zones
// arrive as values. It owns neither authentication of the application nor claim
// values, consent or tokens. The token service calls Decide, the token debugger
// Explain, plan and promotion Prove and Diff. A Model and everything returned may be
// shared between goroutines as long as nobody writes to it.
package access
