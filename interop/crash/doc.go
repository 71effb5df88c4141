// Package crash holds the proofs that Sallyport survives what a machine does to it:
// being killed at every durable write of an import, an apply and a sign-in, being told
// to leave under load, losing its database, and running out of disk.
//
// It is empty but for its tests. They drive the real binary, built so that it dies at
// a named point (docs/reference/ready-file.md), and look at what it left only through
// its own commands and endpoints. The points are asked of the binary: a new one is
// tried in every story by itself, and the tests fail with its name if none passes it.
//
//	home    a folder with a store, its key and a configuration tree; copied per case
//	node    a server on a home, which may be killed, and started again where it was
//	story   work that is cut at a point, done again, and then looked at
//	soak    a generated export of which everything is known, imported while people
//	        sign in by way of a scripted earlier system, and killed at random moments
//
// A story is played uncut first, which tells what it passes. The small form bounds how
// often a point is passed before the cut; the large form (build tag large) takes nothing
// for granted, and goes on until the story ends uncut.
package crash
