package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Edit is one thing that differs between two models.
type Edit struct {
	Kind        EditKind      `json:"kind"`
	Policy      PolicyName    `json:"policy,omitempty"`
	Rule        RuleName      `json:"rule,omitempty"`
	Application ApplicationID `json:"application,omitempty"`
	Scope       Scope         `json:"scope,omitempty"`
	Group       Group         `json:"group,omitempty"`
	// Text says it as a clause, such as "rule pay of policy apps moved".
	Text string `json:"text"`
	// Meaningless edits change nothing of what anybody can obtain: without this
	// one, and with all others, everything would be the same.
	Meaningless bool `json:"meaningless,omitempty"`

	undo func(*Model) // makes a draft of the later model as if it had not been made
}

// EditKind names what an edit is about.
type EditKind string

// The kinds, in the order in which edits are listed.
const (
	EditServer       EditKind = "server"       // the server itself added or removed
	EditScope        EditKind = "scope"        // added, removed, of another kind, or by default
	EditExcess       EditKind = "excess"       // refused or narrowed
	EditFallThrough  EditKind = "fall-through" // on or off
	EditEntitlements EditKind = "entitlements" // the table, or a group's scopes
	EditApplication  EditKind = "application"  // added, removed, its scopes or its grants
	EditPolicy       EditKind = "policy"       // added, removed, renamed, moved, its applications
	EditRule         EditKind = "rule"         // added, removed, renamed, moved, changed
)

// editing finds the edits that lead from one placed model to another.
type editing struct {
	was, is *Model
	edits   []Edit
}

func (e *editing) add(edit Edit, text string, undo func(*Model)) {
	edit.Text, edit.undo = text, undo
	e.edits = append(e.edits, edit)
}

func (c *comparison) edits() []Edit {
	for s, text := range [...]string{"server %s is new", "server %s was removed"} {
		if c.absent[s] {
			whole := c.models[was]
			return []Edit{{Kind: EditServer, Text: fmt.Sprintf(text, whole.server), undo: func(m *Model) { *m = *whole.draft() }}}
		}
	}
	e := &editing{was: c.models[was], is: c.models[is]}
	e.scopes()
	e.server()
	e.entitlements()
	e.applications()
	e.policies()
	return e.edits
}

// draft is a copy that edits may be undone in; settle it before use.
func (m *Model) draft() *Model {
	d := *m
	d.scopes = slices.Clone(m.scopes)
	d.all, d.customer, d.system, d.defaults = m.all.clone(), m.customer.clone(), m.system.clone(), m.defaults.clone()
	d.families.parents = slices.Clone(m.families.parents)
	d.entitles, d.order = slices.Clone(m.entitles), slices.Clone(m.order)
	d.applications = maps.Clone(m.applications)
	d.policies = nil
	for _, p := range m.policies {
		d.policies = append(d.policies, p.clone())
	}
	return &d
}

func (p *policy) clone() *policy {
	return &policy{name: p.name, all: p.all, named: p.named, rules: slices.Clone(p.rules)}
}

// settle makes a draft whole again.
func (m *Model) settle() *Model {
	for id, app := range m.applications {
		copied := *app
		m.applications[id] = &copied
	}
	m.future = &application{assigns: m.all, grants: m.future.grants}
	for i, p := range m.policies {
		for j, r := range p.rules {
			copied := *r
			copied.policy = i
			p.rules[j] = &copied
		}
	}
	m.families.trace()
	m.expand()
	m.share()
	return m
}

// without is the later model with some edits undone.
func (c *comparison) without(edits ...Edit) *Model {
	d := c.models[is].draft()
	for _, e := range edits {
		e.undo(d)
	}
	return d.settle()
}

