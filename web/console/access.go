package console

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	reach "sallyport/pure/route"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// accessServers lists the matrices, each with how much of it is what.
func (x *exchange) accessServers() {
	table := &design.Table{
		Columns: []design.Column{{Label: "Server"}, {Label: "Granted", Number: true}, {Label: "Conditional", Number: true}, {Label: "Denied", Number: true}},
		Empty:   design.Empty{What: "There is no authorization server that you may see.", Do: "Add an object of kind authorization-server to the tree, and apply it."},
	}
	for _, name := range x.allowedServers(operator.ReadAccess) {
		row := design.Row{URL: x.here("access", name), Cells: []design.Cell{design.Text(name)}}
		if m, err := x.proof(name, nil); err == nil {
			n := tally(m.Rows, nil)
			row.Cells = append(row.Cells, design.Text(grouped(n[access.Always])), design.Text(grouped(n[access.Conditional])), design.Text(grouped(n[access.Never])))
		} else {
			row.Cells = append(row.Cells, design.Cell{Note: "cannot be proven"}, design.Cell{}, design.Cell{})
		}
		table.Rows = append(table.Rows, row)
	}
	x.show(sheet{Title: "Access", Parts: []part{{Lead: "What every application can obtain, proven from the rules of the live revision.", Table: table}, x.toReplay()}})
}

func (x *exchange) explainURL(server, application, scope string, groups ...string) string {
	return query(x.here("access", server, "explain"), "application", application, "scope", scope, "groups", strings.Join(groups, " "))
}

// question is what an explanation is about.
type question struct {
	application, scope string
	request            access.Request
	wrong              string // of the address
	wrongValues        string
	wrongAge           string
}

// ask reads a question; what it leaves out comes from the proof's witness, so
// that a cell that can be had is explained by a way to have it.
func (x *exchange) ask(application *config.Application, scope string, w *access.Witness) question {
	q := x.r.URL.Query()
	a := question{application: application.Name, scope: scope}
	told := q.Has("groups") || q.Has("address") || q.Has("assurance") || q.Has(fieldValues) || q.Has(fieldAge)
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
		a.request.Subject, a.request.Authenticated = &access.Subject{}, a.request.At
		for _, g := range strings.Fields(q.Get("groups")) {
			a.request.Subject.Groups = append(a.request.Subject.Groups, access.Group(g))
		}
		a.readPerson(q)
	}
	if text := strings.TrimSpace(q.Get("address")); text != "" {
		var err error
		if a.request.Address, err = netip.ParseAddr(text); err != nil {
			a.wrong = "It is not an IP address, so it counts as unknown"
		}
	}
	if text := q.Get("assurance"); text != "" && a.request.Subject != nil && a.request.Assurance.UnmarshalText([]byte(text)) != nil {
		a.wrong = "There is no such assurance"
	}
	return a
}

// readPerson reads what else is asked of a customer, and how long ago they signed in.
func (a *question) readPerson(q url.Values) {
	values, ok := namedValues(q.Get(fieldValues))
	if !ok {
		a.wrongValues = "It is not NAME=VALUE; NAME=VALUE, so nothing is known of the customer"
	}
	for name, value := range values {
		if a.request.Subject.Attributes == nil {
			a.request.Subject.Attributes = map[access.Attribute]string{}
		}
		a.request.Subject.Attributes[access.Attribute(name)] = value
	}
	if text := strings.TrimSpace(q.Get(fieldAge)); text != "" {
		age, err := time.ParseDuration(text)
		if err != nil || age < 0 {
			a.wrongAge = "It is no length of time such as 10m or 2h, so it counts as just now"
			return
		}
		a.request.Authenticated = a.request.At.Add(-age)
	}
}

