package board

import (
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/govern"
	"sallyport/pure/reach"
	"sallyport/pure/review"
)

// What is shown of long lists; the number of the rest is told.
const (
	maxOthers       = 20
	maxExpectations = 20
)

// gains are the lines of the review that give somebody the scope.
func (m *maker) gains(s *Scope) []Gain {
	var all []Gain
	for i := range m.review.Lines {
		l := &m.review.Lines[i]
		gives := l.Kind == review.Kind(access.NewAccess.String()) || l.Kind == review.Kind(access.WiderAccess.String())
		if gives && l.Server == s.Server && !l.Together && slices.Contains(l.Scopes, s.Name) {
			all = append(all, Gain{Application: l.Application, Grant: l.Grant, Who: l.Who, Example: l.Example()})
		}
	}
	return all
}

// through are the scope's ancestors, with those who can obtain them.
func (m *maker) through(s *Scope) []Holder {
	var all []Holder
	server := m.is.Server(s.Server)
	for at := s.Is.Parent; at != "" && len(all) <= len(server.Scopes); {
		known := server.Scope(at)
		if known == nil {
			break
		}
		all = append(all, Holder{at, known.Obtained})
		at = known.Parent
	}
	return all
}

// others are applications of the server that cannot obtain the scope, and for which
// it would make a difference.
func (m *maker) others(s *Scope, known *govern.Scope) (all []Other, more int) {
	if s.Fate == Changed || s.Unproven != "" || len(s.Opens)+len(s.Data) == 0 {
		return nil, 0
	}
	for _, a := range m.reached(s.Server) {
		if a.Application == "" || slices.Contains(known.Obtained, string(a.Application)) {
			continue
		}
		other := Other{Application: a.Application}
		for _, o := range s.Opens {
			if !slices.ContainsFunc(a.Reaches, func(r reach.Reached) bool { return r.Operation.API == o.API && r.Operation.ID == o.ID }) {
				other.Opens = append(other.Opens, o)
			}
		}
		for _, class := range s.Data {
			if !slices.Contains(a.Data, class) {
				other.Data = append(other.Data, class)
			}
		}
		switch {
		case len(other.Opens)+len(other.Data) == 0:
		case len(all) == maxOthers:
			more++
		default:
			all = append(all, other)
		}
	}
	return all, more
}

// reached proves once what the applications of a server reach.
func (m *maker) reached(server string) []reach.Application {
	if found, known := m.applications[server]; known {
		return found
	}
	o := m.options
	o.Server = server
	all, err := m.reach.Applications(o)
	if err != nil {
		all = nil // the report says why the server's rules cannot be proven
	}
	m.applications[server] = all
	return all
}

// expectations are the statements that speak of the scope, of an ancestor, or of what
// it opens.
func (m *maker) expectations(s *Scope) (all []string, more int) {
	line := []access.Scope{s.Name}
	for _, h := range s.Through {
		line = append(line, access.Scope(h.Scope))
	}
	for _, one := range m.statements {
		named := func(scope access.Scope) bool { return one.Server == s.Server && slices.Contains(line, scope) }
		opened := func(name string) bool {
			return slices.ContainsFunc(s.Opens, func(o review.Opened) bool { return o.API+"/"+o.ID == name })
		}
		switch {
		case !slices.ContainsFunc(one.Scopes, named) && !named(one.Scope) && !slices.ContainsFunc(one.Operations, opened):
		case len(all) == maxExpectations:
			more++
		default:
			all = append(all, one.String()+" ("+one.Owner+", "+one.Place+")")
		}
	}
	return all, more
}

// missing tells what somebody forgot.
func (m *maker) missing(s *Scope, known *govern.Scope) []Gap {
	live := m.after.Servers[s.Server]
	var all []Gap
	for _, one := range []struct {
		so bool
		Gap
	}{
		{len(s.Opens)+len(s.Helps) == 0 && known.Described, Gap{"no operation asks for it", "name it under security: of an operation, or leave it out until there is one"}},
		{!known.Described, Gap{"no API takes tokens of this server", "add the server to servers: of an API"}},
		{len(s.Opens) == 0 && len(s.Helps) > 0, Gap{"it opens nothing by itself", "look at what it opens only together with others"}},
		{len(known.Rules) == 0, Gap{"no rule allows it", "list it in a rule that allows"}},
		{len(known.Assigned) == 0, Gap{"it is assigned to no application", "list it in assigned: of an application"}},
		{unentitled(live, s), Gap{"no group is entitled to it", "list it under entitlements: of the server"}},
		{len(known.Rules) > 0 && len(known.Assigned) > 0 && len(known.Obtained) == 0 && s.Unproven == "", Gap{"nobody can obtain it", "ask why: sallyport access explain, once it is applied"}},
		{s.Is.Title == string(s.Name), Gap{"it has no title", "give it one: customers are asked for their consent with it"}},
		{len(s.Expectations) == 0, Gap{"no expectation speaks of it", "write down who must never obtain it: kind: expectations"}},
	} {
		if one.so {
			all = append(all, one.Gap)
		}
	}
	for _, key := range worn(live, s.Name) {
		if s.Is.Tags[key] == "" {
			all = append(all, Gap{"it has no tag " + key, "give it one: every other scope of the server has it"})
		}
	}
	return all
}

// unentitled reports whether a table of entitlements leaves out the scope and all of
// its ancestors.
func unentitled(live *config.LiveServer, s *Scope) bool {
	if live.Entitlements == nil || s.Is.Kind != "customer-read" && s.Is.Kind != "customer-write" {
		return false
	}
	line := []string{string(s.Name)}
	for _, h := range s.Through {
		line = append(line, h.Scope)
	}
	for _, scopes := range live.Entitlements {
		if slices.ContainsFunc(scopes, func(name string) bool { return slices.Contains(line, name) }) {
			return false
		}
	}
	return true
}

// worn are the keys of tags that every other scope of a server wears, if there are
// two at least: what they all have, a new one should have.
func worn(live *config.LiveServer, besides access.Scope) []string {
	counts, others := map[string]int{}, 0
	for _, spec := range live.Scopes {
		if spec.Name == string(besides) {
			continue
		}
		others++
		for key := range spec.Tags {
			counts[key]++
		}
	}
	var all []string
	for key, n := range counts {
		if n == others && others > 1 {
			all = append(all, key)
		}
	}
	slices.Sort(all)
	return all
}
