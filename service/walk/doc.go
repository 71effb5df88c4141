// Package walk makes the proof visible: it prepares requests at the real sign-in
// pages and token endpoints of an environment, and compares what came back with what
// the proof foresaw.
//
//	Begin ──▶ requests, invented customers, borrowed secrets ──▶ whoever walks
//	                                                                 │
//	Last  ◀── report ◀── compare, remove everything ◀── Finish ◀─────┘
//
// # What it owns
//
// The invented customers of a run, from the moment they are made until nothing of
// them is left; the secrets that confidential applications are lent for it; and the
// report of the last run. Which requests are made, and what they should get, pure/expect
// says. The requests are made by the command line, from where it runs.
//
// # Invariants
//
//   - Never in an environment that is protected, that is called production, or that
//     is the operators' own.
//   - Whoever is made is marked, and nobody who is not marked is ever removed. What a
//     run leaves behind, [Service.Sweep] removes once its time is up.
//   - One run of an environment at a time, bounded in requests, customers and time.
//   - What could not be walked is told apart from what agreed.
//   - Passwords and secrets are in the answer of Begin and nowhere else.
package walk
