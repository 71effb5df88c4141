// Package legacy reads what earlier systems wrote down about their people.
//
//	export ──Frame──▶ Element ──Reader.Person──▶ *Person ──▶ pure/migrate maps it
//
// Each system is a small package below this one that gives a [Format]: how its
// file is cut into elements, what it must be told besides, what its fields mean
// if nobody says otherwise, and how an element becomes a [Person]. Package
// migrate has the table of all formats; nothing else knows their names.
//
// # What it owns
//
// The one shape into which every system's people are brought, and the cutting of
// a file into elements. It decides nothing: whether a person is taken, which
// identifier is whose and what a field becomes is package migrate's.
//
// # Invariants
//
//   - A reader keeps no state between elements, so that any of them can be read
//     again alone: a run goes on from the middle of a file, and a running system
//     that answers for one person is read by the same code.
//   - A damaged element is a [Fault], which says what is wrong without repeating
//     a value. It never stops the file.
//   - What a source does not say is not made up: an address of which nothing is
//     said is not verified, and a state that is not understood is [Unclear].
//   - Secrets stand in Passwords, Factors and Passkeys alone, never in Fields.
//   - Work and memory are bounded for every element.
package legacy
