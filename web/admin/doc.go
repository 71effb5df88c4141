// Package admin is the management API: what operators and scripts do to an
// installation, as routes under /admin/v1 described by OpenAPI 3.1 at
// /admin/v1/openapi.json. Each route parses, calls one service and renders.
//
//	/admin/v1/status  whoami
//	/admin/v1/operators
//	/admin/v1/environments
//	/admin/v1/environments/{tenant}/{environment}/
//	    plan  revisions  access  tokens  audit  keys  gateway
//	    applications  subscriptions  customers  migrations
//
// The routes, their description and what it takes to be let in are made by one
// registration each, so they cannot drift apart; they are built at the first
// request, since a server that nobody manages should not pay for them. Refusals
// are RFC 9457 problems with a stable code and a fix ([Codes]).
//
// There are two faces. [New] has no guard: cmd serves it on a unix socket that
// only its owner can open, or inside its own process, and the operator's name in
// the header Sallyport-Operator is believed for that reason alone. [Network] is
// for strangers:
//
//	bearer token ─▶ operator ─▶ scope ─▶ place exists ─▶ role there ─▶ handler
//	   401            401        403         404            403
//
// What only a handler knows, such as the place in a body, it asks for with
// also; what a list shows, with sees. Both refuse without a pass.
//
// Who changes something that exists names the version that they saw (Match).
package admin
