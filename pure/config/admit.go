package config

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// Admission is a scope that somebody wants to have, with what makes use of it.
type Admission struct {
	Server string
	Scope  ScopeSpec
	// Applications are assigned it.
	Applications []string
	// Rules of Policy list it then; none named means the policy's one rule that
	// allows. A rule that lists everything stays as it is.
	Policy string
	Rules  []string
	// Groups are entitled to it. Only a server with a table of entitlements takes any.
	Groups []string
	// Operations, as api/operationId, are opened by it alone, beside what opens them.
	Operations []string
}

// Admit takes a new scope into a tree: its declaration, and whatever else is asked
// for. Only the documents concerned are written anew, and they keep their comments.
// The tree is nil if something is against it, with all of it told at once. Whether
// the result compiles is for the compiler to say, as of every tree.
func Admit(t *Tree, a Admission) (*Tree, []Problem) {
	e := newEditor(t)
	server := e.named(KindServer, "authorization server", a.Server)
	e.admissible(server, a.Scope)
	if server == nil {
		return e.result()
	}
	is := server.raw.(*Server)
	e.declare(server, a.Scope)
	e.allow(server, is, a)
	e.entitle(server, is, a)
	for _, name := range a.Applications {
		if o := e.named(KindApplication, "application", name); o != nil {
			e.edit(o, func(root *yaml.Node) {
				include(under(under(root, "assigned", yaml.MappingNode, 0), a.Server, yaml.SequenceNode, yaml.FlowStyle), a.Scope.Name)
			})
		}
	}
	for _, name := range a.Operations {
		e.open(name, a.Scope)
	}
	return e.result()
}

// admissible reports what is against a scope by itself.
func (e *editor) admissible(server *object, s ScopeSpec) {
	if _, reason := scopeParts(s.Name); reason != "" {
		e.fail(spot{}, finding{ScopeNameInvalid, fmt.Sprintf("%.80q is no name of a scope: %s", s.Name, reason), scopeAdvice(s.Name)})
	}
	kinds := []string{"customer-read", "customer-write", "system-read", "system-write"}
	if !slices.Contains(kinds, s.Kind) {
		e.fail(spot{}, finding{ValueUnknown, fmt.Sprintf("there is no kind of scope %.40q", s.Kind), suggest(s.Kind, kinds)})
	}
	if server == nil {
		return
	}
	names := scopeNames(server.raw.(*Server))
	if slices.Contains(names, s.Name) {
		e.fail(spot{}, finding{NameTaken, fmt.Sprintf("the authorization server %q has the scope %q already", server.name, s.Name), "give it another name, or use the one that is there"})
	}
	if s.Parent != "" && !slices.Contains(names, s.Parent) {
		e.missing("the authorization server "+strconv.Quote(server.name)+" has no scope", s.Parent, names)
	}
}

// declare adds the scope, written as its neighbours are.
func (e *editor) declare(server *object, s ScopeSpec) {
	e.edit(server, func(root *yaml.Node) {
		list := under(root, "scopes", yaml.SequenceNode, 0)
		style := yaml.FlowStyle
		if n := len(list.Content); n > 0 {
			style = list.Content[n-1].Style & yaml.FlowStyle
		}
		list.Content = append(list.Content, declaration(s, style))
	})
}

// declaration is a scope as it is written; what has its default is left out.
func declaration(s ScopeSpec, style yaml.Style) *yaml.Node {
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: style}
	for _, key := range []struct{ name, value string }{
		{"name", s.Name}, {"kind", s.Kind}, {"title", s.Title}, {"parent", s.Parent}, {"consent", s.Consent}, {"maturity", s.Maturity},
	} {
		if key.value != "" {
			put(n, key.name, text(key.value))
		}
	}
	if s.Default {
		put(n, "default", &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: "true"})
	}
	if len(s.Tags) > 0 {
		tags := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle}
		for _, name := range slices.Sorted(maps.Keys(s.Tags)) {
			put(tags, name, text(s.Tags[name]))
		}
		put(n, "tags", tags)
	}
	return n
}

// allow lists the scope in rules.
func (e *editor) allow(server *object, is *Server, a Admission) {
	if a.Policy == "" {
		if len(a.Rules) > 0 {
			e.fail(spot{}, finding{FieldRequired, "a rule is named without its policy", "name the policy that the rule is in"})
		}
		return
	}
	at := slices.IndexFunc(is.Policies, func(p PolicySpec) bool { return p.Name == a.Policy })
	if at < 0 {
		var known []string
		for _, p := range is.Policies {
			known = append(known, p.Name)
		}
		e.missing(fmt.Sprintf("the authorization server %q has no policy", a.Server), a.Policy, known)
		return
	}
	for _, i := range e.rules(&is.Policies[at], a.Rules) {
		e.edit(server, func(root *yaml.Node) {
			rule := child(child(child(child(root, "policies"), at), "rules"), i)
			include(under(rule, "scopes", yaml.SequenceNode, yaml.FlowStyle), a.Scope.Name)
		})
	}
}

// rules finds those of a policy that are to list a scope.
func (e *editor) rules(p *PolicySpec, names []string) (places []int) {
	var allows []string
	for i, r := range p.Rules {
		if r.Effect != "deny" {
			allows = append(allows, r.Name)
			places = append(places, i)
		}
	}
	if len(names) == 0 {
		if len(allows) != 1 {
			e.fail(spot{}, finding{FieldRequired, fmt.Sprintf("the policy %q has %d rules that allow", p.Name, len(allows)), "name the rules that are to list the scope; " + suggest("", allows)})
		}
		return places
	}
	places = nil
	for _, name := range names {
		at := slices.IndexFunc(p.Rules, func(r RuleSpec) bool { return r.Name == name })
		switch {
		case at < 0:
			e.missing(fmt.Sprintf("the policy %q has no rule", p.Name), name, allows)
		case p.Rules[at].Effect == "deny":
			e.fail(spot{}, finding{AccessInvalid, fmt.Sprintf("the rule %q of the policy %q denies", name, p.Name), "name a rule that allows; " + suggest("", allows)})
		default:
			places = append(places, at)
		}
	}
	return places
}

// entitle adds the scope to the table of entitlements.
func (e *editor) entitle(server *object, is *Server, a Admission) {
	if len(a.Groups) == 0 {
		return
	}
	if is.Entitlements == nil {
		e.fail(spot{}, finding{AccessInvalid, fmt.Sprintf("the authorization server %q has no table of entitlements: every customer may have every customer scope", a.Server), "leave the groups out, or let a rule ask for them"})
		return
	}
	var known []string
	if tenant := e.tree.tenant(); tenant != nil {
		for _, g := range tenant.raw.(*Tenant).Groups {
			known = append(known, g.Name)
		}
	}
	for _, group := range a.Groups {
		if !slices.Contains(known, group) {
			e.missing("the tenant has no group", group, known)
			continue
		}
		e.edit(server, func(root *yaml.Node) {
			include(under(under(root, "entitlements", yaml.MappingNode, 0), group, yaml.SequenceNode, yaml.FlowStyle), a.Scope.Name)
		})
	}
}
