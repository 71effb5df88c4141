package console

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"sallyport/pure/config"
	"sallyport/service/operator"
)

var (
	serversPage = parse("servers")
	serverPage  = parse("server")
)

// allowedServers are the servers for which the operator may do a, by name.
func (x *exchange) allowedServers(a operator.Action) []string {
	at := x.place()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(x.live.Snapshot().Servers)), func(name string) bool {
		at.Server = name
		return !x.who.May(a, at)
	})
}

func (x *exchange) servers() {
	type row struct {
		URL, Name, Title, Issuer, Audience string
		Scopes, Policies                   int
	}
	var rows []row
	for _, name := range x.allowedServers(operator.ReadConfiguration) {
		s := x.live.Snapshot().Servers[name]
		rows = append(rows, row{x.here("servers", name), name, s.Title, s.Issuer, s.Audience, len(s.Scopes), len(s.Policies)})
	}
	x.page(http.StatusOK, "Authorization servers", serversPage, rows)
}

// condition is one condition of a rule, as a person reads it.
type condition struct{ Name, Value string }

type ruleShown struct {
	Name, Effect string
	Allow        bool
	Conditions   []condition
}

type policyShown struct {
	Name, Title, Applications string
	Rules                     []ruleShown
}

func (x *exchange) server() {
	s, found := x.live.Snapshot().Servers[x.values["server"]]
	if !found {
		x.missing()
		return
	}
	data := struct {
		*config.LiveServer
		Matrix   string
		Policies []policyShown
	}{LiveServer: s}
	if x.who.May(operator.ReadAccess, x.place()) {
		data.Matrix = x.here("access", s.Name)
	}
	for _, p := range s.Policies {
		shown := policyShown{Name: p.Name, Title: p.Title, Applications: strings.Join(p.Applications, ", ")}
		if shown.Applications == "*" {
			shown.Applications = "every application"
		}
		for i := range p.Rules {
			shown.Rules = append(shown.Rules, ruleOf(&p.Rules[i]))
		}
		data.Policies = append(data.Policies, shown)
	}
	title := s.Title
	if title == "" {
		title = s.Name
	}
	x.page(http.StatusOK, title, serverPage, data, x.above("Servers", "servers"))
}

// ruleOf tells a rule by its conditions; those that are absent are met by all.
func ruleOf(r *config.RuleSpec) ruleShown {
	shown := ruleShown{Name: r.Name, Effect: "allows", Allow: r.Effect != "deny"}
	if !shown.Allow {
		shown.Effect = "denies"
	}
	add := func(name string, values ...string) {
		if text := strings.Join(values, ", "); text != "" {
			shown.Conditions = append(shown.Conditions, condition{name, text})
		}
	}
	add("grants", r.Grants...)
	if r.Groups != nil {
		add("groups, any of", r.Groups.Any...)
		add("groups, none of", r.Groups.None...)
	}
	add("networks", r.Networks...)
	for _, t := range r.Times {
		add("time", strings.TrimSpace(strings.Join(t.Days, " ")+" "+t.From+"–"+t.To+" "+t.Zone))
	}
	add("assurance, at least", r.Assurance)
	if slices.Equal(r.Scopes, []string{"*"}) {
		add("scopes", "every scope")
	} else {
		add("scopes", r.Scopes...)
	}
	if r.Lifetimes.Access != 0 {
		add("access token for", r.Lifetimes.Access.String())
	}
	return shown
}
