package board

import (
	"maps"
	"slices"
	"strconv"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/expect"
	"sallyport/pure/govern"
	"sallyport/pure/reach"
	"sallyport/pure/review"
)

// Options of [Of].
type Options = reach.Options

// Of says what a change means for scopes. Before may be nil, for an environment that
// has none yet: then every scope is new. The review is of the same two. It is nil if
// the change concerns no scope.
func Of(before, after *config.Snapshot, r *review.Review, o Options) *Board {
	if before == nil {
		before = &config.Snapshot{Environment: after.Environment}
	}
	b := &Board{}
	for _, server := range names(before.Servers, after.Servers) {
		b.Scopes = append(b.Scopes, fated(server, declared(before, server), declared(after, server))...)
	}
	if len(b.Scopes) == 0 {
		return nil
	}
	m := &maker{
		before: before, after: after, review: r, options: o, was: govern.Of(before), is: govern.Of(after),
		reach: reach.Of(after), then: reach.Of(before), statements: expect.Statements(after), applications: map[string][]reach.Application{},
	}
	for i := range b.Scopes {
		m.describe(&b.Scopes[i])
	}
	m.renamed(b)
	b.Servers = m.servers(b.Scopes)
	b.sort()
	return b
}

// maker makes a board.
type maker struct {
	before, after *config.Snapshot
	review        *review.Review
	options       Options
	was, is       *govern.Report
	then, reach   *reach.Map
	statements    []expect.Statement
	applications  map[string][]reach.Application // after, by server
}

func names(before, after map[string]*config.LiveServer) []string {
	all := slices.Concat(slices.Collect(maps.Keys(before)), slices.Collect(maps.Keys(after)))
	slices.Sort(all)
	return slices.Compact(all)
}

// declared are a server's scopes, by name.
func declared(s *config.Snapshot, server string) map[string]config.ScopeSpec {
	all := map[string]config.ScopeSpec{}
	if live := s.Servers[server]; live != nil {
		for _, spec := range live.Scopes {
			all[spec.Name] = spec
		}
	}
	return all
}

// fated are the scopes of a server that come, go, or are declared otherwise.
func fated(server string, before, after map[string]config.ScopeSpec) []Scope {
	var all []Scope
	for _, name := range slices.Sorted(maps.Keys(after)) {
		spec := after[name]
		s := Scope{Server: server, Name: access.Scope(name), Fate: New, Is: declaration(spec)}
		if old, known := before[name]; known {
			s.Fate, s.Differs = Changed, differs(old, spec)
			if len(s.Differs) == 0 {
				continue
			}
		}
		all = append(all, s)
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if _, stays := after[name]; !stays {
			all = append(all, Scope{Server: server, Name: access.Scope(name), Fate: Removed, Is: declaration(before[name])})
		}
	}
	return all
}

func declaration(s config.ScopeSpec) Declaration {
	return Declaration{s.Title, s.Kind, s.Parent, s.Default, s.Consent, s.Maturity, s.Until, s.Instead, s.Tags}
}

// differs lists the keys that concern a board: title and tags do not.
func differs(before, after config.ScopeSpec) []Difference {
	var all []Difference
	for _, one := range [...]Difference{
		{"kind", before.Kind, after.Kind},
		{"parent", before.Parent, after.Parent},
		{"default", strconv.FormatBool(before.Default), strconv.FormatBool(after.Default)},
		{"consent", before.Consent, after.Consent},
		{"maturity", before.Maturity, after.Maturity},
		{"until", before.Until, after.Until},
		{"instead", before.Instead, after.Instead},
	} {
		if one.Before != one.After {
			all = append(all, one)
		}
	}
	return all
}

