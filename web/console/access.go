package console

import (
	"errors"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/config"
	reach "sallyport/pure/route"
	"sallyport/service/operator"
	"sallyport/web/design"
)

var (
	choosePage  = parse("choose")
	matrixPage  = parse("matrix")
	explainPage = parse("explain")
)

func (x *exchange) accessServers() {
	var all []design.Place
	for _, name := range x.allowedServers(operator.ReadAccess) {
		all = append(all, design.Place{Label: name, URL: x.here("access", name)})
	}
	x.page(http.StatusOK, "Access", choosePage, all)
}

type cell struct {
	Scope, URL string
	Mark       design.Mark
}

type matrixRow struct {
	Application string
	Cells       []cell
}

var marks = map[access.Obtainable]design.Mark{
	access.Always: design.Good("Granted"), access.Conditional: design.Warning("Conditional"), access.Never: design.Plain("Denied"),
}

// matrix proves what every application can obtain from a server.
func (x *exchange) matrix() {
	s, found := x.live.Snapshot().Servers[x.values["server"]]
	if !found {
		x.missing()
		return
	}
	title := "Access matrix of " + s.Name
	m, err := access.Prove(s.Access, access.Options{From: x.cfg.Now()})
	var unprovable *access.Unreviewable
	if errors.As(err, &unprovable) {
		x.page(http.StatusOK, title, notePage, design.Empty{What: "The rules tell too much apart to be proven: " + err.Error(), Do: "Use fewer groups, networks or time windows in the policies named."}, x.above("Access", "access"))
		return
	}
	if err != nil {
		x.broken(err)
		return
	}
	typed := x.r.URL.Query().Get("q")
	data := struct {
		Search design.Search
		Scopes []access.Scope
		Rows   []matrixRow
	}{Scopes: m.Scopes, Search: design.Search{Label: "Filter applications", Name: "q", Value: typed, Button: "Filter", MaxLength: 100}}
	for _, row := range m.Rows {
		name, shown := string(row.Application), matrixRow{Application: string(row.Application)}
		if !strings.Contains(name, strings.TrimSpace(strings.ToLower(typed))) {
			continue
		}
		for i, c := range row.Cells {
			at := cell{Scope: string(m.Scopes[i]), Mark: marks[c.Obtainable]}
			if name != "" {
				at.URL = x.explainURL(s.Name, name, at.Scope)
			}
			shown.Cells = append(shown.Cells, at)
		}
		data.Rows = append(data.Rows, shown)
	}
	x.page(http.StatusOK, title, matrixPage, data, x.above("Access", "access"))
}

func (x *exchange) explainURL(server, application, scope string, groups ...string) string {
	return query(x.here("access", server, "explain"), "application", application, "scope", scope, "groups", strings.Join(groups, " "))
}

// question is what an explanation is about.
type question struct {
	application, scope string
	request            access.Request
	wrong              string
}

// ask reads a question; what it leaves out comes from the proof's witness, so
// that a cell that can be had is explained by a way to have it.
func (x *exchange) ask(application *config.Application, scope string, w *access.Witness) question {
	q := x.r.URL.Query()
	a := question{application: application.Name, scope: scope}
	told := q.Has("groups") || q.Has("address") || q.Has("assurance")
	if w != nil && !told {
		a.request = w.Request(access.ApplicationID(application.Name))
		return a
	}
	a.request = access.Request{
		Application: access.ApplicationID(application.Name), Grant: access.AuthorizationCode, Scopes: []access.Scope{access.Scope(scope)},
		At: x.cfg.Now(), Assurance: access.OneFactor,
	}
	if application.Type == config.TypeMachine {
		a.request.Grant, a.request.Assurance = access.ClientCredentials, access.NoAssurance
	} else {
		a.request.Subject = &access.Subject{}
		for _, g := range strings.Fields(q.Get("groups")) {
			a.request.Subject.Groups = append(a.request.Subject.Groups, access.Group(g))
		}
	}
	if text := strings.TrimSpace(q.Get("address")); text != "" {
		var err error
		if a.request.Address, err = netip.ParseAddr(text); err != nil {
			a.wrong = "The address is not an IP address; it counts as unknown."
		}
	}
	if text := q.Get("assurance"); text != "" && a.request.Subject != nil && a.request.Assurance.UnmarshalText([]byte(text)) != nil {
		a.wrong = "There is no such assurance."
	}
	return a
}

// explain says how a cell of the matrix comes to be.
func (x *exchange) explain() {
	s, found := x.live.Snapshot().Servers[x.values["server"]]
	if !found {
		x.missing()
		return
	}
	q := x.r.URL.Query()
	application, found := x.live.Snapshot().Applications[q.Get("application")]
	scope := q.Get("scope")
	if !found || !slices.ContainsFunc(s.Scopes, func(spec config.ScopeSpec) bool { return spec.Name == scope }) {
		x.missing()
		return
	}
	var obtainable design.Mark
	var witness *access.Witness
	if m, err := access.Prove(s.Access, access.Options{From: x.cfg.Now()}); err == nil {
		if c, found := m.Cell(access.ApplicationID(application.Name), access.Scope(scope)); found {
			obtainable, witness = marks[c.Obtainable], c.Witness
		}
	}
	asked := x.ask(application, scope, witness)
	trace := access.Explain(s.Access, asked.request)
	data := struct {
		Application, Scope, Server, Groups, Address, Assurance, Wrong, Text string
		Machine, Allowed                                                    bool
		Obtainable                                                          design.Mark
		Trace                                                               access.Trace
		Opens                                                               []*reach.Operation
		Levels                                                              []string
	}{
		Application: application.Name, Scope: scope, Server: s.Name, Wrong: asked.wrong, Text: trace.String(), Obtainable: obtainable,
		Machine: application.Type == config.TypeMachine, Allowed: trace.Decision.Allowed, Trace: trace, Assurance: asked.request.Assurance.String(),
		Levels: []string{access.OneFactor.String(), access.TwoFactor.String(), access.PhishingResistant.String()},
	}
	if asked.request.Address.IsValid() {
		data.Address = asked.request.Address.String()
	}
	if asked.request.Subject != nil {
		var groups []string
		for _, g := range asked.request.Subject.Groups {
			groups = append(groups, string(g))
		}
		data.Groups = strings.Join(groups, " ")
	}
	if table := x.live.Snapshot().Routes; table != nil {
		data.Opens = table.Reach(reach.Scope(scope))
	}
	x.page(http.StatusOK, "Why "+application.Name+" "+got(data.Allowed)+" "+scope, explainPage, data,
		x.above("Access", "access"), x.above(s.Name, "access", s.Name))
}

func got(allowed bool) string {
	if allowed {
		return "gets"
	}
	return "does not get"
}
