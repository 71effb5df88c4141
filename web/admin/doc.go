// Package admin is the management API: what operators and scripts do to an
// installation, as routes under /admin/v1 described by OpenAPI 3.1 at
// /admin/v1/openapi.json. Each route parses, calls one service and renders.
//
//	/admin/v1/status
//	/admin/v1/operators
//	/admin/v1/environments
//	/admin/v1/environments/{tenant}/{environment}/
//	    plan  revisions  access  tokens  audit  keys
//	    applications  subscriptions  customers  migrations
//
// The routes and their description are made by one registration each, so they
// cannot drift apart; they are built at the first request, since a server that
// nobody manages should not pay for them. Refusals are RFC 9457 problems with
// a stable code and a fix ([Codes]).
//
// There is no authentication here: cmd serves the handler on a unix socket
// that only its owner can open, or inside its own process. The operator's name
// in the header Sallyport-Operator is believed for that reason alone.
package admin
