// Package route answers one question about an API call: which operation is
// this, and what does it need?
//
//	OpenAPI bytes ──Compile──▶ Table ──Match──▶ operation, parameters, scopes
//	raw path ──Canonicalise──▶ path ──┘
//
// A document is compiled once, checked, and from then on only read. The same
// table enforces in the gateway, renders the developer reference, answers what
// a scope opens (Reach) and is linted (Lint), so that what the reference shows
// is what the gateway does.
//
// # What it owns
//
// The path grammar (Canonicalise), the match (Table.Match), the requirement of
// each operation (Security) and the checks of parameters and JSON bodies. It
// does not own tokens, keys, products, limits, hosts or forwarding, and it
// decides nothing about who holds which scope: that is pure/access.
//
// # Invariants
//
//   - Default deny. An operation is open without a token only if the catalogue
//     says so in Options.Public and the document agrees; a document alone can
//     never open anything, and a subscription key never stands for a scope.
//   - One path. What was matched is byte for byte what is forwarded; a path
//     that two servers could read differently is refused, not repaired.
//   - One reading. The document is parsed here, once, with duplicate keys,
//     foreign references and alias bombs refused, and only the resulting tree
//     is read. The OpenAPI library checks the structure of that tree; it never
//     sees the author's bytes and its own reading decides nothing, because it
//     matches JSON field names without regard to case.
//   - Bounded work. Documents, bodies, numbers and schema evaluation have
//     limits that hold for every input (see Limits in limits.go).
//
// # What was rejected
//
// Regular expressions per route (a scan of all rules, and backtracking), partly
// templated segments such as /{id}.pdf (ambiguous with their neighbours), base
// paths from the document's servers (the catalogue owns where an API lives),
// and falling through from a static path to a template when the method differs
// (the path decides first, then the method).
//
// Everything here is a pure function of its arguments. A Table and all it
// returns may be shared between goroutines; callers must not modify them.
package route
