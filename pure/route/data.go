package route

import (
	"fmt"
	"slices"
	"strings"
)

// What x-data-classes may hold.
const (
	maxClasses   = 20
	maxClassName = 63
)

// readData reads the classes of data that an operation handles: its own, or else
// those of the API.
func (c *compiler) readData(operation place) []string {
	at := operation.get("x-data-classes")
	if at.node == nil {
		return sortedOnce(c.options.Data)
	}
	if at.node.kind != array || len(at.node.items) > maxClasses {
		c.fail(DataInvalid, at, fmt.Sprintf("x-data-classes is no list of up to %d names", maxClasses), "write [billing, contact]; [] is none")
		return nil
	}
	var own []string
	for i, item := range at.node.items {
		if !isClass(item.str()) {
			c.fail(DataInvalid, at.item(i), "a class of data has no name of lower-case letters, digits and dashes", "name it as in [billing, contact]")
			continue
		}
		own = append(own, item.str())
	}
	return sortedOnce(own)
}

func isClass(name string) bool {
	return name != "" && len(name) <= maxClassName && name[0] >= 'a' && name[0] <= 'z' &&
		!strings.ContainsFunc(name, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' })
}

func sortedOnce(names []string) []string {
	names = slices.Sorted(slices.Values(names))
	return slices.Compact(names)
}
