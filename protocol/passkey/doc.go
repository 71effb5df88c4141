// Package passkey asks for and takes new credentials, and checks assertions of WebAuthn credentials (Web Authentication
// Level 3): that a browser on one of our own pages asked an authenticator, for the
// relying party that the credential was made for, to sign the challenge that this
// visitor was given.
//
// It wraps github.com/go-webauthn/webauthn completely, which reads the formats and
// verifies signatures, and adds what that leaves to its callers: bounds of
// everything, the algorithms that count, the rules of counter and backup flags, also
// for credentials that an earlier system brought and of which not everything is
// known. It keeps nothing: that a challenge is used once, and what an assertion said,
// is for the caller to store, and service/signin does.
//
// What is signed names the relying party by a digest and the page by its origin, so
// an assertion for another environment, another host or another browser's challenge
// is none here.
package passkey
