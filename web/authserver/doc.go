// Package authserver is the HTTP face of the authorization servers: authorize,
// token, userinfo, key sets and discovery, for every environment at once.
//
//	host and path ──> environment ──> authorization server ──> endpoint
//	     └ well-known forms at the host's root (RFC 8414 §3.1)
//
// It parses, asks service/issue and renders. URLs are built from configuration
// alone: neither Host nor a forwarding header ever reaches one. Which error of
// the protocol a refusal becomes is one table, in errors.go; which methods,
// origins and caches an endpoint has is another, in endpoints.go.
//
// It does not sign anybody in: [SignIn] does, and the request waits sealed in
// the URL that sign-in returns to. Two pages are its own: what an application may
// have, and whether to sign out. Neither needs script; ids are fixed, as other
// people's tools rely on them: consent-allow, consent-deny, logout-confirm.
// Whatever belongs to no authorization server goes on to Config.Next.
package authserver
