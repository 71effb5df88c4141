package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

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
