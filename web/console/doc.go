// Package console is the pages on which operators look at an installation. It
// parses what a browser sends, asks services, and renders with web/design.
//
//	/                                     the environments that the operator may see
//	/setup?t=…                            where a set-up link is used
//	/e/{tenant}/{environment}/…           one environment: customers, applications,
//	                                      servers, access, keys, revisions,
//	                                      migrations, audit
//
// These paths lie below the system environment's URL, whose sign-in pages are
// web/login's. Every page but /setup needs a session of the system environment.
// Which role may open which page is one table ([routes]): there is no way to a
// page but through it. An environment in which an operator has no role does not
// exist for them. Pages read only, and work without script. Whoever is shown
// personal data is recorded before it is shown.
package console
