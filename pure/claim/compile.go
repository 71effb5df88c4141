package claim

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/access"
)

// Compiler compiles the claims of one tenant's servers. It is for one goroutine.
type Compiler struct {
	attributes []access.AttributeSpec
	language   *language // made for the first expression
}

// NewCompiler gives a compiler for claims that may tell the registered attributes.
func NewCompiler(attributes []access.AttributeSpec) *Compiler {
	return &Compiler{attributes: attributes}
}

// Server is what a server says that its claims need to know.
type Server struct {
	// Ancestors gives the scopes that open what a scope opens, and more: whoever has
	// one of them has what a claim for the scope is told for. Nil: there are none.
	Ancestors func(access.Scope) []access.Scope
}

// Compile checks the claims of a server. The set is nil exactly if there is a problem.
func (c *Compiler) Compile(specs []Spec, of Server) (*Set, []Problem) {
	set := &Set{claims: make([]Claim, 0, len(specs))}
	var problems []Problem
	expressions := 0
	for i := range specs {
		r := &reporter{claim: i, problems: &problems}
		compiled := c.claim(r, &specs[i])
		compiled.scopes = of.opening(specs[i].Scopes)
		if specs[i].Expression != "" {
			if expressions++; expressions == MaxExpressions+1 {
				r.say("expression", fmt.Sprintf("a server has more than %d expressions", MaxExpressions), "share claims, or tell attributes as they are")
			}
		}
		set.claims = append(set.claims, compiled)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return set, nil
}

// opening adds the scopes that open as much as those named.
func (s Server) opening(scopes []access.Scope) []access.Scope {
	all := slices.Clone(scopes)
	if s.Ancestors == nil {
		return all
	}
	for _, scope := range scopes {
		for _, above := range s.Ancestors(scope) {
			if !slices.Contains(all, above) {
				all = append(all, above)
			}
		}
	}
	return all
}

// reporter collects the problems of one claim.
type reporter struct {
	claim    int
	problems *[]Problem
}

func (r *reporter) say(key, what, fix string) { r.tell(Problem{Key: key, What: what, Fix: fix}) }

func (r *reporter) unknownType(t Type) {
	r.tell(Problem{
		Key: "type", What: fmt.Sprintf("%.80q is no type of a claim", t), Fix: "known are " + typeNames,
		Unknown: string(t), Known: knownTypes(),
	})
}

func (r *reporter) tell(p Problem) {
	p.Claim = r.claim
	*r.problems = append(*r.problems, p)
}

func (c *Compiler) claim(r *reporter, spec *Spec) Claim {
	compiled := Claim{name: spec.Name, in: spec.In, most: spec.Most}
	if spec.Name == "" || Reserved(spec.Name) {
		r.say("name", fmt.Sprintf("the name %q is not to be had", spec.Name), "choose another name")
	}
	if len(spec.In) == 0 {
		r.say("in", "it stands nowhere", "name a place")
	}
	if spec.Most < 0 || spec.Most > MaxMost {
		r.say("most", fmt.Sprintf("%d bytes are no bound of a claim", spec.Most), fmt.Sprintf("choose between 1 and %d", MaxMost))
	}
	sources := 0
	for _, is := range []bool{spec.Attribute != "", spec.Groups != Filter{}, !spec.Accounts.IsZero(), spec.Value != "", spec.Expression != "", spec.Hook != ""} {
		if is {
			sources++
		}
	}
	if sources != 1 {
		r.say("", fmt.Sprintf("it has %d sources", sources), "set exactly one of attribute, groups, accounts, value, expression and hook")
		return compiled
	}
	if spec.Type != "" && spec.Expression == "" && spec.Hook == "" {
		r.say("type", "only expressions and hooks have a type", "remove it: an attribute has the type that it is registered with")
	}
	compiled.source = c.source(r, spec)
	if compiled.source != nil {
		compiled.limit(compiled.source)
	}
	return compiled
}

// source compiles where the value is from; nil if that was refused.
func (c *Compiler) source(r *reporter, spec *Spec) source {
	switch {
	case spec.Attribute != "":
		for _, a := range c.attributes {
			if string(a.Name) == spec.Attribute {
				return attribute(a)
			}
		}
		r.tell(c.unknownAttribute("attribute", spec.Attribute))
		return nil
	case spec.Expression != "":
		if e := c.expression(r, spec); e != nil {
			return e
		}
		return nil
	case spec.Hook != "":
		if spec.Type != "" && !slices.Contains(Types(), spec.Type) {
			r.unknownType(spec.Type)
		}
		return filled{spec.Name, spec.Hook, spec.Type}
	case spec.Value != "":
		if spec.Most > 0 {
			r.say("most", "a constant is as long as it is", "remove it")
		}
		return constant(spec.Value)
	}
	if !spec.Accounts.IsZero() {
		if len(spec.Accounts.Roles) == 0 {
			r.say("accounts", "it says of no role which accounts it tells", "name roles: owner, occupier, agent")
		}
		return held(spec.Accounts)
	}
	if n := spec.Groups.conditions(); n != 1 {
		r.say("groups", fmt.Sprintf("the filter has %d conditions", n), "keep one of starts_with, equals and contains")
	}
	return filtered(spec.Groups)
}

func (c *Compiler) unknownAttribute(key, name string) Problem {
	known := make([]string, len(c.attributes))
	for i, a := range c.attributes {
		known[i] = string(a.Name)
		if key == "expression" && strings.Contains(known[i], "-") {
			known[i] = "`" + known[i] + "`" // or it would be a difference
		}
	}
	slices.Sort(known)
	return Problem{
		Key: key, What: fmt.Sprintf("the attribute %q is not registered", name),
		Fix: "register it with the tenant", Unknown: name, Known: known,
	}
}
