package console

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/web/design"
)

var (
	applicationsPage = parse("applications")
	applicationPage  = parse("application")
)

type applicationRow struct {
	Place, URL, Name, Title, Type, Owner string
	Tags                                 []string
}

// filter is what an operator looks for among applications.
type filter struct {
	environment        string
	words, tags        []string
	kind, owner, scope string
}

// parseFilter reads words such as tag:pii env:production type:machine owner:… scope:… and bare ones.
func parseFilter(text string) (f filter, wrong string) {
	for _, word := range strings.Fields(strings.ToLower(text)) {
		key, value, found := strings.Cut(word, ":")
		switch {
		case !found:
			f.words = append(f.words, word)
		case value == "":
			return f, fmt.Sprintf("%.40s: has no value", key)
		case key == "tag":
			f.tags = append(f.tags, value)
		case key == "env":
			f.environment = value
		case key == "type":
			f.kind = value
		case key == "owner":
			f.owner = value
		case key == "scope":
			f.scope = value
		default:
			return f, fmt.Sprintf("%.40q is not one of tag:, env:, type:, owner:, scope:", key+":")
		}
	}
	return f, ""
}

// takes tells whether an application is looked for.
func (f filter) takes(a *config.Application) bool {
	text := strings.ToLower(a.Name + " " + a.Title + " " + a.Owner)
	return !slices.ContainsFunc(f.words, func(w string) bool { return !strings.Contains(text, w) }) &&
		!slices.ContainsFunc(f.tags, func(t string) bool { return !tagged(a.Tags, t) }) &&
		(f.kind == "" || f.kind == a.Type) && strings.Contains(strings.ToLower(a.Owner), f.owner) &&
		(f.scope == "" || slices.ContainsFunc(slices.Collect(maps.Values(a.Assigned)), func(s []string) bool { return slices.Contains(s, f.scope) }))
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

// applications lists those of the environment, or of others of its tenant that
// the operator may read and env: names.
func (x *exchange) applications() {
	typed := x.r.URL.Query().Get("q")
	data := struct {
		Search design.Search
		Rows   []applicationRow
	}{Search: design.Search{
		Label: "Search applications", Hint: "Words, or tag:pii env:production type:machine owner:… scope:…",
		Name: "q", Value: typed, Button: "Search", MaxLength: maxTyped,
	}}
	f, wrong := parseFilter(typed[:min(len(typed), maxTyped)])
	data.Search.Wrong = wrong
	for _, live := range x.searched(f) {
		snapshot := live.Snapshot()
		if snapshot == nil || wrong != "" {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(snapshot.Applications)) {
			if a := snapshot.Applications[name]; f.takes(a) {
				data.Rows = append(data.Rows, applicationRow{live.Name, x.at(live, "applications", name), name, a.Title, a.Type, a.Owner, tagList(a.Tags)})
			}
		}
	}
	x.page(http.StatusOK, "Applications", applicationsPage, data)
}

// searched are the environments that a filter is about.
func (x *exchange) searched(f filter) []*environment.Live {
	if f.environment == "" {
		return []*environment.Live{x.live}
	}
	live, found := x.cfg.Registry.ByName(x.live.Tenant, f.environment)
	if !found || !x.who.May(operator.ReadConfiguration, operator.Place{Tenant: live.Tenant, Environment: live.Name}) {
		return nil
	}
	return []*environment.Live{live}
}

// application shows one.
func (x *exchange) application() {
	a, found := x.live.Snapshot().Applications[x.values["application"]]
	if !found {
		x.missing()
		return
	}
	type assignment struct {
		Server string
		Scopes []scopeRight
	}
	data := struct {
		*config.Application
		TagList  []string
		Assigned []assignment
	}{Application: a, TagList: tagList(a.Tags)}
	for _, server := range slices.Sorted(maps.Keys(a.Assigned)) {
		as := assignment{Server: server}
		for _, scope := range a.Assigned[server] {
			as.Scopes = append(as.Scopes, scopeRight{scope, x.explainURL(server, a.Name, scope)})
		}
		data.Assigned = append(data.Assigned, as)
	}
	title := a.Title
	if title == "" {
		title = a.Name
	}
	x.page(http.StatusOK, title, applicationPage, data, x.above("Applications", "applications"))
}
