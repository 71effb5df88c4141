package access

import (
	"fmt"
	"slices"
)

// Finding is something in a model that can hardly be meant.
type Finding struct {
	Kind        FindingKind   `json:"kind"`
	Policy      PolicyName    `json:"policy,omitempty"`
	Rule        RuleName      `json:"rule,omitempty"`
	Application ApplicationID `json:"application,omitempty"` // of a grant that fell through; empty: any future one
	Scope       Scope         `json:"scope,omitempty"`
	Group       Group         `json:"group,omitempty"`
	// By are the rules that decide instead of a shadowed one, or those by which a
	// grant fell through, in order.
	By []RuleRef `json:"by,omitempty"`
	// Text says it in a sentence without full stop.
	Text string `json:"text"`
}

// RuleRef names a rule.
type RuleRef struct {
	Policy PolicyName `json:"policy"`
	Rule   RuleName   `json:"rule"`
}

// String gives "policy/rule".
func (r RuleRef) String() string { return string(r.Policy) + "/" + string(r.Rule) }

// FindingKind names what a finding is about.
type FindingKind string

// The kinds, in the order in which findings are listed.
const (
	// DeadRule decides no request of any application, the future one included.
	DeadRule FindingKind = "dead-rule"
	// ShadowedRule is one that is dead because others decide before it.
	ShadowedRule FindingKind = "shadowed-rule"
	// UnaskedPolicy decides for no application.
	UnaskedPolicy FindingKind = "unasked-policy"
	// FellThrough is a cell that only a later policy than the first that names the
	// application opens.
	FellThrough FindingKind = "fell-through"
	// UngrantedScope is in no allow rule.
	UngrantedScope FindingKind = "ungranted-scope"
	// UnassignedScope is assigned to no application.
	UnassignedScope FindingKind = "unassigned-scope"
	// UnknownGroup is one of the caller's that no rule and no entitlement names.
	UnknownGroup FindingKind = "unknown-group"
)

// Findings lists what can hardly be meant. Groups are all that customers can be
// in, for those that the model does not know. It is exact: a rule is called dead
// if, and only if, no request is decided by it. The error is [*Unreviewable].
func Findings(m *Model, groups []Group) ([]Finding, error) {
	f := &finder{model: m, reached: map[*rule]bool{}, held: map[*rule]bool{}, instead: map[*rule][]*rule{}}
	p := &prover{model: m, found: map[classKey]*class{}}
	p.collect()
	for _, c := range p.classes {
		c.space = newSpace(m, c.key.line.rules, c.key.grant, c.assigned, p.options)
		if err := c.reviewable(); err != nil {
			return nil, err
		}
		f.class(c)
	}
	f.rules()
	if m.fallThrough {
		f.fallenThrough()
	}
	f.names(groups)
	return f.all, nil
}

type finder struct {
	model   *Model
	reached map[*rule]bool    // decides something
	held    map[*rule]bool    // has conditions that hold for some application
	instead map[*rule][]*rule // decides where it could
	opened  []opening
	all     []Finding
}

// opening is what later policies open for the applications of a class.
type opening struct {
	class *class
	only  set             // scopes that the first policy never grants
	by    map[int][]*rule // by scope
}

// class tries every context of applications that the same rules decide for.
func (f *finder) class(c *class) {
	o := opening{class: c, only: newSet(len(f.model.scopes)), by: map[int][]*rule{}}
	first, later := o.only.clone(), o.only
	c.space.each(func(x *context, entitled set, _ spot) bool {
		var held []*rule
		evaluate(c.key.line.rules, x, &batch{exhaust: true, seen: func(r *rule, failed Condition, _ bool) {
			if failed == holds {
				held, f.held[r] = append(held, r), true
			}
		}})
		for i, r := range held {
			if !f.reached[r] {
				f.reached[r] = f.reach(c, held[:i+1], x, entitled)
			}
		}
		if f.model.fallThrough {
			singles := c.assigned.clone()
			singles.and(entitled)
			evaluate(held, x, &batch{singles: singles, won: func(r *rule, scopes set) {
				if r.policy == c.key.line.policies[0] {
					first.or(scopes)
					return
				}
				later.or(scopes)
				scopes.each(func(i int) {
					if !slices.Contains(o.by[i], r) {
						o.by[i] = append(o.by[i], r)
					}
				})
			}})
		}
		return true
	})
	if later.without(first); !later.empty() {
		f.opened = append(f.opened, o)
	}
}

// reach asks whether the last of the rules that hold decides something. The most
// that can be asked is enough: if an earlier rule covers that, it covers any less.
// What all applications together cannot reach, none can.
func (f *finder) reach(c *class, held []*rule, x *context, entitled set) bool {
	if !f.decides(c.assigned, c, held, x, entitled) {
		return false
	}
	return slices.ContainsFunc(c.members, func(b *member) bool { return f.decides(b.assigned, c, held, x, entitled) })
}

