// Package console is the pages on which operators look at an installation and
// change it. It parses what a browser sends, asks services, and renders with
// web/design.
//
//	/                                     the environments that the operator may see
//	/operators…                           who may do what
//	/setup?t=…                            where a set-up link is used
//	/e/{tenant}/{environment}/…           one environment: customers, applications,
//	                                      servers, access, keys, revisions,
//	                                      migrations, audit
//
// These paths lie below the system environment's URL, whose sign-in pages are
// web/login's. Every page but /setup needs a session of the system environment.
// Which role may open which page and send which form is one table ([routes]):
// there is no way to either but through it. An environment in which an operator
// has no role does not exist for them.
//
// A page is a [sheet] of parts, each a component of web/design; one template
// shows them all, and nothing needs a script. A form asks for one thing under one
// action, carries the version of what its page showed, and leads back to a page
// that says what was done. Whoever is shown personal data, takes a file or sends
// a form that is not theirs is recorded.
//
// What a page reads is bounded, at any number of customers and events: lists go
// on from a cursor, and figures come from samples of the ledger that say so.
package console
