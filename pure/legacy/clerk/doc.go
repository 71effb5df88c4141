// Package clerk reads the users that Clerk's dashboard writes as CSV, and those
// that its command line writes as JSON with the same names.
//
//	password_digest + password_hasher ──▶ one hash
//	totp_secret                        ──▶ the key of an app
//	primary, verified and unverified addresses ──▶ which were proved
//
// The columns are those of Clerk's own tools, the forms of digests those of its
// documentation of createUser. It was never tried with a real instance. Clerk
// gives backup codes and passkeys to nobody, and its CSV has no metadata.
package clerk