// describe fills in what is known of a scope.
func (m *maker) describe(s *Scope) {
	report, opened := m.is, m.reach
	if s.Fate == Removed {
		report, opened = m.was, m.then
	}
	server := report.Server(s.Server)
	s.Unproven = server.Unreviewable
	known := server.Scope(string(s.Name))
	s.Near = known.Near
	if r, found := opened.Scope(s.Server, s.Name); found {
		s.Opens, s.Helps, s.APIs, s.Data = operations(r.Opens), operations(r.Helps), r.APIs, r.Data
	}
	m.affected(s)
	if s.Fate == Removed {
		s.Naming = Naming{Verdict: Good, Text: "it goes"}
		return
	}
	s.Naming = m.naming(s)
	s.Gains, s.Through = m.gains(s), m.through(s)
	s.Others, s.More = m.others(s, known)
	s.Expectations, s.MoreExpected = m.expectations(s)
	if s.Fate != Changed {
		s.Missing = m.missing(s, known)
	}
}

func operations(list []*reach.Operation) []review.Opened {
	var all []review.Opened
	for _, o := range list {
		all = append(all, review.Opened{API: o.API, ID: o.ID, Method: o.Method, Path: o.Path})
	}
	return all
}

// affected tells who has a scope today.
func (m *maker) affected(s *Scope) {
	if known := m.was.Server(s.Server).Scope(string(s.Name)); known != nil {
		s.Affected = &Affected{Assigned: known.Assigned, Obtained: known.Obtained}
	}
}

// renamed joins one that went with one that came in its place: of the same kind, and
// with the same title or the same operations. Where several could be meant, none is.
func (m *maker) renamed(b *Board) {
	for i := range b.Scopes {
		old := &b.Scopes[i]
		if came := alike(b.Scopes, old, New); old.Fate == Removed && len(came) == 1 && len(alike(b.Scopes, came[0], Removed)) == 1 {
			came[0].Was, came[0].Affected = old.Name, old.Affected
		}
	}
	var stay []Scope
	for _, s := range b.Scopes {
		switch {
		case s.Was != "":
			s.Fate = Renamed
		case s.Fate == Removed && slices.ContainsFunc(b.Scopes, func(o Scope) bool { return o.Server == s.Server && o.Was == s.Name }):
			continue
		}
		stay = append(stay, s)
	}
	b.Scopes = stay
}

// alike are those of a fate that are the same as one but for their name.
func alike(all []Scope, s *Scope, fate Fate) (like []*Scope) {
	for i := range all {
		if o := &all[i]; o.Fate == fate && o.Server == s.Server && o.Is.Kind == s.Is.Kind && same(o, s) {
			like = append(like, o)
		}
	}
	return like
}

// same reports whether two scopes are the same but for their name.
func same(a, b *Scope) bool {
	titled := a.Is.Title == b.Is.Title && a.Is.Title != string(a.Name)
	return titled || len(a.Opens) > 0 && slices.Equal(a.Opens, b.Opens)
}

// servers tells of each server that has one of the scopes its budget and sizes.
func (m *maker) servers(scopes []Scope) []Server {
	var all []Server
	for _, s := range scopes {
		if slices.ContainsFunc(all, func(o Server) bool { return o.Name == s.Server }) {
			continue
		}
		one := Server{Name: s.Server}
		was, is := m.was.Server(s.Server), m.is.Server(s.Server)
		if was != nil {
			one.Before = len(was.Scopes)
		}
		if is != nil {
			one.After, one.Budget = len(is.Scopes), is.Budget
		}
		one.Sizes = sizes(was, is)
		all = append(all, one)
	}
	return all
}

// sizes compares the longest tokens of every application.
func sizes(was, is *govern.Server) []Size {
	var all []Size
	if is == nil {
		return nil
	}
	for i := range is.Sizes {
		after := &is.Sizes[i]
		one := Size{Application: after.Application, After: after.Most(), Limit: string(after.Limit)}
		if before := was.Size(after.Application); before != nil {
			one.Before = before.Most()
		}
		if one.Before != one.After {
			all = append(all, one)
		}
	}
	return all
}