func (f *finder) decides(assigned set, c *class, held []*rule, x *context, entitled set) bool {
	r := held[len(held)-1]
	most := assigned.clone()
	most.and(entitled)
	for _, earlier := range held[:len(held)-1] {
		if earlier.effect == Deny {
			most.without(earlier.scopes)
		}
	}
	if r.effect == Allow {
		most.and(r.scopes)
	} else if !r.all && !most.meets(r.scopes) {
		return false
	}
	if most.empty() && c.space.machine {
		return false // which cannot sign in
	}
	b := batch{columns: []column{{scopes: most}}}
	evaluate(held, x, &b)
	if by := b.columns[0].decider; by != r {
		if by != nil && !slices.Contains(f.instead[r], by) {
			f.instead[r] = append(f.instead[r], by)
		}
		return false
	}
	return true
}

// rules tells the dead ones, and policies that no application comes to.
func (f *finder) rules() {
	asked := map[int]bool{}
	for _, app := range append(f.model.declared(), f.model.future) {
		for _, i := range app.line.policies {
			asked[i] = true
		}
	}
	for i, p := range f.model.policies {
		if !asked[i] {
			f.all = append(f.all, Finding{
				Kind: UnaskedPolicy, Policy: p.name,
				Text: fmt.Sprintf("policy %s decides for nobody: policies before it decide for all of its applications", p.name),
			})
		}
		for _, r := range p.rules {
			if !f.reached[r] {
				f.all = append(f.all, f.dead(p, r, asked[i]))
			}
		}
	}
}

func (m *Model) declared() []*application {
	var all []*application
	for _, id := range m.order {
		all = append(all, m.applications[id])
	}
	return all
}

func (f *finder) dead(p *policy, r *rule, asked bool) Finding {
	one := Finding{Kind: DeadRule, Policy: p.name, Rule: r.name}
	why := ""
	switch instead := f.instead[r]; {
	case !asked:
		why = "policies before its own decide for all of its applications"
	case !f.held[r]:
		why = "its conditions never hold for any of its applications"
	case len(instead) > 0:
		one.Kind, one.By = ShadowedRule, f.refs(instead)
		why = "whatever it matches is decided before it by " + listed(one.By)
	default:
		why = "none of its scopes can be asked for when its conditions hold"
	}
	one.Text = fmt.Sprintf("rule %s of policy %s decides nothing: %s", r.name, p.name, why)
	return one
}

// refs names rules in the order in which they are asked.
func (f *finder) refs(rules []*rule) []RuleRef {
	var refs []RuleRef
	for _, p := range f.model.policies {
		for _, r := range p.rules {
			if slices.Contains(rules, r) {
				refs = append(refs, RuleRef{p.name, r.name})
			}
		}
	}
	return refs
}

func listed(refs []RuleRef) string {
	var names []string
	for _, r := range refs {
		names = append(names, r.String())
	}
	return list(names, "none")
}

// fallenThrough tells what later policies open, application by application.
func (f *finder) fallenThrough() {
	for _, app := range append(f.model.declared(), f.model.future) {
		for _, o := range f.opened {
			if o.class.key.line != app.line || app.grants&o.class.key.grant == 0 {
				continue
			}
			scopes := o.only.clone()
			scopes.and(app.assigned)
			scopes.each(func(i int) {
				one := Finding{Kind: FellThrough, Application: app.id, Scope: f.model.scopes[i].Name, By: f.refs(o.by[i])}
				who := "any future application"
				if app.id != "" {
					who = "application " + string(app.id)
				}
				one.Text = fmt.Sprintf("%s gets %s only because %s decides where its first policy does not", who, one.Scope, listed(one.By))
				f.all = append(f.all, one)
			})
		}
	}
}

// names tells of scopes and groups that nothing uses.
func (f *finder) names(groups []Group) {
	granted, assigned := newSet(len(f.model.scopes)), newSet(len(f.model.scopes))
	for _, p := range f.model.policies {
		for _, r := range p.rules {
			if r.effect == Allow {
				granted.or(r.scopes)
			}
		}
	}
	for _, app := range f.model.applications {
		assigned.or(app.assigned)
	}
	for _, unused := range [...]struct {
		in   set
		kind FindingKind
		text string
	}{{granted, UngrantedScope, "no rule allows scope %s"}, {assigned, UnassignedScope, "scope %s is assigned to no application"}} {
		for i, s := range f.model.scopes {
			if !unused.in.has(i) {
				f.all = append(f.all, Finding{Kind: unused.kind, Scope: s.Name, Text: fmt.Sprintf(unused.text, s.Name)})
			}
		}
	}
	for _, g := range groups {
		if _, known := f.model.groupPosition[g]; !known {
			f.all = append(f.all, Finding{Kind: UnknownGroup, Group: g, Text: fmt.Sprintf("no rule and no entitlement of %s names group %s", f.model.server, g)})
		}
	}
}
