package access

import (
	"cmp"
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

func (e *editing) policies() {
	o := match(e.was.policies, e.is.policies, func(p *policy) string { return string(p.name) }, func(a, b *policy) bool {
		return a.all == b.all && maps.Equal(a.named, b.named) && slices.EqualFunc(a.rules, b.rules, sameWords)
	})
	for i, p := range e.was.policies {
		if o.now[i] == nil {
			e.add(Edit{Kind: EditPolicy, Policy: p.name}, fmt.Sprintf("policy %s was removed", p.name), func(m *Model) {
				m.policies = o.insert(m.policies, i, p.clone())
			})
		}
	}
	for _, p := range e.is.policies {
		edit := Edit{Kind: EditPolicy, Policy: p.name}
		i, known := o.then[p]
		if !known {
			e.add(edit, fmt.Sprintf("policy %s was added", p.name), func(m *Model) { m.policies = o.remove(m.policies, p) })
			continue
		}
		before := e.was.policies[i]
		if before.name != p.name {
			e.add(edit, fmt.Sprintf("policy %s was renamed to %s", before.name, p.name), func(*Model) {})
		}
		if o.moved[p] {
			e.add(edit, fmt.Sprintf("policy %s moved from place %d to %d", p.name, i+1, slices.Index(e.is.policies, p)+1), func(m *Model) {
				m.policies = o.insert(o.remove(m.policies, p), i, o.find(m.policies, p))
			})
		}
		if before.all != p.all || !maps.Equal(before.named, p.named) {
			e.add(edit, fmt.Sprintf("the applications of policy %s changed", p.name), func(m *Model) {
				if d := o.find(m.policies, p); d != nil {
					d.all, d.named = before.all, before.named
				}
			})
		}
		e.rules(before, p, func(m *Model) *policy { return o.find(m.policies, p) })
	}
}

// rules finds what differs between two policies; find gives the policy of a draft.
func (e *editing) rules(before, after *policy, find func(*Model) *policy) {
	o := match(before.rules, after.rules, func(r *rule) string { return string(r.name) }, sameWords)
	add := func(r *rule, text string, undo func([]*rule) []*rule) {
		e.add(Edit{Kind: EditRule, Policy: after.name, Rule: r.name}, text, func(m *Model) {
			if p := find(m); p != nil {
				p.rules = undo(p.rules)
			}
		})
	}
	for i, r := range before.rules {
		if o.now[i] == nil {
			add(r, fmt.Sprintf("rule %s of policy %s was removed", r.name, after.name), func(list []*rule) []*rule { return o.insert(list, i, r) })
		}
	}
	for at, r := range after.rules {
		i, known := o.then[r]
		if !known {
			add(r, fmt.Sprintf("rule %s was added to policy %s", r.name, after.name), func(list []*rule) []*rule { return o.remove(list, r) })
			continue
		}
		was := before.rules[i]
		if was.name != r.name {
			add(r, fmt.Sprintf("rule %s of policy %s was renamed to %s", was.name, after.name, r.name), func(list []*rule) []*rule { return list })
		}
		if !sameWords(was, r) {
			add(r, fmt.Sprintf("rule %s of policy %s changed: %s", r.name, after.name, strings.Join(changed(was, r), ", ")), func(list []*rule) []*rule {
				list = slices.Clone(list)
				if at := o.index(list, r); at >= 0 {
					copied := *was
					copied.name = r.name // by which it is found
					list[at] = &copied
				}
				return list
			})
		}
		if o.moved[r] {
			add(r, fmt.Sprintf("rule %s of policy %s moved from place %d to %d", r.name, after.name, i+1, at+1), func(list []*rule) []*rule {
				return o.insert(o.remove(list, r), i, o.find(list, r))
			})
		}
	}
}

// changed names what differs between two rules.
func changed(a, b *rule) []string {
	var names []string
	note := func(name string, same bool) {
		if !same {
			names = append(names, name)
		}
	}
	note("effect", a.effect == b.effect)
	note("grants", a.grants == b.grants)
	note("groups", a.ask == b.ask && slices.Equal(a.anyOf, b.anyOf) && slices.Equal(a.noneOf, b.noneOf))
	note("networks", slices.Equal(a.networks, b.networks) && (a.networks == nil) == (b.networks == nil))
	note("windows", sameWindows(a.windows, b.windows) && (a.windows == nil) == (b.windows == nil))
	note("assurance", a.assurance == b.assurance)
	note("attributes", sameAttributes(a.attributes, b.attributes))
	note("age", a.maxAge == b.maxAge)
	note("scopes", a.all == b.all && slices.Equal(a.lists, b.lists))
	note("lifetimes", a.lifetimes == b.lifetimes)
	note("rate", a.rate == b.rate)
	return names
}

// ordering matches two lists of named things.
type ordering[T any] struct {
	was   []*T
	name  func(*T) string
	now   map[int]*T // by place before: what it is now, nil if nothing
	then  map[*T]int // by what is: its place before
	moved map[*T]bool
	back  map[*T]bool // in some draft: put back to where it was
}

// match pairs what has the same name, and of the rest what is the same.
func match[T any](before, after []*T, name func(*T) string, same func(a, b *T) bool) *ordering[T] {
	o := &ordering[T]{was: before, name: name, now: map[int]*T{}, then: map[*T]int{}, moved: map[*T]bool{}, back: map[*T]bool{}}
	byName := map[string]int{}
	for i, b := range before {
		byName[name(b)] = i
	}
	for _, a := range after {
		if i, known := byName[name(a)]; known {
			o.now[i], o.then[a] = a, i
		}
	}
	for _, a := range after {
		if _, known := o.then[a]; known {
			continue
		}
		for i, b := range before {
			if o.now[i] == nil && same(b, a) {
				o.now[i], o.then[a] = a, i
				break
			}
		}
	}
	var common []*T
	for _, a := range after {
		if _, known := o.then[a]; known {
			common = append(common, a)
			o.moved[a] = true
		}
	}
	for _, a := range rising(common, func(a *T) int { return o.then[a] }) {
		delete(o.moved, a)
	}
	return o
}

// rising gives a longest part of a list whose ranks rise: what need not be moved.
func rising[T any](list []T, rank func(T) int) []T {
	var ends []int // by length: the place of the smallest last element
	before := make([]int, len(list))
	for i, v := range list {
		at, _ := slices.BinarySearchFunc(ends, rank(v), func(e, r int) int { return cmp.Compare(rank(list[e]), r) })
		if before[i] = -1; at > 0 {
			before[i] = ends[at-1]
		}
		if at == len(ends) {
			ends = append(ends, i)
		} else {
			ends[at] = i
		}
	}
	var longest []T
	if len(ends) > 0 {
		for i := ends[len(ends)-1]; i >= 0; i = before[i] {
			longest = append(longest, list[i])
		}
	}
	slices.Reverse(longest)
	return longest
}

// index finds a thing in a draft's list, where it may be a copy.
func (o *ordering[T]) index(list []*T, v *T) int {
	return slices.IndexFunc(list, func(w *T) bool { return o.name(w) == o.name(v) })
}

func (o *ordering[T]) find(list []*T, v *T) *T {
	if i := o.index(list, v); i >= 0 {
		return list[i]
	}
	return nil
}

func (o *ordering[T]) remove(list []*T, v *T) []*T {
	return slices.DeleteFunc(slices.Clone(list), func(w *T) bool { return o.name(w) == o.name(v) })
}

// insert puts back a copy of what stood at place i before: behind the nearest
// that stood before it and stands where it did.
func (o *ordering[T]) insert(list []*T, i int, v *T) []*T {
	if v == nil {
		return list
	}
	put := *v
	o.back[&put] = true
	for j := i - 1; j >= 0; j-- {
		before := o.was[j]
		if o.now[j] != nil {
			before = o.now[j]
		}
		if at := o.index(list, before); at >= 0 && (!o.moved[before] || o.back[list[at]]) {
			return slices.Insert(slices.Clone(list), at+1, &put)
		}
	}
	return slices.Insert(slices.Clone(list), 0, &put)
}