// person is what readPerson reads, as a form shows it.
func (a *question) person() []design.Field {
	var values []string
	for _, name := range slices.Sorted(maps.Keys(a.request.Subject.Attributes)) {
		values = append(values, string(name)+"="+a.request.Subject.Attributes[name])
	}
	age := ""
	if at := a.request.Authenticated; !at.IsZero() && at.Before(a.request.At) {
		age = a.request.At.Sub(at).String()
	}
	return []design.Field{
		{Name: fieldValues, Label: "Attributes", Hint: "such as tariff=green; region=north", Value: strings.Join(values, "; "), MaxLength: maxGroupsTyped, Autocomplete: "off", Optional: true, Wrong: a.wrongValues},
		{Name: fieldAge, Label: "Signed in ago", Hint: "none is just now; else such as 10m", Value: age, MaxLength: 20, Autocomplete: "off", Optional: true, Wrong: a.wrongAge},
	}
}

// explain says how a cell of the matrix comes to be.
func (x *exchange) explain() {
	q := x.r.URL.Query()
	s, exists := x.live.Snapshot().Servers[x.values["server"]]
	application := x.live.Snapshot().Applications[q.Get("application")]
	scope := q.Get("scope")
	if !exists || application == nil || !slices.ContainsFunc(s.Scopes, func(spec config.ScopeSpec) bool { return spec.Name == scope }) {
		x.missing()
		return
	}
	var proven access.Cell
	if m, err := x.proof(s.Name, nil); err == nil {
		proven, _ = m.Cell(access.ApplicationID(application.Name), access.Scope(scope))
	}
	asked := x.ask(application, scope, proven.Witness)
	trace := access.Explain(s.Access, asked.request)
	title := "Why " + application.Name + " does not get " + scope
	if trace.Decision.Allowed {
		title = "Why " + application.Name + " gets " + scope
	}
	sh := sheet{Title: title, Trail: []design.Place{x.above("Access", "access"), x.above(s.Name, "access", s.Name)}}
	sh.Parts = append(sh.Parts, answer(trace, proven, s.ClaimsWith(access.Scope(scope))))
	if judged, err := x.judged(x.live.Snapshot()); err == nil {
		sh.Parts = append(sh.Parts, judged.expected(cellName{s.Name, access.ApplicationID(application.Name), access.Scope(scope)}))
	}
	if asked.request.Subject != nil {
		sh.Parts = append(sh.Parts, circumstances(asked))
	}
	sh.Parts = append(sh.Parts, checks(trace), rules(trace), x.opens(scope), part{Heading: "As text", Listing: &design.Listing{Label: "The explanation as text", Text: trace.String()}})
	x.show(sh)
}

// answer says what was decided, and what can be at all: the most that anybody has with
// the scope, and what a token says that has it.
func answer(trace access.Trace, proven access.Cell, claims []string) part {
	d := trace.Decision
	note := &design.Note{Mark: design.Bad("Refused"), Text: d.Error.Description}
	if d.Allowed {
		note = &design.Note{Mark: design.Good("Granted"), Text: "By rule " + string(d.Rule) + " of policy " + string(d.Policy) + ", for an access token of " + config.Duration(d.Lifetimes.Access).String() + "."}
	}
	p := part{Note: note, Facts: []design.Fact{{Name: "Over all circumstances", Cell: design.State(marks[proven.Obtainable])}}}
	if proven.Obtainable == access.Never {
		return p
	}
	p.Facts = append(p.Facts, fact("Longest access token with it", config.Duration(proven.Longest).String()), fact("Highest rate of calls", rateOf(proven.Highest)))
	if w := proven.WeakestBy; w != nil && w.Grant != access.ClientCredentials {
		oldest := "however long ago"
		if proven.Oldest > 0 {
			oldest = "at most " + config.Duration(proven.Oldest).String() + " ago"
		}
		p.Facts = append(p.Facts, fact("Weakest sign-in", proven.Weakest.String()), fact("Signed in", oldest))
	}
	if len(claims) > 0 {
		p.Facts = append(p.Facts, design.Fact{Name: "Claims in its access tokens", Cell: codes(claims)})
	}
	return p
}

