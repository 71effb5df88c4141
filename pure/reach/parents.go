package reach

import (
	"sallyport/pure/access"
	"sallyport/pure/config"
)

// descendants lists for each scope of a server those below it, where there are some.
func descendants(server *config.LiveServer) map[access.Scope][]access.Scope {
	below := map[access.Scope][]access.Scope{}
	for _, s := range server.Access.Scopes() {
		if list := server.Access.Descendants(s.Name); len(list) > 0 {
			below[s.Name] = list
		}
	}
	return below
}
