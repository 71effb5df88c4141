package govern

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/config"
)

// maturities refuses what the environment does not accept, and tells who still uses
// what is going.
func (j *judge) maturities() {
	for _, server := range slices.Sorted(maps.Keys(j.snapshot.Servers)) {
		for i, spec := range j.snapshot.Servers[server].Scopes {
			at := scopeAt(server, i, "maturity")
			if j.accepted(at, fmt.Sprintf("the scope %q", spec.Name), spec.Maturity) {
				if scope := j.report.Server(server).Scope(spec.Name); scope != nil {
					j.going(at, fmt.Sprintf("the scope %q", spec.Name), spec.Maturity, spec.Until, "assigned to", scope.Assigned)
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(j.snapshot.APIs)) {
		api := j.snapshot.APIs[name]
		at := config.At{Kind: config.KindAPI, Name: name, Path: []any{"maturity"}}
		if j.accepted(at, fmt.Sprintf("the API %q", name), api.Maturity) {
			j.going(at, fmt.Sprintf("the API %q", name), api.Maturity, api.Until, "in", j.bundling(name))
		}
	}
}

// accepted tells whether the environment takes something of a maturity, and
// refuses it if not.
func (j *judge) accepted(at config.At, what, maturity string) bool {
	if j.snapshot.Accepts(maturity) {
		return true
	}
	var accepted []string
	for _, m := range j.snapshot.Tenant.Environments[j.snapshot.Environment].Accepted() {
		accepted = append(accepted, string(m))
	}
	way := "make it stable once it is"
	if maturity == string(config.Deprecated) {
		way = "remove it"
	}
	f := finding{
		config.NotAccepted, fmt.Sprintf("%s is %s, and the environment %q accepts only what is %s", what, maturity, j.snapshot.Environment, strings.Join(accepted, " or ")),
		fmt.Sprintf("%s; or let %q opt in with accepts: [%s]", way, j.snapshot.Environment, strings.Join(append(accepted, maturity), ", ")),
	}
	if len(accepted) == 0 {
		f.what = fmt.Sprintf("%s is %s, and the environment %q accepts nothing", what, maturity, j.snapshot.Environment)
	}
	j.fail(at, f)
	return false
}

// going warns of what is deprecated and in use.
func (j *judge) going(at config.At, what, maturity, until, how string, users []string) {
	if maturity != string(config.Deprecated) || len(users) == 0 {
		return
	}
	if until != "" {
		what += ", which goes on " + until + ","
	} else {
		what += ", which is deprecated,"
	}
	j.warn(at, finding{config.StillUsed, fmt.Sprintf("%s is still %s %s", what, how, listed(users)), "move them to what replaces it"})
}

// bundling are the products with an API.
func (j *judge) bundling(api string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(j.snapshot.Products)) {
		if slices.Contains(j.snapshot.Products[name].APIs, api) {
			names = append(names, "product "+name)
		}
	}
	return names
}

// listed names the first few of many.
func listed(names []string) string {
	const most = 8
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}
