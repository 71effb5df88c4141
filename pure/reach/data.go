package reach

import (
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// releases lists the classes of the attributes that a server's claims say of a
// customer if one of the scopes is granted. What every token says whatever its
// scopes is with none.
func (m *Map) releases(server string, held map[access.Scope]bool) []string {
	var found []string
	for _, claim := range m.snapshot.Servers[server].Claims {
		if (len(claim.Scopes) == 0) == (len(held) == 0) && (len(held) == 0 || slices.ContainsFunc(claim.Scopes, func(s string) bool { return held[access.Scope(s)] })) {
			found = append(found, m.classOf(claim)...)
		}
	}
	return found
}

// classOf is the classification of the attribute that a claim says, if it has one.
func (m *Map) classOf(claim config.ClaimSpec) []string {
	for _, a := range m.snapshot.Tenant.Attributes {
		if a.Name == claim.Attribute && a.Classification != "" {
			return []string{a.Classification}
		}
	}
	return nil
}

// classes joins lists of classes.
func classes(lists ...[]string) []string {
	all := slices.Concat(lists...)
	slices.Sort(all)
	return slices.Compact(all)
}
