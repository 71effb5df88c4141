// Package source asks running earlier systems about their people.
//
//	Login ──Verifier──▶ Answer: Match with the person's element, NoMatch, or Unavailable and why
//	name  ──Finder────▶ the element of who has it
//	      ──Fetcher───▶ elements of everybody, line by line, from a cursor on
//
// An element is what an export of that system has for one person, so that
// whoever comes by a running system becomes by the same mapping what the export
// would have made of them. This package has what the kinds share: the contract,
// the way out, the pace and the breaker; each kind is a package below it, and
// service/source/kinds has the table of them. service/jit asks verifiers and
// finders; the command line runs fetchers, whose lines are imported like any
// other file.
//
// # Invariants
//
//   - A verifier has three answers. What is not clearly yes or no is
//     Unavailable, with a reason in a stable word. Being refused as a client, a
//     throttled or broken system, an answer that cannot be read and one about
//     another person than was asked about are Unavailable, never NoMatch: a
//     customer is not told that a right password is wrong.
//   - The answer about a person must be about whoever the typed identifier
//     names there, or it is not believed.
//   - Nothing that a system sends is taken without bound, followed to another
//     address, or repeated in a reason, an error or a log. A password is in the
//     question alone.
//   - All connections go through service/egress.
//
// It decides nothing about customers and writes nothing.
package source
