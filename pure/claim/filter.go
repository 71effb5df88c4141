package claim

import "strings"

// Filter keeps some of a customer's groups. At most one field is set; the zero
// Filter is no filter at all and keeps none.
type Filter struct {
	All        bool
	StartsWith string
	Equals     string
	Contains   string
}

// Keeps tells whether a group passes.
func (f Filter) Keeps(group string) bool {
	switch {
	case f.All:
		return true
	case f.StartsWith != "":
		return strings.HasPrefix(group, f.StartsWith)
	case f.Equals != "":
		return group == f.Equals
	case f.Contains != "":
		return strings.Contains(group, f.Contains)
	}
	return false
}

// String says which groups pass, as "groups that begin with tariff-".
func (f Filter) String() string {
	switch {
	case f.All:
		return "all groups"
	case f.StartsWith != "":
		return "groups that begin with " + f.StartsWith
	case f.Equals != "":
		return "the group " + f.Equals
	case f.Contains != "":
		return "groups that contain " + f.Contains
	}
	return "no groups"
}

// conditions counts what is set.
func (f Filter) conditions() (n int) {
	for _, is := range []bool{f.All, f.StartsWith != "", f.Equals != "", f.Contains != ""} {
		if is {
			n++
		}
	}
	return n
}
