// Package limit counts requests against limits, for the gateway and for the
// authorization servers.
//
//	        Spend, Refund
//	caller ──────────────▶ Limiter ──▶ Counters that all nodes share (store/redis)
//	                          │ cannot be reached
//	                          └──────▶ this node's own memory
//
// The arithmetic is pure/quota's on both ways. While the shared counters cannot be
// reached a node counts for itself: limits then hold per node; they neither
// vanish nor stop requests because a cache is down.
//
// Which limits there are, for whom, and what is said to whoever is above one, is
// its callers' business. What must hold whatever happens, such as tries at a
// password, is not counted here but in the store.
package limit
