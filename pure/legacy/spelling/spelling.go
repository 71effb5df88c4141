// Package spelling finds the members of a JSON object in whatever case they are
// written.
//
// The decoder of the standard library takes "PasswordHash" for "passwordHash". A
// secret must therefore be kept out of the fields of a person in any case, too, or
// one that is spelled otherwise would be taken and told at once.
package spelling

import (
	"encoding/json"
	"slices"
	"strings"

	"sallyport/pure/legacy"
)

// Of gives the names of the object's members that are, but for their case, among
// those that are given. Two members whose names differ in nothing else are a
// [*legacy.Fault], as is what is no object: they could be read in two ways.
func Of(raw []byte, names ...string) (found []string, err error) {
	var members map[string]json.RawMessage
	if err := legacy.Decode(raw, &members); err != nil {
		return nil, err
	}
	met := make(map[string]bool, len(members))
	for member := range members {
		folded := strings.ToLower(strings.ToUpper(member)) // also a long s is an s
		if met[folded] {
			return nil, &legacy.Fault{What: "names of an object differ by case alone"}
		}
		met[folded] = true
		if slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, member) }) {
			found = append(found, member)
		}
	}
	slices.Sort(found)
	return found, nil
}
