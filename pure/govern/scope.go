package govern

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/reach"
)

// Scope is a declared scope with all that uses it.
type Scope struct {
	Server   string            `json:"server"`
	Name     string            `json:"name"`
	Title    string            `json:"title,omitempty"`
	Kind     string            `json:"kind"`
	Default  bool              `json:"default,omitempty"`
	Parent   string            `json:"parent,omitempty"`
	Maturity string            `json:"maturity"`
	Until    string            `json:"until,omitempty"`
	Tags     map[string]string `json:"tags,omitempty"`
	// Rules allow it, as policy/rule, by name, by "*" or by an ancestor.
	Rules []string `json:"rules,omitempty"`
	// Assigned are the applications that are assigned it, or an ancestor of it.
	Assigned []string `json:"assigned,omitempty"`
	// Obtained are the applications that some request obtains it for. It is the
	// proof's answer; [Server.Unreviewable] tells when there is none.
	Obtained []string `json:"obtained,omitempty"`
	// Opens are the operations that it opens by itself, and Helps those that it
	// opens together with others. Described tells whether an API takes the server's
	// tokens at all, so that there could be some.
	Opens     []string `json:"opens,omitempty"`
	Helps     []string `json:"helps,omitempty"`
	Described bool     `json:"described"`
	Data      []string `json:"data,omitempty"` // classes that it brings with it
	Near      []string `json:"near,omitempty"` // scopes of the server whose names hardly differ
	proven    bool
}

// Reason is why a scope is called unused.
type Reason string

// The reasons, in the order in which they are told.
const (
	NoRule        Reason = "no rule allows it"
	NoAssignment  Reason = "assigned to no application"
	NoOperation   Reason = "opens no operation"
	NoObtainer    Reason = "nobody can obtain it"
	NotIssuedLong Reason = "not issued for 90 days"
)

// Idle is how long a scope goes without a token before it is called unused.
const Idle = 90 * 24 * time.Hour

// Unused tells by what configuration says why nobody can use the scope; none if
// somebody can.
func (s *Scope) Unused() []Reason {
	var all []Reason
	for _, one := range []struct {
		so     bool
		reason Reason
	}{
		{len(s.Rules) == 0, NoRule},
		{len(s.Assigned) == 0, NoAssignment},
		{s.Described && len(s.Opens)+len(s.Helps) == 0, NoOperation},
		{s.proven && len(s.Rules) > 0 && len(s.Assigned) > 0 && len(s.Obtained) == 0, NoObtainer},
	} {
		if one.so {
			all = append(all, one.reason)
		}
	}
	return all
}

// UnusedSince adds what the record of issued tokens says. last is the day of the
// newest token with it, zero for none since began, when the record begins; a
// record that is younger than [Idle] says nothing.
func (s *Scope) UnusedSince(last, began, now time.Time) []Reason {
	all, from := s.Unused(), now.Add(-Idle)
	if !began.IsZero() && began.Before(from) && last.Before(from) {
		all = append(all, NotIssuedLong)
	}
	return all
}

// scopesOf reads every scope of a server. Without joints nothing is proven.
func scopesOf(snapshot *config.Snapshot, live *config.LiveServer, opened *reach.Map, joints []access.Joint) []Scope {
	described := false
	for _, api := range snapshot.APIs {
		described = described || slices.Contains(api.Servers, live.Name)
	}
	names := make([]string, len(live.Scopes))
	for i, spec := range live.Scopes {
		names[i] = spec.Name
	}
	obtained := map[string][]string{}
	for _, j := range joints {
		for _, scope := range j.Any {
			if id := string(j.Application); !slices.Contains(obtained[string(scope)], id) {
				obtained[string(scope)] = append(obtained[string(scope)], id)
			}
		}
	}
	all := make([]Scope, 0, len(live.Scopes))
	for i := range live.Scopes {
		spec := &live.Scopes[i]
		declared, _ := live.Access.Scope(access.Scope(spec.Name))
		s := Scope{
			Server: live.Name, Name: spec.Name, Title: spec.Title, Kind: spec.Kind, Default: spec.Default, Parent: string(declared.Parent),
			Maturity: spec.Maturity, Until: spec.Until, Tags: spec.Tags, Described: described, proven: joints != nil,
			Obtained: obtained[spec.Name], Near: Near(spec.Name, names),
		}
		line := lineage(live.Access, declared)
		s.Rules, s.Assigned = rulesFor(live, line), assignedTo(snapshot, live.Name, line)
		s.reach(opened)
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b Scope) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// lineage is a scope and its ancestors.
func lineage(m *access.Model, s access.ScopeSpec) []string {
	line := []string{string(s.Name)}
	for s.Parent != "" && !slices.Contains(line, string(s.Parent)) {
		line = append(line, string(s.Parent))
		s, _ = m.Scope(s.Parent)
	}
	return line
}

func meets(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

func rulesFor(live *config.LiveServer, line []string) []string {
	var rules []string
	for _, p := range live.Policies {
		for _, r := range p.Rules {
			if r.Effect != "deny" && (slices.Contains(r.Scopes, "*") || meets(r.Scopes, line)) {
				rules = append(rules, p.Name+"/"+r.Name)
			}
		}
	}
	return rules
}

func assignedTo(snapshot *config.Snapshot, server string, line []string) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(snapshot.Applications)) {
		if meets(snapshot.Applications[name].Assigned[server], line) {
			names = append(names, name)
		}
	}
	return names
}

// reach adds what the scope opens.
func (s *Scope) reach(opened *reach.Map) {
	r, known := opened.Scope(s.Server, access.Scope(s.Name))
	if !known {
		return
	}
	for _, o := range r.Opens {
		s.Opens = append(s.Opens, o.String())
	}
	for _, o := range r.Helps {
		s.Helps = append(s.Helps, o.String())
	}
	s.Data = r.Data
}

// counted is a number of things that make their plural with an s.
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
