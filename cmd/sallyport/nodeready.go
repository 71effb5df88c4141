package main

import (
	"fmt"
	"os"

	"sallyport/service/environment"
	"sallyport/store"
)

// ready describes the node: the environment that name means, or the only one.
func (n *node) ready(name string) (ready, error) {
	live, err := n.one(name)
	if err != nil {
		return ready{}, err
	}
	r := ready{
		Version: 1, PID: os.Getpid(), URL: n.url, Gateway: n.gatewayURL,
		Store: n.location.engine + ":" + n.location.target, Issuers: map[string]string{},
	}
	if n.location.engine == "postgres" {
		r.Store = redactDSN(n.location.target)
	}
	if live == nil {
		return r, nil
	}
	r.Tenant, r.Environment = live.Tenant, live.Name
	if snapshot := live.Snapshot(); snapshot != nil {
		r.URL, r.Gateway = snapshot.URL.String(), snapshot.Gateway.String()
		for name, server := range snapshot.Servers {
			r.Issuers[name] = server.Issuer
		}
	}
	return r, nil
}

// one finds the environment that a NAME or TENANT/NAME means among those of
// customers; nil if the installation has none or several and no name was given.
func (i *installation) one(name string) (*environment.Live, error) {
	var found []*environment.Live
	for _, live := range i.registry.Environments() {
		full := live.Tenant + "/" + live.Name
		if live.ID != store.System && (name == "" || name == live.Name || name == full) {
			found = append(found, live)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case name == "":
		return nil, nil
	case len(found) > 1:
		return nil, &exitError{exitUsage, fmt.Errorf("--env %q fits several tenants: write TENANT/NAME", name)}
	}
	return nil, &exitError{exitUsage, fmt.Errorf("--env %q: no such environment", name)}
}
