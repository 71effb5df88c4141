package config

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"sallyport/pure/access"
)

// models compiles the access rules of every server. What the rules' own compiler
// says about a place that was told already is left out.
func (c *checker) models() {
	each(c, func(at spot, s *Server) {
		if c.snapshot.Servers[s.Name].Server != s {
			return
		}
		spec := c.accessSpec(s)
		model, problems := access.Compile(spec)
		c.snapshot.Servers[s.Name].Access = model
		told := c.told()
		// A circle is told once, at one of its scopes, which need not be the compiler's choice.
		circled := slices.ContainsFunc(c.problems, func(p Problem) bool { return p.Code == ParentUnfit })
		for _, p := range problems {
			place := c.accessSpot(at, spec, p.Path)
			if c.tree.lost || told.covers(place) || circled && strings.HasSuffix(p.Path, ".parent") {
				continue
			}
			if p.Warning {
				c.warn(place, finding{AccessDoubtful, p.What, p.Fix})
			} else {
				c.fail(place, finding{AccessInvalid, p.What, p.Fix})
			}
		}
	})
}

// point is a place as problems have it.
type point struct {
	file         string
	line, column int
}

// points are the places of errors so far.
type points map[point]bool

func (c *checker) told() points {
	places := points{}
	for _, p := range c.problems {
		if p.Severity == Error {
			places[point{p.File, p.Line, p.Column}] = true
		}
	}
	return places
}

// covers reports whether an error was told at a place or, where the place is a
// table, at a value directly in it.
func (p points) covers(at spot) bool {
	if at.node == nil {
		return false
	}
	if p[point{at.file, at.node.Line, at.node.Column}] {
		return true
	}
	return at.node.Kind == yaml.MappingNode && slices.ContainsFunc(at.node.Content, func(n *yaml.Node) bool {
		return p[point{at.file, n.Line, n.Column}]
	})
}

func (c *checker) accessSpec(s *Server) access.Spec {
	spec := access.Spec{Server: access.ServerID(s.Name), FallThrough: s.FallThrough, Lifetimes: s.Lifetimes.spec(), Attributes: c.attributeTypes()}
	if s.Excess == "narrow" {
		spec.Excess = access.NarrowExcess
	}
	for _, scope := range s.Scopes {
		var kind access.ScopeKind
		_ = kind.UnmarshalText([]byte(scope.Kind)) // refused by Compile if it stays zero
		spec.Scopes = append(spec.Scopes, access.ScopeSpec{Name: access.Scope(scope.Name), Kind: kind, Parent: access.Scope(scope.Parent), Default: scope.Default, Description: scope.Title})
	}
	if s.Entitlements != nil {
		spec.Entitlements = map[access.Group][]access.Scope{}
		for group, scopes := range s.Entitlements {
			spec.Entitlements[access.Group(group)] = named[access.Scope](scopes)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.snapshot.Applications)) {
		a := c.snapshot.Applications[name]
		if scopes, assigned := a.Assigned[s.Name]; assigned {
			spec.Applications = append(spec.Applications, access.ApplicationSpec{
				ID:     access.ApplicationID(name),
				Scopes: named[access.Scope](scopes), Grants: named[access.GrantType](a.Grants),
			})
		}
	}
	for _, p := range s.Policies {
		policy := access.PolicySpec{Name: access.PolicyName(p.Name), All: slices.Contains(p.Applications, "*")}
		if !policy.All {
			policy.Applications = named[access.ApplicationID](p.Applications)
		}
		for _, r := range p.Rules {
			policy.Rules = append(policy.Rules, ruleSpec(r))
		}
		spec.Policies = append(spec.Policies, policy)
	}
	return spec
}

// everywhere and always stand in for what cannot be read. The checks have
// refused it, so no snapshot has them; they keep it from being told twice.
var (
	everywhere = netip.MustParsePrefix("::/0")
	always     = access.Window{To: day, Zone: time.UTC}
)

