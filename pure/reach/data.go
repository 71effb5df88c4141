package reach

import (
	"slices"

	"sallyport/pure/config"
	"sallyport/pure/route"
)

// data are the classes of data that an operation handles.
func data(_ *config.LiveAPI, _ *route.Operation) []string { return nil }

// classes joins lists of classes.
func classes(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}
