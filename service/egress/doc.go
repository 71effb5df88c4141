// Package egress is the one guard through which Sallyport connects to others:
// webhooks, foreign key sets, legacy systems, the back ends of APIs.
//
// An address that somebody configured, or sent, may name a host that only we
// can reach: a metadata service, an admin page on loopback, a neighbour in the
// private network. So the guard resolves the name first, refuses unless every
// address it stands for is public, and connects to the very address that it
// checked: a name cannot be resolved to something else afterwards. Redirects
// are not followed, and no proxy is taken from the environment.
//
// Hosts that are meant to be inside are listed, as host and port or as a
// network, by whoever configures the address, a tenant. Whether they may be is said
// by whoever runs the server, as an [Allowance]: a tenant's word alone opens nothing
// inside.
package egress