// rateOf is a rule's rate of calls in words.
func rateOf(r access.Rate) string {
	if r == (access.Rate{}) {
		return "no limit of a rule's own"
	}
	return fmt.Sprintf("%d calls in %s, %d at once", r.Calls, config.Duration(r.Per), r.Burst)
}

// circumstances asks under which others to explain.
func circumstances(a question) part {
	var groups []string
	for _, g := range a.request.Subject.Groups {
		groups = append(groups, string(g))
	}
	address := ""
	if a.request.Address.IsValid() {
		address = a.request.Address.String()
	}
	levels := design.Field{Name: "assurance", Label: "Recognised by", Value: a.request.Assurance.String(), Optional: true}
	for _, level := range []access.Assurance{access.NoAssurance, access.OneFactor, access.TwoFactor, access.PhishingResistant} {
		levels.Options = append(levels.Options, design.Option{Value: level.String(), Label: level.String()})
	}
	return part{Heading: "Under which circumstances", Filter: &filter{
		Hidden: []design.Hidden{{Name: "application", Value: a.application}, {Name: "scope", Value: a.scope}},
		Fields: append([]design.Field{
			{Name: "groups", Label: "Groups", Value: strings.Join(groups, " "), MaxLength: 1000, Autocomplete: "off", Optional: true},
			{Name: "address", Label: "Address", Value: address, MaxLength: 45, Autocomplete: "off", Optional: true, Wrong: a.wrong},
			levels,
		}, a.person()...),
		Button: "Explain",
	}}
}

// checks are the steps of the decision, up to the first that failed.
func checks(trace access.Trace) part {
	p := part{Heading: "Steps"}
	for _, s := range trace.Steps {
		line := step{Mark: design.Bad("Failed"), Name: string(s.Check), Text: s.Text}
		if s.Passed {
			line.Mark = design.Good("Passed")
		}
		p.Steps = append(p.Steps, line)
	}
	return p
}

// rules are those that were asked, each with the first condition that failed.
func rules(trace access.Trace) part {
	p := part{}
	if len(trace.Policies) > 0 {
		p.Heading = "Policies"
	}
	for _, policy := range trace.Policies {
		line := step{Name: string(policy.Policy), Text: strings.ReplaceAll(string(policy.Part), "-", " ")}
		for _, r := range policy.Rules {
			rule := step{Mark: design.Plain("No match"), Name: string(r.Rule), Text: "would " + r.Effect + ": " + r.Why}
			if r.Matched {
				rule.Mark, rule.Text = design.Good("Matched"), r.Effect+"s"
			}
			if r.Effect == access.Deny.String() && r.Matched {
				rule.Mark, rule.Text = design.Bad("Matched"), "denies"
			}
			line.Steps = append(line.Steps, rule)
		}
		p.Steps = append(p.Steps, line)
	}
	return p
}

// opens are the operations that ask for a scope, by the route tables.
func (x *exchange) opens(scope string) part {
	p := part{Heading: "What the scope opens", Table: &design.Table{
		Columns: design.Columns("Operation", "API", "Summary", "Also needs"), Empty: design.Empty{What: "No operation of an API asks for it."},
	}}
	table := x.live.Snapshot().Routes
	if table == nil {
		return p
	}
	for _, o := range table.Reach(reach.Scope(scope)) {
		var also []string
		for _, s := range o.Security.Scopes() {
			if string(s) != scope && !o.Security.Satisfied(func(held reach.Scope) bool { return string(held) == scope }) {
				also = append(also, string(s))
			}
		}
		p.Table.Rows = append(p.Table.Rows, design.Row{Cells: []design.Cell{design.Code(o.Method + " " + o.Template), design.Text(string(o.API)), design.Text(o.Summary), tags(also)}})
	}
	return p
}