// ruleSpec is a rule as package access has it.
func ruleSpec(r RuleSpec) access.RuleSpec {
	spec := access.RuleSpec{Name: access.RuleName(r.Name), Effect: access.Allow, Grants: named[access.GrantType](r.Grants), Lifetimes: r.Lifetimes.spec()}
	spec.Attributes, spec.MaxAge, spec.Rate = r.attributeSpecs(), r.MaxAge.Std(), r.rateSpec()
	if r.Effect == "deny" {
		spec.Effect = access.Deny
	}
	if r.Groups != nil {
		spec.AnyOf, spec.NoneOf = named[access.Group](r.Groups.Any), named[access.Group](r.Groups.None)
	}
	if r.Assurance != "" {
		_ = spec.Assurance.UnmarshalText([]byte(r.Assurance))
	}
	if spec.AllScopes = slices.Contains(r.Scopes, "*"); !spec.AllScopes {
		spec.Scopes = named[access.Scope](r.Scopes)
	}
	if r.Networks != nil {
		spec.Networks = []netip.Prefix{}
	}
	for _, text := range r.Networks {
		network, reason := readNetwork(text)
		if reason != "" {
			network = everywhere
		}
		spec.Networks = append(spec.Networks, network)
	}
	if r.Times != nil {
		spec.Windows = []access.Window{}
	}
	for _, w := range r.Times {
		window, wrong := readWindow(spot{}, w)
		if wrong != nil {
			window = always
		}
		spec.Windows = append(spec.Windows, window)
	}
	return spec
}

func (l Lifetimes) spec() access.Lifetimes {
	return access.Lifetimes{Access: l.Access.Std(), Refresh: l.Refresh.Std(), Idle: l.Idle.Std()}
}

// named gives texts a type, and keeps nil apart from empty.
func named[T ~string](texts []string) []T {
	if texts == nil {
		return nil
	}
	names := make([]T, len(texts))
	for i, text := range texts {
		names[i] = T(text)
	}
	return names
}

// accessSpot finds the place that a path of package access means.
func (c *checker) accessSpot(server spot, spec access.Spec, path string) spot {
	steps := stepsOf(path)
	if len(steps) >= 2 && steps[0] == "applications" {
		if i, ok := steps[1].(int); ok && i < len(spec.Applications) {
			at := c.objectAt(KindApplication, string(spec.Applications[i].ID))
			if len(steps) > 2 && steps[2] == "scopes" {
				return at.at("assigned", string(spec.Server)).at(steps[3:]...)
			}
			return at.at(steps[2:]...)
		}
	}
	if len(steps) == 1 && steps[0] == "server" {
		return server.at("name")
	}
	for i, step := range steps {
		switch step {
		case "anyOf":
			steps[i] = "any"
		case "noneOf":
			steps[i] = "none"
		case "windows":
			steps[i] = "times"
		case "maxAge":
			steps[i] = "max_age"
		case "atLeast":
			steps[i] = "at_least"
		}
	}
	return server.at(steps...)
}

// stepsOf reads a path such as policies[0].rules[2].scopes or map[1].values["a"].
func stepsOf(path string) []any {
	var steps []any
	for path != "" {
		if rest, bracket := strings.CutPrefix(path, "["); bracket {
			inner, tail, _ := strings.Cut(rest, "]")
			path = tail
			if i, err := strconv.Atoi(inner); err == nil {
				steps = append(steps, i)
			} else if text, err := strconv.Unquote(inner); err == nil {
				steps = append(steps, text)
			} else {
				steps = append(steps, inner)
			}
			continue
		}
		path = strings.TrimPrefix(path, ".")
		end := strings.IndexAny(path, ".[")
		if end < 0 {
			end = len(path)
		}
		if end > 0 {
			steps = append(steps, path[:end])
		}
		path = path[end:]
	}
	return steps
}
