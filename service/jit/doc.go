// Package jit takes people along just in time: whoever signs in and has no
// password here is asked about at the earlier system.
//
//	identifier, password ──▶ ledger of wrong ones ──▶ guard ──▶ line ──▶ earlier system
//	                                                                          │ match
//	         customer, new hash, factors ◀── intake.Admit ◀── migrate.Map ◀── element
//
// service/signin asks [Service.SignIn] where nobody here has the identifier, or
// whoever has it has no password here. Which systems there are and within which
// limits they are asked is in pure/config; how each is asked in service/source;
// what becomes of a record and what the ledger says of it in service/intake.
//
// # Invariants
//
//   - Nothing is written before a match. Nobody is told that a password is wrong
//     unless a system said so, or said so of the same password some minutes ago.
//   - Whoever is taken along has the identifier that was typed, by the mapping of
//     the migration. A system that answers about somebody else is not believed.
//   - What the ledger has stands: whoever came along before signs in by the
//     password that is stored here, whoever was erased is not known, and whoever is
//     held stays so.
//   - Questions are counted before they are asked: by source, by identifier, in
//     all, and by how many identifiers a source tried in vain. What turns out to be
//     right is given back, so that a morning's office is no attack.
//   - A password is in memory for the time of the question. What is kept of a wrong
//     one is a keyed digest, in memory, for some minutes.
//   - One new hash is made for whoever is taken along, by the workers of sign-in.
//
// Known limits: wrong passwords, identifiers and breakers are remembered by each
// node for itself. How long an answer takes tells, beyond a second, whether an
// earlier system was asked, and so whether the identifier has come over already.
// All systems that are asked hear the passwords of whoever is not known here.
package jit
