// Package keycloak reads realm exports of Keycloak: a realm in one file, or a
// directory whose files of users are read one behind the other.
//
//	users[] ──▶ who it is, state, roles, groups, attributes
//	  credentials[] ──▶ password · otp · webauthn · recovery-authn-codes
//	                    secretData and credentialData are JSON inside texts
//	  federatedIdentities[] ──▶ links
//
// The shape is that of the classes UserRepresentation, CredentialRepresentation
// and the models of credentials, as of 26.4; those of older versions are read
// beside it: flat credentials from before 8, social links, applicationRoles. Files
// that 26.4.5 exported were read, with passwords that it had hashed; its factors
// and passkeys had been given to it. Older versions were never tried.
//
// A credential does not say for which relying party it was made: that is the
// realm's policy, or the host of Keycloak if the policy names none. So it is an
// option, and without it passkeys are left and counted.
//
// Hashes are bounded and judged by package passhash, once they are mapped; here
// they are only brought into the one form that it reads.
package keycloak
