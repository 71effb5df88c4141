// Package sallyport is the map of the house; the code is in the rooms below.
//
// Sallyport is one binary that gives an organisation two gates in front of its
// customers' data, an identity gate and an API gate, and moves the customers
// through them from whatever system they are in today.
//
//	cmd/sallyport   the commands: all wiring, by hand, one file a command
//	     │
//	     ▼
//	   web          faces: HTTP in, HTTP out, no decisions
//	     │            authserver login account console gateway admin
//	     │            design: the tokens, layout and components every page shares
//	     │            clientaddr: where a request comes from, past listed proxies
//	     ▼
//	  service       acts: load, decide, act, record
//	     │            environment issue signin directory operator intake
//	     │            subscribe keyring verify audit limit egress promotion debug
//	     │            replay hook tally walk vault backup certificate
//	     │            job leave
//	     │            source, jit, fetch: earlier systems that still run
//	     ▼
//	   store        keeps: small interfaces, records and errors, and one
//	     │            conformance suite (storetest) for every engine
//	     │            relational: what both engines share; sqlite postgres
//	     │            redis: rate counters that nodes share, never truth
//	     ▼
//	   pure         decides: values in, values out; no clock, disk, network,
//	                randomness, log or goroutine
//	                  access migrate route journey config customer password
//	                  quota reach review claim expect govern board
//	                  legacy: one person of every export; object and cut read it
//	                  assess, rival, drift: what a migration holds, who is who,
//	                  and what is not as it should be any more
//
//	 protocol       speaks: the RFCs and formats of others, knowing nothing of
//	                Sallyport: oauth jose otp passhash passkey
//	                used by service and web; by pure/migrate to tell hashes apart,
//	                and by pure/config to read public keys
//
//	   demo         the invented utility and its legacy system; imported by cmd
//	                alone, and speaks only HTTP to the rest
//
// Arrows point down and never across, except where layers_test.go lists a
// service's siblings. When a service needs one that is not listed, it declares
// the small interface that it needs and cmd plugs the other in.
//
// Four pure functions hold every decision, each written once and asked
// everywhere: access.Decide (may this application have these scopes),
// migrate.Map (what does this legacy record become), route.Compile (which
// operation is this and what does it need) and journey.Step (what does this
// customer see next).
//
// Packages appear when they have something to do: claiming, notes, a help desk and a developer portal have their places, and no code yet.
//
// Two nested modules stand outside the house, so that what they need never
// reaches those who build the product: interop (other people's clients and
// browsers, driven against the binary) and tools (the developers' tools). A third
// one, sdk/go, is to hold what a service imports to verify tokens.
//
// The decisions and their reasons are in docs/design.
package sallyport
