package config

import (
	"fmt"

	"sallyport/pure/route"
)

// maxClasses is how many classes of data an API may handle.
const maxClasses = 20

// data checks the classes of data of an API. They are names, by which reach and
// reviews say what a scope opens; what they mean is the organisation's affair.
func (c *checker) data(list spot, classes []string) {
	if len(classes) > maxClasses {
		c.fail(list, finding{OutOfBounds, fmt.Sprintf("the API has more than %d classes of data", maxClasses), "name broader classes"})
	}
	for i, class := range classes {
		c.name(list.at(i), class, "class of data")
	}
	c.once(list, classes, "class of data")
}

// parentsFor names the parents of the scopes of servers, so that who holds a parent
// is let in wherever its children are. No two servers of an API have the same scope.
func (c *checker) parentsFor(servers []string) map[route.Scope]route.Scope {
	parents := map[route.Scope]route.Scope{}
	for _, name := range servers {
		live := c.snapshot.Servers[name]
		if live == nil {
			continue
		}
		for _, s := range live.Scopes {
			if s.Parent != "" {
				parents[route.Scope(s.Name)] = route.Scope(s.Parent)
			}
		}
	}
	return parents
}
