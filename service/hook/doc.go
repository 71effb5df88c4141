// Package hook asks services of the tenant's own before a token is made, and
// holds what they answer to what they may say.
//
//	Question ──sign──> POST url ──> answer, read strictly ──> Outcome
//	                     │                   │
//	               slow, away,            it lies
//	               suspended                 │
//	                     └───────┬───────────┘
//	                       on_failure: refuse, or without all that it judges
//
// A hook can take away scopes that it is listed to judge, and fill claims that
// are declared for it. So an [Outcome] holds what to take away and never what to
// grant: whatever a hook says, what is left is a part of what access.Decide
// granted, and the proof of who can obtain what holds without knowing any hook.
// An answer with anything else in it counts for nothing at all.
//
// The question is a compact JWS by the key that signs the server's tokens, which
// the receiver finds at the server's jwks_uri. It has a type of its own (`typ`
// [TokenType]), the hook's address as its audience, and neither sub nor scope at
// its top, so that nobody who takes tokens can take one for a token.
//
// A hook has one deadline for everything, at most a few calls at once on a node,
// and a breaker: after a few time-outs in a row it is not asked for some seconds,
// so that one that hangs does not hold the token endpoint. Answers are never kept.
// Connections go through service/egress.
//
// service/issue is who asks; which hooks there are is in pure/config.
package hook
