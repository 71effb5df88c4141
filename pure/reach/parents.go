package reach

import (
	"sallyport/pure/access"
	"sallyport/pure/config"
)

// descendants lists for each scope of a server those below it.
func descendants(server *config.LiveServer) map[access.Scope][]access.Scope {
	return map[access.Scope][]access.Scope{}
}
