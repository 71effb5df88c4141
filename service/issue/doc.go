// Package issue is the token service: it takes what an application asks,
// decides by the live configuration, and makes codes and tokens.
//
// Every way to a token is the same three steps, and preview walks them too,
// with signers that cannot sign:
//
//	request ──> access.Decide ──> claims ──> mint ──> audit event, grant
//	              │ refused
//	              └──────────────────────────────> audit event, [Refusal]
//
//	Authorize           a signed-in customer      ──> code (sealed, no row), or what
//	                                                  the customer must prove or be asked first
//	Agree, Deny         the answer to a question  ──> consent, or its refusal
//	Withdraw            a consent                 ──> its end, and that of its grants
//	Redeem              code, verifier            ──> tokens; spends the code
//	Refresh             refresh token             ──> tokens; rotates the family
//	ClientCredentials   an authenticated machine  ──> access token
//	Userinfo            a verified access token   ──> claims
//	Introspect, GiveUp  a token of any kind       ──> what it holds, or its end
//	Preview             anything of the above     ──> claims and the trace
//	Held, WithdrawAll   a customer                ──> what applications have, or its end
//
// Invariants:
//
//   - Nothing is handed out before the event that tells of it is durable, and
//     the event holds the decision's whole input, so that it can be replayed.
//   - A code becomes at most one grant: storing the grant is what spends it.
//   - A refresh token is a grant's id and a counter, authenticated. One
//     conditional update rotates; whatever comes with an old counter ends the grant.
//   - Where an application needs consent, no code is redeemed and no token refreshed
//     beyond what its customer was shown and allowed.
//   - A node that has not heard the change feed for five seconds issues nothing.
//
// The package speaks no HTTP and knows no status codes: web/authserver maps a
// [Refusal]'s reason to the protocol's error. Verifying access tokens is
// service/verify's work, signing in service/signin's.
package issue
