// Package fusionauth reads users of FusionAuth: the answers of its search, the
// users of its export scripts, and files in the shape of its import.
//
//	users[] ──▶ who it is, data, groups
//	  password + salt + encryptionScheme + factor ──▶ one hash
//	  twoFactor.methods[], recoveryCodes[]        ──▶ factors
//	  registrations[]                             ──▶ roles by application
//	  identities[]                                ──▶ which address was proved
//
// The shape is that of FusionAuth's documentation of its User and Import APIs,
// identities included. It was never tried with a real FusionAuth. Its API
// never gives hashes and secrets away: those are in its database, from which a
// file of the import's shape can be made. Links to other providers and passkeys
// are answers of other calls and are not in a user.
package fusionauth
