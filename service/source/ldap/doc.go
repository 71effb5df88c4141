// Package ldap asks a directory: OpenLDAP, 389 Directory Server, Active Directory,
// PingDS and whatever else speaks LDAPv3 (RFC 4511).
//
//	identifier ──search as the service account──▶ one entry ──bind as it──▶ match or not
//	everybody  ──search by time of creation, page by page──▶ LDIF
//
// # Invariants
//
//   - What somebody typed is escaped (RFC 4515 §3); several entries for it are nobody's.
//   - Nobody binds without a password or a name: servers take that for somebody
//     anonymous, and say yes (RFC 4513 §5.1.2).
//   - Referrals are not followed. ldap:// upgrades by StartTLS before anything is said.
//   - A message is taken only within bounds of length and depth, before it is decoded.
//   - What a server says in words is looked at for a few well-known signs, and never
//     repeated.
//
// Tried for real against OpenLDAP; what Active Directory and 389 Directory Server say
// is read from their documentation.
package ldap
