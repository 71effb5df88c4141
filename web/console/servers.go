package console

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/govern"
	reach "sallyport/pure/route"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// allowedServers are the servers for which the operator may do a, by name.
func (x *exchange) allowedServers(a operator.Action) []string {
	at := x.place()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(x.live.Snapshot().Servers)), func(name string) bool {
		at.Server = name
		return !x.who.May(a, at)
	})
}

// servers lists the authorization servers that the operator may see.
func (x *exchange) servers() {
	table := &design.Table{
		Columns: []design.Column{{Label: "Server"}, {Label: "Title"}, {Label: "Issuer"}, {Label: "Audience"}, {Label: "Scopes", Number: true}, {Label: "Policies", Number: true}, {Label: "Rules", Number: true}},
		Empty:   design.Empty{What: "There is no authorization server that you may see.", Do: "Add an object of kind authorization-server to the tree, and apply it."},
	}
	for _, name := range x.allowedServers(operator.ReadConfiguration) {
		s := x.live.Snapshot().Servers[name]
		rules := 0
		for _, p := range s.Policies {
			rules += len(p.Rules)
		}
		table.Rows = append(table.Rows, design.Row{URL: x.here("servers", name), Cells: []design.Cell{
			design.Text(name), design.Text(s.Title), design.Code(s.Issuer), design.Code(s.Audience),
			design.Text(strconv.Itoa(len(s.Scopes))), design.Text(strconv.Itoa(len(s.Policies))), design.Text(strconv.Itoa(rules)),
		}})
	}
	x.show(sheet{Title: "Authorization servers", Parts: []part{{Table: table}}})
}

// server shows one: how it signs, who gets what by which rule, and its scopes.
func (x *exchange) server() {
	s, exists := x.live.Snapshot().Servers[x.values["server"]]
	if !exists {
		x.missing()
		return
	}
	sh := sheet{Title: s.Name, Trail: []design.Place{x.above("Servers", "servers")}}
	if s.Title != "" {
		sh.Title = s.Title
	}
	if x.who.May(operator.ReadAccess, x.place()) {
		sh.Actions = []design.Button{{Label: "Open access matrix", URL: x.here("access", s.Name), Quiet: true}}
	}
	if x.who.May(operator.ChangeConfiguration, operator.Place{Tenant: x.live.Tenant, Environment: x.live.Name}) {
		sh.Actions = append(sh.Actions, design.Button{Label: "Propose a scope", URL: query(x.here("propose-scope"), "server", s.Name), Quiet: true})
	}
	report := x.reported(s.Name)
	scopes, err := x.scopesPart(s, report)
	if err != nil {
		x.failed(err)
		return
	}
	sh.Parts = slices.Concat([]part{{Facts: serverFacts(s)}, policiesPart(s, report)}, doubtsPart(report), []part{scopes, entitlementsPart(s), claimsPart(s)})
	if report != nil {
		sh.Parts = append(sh.Parts, x.sizesPart(report.Sizes, "Application")...)
	}
	x.show(sh)
}

func serverFacts(s *config.LiveServer) []design.Fact {
	excess, falls := "refuses the request", "no: the first policy that names the application decides"
	if s.Excess == "narrow" {
		excess = "drops it, and goes on with the rest"
	}
	if s.FallThrough {
		falls = "yes: a later policy may decide when no rule of the first matched"
	}
	return facts(
		design.Fact{Name: "Issuer", Cell: design.ID(s.Issuer)}, design.Fact{Name: "Audience", Cell: design.ID(s.Audience)},
		fact("Signing", s.Signing.Algorithm+", a new key every "+s.Signing.RotateEvery.String()),
		fact("What is above a ceiling", excess), fact("Falls through", falls), fact("Lifetimes", lifetimes(s.Lifetimes)),
		fact("Notes", s.Notes),
	)
}

// lifetimes tells those that are set.
func lifetimes(l config.Lifetimes) string {
	var said []string
	for _, one := range []struct {
		what string
		long config.Duration
	}{{"access token", l.Access}, {"refresh family", l.Refresh}, {"between two refreshes", l.Idle}} {
		if one.long != 0 {
			said = append(said, one.what+" "+one.long.String())
		}
	}
	return strings.Join(said, ", ")
}

// policiesPart tells every rule in the order in which it is asked, with its
// number, and those that nobody ever comes to.
func policiesPart(s *config.LiveServer, report *govern.Server) part {
	p := part{
		Heading: "Policies and rules, in order", ID: "policies",
		Lead: "The first policy that names the application decides; in it, the first rule that matches. No rule, no token.",
	}
	decidesNothing := idle(report)
	for _, policy := range s.Policies {
		named := "for " + strings.Join(policy.Applications, ", ")
		if worn := s.Tagged[policy.Name]; len(worn) > 0 {
			named += " (" + strings.Join(worn, ", ") + ")"
		}
		if slices.Contains(policy.Applications, "*") {
			named = "for every application"
		}
		line := step{Name: policy.Name, Text: strings.TrimPrefix(policy.Title+", "+named, ", ")}
		for j := range policy.Rules {
			rule := ruleStep(&policy.Rules[j])
			why := decidesNothing[policy.Name+"/"+policy.Rules[j].Name]
			if why == "" {
				why = decidesNothing[policy.Name]
			}
			if why != "" {
				rule.Steps = []step{{Mark: design.Warning("Never reached"), Text: why}}
			}
			line.Steps = append(line.Steps, rule)
		}
		p.Steps = append(p.Steps, line)
	}
	if len(p.Steps) == 0 {
		p.Empty = &design.Empty{What: "Without a policy nobody gets a token.", Do: "Add one under policies: in the tree, and apply that."}
	}
	return p
}

