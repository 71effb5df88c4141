// Package gateway is the API gate: every call is checked twice, by a
// subscription key for who calls and by a token for what the call may do, and
// only then forwarded to the back end over mutual TLS.
//
// The checks are a visible list, [steps], and run in its order; the first that
// refuses ends the call. Whatever no step lets pass is refused: an operation
// that the catalogue does not describe does not exist here.
//
//	path ─ environment ─ operation ─ headers ─ source ─ key ─ product ─ limits
//	     ─ token ─ binding ─ limits ─ scopes ─ request ─▶ forward
//
// Invariants:
//
//   - One path: the canonical form that was matched is what is forwarded, less
//     the address of the API in front.
//   - The back end hears nothing about the caller but from us. Headers that
//     could be mistaken for our word, under any spelling, and cookies do not
//     cross; a token that was not verified does not either.
//   - A key never stands for a token: it opens only operations that the
//     catalogue marks public, and a token of another application is refused.
//   - Quota is spent by calls that reach the back end. Limits are reserved
//     before the expensive checks and given back by those that refuse.
//   - Every refusal names the check that failed and carries a reference; the
//     owner finds the whole story under it in the audit ledger.
//
// The handler does not use httputil.ReverseProxy: that passes protocol upgrades
// and informational answers on, which here must be impossible rather than
// undone. Rules are not made here: packages route, verify, subscribe and quota
// answer the questions that steps ask.
package gateway
