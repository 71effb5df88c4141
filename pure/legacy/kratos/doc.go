// Package kratos reads identities of Ory Kratos, as its admin API gives them and
// as its import takes them.
//
//	identities[] ──▶ traits, metadata, which addresses were proved
//	  credentials.password                 ──▶ hash
//	  credentials.oidc, .saml              ──▶ links
//	  credentials.totp, .lookup_secret, .code ──▶ factors
//	  credentials.webauthn, .passkey       ──▶ passkeys, with their flags
//
// The shape is that of Kratos's source; passkeys' flags and the passkey
// credential are from its documentation. It was never tried with a real Kratos.
// An identity holds credentials only if each kind was asked for by name
// (include_credential). What traits there are is the operator's schema: those
// that most call email, phone, username and name are found, others are mapped.
//
// A credential does not say for which relying party it was made: that is in
// Kratos's configuration, and here an option.
package kratos
