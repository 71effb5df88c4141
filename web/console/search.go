package console

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/config"
)

// applicationKeys are the keys of a search for applications.
var applicationKeys = []string{"tag", "environment", "owner", "type", "grant", "scope"}

// nobody is the value that asks for what has none.
const nobody = "none"

// finite are the keys whose values are known beforehand.
var finite = map[string][]string{
	"type":  {config.TypeWeb, config.TypeBrowser, config.TypeNative, config.TypeMachine},
	"grant": {"authorization_code", "refresh_token", "client_credentials"},
}

// wanted is what somebody looks for among applications: all terms hold.
type wanted struct {
	environment string // empty: the one that is looked at
	terms       []term
}

// parseWanted reads a search such as tag:pii environment:production type:machine
// grant:client_credentials scope:billing.read.bill owner:"Digital channels" text.
func parseWanted(text string) (wanted, error) {
	terms, err := parseTerms(text, append([]string{"env"}, applicationKeys...)...)
	w := wanted{}
	for _, t := range terms {
		values, known := finite[t.key]
		switch {
		case t.key == "env" || t.key == "environment":
			if w.environment != "" {
				return wanted{}, fmt.Errorf("%w: environment: stands there twice", errTyped)
			}
			w.environment = t.value
			t.key = "environment"
		case known && !slices.Contains(values, strings.ToLower(t.value)):
			return wanted{}, fmt.Errorf("%w: %s: is one of %s", errTyped, t.key, strings.Join(values, ", "))
		}
		w.terms = append(w.terms, t)
	}
	return w, err
}

// takes tells whether an application is looked for.
func (w wanted) takes(a *config.Application) bool {
	for _, t := range w.terms {
		if !t.holds(a) {
			return false
		}
	}
	return true
}

// holds tells whether one term is true of an application. Its environment is
// looked at before.
func (t term) holds(a *config.Application) bool {
	value := strings.ToLower(t.value)
	switch t.key {
	case "tag":
		return tagged(a.Tags, value)
	case "owner":
		return value == nobody && a.Owner == "" || a.Owner != "" && strings.Contains(strings.ToLower(a.Owner), value)
	case "type":
		return a.Type == value
	case "grant":
		return slices.Contains(a.Grants, value)
	case "scope":
		return assigned(a, value)
	case "":
		return strings.Contains(strings.ToLower(a.Name+" "+a.Title+" "+a.Owner), value)
	}
	return true
}

// assigned tells whether an application is assigned a scope, or one that begins
// so where a dot ends it.
func assigned(a *config.Application, want string) bool {
	for scopes := range maps.Values(a.Assigned) {
		for _, s := range scopes {
			if s == want || strings.HasSuffix(want, ".") && strings.HasPrefix(s, want) {
				return true
			}
		}
	}
	return false
}

// tagged tells whether tags has a tag of that name, that value, or name=value.
func tagged(tags map[string]string, want string) bool {
	for name, value := range tags {
		name, value = strings.ToLower(name), strings.ToLower(value)
		if want == name || want == value || want == name+"="+value {
			return true
		}
	}
	return false
}

func tagList(tags map[string]string) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		tag := name
		if tags[name] != "" {
			tag += "=" + tags[name]
		}
		all = append(all, tag)
	}
	return all
}

// maxSuggested is how many values of one key are suggested.
const maxSuggested = 8

// suggested are terms that some of the applications are found by, the most
// frequent values of each key first.
func suggested(applications map[string]*config.Application) []term {
	counts := map[string]map[string]int{}
	count := func(key, value string) {
		if counts[key] == nil {
			counts[key] = map[string]int{}
		}
		counts[key][value]++
	}
	for _, a := range applications {
		count("type", a.Type)
		owner := a.Owner
		if owner == "" {
			owner = nobody
		}
		count("owner", owner)
		for _, tag := range tagList(a.Tags) {
			count("tag", tag)
		}
		for _, g := range a.Grants {
			count("grant", g)
		}
	}
	var all []term
	for _, key := range []string{"tag", "type", "grant", "owner"} {
		values := slices.SortedFunc(maps.Keys(counts[key]), func(a, b string) int {
			if n := counts[key][b] - counts[key][a]; n != 0 {
				return n
			}
			return strings.Compare(a, b)
		})
		for _, v := range values[:min(len(values), maxSuggested)] {
			if !strings.Contains(v, `"`) {
				all = append(all, term{key, v})
			}
		}
	}
	return all
}
