package main

import (
	"net/http"

	"sallyport/service/environment"
	"sallyport/web/admin"
)

// manages tells whether a request is for the management API, which is at the
// root of the host on which the console is.
func (n *node) manages(r *http.Request) bool {
	if !admin.Answers(r.URL.Path) {
		return false
	}
	system, found := n.registry.ByName(systemTenant, systemTenant)
	if !found || system.Snapshot() == nil {
		return false
	}
	live, _, found := n.registry.Route(environment.Pages, r.Host, system.Snapshot().URL.Path+"/")
	return found && live == system
}

// managementHandler serves the management API to the network.
func (n *node) managementHandler() http.Handler {
	return admin.Network(n.adminConfig(), n.verify)
}
