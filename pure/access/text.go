package access

import "strings"

// list joins names for a sentence.
func list[T ~string](names []T, none string) string {
	if len(names) == 0 {
		return none
	}
	var b strings.Builder
	for i, name := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(name))
	}
	return b.String()
}

func (m *Model) listed(s set) string { return list(m.scopeNames(s), "none") }
