// Package jose signs and verifies the tokens that an authorization server
// issues, and publishes the keys that let others verify them: JWS in compact
// form (RFC 7515), JWK sets (RFC 7517), key thumbprints (RFC 7638) and EdDSA
// (RFC 8037).
//
//	PrivateKey ── NewSigner ──> Signer ── Sign ──> "header.payload.signature"
//	    │                                                   │
//	  Public ──> KeySet ── NewVerifier ──> Verifier ── Verify ──> payload
//
// There are two verifiers, because there are two kinds of token. [Verifier] is
// for tokens whose issuer uses this package's header: alg, kid and typ and
// nothing else. It compares the whole encoded header with the few that its keys
// allow, so there is nothing to negotiate. [ForeignVerifier] is for everybody
// else's tokens (client assertions, other providers' ID tokens): it wraps go-jose
// with an explicit list of algorithms.
//
// Invariants of both: the key decides the algorithm, never the token; "none" and
// symmetric algorithms do not exist here; a token cannot name, carry or point
// to the key that verifies it (jwk, jku, x5c and x5u are never read); base64url has one
// spelling; the size is bounded before anything is decoded.
//
// The package does not look at claims: issuer, audience and times are their
// reader's business. It keeps no keys, rotates none, and fetches nothing.
package jose
