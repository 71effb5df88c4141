package console

import (
	"maps"
	"slices"
	"strings"

	"sallyport/pure/config"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// debuggers lists the applications whose tokens the operator may debug, and reads
// a token that is pasted, in the browser alone.
func (x *exchange) debuggers() {
	q := x.r.URL.Query()
	typed := strings.ToLower(strings.TrimSpace(q.Get("q")))
	var mine []*config.Application
	for _, a := range x.debuggable() {
		if strings.Contains(strings.ToLower(a.Name+" "+a.Title), typed) {
			mine = append(mine, a)
		}
	}
	page, next := pageOf(mine, q.Get("after"), func(a *config.Application) string { return a.Name })
	table := &design.Table{
		Columns: design.Columns("Application", "Title", "Type", "A request to begin with"),
		Empty:   design.Empty{What: "There is no application that you may debug.", Do: "Its owner's operator can give you the role: sallyport operator grant " + x.who.Username + " developer --at " + x.live.Tenant + "/" + x.live.Name + "/application:NAME"},
	}
	for _, a := range page {
		at := x.here("debugger", a.Name)
		sample := design.Cell{}
		if url := x.sampleQuestion(a); url != "" {
			sample = design.Link("Ask a sample request", url)
		}
		table.Rows = append(table.Rows, design.Row{URL: at, Cells: []design.Cell{design.Text(a.Name), design.Text(a.Title), design.Text(a.Type), sample}})
	}
	pager := x.pager("after", next, "Earlier", "Later")
	s := sheet{Title: "Token debugger", Parts: []part{
		{Lead: "What an application asks, what it gets, and why it is refused: by the code that issues, with a signer that cannot sign."},
		{Filter: &filter{Button: "Find", Fields: []design.Field{{Name: "q", Label: "Application", Value: typed, MaxLength: 63, Autocomplete: "off", Optional: true}}}},
		{Table: table, Pager: &pager},
		x.reader(mine),
	}}
	x.show(s)
}

// debuggable are the applications that the operator may debug, by name. Of others
// they learn nothing.
func (x *exchange) debuggable() []*config.Application {
	var all []*config.Application
	for _, name := range slices.Sorted(maps.Keys(x.live.Snapshot().Applications)) {
		if x.who.May(operator.DebugTokens, operator.Place{Tenant: x.live.Tenant, Environment: x.live.Name, Application: name}) {
			all = append(all, x.live.Snapshot().Applications[name])
		}
	}
	return all
}

// reader reads tokens of the servers that some applications have to do with.
func (x *exchange) reader(applications []*config.Application) part {
	r := &design.TokenReader{
		Ask:    x.here("debugger"),
		Verify: "sallyport token inspect - --env " + x.live.Tenant + "/" + x.live.Name,
	}
	known := map[string]bool{}
	for _, a := range applications {
		for name := range a.Assigned {
			known[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if s := x.live.Snapshot().Servers[name]; s != nil {
			r.Servers = append(r.Servers, design.Hidden{Name: name, Value: s.Issuer})
		}
	}
	return part{Heading: "Read a token", ID: "read", Reader: r}
}

// sampleQuestion is a question that asks for the first scope of the first server,
// or for a sign-in; empty if the application is served by none.
func (x *exchange) sampleQuestion(a *config.Application) string {
	server := firstServer(a)
	if server == "" {
		return ""
	}
	scopes := ""
	if all := a.Assigned[server]; len(all) > 0 {
		scopes = all[0]
	} else if a.Type != config.TypeMachine {
		scopes = "openid"
	}
	return query(x.here("debugger", a.Name), "server", server, "grant", grantOf(a), "scopes", scopes)
}

// firstServer is the first of an application's servers by name.
func firstServer(a *config.Application) string {
	if names := slices.Sorted(maps.Keys(a.Assigned)); len(names) > 0 {
		return names[0]
	}
	return ""
}

// debugger answers a question about one application.
func (x *exchange) debugger() {
	a := x.live.Snapshot().Applications[x.values["application"]]
	if a == nil {
		x.missing()
		return
	}
	q := x.readTokenQuestion(a)
	s := sheet{Title: "Token debugger: " + a.Name, Trail: []design.Place{x.above("Debugger", "debugger")}}
	s.Parts = append(s.Parts, part{Filter: q.form(x)})
	switch {
	case q.server == "":
		s.Parts = append(s.Parts, part{Empty: &design.Empty{What: "No authorization server serves the application.", Do: "Assign it scopes of one, and apply the tree."}})
	case len(x.r.URL.Query()) == 0:
		s.Parts = append(s.Parts, part{Empty: &design.Empty{
			What: "Nothing was asked yet.", Do: "Fill in what the application asks for, or begin with a sample.",
			Ways: []design.Button{{Label: "Ask a sample request", URL: x.sampleQuestion(a), Quiet: true}},
		}})
	case q.wrong():
		s.Status = 400
	default:
		answer, ok := x.askToken(q)
		if !ok {
			return
		}
		s.Parts = append(s.Parts, answer...)
	}
	refusals, ok := x.refusals(a.Name)
	if !ok {
		return
	}
	s.Parts = append(s.Parts, refusals, x.reader([]*config.Application{a}))
	x.show(s)
}
