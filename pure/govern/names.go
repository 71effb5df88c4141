package govern

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"sallyport/pure/config"
)

// environmentWords are names of environments wherever there is one of that name:
// in a name of something else they mean no more than that.
var environmentWords = []string{"prod", "production", "preprod", "nonprod", "preview", "staging", "stage", "uat", "dev"}

// names judges names of scopes and of objects by whether an environment's is in
// them. A scope is asked for by its name, so there it is refused; elsewhere it may
// have reasons.
func (j *judge) names() {
	within := func(name string) string { return EnvironmentIn(j.snapshot, name) }
	const fix = "take it out: one tree serves every environment, and the environment stands beside the name wherever it is shown"
	for _, name := range slices.Sorted(maps.Keys(j.snapshot.Servers)) {
		for i, s := range j.snapshot.Servers[name].Scopes {
			if word := within(s.Name); word != "" {
				j.fail(scopeAt(name, i, "name"), finding{config.NameOfEnvironment, fmt.Sprintf("the scope %q has the name of an environment in it, %q", s.Name, word), fix})
			}
		}
		j.named(config.KindServer, "authorization server", name, within(name), fix)
	}
	for _, name := range slices.Sorted(maps.Keys(j.snapshot.Applications)) {
		j.named(config.KindApplication, "application", name, within(name), fix)
	}
	for _, name := range slices.Sorted(maps.Keys(j.snapshot.APIs)) {
		j.named(config.KindAPI, "API", name, within(name), fix)
	}
	for _, name := range slices.Sorted(maps.Keys(j.snapshot.Products)) {
		j.named(config.KindProduct, "product", name, within(name), fix)
	}
}

// EnvironmentIn finds the name of an environment in a name; empty if there is none.
func EnvironmentIn(s *config.Snapshot, name string) string {
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '-' }) {
		if _, is := s.Tenant.Environments[part]; is || slices.Contains(environmentWords, part) {
			return part
		}
	}
	return ""
}

func (j *judge) named(kind config.Kind, what, name, word, fix string) {
	if word != "" {
		j.warn(config.At{Kind: kind, Name: name, Path: []any{"name"}}, finding{
			config.NameOfEnvironment, fmt.Sprintf("the %s %q has the name of an environment in it, %q", what, name, word), fix,
		})
	}
}

func scopeAt(server string, i int, key string) config.At {
	return config.At{Kind: config.KindServer, Name: server, Path: []any{"scopes", i, key}}
}

// near warns of scopes that will be taken for each other, once for each pair.
func (j *judge) near(s *Server) {
	for i, spec := range j.snapshot.Servers[s.Name].Scopes {
		for _, other := range s.Scope(spec.Name).Near {
			if other < spec.Name {
				j.warn(scopeAt(s.Name, i, "name"), finding{
					config.NearDuplicate, fmt.Sprintf("the scope %q hardly differs from %q", spec.Name, other), "keep one of them, or give them names that nobody mistakes",
				})
			}
		}
	}
}

// Near gives those of the names that one will be taken for: the same words in
// another number, order or spelling, or one slip of the pen apart. The name itself
// is not among them. Numbers tell names apart.
func Near(name string, names []string) []string {
	var near []string
	for _, other := range names {
		if other != name && alike(name, other) {
			near = append(near, other)
		}
	}
	slices.Sort(near)
	return slices.Compact(near)
}

func alike(a, b string) bool {
	wordsOfA, wordsOfB := wordsOf(a), wordsOf(b)
	if digits(a) != digits(b) || verbOf(a) != verbOf(b) {
		return false
	}
	if strings.Join(wordsOfA, "") == strings.Join(wordsOfB, "") {
		return true
	}
	slices.Sort(wordsOfA)
	slices.Sort(wordsOfB)
	return slices.Equal(wordsOfA, wordsOfB) || len(a) >= 8 && len(b) >= 8 && slipped(a, b)
}

// wordsOf are the words of a name in the singular.
func wordsOf(name string) []string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		switch {
		case len(w) > 4 && strings.HasSuffix(w, "ies"):
			words[i] = strings.TrimSuffix(w, "ies") + "y"
		case len(w) > 3 && strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
			words[i] = strings.TrimSuffix(w, "s")
		}
	}
	return words
}

func digits(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, name)
}

// verbOf is the verb of a scope; reading and writing the same is no slip.
func verbOf(name string) string {
	if parts := strings.Split(name, "."); len(parts) == 3 {
		return parts[1]
	}
	return ""
}

// slipped reports whether one letter was added, left out, replaced or swapped with
// its neighbour.
func slipped(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return i == len(a) || a[i+1:] == b[i+1:] ||
		i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
