// Package reach says what scopes open: which operations, of which APIs, with which
// classes of data; what each application reaches with the tokens that it can
// obtain; and what else would open if it were granted a scope.
//
//	snapshot ──Of──▶ Map ──Scope────────▶ operations, APIs, data that a scope opens
//	                  │ ───Applications──▶ what each application reaches, and how
//	                  │ ───IfGranted─────▶ what a grant would open, and to whom else
//	                  └ ───AndSets───────▶ scope sets for access.Prove and Diff
//
// What an operation needs is read from the table that the gateway enforces
// (pure/route), and what can be obtained is proven by the evaluator that issues
// (pure/access). So reach has no rules of its own, and cannot differ from either.
//
// # Invariants
//
//   - A token is of one server. Scopes of two servers never open an operation
//     together.
//   - Who holds a scope's ancestor holds the scope. Whatever obtains the ancestor
//     obtains the scope by itself too, so that an operation can be opened exactly if
//     one of its own scope sets can be obtained.
//   - Operations that need no token are nobody's reach; they are told apart.
//   - Subscription keys say who calls and open nothing that a token does not; which
//     products have an API for an application is told beside it.
//
// The package decides nothing and keeps nothing. Its callers are review, expect, and
// the faces that answer "what does this open". A Map may be shared between
// goroutines as long as nobody writes to what it gives.
package reach
