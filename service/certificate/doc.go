// Package certificate keeps this node in certificates for the names that the
// installation serves, by ACME (RFC 8555), and shares them with all other nodes.
//
//	snapshots ──Names──▶ Run ──one order for all nodes──▶ authority
//	                      │                                  │ looks at port 80 or 443
//	                      ▼                                  ▼
//	    store: sealed keys, certificates, leases ◀── any node answers: TLS, Challenges
//
// # What it owns
//
// Which names are ordered, and when; the keys, certificates and accounts with
// authorities from the moment they are made; what a TLS handshake is answered with. It
// does not know what brands and environments are: whoever wires it gives it the names.
// The protocol, the schedule of renewals and stapled OCSP answers are certmagic's.
//
// # Invariants
//
//   - A certificate is ordered because a name is configured, never because somebody
//     asked for it: a handshake under an unknown name ends in memory.
//   - Of all nodes one orders. It holds a lease, which is over soon after its node is.
//   - Private keys lie in the store sealed under the master key, each as what it is,
//     and never in a log.
//   - Whatever leaves the house goes through the egress guard: to the authority's
//     directory wherever it is, else to public addresses alone.
//   - Nothing is fetched before [Service.Run], so a node starts as fast without network.
//   - What the authority refuses is tried again later, and later each time.
package certificate
