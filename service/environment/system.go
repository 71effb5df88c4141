package environment

import (
	"embed"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"

	"sallyport/pure/config"
	"sallyport/store"
)

// systemFiles are the configuration of the system environment, which is part
// of the program: operators must be able to sign in whatever anybody applied.
//
//go:embed system
var systemFiles embed.FS

// System tells whether this is the built-in environment of the operators. It
// belongs to no tenant and takes no revision.
func (l *Live) System() bool { return l.ID == store.System }

// Variables of the system environment's configuration.
const (
	consoleVariable    = "listen.console"    // where its pages are
	managementVariable = "listen.management" // where the management API is: the audience of its tokens
)

// ManagementPath is where the management API is on the host of the console. No
// other environment gets an address there.
const ManagementPath = "/admin/v1"

// ManagementServer names the authorization server of the system environment
// whose tokens open the management API.
const ManagementServer = "management"

// managementOf gives the address of the management API beside a console; empty
// for what is no address, which compiling will tell.
func managementOf(console string) string {
	u, err := url.Parse(console)
	if err != nil || u.Host == "" {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: ManagementPath}).String()
}

// systemSnapshot compiles the system environment for this node; nil if the
// node was told no address.
func (r *Registry) systemSnapshot() (*config.Snapshot, error) {
	variables := maps.Clone(r.cfg.Builtin)
	switch {
	case r.cfg.Console != "":
		variables[consoleVariable] = r.cfg.Console
	case variables["listen.url"] != "":
		variables[consoleVariable] = variables["listen.url"] + "/console"
	default:
		return nil, nil
	}
	variables[managementVariable] = managementOf(variables[consoleVariable])
	entries, err := systemFiles.ReadDir("system")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		if files[entry.Name()], err = systemFiles.ReadFile(path.Join("system", entry.Name())); err != nil {
			return nil, err
		}
	}
	tree, _ := config.Parse(files)
	snapshot, problems := config.Compile(tree, systemTenant, variables)
	if snapshot == nil {
		return nil, fmt.Errorf("the console's address: %w", &InvalidError{problems})
	}
	if u := snapshot.URL; r.cfg.Console != "" && u.Scheme != "https" && u.Hostname() != "localhost" {
		return nil, fmt.Errorf("the console's address %s: %w", u, errPlain)
	}
	return snapshot, nil
}

var errPlain = errors.New("passwords would cross the network in plain text; use https")

// installSystem makes the system environment live. It has no revision number
// and none can be newer.
func (r *Registry) installSystem() error {
	snapshot, err := r.systemSnapshot()
	if err != nil || snapshot == nil {
		return err
	}
	live, found := r.ByID(store.System)
	if !found {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	live.snapshot.Store(snapshot)
	r.rebuildRoutes()
	return nil
}
