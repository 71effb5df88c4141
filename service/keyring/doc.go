// Package keyring keeps Sallyport's keys: it makes, seals, rotates and lends
// them, and it alone sees private keys in the clear.
//
//	master key   from a file or the environment, never in the database
//	   └ seals   every key below, and the credentials that others hand in
//	signing keys one life per (environment, authorization server, algorithm):
//	             next → current → old → gone; the next one is published before
//	             it signs, an old one until its last token is dead
//	secrets      random 32 bytes per environment and purpose, for sealing
//	             codes and cookies and for authenticating refresh tokens
//
// Nothing that lies in the store in the clear is trusted: public keys are sealed
// beside their private halves, so that whoever can write the database but has
// no master key can add no key that verifies.
//
// All nodes share keys through the store; a change travels by the change feed.
// What is sealed is bound to its environment and row by associated data, so a
// sealed value that was moved to another row does not open.
package keyring
