package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/pure/route"
)

// apiTable is the table of an API, with where the API stands.
type apiTable struct {
	at    spot
	table *route.Table
}

// api checks an API and compiles its document.
func (c *checker) api(at spot, a *API) {
	live := &LiveAPI{API: a}
	c.snapshot.APIs[a.Name] = live
	c.backend(at.at("backend"), &a.Backend)
	c.takers(at.at("servers"), a)
	c.maturity(at, &a.Maturity, a.Until)
	c.data(at.at("data"), a.Data)
	a.Path = or(a.Path, "/")
	if !c.path(at.at("path"), a.Path) || !c.required(at, "openapi", a.OpenAPI) {
		return
	}
	file, document, found := c.file(at, "openapi", a.OpenAPI)
	if !found {
		return
	}
	live.Document = document
	options := route.Options{BasePath: strings.TrimSuffix(a.Path, "/"), Public: map[route.OperationID]bool{}, Data: a.Data, Parents: c.parentsFor(a.Servers)}
	for _, id := range a.Public {
		options.Public[route.OperationID(id)] = true
	}
	table, problems := route.Compile(route.API(a.Name), document, options)
	live.Table = table
	for _, p := range problems {
		if p.Code != route.PublicUnknown {
			c.add(openAPIProblem(file, p))
		}
	}
	if table == nil {
		return
	}
	c.tables = append(c.tables, apiTable{at, table})
	c.public(at.at("public"), a, table)
	c.needs(file, a, table)
}

// file finds a file that an object names, relative to the object's own.
func (c *checker) file(at spot, key, relative string) (file string, content []byte, found bool) {
	o := &object{file: at.file}
	file = o.asset(relative)
	content, found = c.tree.files[file]
	if !found || isAbsolute(relative) {
		var same []string
		for name := range c.tree.files {
			if !isYAML(name) || isOpenAPI(c.tree.files[name]) {
				same = append(same, name)
			}
		}
		c.fail(at.at(key), finding{FileMissing, fmt.Sprintf("the tree has no file %q", file), or(suggest(file, same), "add it; paths are relative to the YAML file")})
		return file, nil, false
	}
	return file, content, true
}

func isAbsolute(path string) bool { return strings.HasPrefix(path, "/") }

func openAPIProblem(file string, p route.Problem) Problem {
	q := Problem{Severity: Error, Code: OpenAPIInvalid, File: file, Line: p.Where.Line, What: p.What, Fix: p.Fix}
	if p.Severity == route.Warning {
		q.Severity, q.Code = Warning, OpenAPIDoubtful
	}
	if q.Line > 0 {
		q.Column = 1
	} else if p.Where.Pointer != "" {
		q.What += " (at #" + p.Where.Pointer + ")"
	}
	return q
}

// path leaves the grammar of paths to package route.
func (c *checker) path(at spot, path string) bool {
	canonical, err := route.Canonicalise(path)
	if err == nil && canonical == path && (path == "/" || !strings.HasSuffix(path, "/")) && !strings.ContainsAny(path, "{}*") {
		return true
	}
	c.fail(at, finding{APIPathInvalid, fmt.Sprintf("%.80q is no path for an API", path), "write / or /billing/v1, without a slash at the end"})
	return false
}

func (c *checker) backend(at spot, b *Backend) {
	if at.has("url") {
		u, reason := readWeb(b.URL)
		if reason == "" && (u.RawQuery != "" || u.ForceQuery) {
			reason = "has a query"
		}
		if reason != "" {
			c.fail(at.at("url"), finding{BackendInvalid, "the address of the back end " + reason, "write an https address; http only for this machine"})
		}
	} else {
		c.fail(at, finding{FieldRequired, "the address of the back end is missing", "add backend: with url:"})
	}
	c.within(at, "timeout", b.Timeout, bounds{"the time that the back end has", Duration(time.Second), 5 * Duration(time.Minute)})
	if b.Timeout == 0 {
		b.Timeout = 30 * Duration(time.Second)
	}
}

