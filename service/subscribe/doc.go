// Package subscribe keeps the subscriptions of applications to products: who
// calls, as far as a key can tell. It makes, rotates and suspends them, finds
// the one that a key belongs to, and counts what is called with it.
//
// A subscription has two keys of 256 bits each, so that one can be changed
// while the other is in use. They are shown once, when they are made; kept is
// their SHA-256. What a key opens is not kept here: the product says so, in
// the live configuration, and whether a token goes with it is asked by the
// gateway.
//
// Look-ups are answered from memory until the change feed tells of a change.
// Calls are counted in memory ([Meter]) and written each second, so a crash
// loses at most that much, in the caller's favour.
package subscribe
