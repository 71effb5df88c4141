// Package verify answers whether an access token is good: the gateway and
// userinfo ask it before each call.
//
//	token ─▶ feed heard? ─▶ seen before? ─no─▶ signature, type, issuer, audience
//	                            │yes                         │
//	                            ▼                            ▼
//	                     expiry, future, revocation, application: always
//
// The signature is the expensive part (more than a whole proxied call), so its
// success is remembered, by the bytes of the token and by the profile it was
// verified under: environment, authorization server, audience and the serial
// of the key set. What can change while a token lives is asked every time.
//
// An access token is a JWT or opaque, as the configuration says when it is made;
// both hold the same claims, and only the first check differs: an opaque token is
// sealed under a key of its authorization server, so that opening it proves it.
//
// Revocation goes by what a token says of its origin (grant, session, customer,
// the revision that allowed it) and of its name (jti), never by its bytes: an ECDSA signature has a twin that verifies as well, so a
// list of digests would let the twin pass.
//
// It does not know scopes, subscription keys or HTTP.
package verify
