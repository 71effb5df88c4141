// Package environment holds what is live: for each environment of the
// installation the snapshot of its newest revision, behind one atomic pointer.
//
// [Registry] loads snapshots, finds the environment of a request by host and
// path, and follows the change feed, so that a revision applied on any node is
// live on all within a second and without a dropped request: requests that
// began under the old snapshot finish under it. Other services subscribe to
// the feed here ([Registry.Subscribe]), so that a node has one follower.
//
// What is live only ever moves forward, by revision number, whoever loads it:
// Apply, the feed, or the comparison with the store every ten seconds that
// makes up for entries that were swept before this node saw them. A node never
// serves an older revision in place of a newest one that it cannot use.
//
// The system environment, of the operators, is part of the program: it is live
// from the start, below an address of its own, and takes no revision.
//
// [Registry.Plan] and [Registry.Apply] are the only way by which configuration
// changes. Deciding what a tree means is pure/config's work.
package environment
