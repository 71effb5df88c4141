package console

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// found is an application that answers a search, and where.
type found struct {
	*config.Application
	live *environment.Live
}

// applicationOrders are the ways in which the list can be sorted.
var applicationOrders = []order[found]{
	{"name", func(f found) string { return f.Name }},
	{"title", func(f found) string { return f.Title }},
	{"type", func(f found) string { return f.Type }},
	{"owner", func(f found) string { return f.Owner }},
}

// applications lists those of the environment, or of another of its tenant that
// the operator may read and the search names.
func (x *exchange) applications() {
	q := x.r.URL.Query()
	search := &design.Search{
		Label: "Search applications", Hint: "Words, or " + strings.Join(applicationKeys, ": ") + ":",
		Name: "q", Value: q.Get("q"), Button: "Search", MaxLength: maxTyped,
	}
	w, err := parseWanted(search.Value)
	if err != nil {
		search.Wrong = err.Error()
		x.show(sheet{Status: http.StatusBadRequest, Title: "Applications", Parts: []part{{Search: search}}})
		return
	}
	search.Terms, search.Starters = x.chips(w)
	all := x.search(w)
	orders := sorting(x, applicationOrders, all)
	page, next := pageOf(all, q.Get("after"), func(f found) string { return f.live.Name + "/" + f.Name })
	table := &design.Table{Columns: design.Columns("Application", "Title", "Type", "Owner", "Environment", "Tags"), Pager: x.pager("after", next, "Back", "Next")}
	table.Empty = design.Empty{What: "No application is like that.", Do: "Take a word out of the search."}
	if len(w.terms) == 0 {
		table.Empty = design.Empty{What: "The live revision has no application.", Do: "Add an object of kind application to the tree, and apply it: sallyport apply DIR"}
	}
	for _, f := range page {
		owner := design.Text(f.Owner)
		if f.Owner == "" {
			owner = design.Cell{Note: "nobody"}
		}
		table.Rows = append(table.Rows, design.Row{URL: x.at(f.live, "applications", f.Name), Cells: []design.Cell{
			design.Text(f.Name), design.Text(f.Title), design.Text(f.Type), owner, design.Text(f.live.Name), tags(tagList(f.Tags)),
		}})
	}
	file := query(x.here("applications.csv"), "q", search.Value, "sort", q.Get("sort"))
	x.show(sheet{Title: "Applications", Parts: []part{{Search: search}, {Table: table}, {Links: append(orders, design.Place{Label: "CSV file", URL: file})}}})
}

// search finds applications.
func (x *exchange) search(w wanted) []found {
	var all []found
	for _, live := range x.searched(w) {
		snapshot := live.Snapshot()
		if snapshot == nil {
			continue
		}
		for _, a := range snapshot.Applications {
			if w.takes(a) {
				all = append(all, found{a, live})
			}
		}
	}
	slices.SortFunc(all, func(a, b found) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// searched are the environments that a search is about.
func (x *exchange) searched(w wanted) []*environment.Live {
	if w.environment == "" {
		return []*environment.Live{x.live}
	}
	live, exists := x.cfg.Registry.ByName(x.live.Tenant, strings.ToLower(w.environment))
	if !exists || !x.who.May(operator.ReadConfiguration, operator.Place{Tenant: live.Tenant, Environment: live.Name}) {
		return nil
	}
	return []*environment.Live{live}
}

// chips lead to the search without a term that it has, and with one more.
func (x *exchange) chips(w wanted) (terms, more []design.Place) {
	chip := func(t term, all []term) design.Place {
		return design.Place{Label: t.String(), URL: query(x.here("applications"), "q", write(all), "sort", x.r.URL.Query().Get("sort"))}
	}
	for _, t := range w.terms {
		without, _ := toggle(w.terms, t)
		terms = append(terms, chip(t, without))
	}
	for _, t := range suggested(x.live.Snapshot().Applications) {
		if with, had := toggle(w.terms, t); !had {
			more = append(more, chip(t, with))
		}
	}
	return terms, more
}

// applicationsCSV is the whole list as a file.
func (x *exchange) applicationsCSV() {
	w, err := parseWanted(x.r.URL.Query().Get("q"))
	if err != nil {
		x.wrong(err)
		return
	}
	all := x.search(w)
	sorting(x, applicationOrders, all)
	x.csv("applications", func(write func(...string)) error {
		write("environment", "application", "title", "type", "owner", "grants", "redirects", "assigned", "tags")
		for _, f := range all {
			write(f.live.Name, f.Name, f.Title, f.Type, f.Owner, strings.Join(f.Grants, " "), strings.Join(f.Redirects, " "),
				strings.Join(assignments(f.Application), " "), strings.Join(tagList(f.Tags), " "))
		}
		return nil
	})
}

// assignments are the scopes of an application, each with its server.
func assignments(a *config.Application) []string {
	var all []string
	for server, scopes := range a.Assigned {
		for _, s := range scopes {
			all = append(all, server+"/"+s)
		}
	}
	slices.Sort(all)
	return all
}
