package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/access"
)

// Example says the witness of a line in words: "by authorization_code, a customer in
// landlords, from 192.0.2.1". It is empty where there is none, or nothing to say.
func (l *Line) Example() string {
	w := l.Witness
	if w == nil || w.Grant == "" {
		return ""
	}
	parts := []string{"by " + string(w.Grant)}
	if w.Subject != nil {
		if len(w.Subject.Groups) > 0 {
			parts = append(parts, "a customer in "+joinedNames(w.Subject.Groups, " and "))
		}
		for _, name := range slices.Sorted(maps.Keys(w.Subject.Attributes)) {
			parts = append(parts, fmt.Sprintf("whose %s is %s", name, w.Subject.Attributes[name]))
		}
	}
	if w.Address.IsValid() {
		parts = append(parts, "from "+w.Address.String())
	}
	if !w.At.IsZero() {
		parts = append(parts, "at "+w.At.UTC().Format("2006-01-02 15:04 Mon")+" UTC")
	}
	if w.Assurance > access.OneFactor {
		parts = append(parts, "with "+w.Assurance.String())
	}
	if len(w.Scopes) > 0 {
		parts = append(parts, "asking for "+joined(w.Scopes, " "))
	}
	return strings.Join(parts, ", ")
}

func joinedNames[T ~string](names []T, by string) string {
	texts := make([]string, len(names))
	for i, n := range names {
		texts[i] = string(n)
	}
	return strings.Join(texts, by)
}

// Customers is how many customers the populations of a line hold together at most;
// known is false before a service counted them all.
func (l *Line) Customers() (n int64, known bool) {
	for _, w := range l.Who {
		if w.Machine {
			continue
		}
		if w.Customers == nil {
			return 0, false
		}
		n, known = n+*w.Customers, true
	}
	return n, known
}
