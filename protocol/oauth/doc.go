// Package oauth holds the messages of OAuth 2.1 and OpenID Connect as values, and
// their rules as functions: what an authorization server must parse, check and write,
// before it decides anything.
//
// A request at the authorization endpoint passes through these types, and only
// in this order, because an answer must never be sent to an address that the
// client has not registered (RFC 9700 §4.11):
//
//	ParseParameters ──> ParseAuthorizationRequest ──> Return.Match ──> Destination
//	       │                 │            │                │               │
//	     *Error    *NotRedirectableError *Error  *NotRedirectableError  Success, Failure
//	   (own page)        (own page)        │         (own page)
//	                                       └─> Return.Match, then Destination.Failure
//
// Invariants: every parser is bounded, linear in its input and free of panics;
// secrets redact themselves when printed, logged or marshalled; no error repeats a value
// from the request; a redirect URI is compared, never interpreted.
//
// The package serves no HTTP, keeps no state, reads no clock and draws no
// randomness. Which clients, scopes and grants exist is its callers' business.
package oauth