// public refuses to open operations that there are not: a renamed operation
// must not be thought open.
func (c *checker) public(list spot, a *API, table *route.Table) {
	var ids []string
	for _, o := range table.Operations() {
		ids = append(ids, string(o.ID))
	}
	for i, id := range a.Public {
		if !slices.Contains(ids, id) {
			c.fail(list.at(i), finding{OperationAbsent, fmt.Sprintf("the document has no operation %q", id), suggest(id, ids)})
		}
	}
	c.once(list, a.Public, "operation")
}

// takers checks whose tokens an API takes. A scope must say which server it is
// of, so no two of them may have it.
func (c *checker) takers(list spot, a *API) {
	if len(a.Servers) == 0 {
		c.fail(list, finding{FieldRequired, fmt.Sprintf("the API %q takes the tokens of no authorization server", a.Name), "add servers:"})
	}
	c.references(list, "the API", "authorization server", a.Servers, c.names(KindServer))
	owner := map[string]string{}
	for i, name := range a.Servers {
		live := c.snapshot.Servers[name]
		if live == nil || slices.Contains(a.Servers[:i], name) {
			continue
		}
		for _, scope := range scopeNames(live.Server) {
			if other, taken := owner[scope]; taken && other != name {
				c.fail(list.at(i), finding{ScopeAmbiguous, fmt.Sprintf("the servers %q and %q both have the scope %q", other, name, scope), "rename one of the scopes, or take the tokens of one server"})
			}
			owner[scope] = name
		}
	}
}

// needs refuses operations whose scopes nobody can have.
func (c *checker) needs(file string, a *API, table *route.Table) {
	var known []string
	for _, name := range a.Servers {
		live := c.snapshot.Servers[name]
		if live == nil {
			return // told already
		}
		known = append(known, scopeNames(live.Server)...)
	}
	for _, scope := range table.Scopes() {
		operations := table.Reach(scope)
		if slices.Contains(known, string(scope)) || len(operations) == 0 {
			continue
		}
		where := operations[0].Where
		p := Problem{
			Severity: Error, Code: ScopeUndeclared, File: file, Line: where.Line, Column: min(where.Line, 1),
			What: fmt.Sprintf("the operation %s needs the scope %q, which is none of %s", operations[0].ID, scope, quoted(a.Servers)), Fix: suggest(string(scope), known),
		}
		if slices.Contains(oidcNames, string(scope)) {
			p.Fix = "OpenID Connect's own scopes open no API; name one of the server's"
		}
		c.add(p)
	}
}

// routes joins the tables of all APIs, and finds the first that does not fit.
func (c *checker) routes() {
	var tables []*route.Table
	for _, t := range c.tables {
		tables = append(tables, t.table)
	}
	joined, problems := route.Join(tables...)
	c.snapshot.Routes = joined
	if len(problems) == 0 {
		return
	}
	tables = tables[:0]
	for _, t := range c.tables {
		_, problems := route.Join(append(slices.Clone(tables), t.table)...)
		if len(problems) == 0 {
			tables = append(tables, t.table)
			continue
		}
		c.fail(t.at.at("path"), finding{APIPathTaken, "another API answers here: " + problems[0].What, "give each API a path of its own"})
	}
}

// product checks a product and sets its defaults.
func (c *checker) product(at spot, p *Product) {
	c.snapshot.Products[p.Name] = p
	if len(p.APIs) == 0 {
		c.fail(at.at("apis"), finding{FieldRequired, fmt.Sprintf("the product %q has no APIs", p.Name), "add apis:"})
	}
	c.references(at.at("apis"), "the product", "API", p.APIs, c.names(KindAPI))
	p.Applications, _ = c.members(at.at("applications"), "the product", p.Applications, anywhere)
	c.rate(at.at("rate"), &p.Rate)
}