// ruleStep tells a rule by its conditions; those that are absent are met by all.
func ruleStep(r *config.RuleSpec) step {
	s := step{Mark: design.Good("Allows"), Name: r.Name, Text: "whoever meets all of this:"}
	if r.Effect == "deny" {
		s.Mark = design.Bad("Denies")
	}
	add := func(name string, values ...string) {
		if text := strings.Join(values, ", "); text != "" {
			s.Facts = append(s.Facts, fact(name, text))
		}
	}
	add("by grant", r.Grants...)
	if r.Groups != nil {
		add("in any of the groups", r.Groups.Any...)
		add("in none of the groups", r.Groups.None...)
	}
	add("from the networks", r.Networks...)
	for _, t := range r.Times {
		days := strings.Join(t.Days, " ")
		if days == "" {
			days = "every day"
		}
		add("at the time", fmt.Sprintf("%s from %s to before %s, %s", days, t.From, t.To, t.Zone))
	}
	add("recognised by at least", r.Assurance)
	switch {
	case slices.Equal(r.Scopes, []string{"*"}):
		add("scopes", "all that are below the ceilings")
	case len(r.Scopes) == 0:
		add("scopes", "none: signing in alone")
	default:
		add("scopes", r.Scopes...)
	}
	add("then with", lifetimes(r.Lifetimes))
	return s
}

// scopesPart tells each scope with who uses it: how many applications are
// assigned it, and which operations ask for it.
func (x *exchange) scopesPart(s *config.LiveServer, report *govern.Server) (part, error) {
	table := &design.Table{
		Columns: []design.Column{{Label: "Scope"}, {Label: "Title"}, {Label: "Kind"}, {Label: "Default"}, {Label: "Applications", Number: true}, {Label: "Operations", Number: true}, {Label: "Maturity"}, {Label: "Last issued"}, {Label: "Tags"}},
		Empty:   design.Empty{What: "It has no scope of its own."},
	}
	uses, err := x.uses(s.Name)
	if err != nil {
		return part{}, err
	}
	snapshot := x.live.Snapshot()
	users := map[string]int{}
	for _, a := range snapshot.Applications {
		for _, scope := range a.Assigned[s.Name] {
			users[scope]++
		}
	}
	for _, scope := range s.Scopes {
		byDefault := ""
		if scope.Default {
			byDefault = "yes"
		}
		used := design.Text(strconv.Itoa(users[scope.Name]))
		if users[scope.Name] > 0 && x.who.May(operator.ReadConfiguration, operator.Place{Tenant: x.live.Tenant, Environment: x.live.Name}) {
			used.URL = query(x.here("applications"), "q", term{"scope", scope.Name}.String())
		}
		operations := 0
		if snapshot.Routes != nil {
			operations = len(snapshot.Routes.Reach(reach.Scope(scope.Name)))
		}
		issued := design.Text("")
		if known := report.Scope(scope.Name); known != nil {
			issued = x.issuedOn(known, uses)
		}
		table.Rows = append(table.Rows, design.Row{Cells: []design.Cell{
			design.Code(scope.Name), design.Text(scope.Title), design.Text(scope.Kind), design.Text(byDefault), used, design.Text(strconv.Itoa(operations)),
			maturityOf(scope.Maturity, scope.Until), issued, tags(config.TagList(scope.Tags)),
		}})
	}
	return part{Heading: "Scopes", ID: "scopes", Table: table}, nil
}

func entitlementsPart(s *config.LiveServer) part {
	p := part{Heading: "What customers may have, by group", ID: "entitlements"}
	if s.Entitlements == nil {
		p.Lead = "Every customer may have every customer scope: there is no table of entitlements."
		return p
	}
	p.Table = &design.Table{Columns: design.Columns("Group", "Scopes"), Empty: design.Empty{What: "The table of entitlements is empty, so no customer may have any scope."}}
	for _, group := range slices.Sorted(maps.Keys(s.Entitlements)) {
		p.Table.Rows = append(p.Table.Rows, design.Row{Cells: []design.Cell{design.Text(group), tags(s.Entitlements[group])}})
	}
	return p
}

func claimsPart(s *config.LiveServer) part {
	p := part{Heading: "Claims", ID: "claims", Table: &design.Table{
		Columns: design.Columns("Claim", "From", "In", "With scope"), Empty: design.Empty{What: "Tokens carry no claim beyond those that every token has."},
	}}
	for i, c := range s.Claims {
		from := s.Told.At(i).Source()
		with := strings.Join(c.Scopes, ", ")
		if with == "" {
			with = "any"
		}
		p.Table.Rows = append(p.Table.Rows, design.Row{Cells: []design.Cell{design.Code(c.Name), design.Text(from), design.Text(strings.Join(c.In, ", ")), design.Text(with)}})
	}
	return p
}
