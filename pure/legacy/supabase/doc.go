// Package supabase reads the users of Supabase's authentication: rows of the
// table auth.users, as a database, CSV or JSON gives them.
//
//	auth.users            ──▶ who it is, state, hash
//	  identities           ──▶ links            (a list as JSON in one column,
//	  mfa_factors          ──▶ factors, keys     as [Query] gathers them;
//	  webauthn_credentials ──▶ passkeys          none of them has to be there)
//
// The columns are those of the migrations and models of supabase/auth. It was
// never tried with the database of a real project.
//
// Secrets and hashes may be encrypted by a key of the server, if it was told so;
// such ones are unreadable here: hashes are held, keys of apps are left.
//
// A key does not say for which relying party it was made: that is the server's
// configuration, and here an option.
package supabase
