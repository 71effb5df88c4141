// Package claim computes what tokens and userinfo answers say beyond what every
// token says: the claims that an authorization server's configuration adds.
//
//	[]Spec ──Compiler.Compile──▶ Set ──Evaluate(place, input)──▶ values, overage, failures
//	             │ problems       └──Bound(place, scopes)──▶ bytes, at worst
//
// A claim's value is a customer's attribute, typed as it is registered; the
// customer's groups, or those that a [Filter] keeps; a constant; a CEL expression over what [Input]
// holds; or what a hook answered. Claims are computed here and nowhere else: tokens,
// userinfo, previews and size reports all ask the same [Set].
//
// # Invariants
//
//   - Claims tell; they never decide. Nothing here can refuse a token or widen one:
//     what cannot be told is left out, and the result says so.
//   - No claim replaces one of the server's own: see [Reserved].
//   - Each claim has a static bound. A value that is longer is left out and named in
//     the claim [Overage], so that nobody is kept from signing in by their groups.
//   - Expressions are typed, always end, and have a bounded cost, which is checked
//     before they run and while they do. They see no clock and no randomness; equal
//     inputs give equal claims.
//   - A failure is told by a [Reason] from a fixed list, never by the text of an
//     error, which could quote what a customer entered.
//
// It owns the language of expressions and the JSON form of values. It owns neither
// the YAML keys (package config), nor where claims go (service/issue), nor what they
// may reveal to whom (reviews compare [Claim.Attributes]).
//
// # What was rejected
//
// Functions of CEL for patterns, time, bytes and fractions: patterns cost the most
// for what they give, and the rest would bring in time zones and numbers that JSON
// readers disagree on. Cutting a long value short: half of a list of groups is a wrong
// list. Optional values in place of null: two ways to say that something is not there.
package claim