func (e *editing) scopes() {
	for i := range e.is.scopes {
		before, after := e.was.scopes[i], e.is.scopes[i]
		text := ""
		switch had, has := e.was.all.has(i), e.is.all.has(i); {
		case had && !has:
			text = fmt.Sprintf("scope %s was removed", before.Name)
		case has && !had:
			text = fmt.Sprintf("scope %s was added", after.Name)
		case before.Kind != after.Kind:
			text = fmt.Sprintf("scope %s was %s and is %s", after.Name, before.Kind, after.Kind)
		case before.Default && !after.Default:
			text = fmt.Sprintf("scope %s is no default any more", after.Name)
		case after.Default && !before.Default:
			text = fmt.Sprintf("scope %s became a default", after.Name)
		case before.Parent != after.Parent:
			text = fmt.Sprintf("scope %s was %s and is %s", after.Name, before.below(), after.below())
		default:
			continue
		}
		e.add(Edit{Kind: EditScope, Scope: after.Name}, text, func(m *Model) {
			m.scopes[i], m.families.parents[i] = before, e.was.families.parents[i]
			for _, pair := range [...][2]set{{m.all, e.was.all}, {m.customer, e.was.customer}, {m.system, e.was.system}, {m.defaults, e.was.defaults}} {
				if pair[0].remove(i); pair[1].has(i) {
					pair[0].add(i)
				}
			}
		})
	}
}

// below says under which parent a scope is.
func (s ScopeSpec) below() string {
	if s.Parent == "" {
		return "under no other"
	}
	return "under " + string(s.Parent)
}

func (e *editing) server() {
	if e.was.excess != e.is.excess {
		text := map[Excess]string{RefuseExcess: "what is above the ceilings is refused", NarrowExcess: "what is above the ceilings is dropped"}[e.is.excess]
		e.add(Edit{Kind: EditExcess}, text, func(m *Model) { m.excess = e.was.excess })
	}
	if e.was.fallThrough != e.is.fallThrough {
		text := map[bool]string{true: "later policies decide where the first does not", false: "only the first policy decides"}[e.is.fallThrough]
		e.add(Edit{Kind: EditFallThrough}, text, func(m *Model) { m.fallThrough = e.was.fallThrough })
	}
}

func (e *editing) entitlements() {
	if e.was.table != e.is.table {
		text := map[bool]string{true: "a table of entitlements was added", false: "the table of entitlements was removed"}[e.is.table]
		e.add(Edit{Kind: EditEntitlements}, text, func(m *Model) { m.table, m.entitles = e.was.table, slices.Clone(e.was.entitles) })
		return
	}
	for g, name := range e.is.groups {
		if !slices.Equal(e.was.entitles[g], e.is.entitles[g]) {
			text := fmt.Sprintf("what %s is entitled to changed%s", name, e.shift(e.was.entitles[g], e.is.entitles[g]))
			e.add(Edit{Kind: EditEntitlements, Group: name}, text, func(m *Model) { m.entitles[g] = e.was.entitles[g] })
		}
	}
}

// shift says what came and what went, of two sets of scopes.
func (e *editing) shift(before, after set) string {
	came, went := after.clone(), before.clone()
	came.without(before)
	went.without(after)
	var said []string
	if !came.empty() {
		said = append(said, "with "+e.is.listed(came))
	}
	if !went.empty() {
		said = append(said, "without "+e.is.listed(went))
	}
	if len(said) == 0 {
		return ""
	}
	return ", now " + strings.Join(said, " and ")
}

func (e *editing) applications() {
	for _, id := range e.was.order {
		before, after := e.was.applications[id], e.is.applications[id]
		if after == nil {
			e.add(Edit{Kind: EditApplication, Application: id}, fmt.Sprintf("application %s was removed", id), func(m *Model) { m.applications[id] = before })
			continue
		}
		change := func(text string, undo func(*application)) {
			e.add(Edit{Kind: EditApplication, Application: id}, fmt.Sprintf("what application %s %s changed", id, text), func(m *Model) {
				copied := *m.applications[id]
				undo(&copied)
				m.applications[id] = &copied
			})
		}
		if !slices.Equal(before.assigns, after.assigns) {
			change("is assigned", func(a *application) { a.assigns = before.assigns })
			e.edits[len(e.edits)-1].Text += e.shift(before.assigns, after.assigns)
		}
		if before.grants != after.grants {
			change("may use as a grant", func(a *application) { a.grants = before.grants })
		}
	}
	for _, id := range e.is.order {
		if e.was.applications[id] == nil {
			e.add(Edit{Kind: EditApplication, Application: id}, fmt.Sprintf("application %s was added", id), func(m *Model) { delete(m.applications, id) })
		}
	}
}
