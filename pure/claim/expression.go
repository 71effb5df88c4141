package claim

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// expression is a source that computes.
type expression struct {
	text    string
	kind    Type
	program cel.Program
	reads   telling
}

func (e *expression) tells() telling { return e.reads }
func (e *expression) String() string { return "the expression " + e.text }

func (e *expression) bytes() (usual, all int) {
	switch e.kind {
	case Bool:
		return len("false"), len("false")
	case Int:
		return len("-9223372036854775808"), len("-9223372036854775808")
	}
	return DefaultMost, 0
}

// expression compiles an expression; nil if it was refused.
func (c *Compiler) expression(r *reporter, spec *Spec) *expression {
	wanted := resultTypes[spec.Type]
	switch {
	case spec.Type == "":
		r.say("type", "an expression has no type", "add type: "+typeNames)
		return nil
	case wanted == nil:
		r.unknownType(spec.Type)
		return nil
	case utf8.RuneCountInString(spec.Expression) > MaxExpression:
		r.say("expression", fmt.Sprintf("the expression has more than %d characters", MaxExpression), "shorten it, or keep what it computes as an attribute")
		return nil
	}
	if c.language == nil {
		l, err := newLanguage(c.attributes)
		if err != nil {
			r.say("expression", "expressions cannot be read: "+err.Error(), "check the names of attributes")
			return nil
		}
		c.language = l
	}
	e := &expression{text: spec.Expression, kind: spec.Type}
	checked := c.check(r, e)
	if checked == nil {
		return nil
	}
	if got := checked.OutputType(); !slices.ContainsFunc(wanted, got.IsExactType) {
		r.say("expression", fmt.Sprintf("the expression gives %s, and %s is declared", named(got), spec.Type), "change type:, or convert the value")
		return nil
	}
	return c.plan(r, e, checked)
}

// check parses an expression and checks its types.
func (c *Compiler) check(r *reporter, e *expression) *cel.Ast {
	parsed, issues := c.language.env.Parse(e.text)
	if issues.Err() != nil {
		r.issues(issues)
		return nil
	}
	if c.unknownNames(r, parsed) {
		return nil
	}
	checked, issues := c.language.env.Check(parsed)
	if issues.Err() != nil {
		r.issues(issues)
		return nil
	}
	if what := unsound(checked); what != "" {
		r.say("expression", what, "compare texts, numbers, or lists of them; ask a map by its keys")
		return nil
	}
	e.reads = readsOf(checked)
	return checked
}

// unknownNames reports the fields that an expression names and that are not known,
// with those that are. Fields that it reads by detours are left to the check of types.
func (c *Compiler) unknownNames(r *reporter, parsed *cel.Ast) (found bool) {
	for _, s := range selections(parsed) {
		path := pathOf(s)
		switch {
		case len(path) == 3 && path[0] == varCustomer && path[1] == "attributes":
			if _, known := c.language.provider.FindStructFieldType(attributesType.TypeName(), path[2]); !known {
				r.tell(c.unknownAttribute("expression", path[2]))
				found = true
			}
		case len(path) == 2 && (path[0] == varCustomer || path[0] == varApplication):
			of := "@" + path[0]
			if _, known := c.language.provider.FindStructFieldType(of, path[1]); known {
				continue
			}
			fields, _ := c.language.provider.FindStructFieldNames(of)
			r.tell(Problem{
				Key: "expression", What: fmt.Sprintf("%s has no field %q", path[0], path[1]),
				Fix: "known are " + strings.Join(fields, ", "), Unknown: path[1], Known: fields,
			})
			found = true
		}
	}
	return found
}

// selections are the fields that an expression reads, or asks for.
func selections(a *cel.Ast) []ast.SelectExpr {
	var all []ast.SelectExpr
	for _, node := range ast.MatchDescendants(ast.NavigateAST(a.NativeRep()), ast.KindMatcher(ast.SelectKind)) {
		all = append(all, node.AsSelect())
	}
	return all
}

// readsOf goes by the types of what fields are read from, so that no detour, such as
// a list of customers, hides what is read.
func readsOf(checked *cel.Ast) (reads telling) {
	for _, s := range selections(checked) {
		switch checked.NativeRep().GetType(s.Operand().ID()).TypeName() {
		case attributesType.TypeName():
			reads.attributes = append(reads.attributes, s.FieldName())
		case customerType.TypeName():
			reads.groups = reads.groups || s.FieldName() == "groups"
			reads.name = reads.name || s.FieldName() == "name"
		}
	}
	slices.Sort(reads.attributes)
	reads.attributes = slices.Compact(reads.attributes)
	return reads
}

// pathOf is the names of a chain of fields, from the variable on; nil if it begins
// with something else.
func pathOf(s ast.SelectExpr) []string {
	switch of := s.Operand(); of.Kind() {
	case ast.IdentKind:
		return []string{of.AsIdent(), s.FieldName()}
	case ast.SelectKind:
		if path := pathOf(of.AsSelect()); path != nil {
			return append(path, s.FieldName())
		}
	}
	return nil
}

// plan bounds the cost of a checked expression and makes it ready to run.
func (c *Compiler) plan(r *reporter, e *expression, checked *cel.Ast) *expression {
	estimate, err := c.language.env.EstimateCost(checked, sizes{})
	if err != nil || estimate.Max > MaxCost {
		r.say("expression", fmt.Sprintf("the expression could cost more than %d steps", MaxCost), "go through fewer lists, and not through one within another")
		return nil
	}
	e.program, err = c.language.env.Program(checked, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(MaxCost))
	if err != nil {
		r.say("expression", "the expression cannot be run: "+err.Error(), "write it otherwise")
		return nil
	}
	return e
}

// issues reports the first thing that CEL found wrong: what follows is mostly its
// consequence.
func (r *reporter) issues(issues *cel.Issues) {
	first := issues.Errors()[0]
	what := strings.ReplaceAll(strings.ReplaceAll(first.Message, " (in container '')", ""), "@", "")
	what, _, _ = strings.Cut(what, "\n")
	what, _, _ = strings.Cut(what, " expecting ") // which would list every sign there is
	place := fmt.Sprintf("at character %d", first.Location.Column()+1)
	if line := first.Location.Line(); line > 1 {
		place = fmt.Sprintf("in line %d, %s", line, place)
	}
	r.say("expression", fmt.Sprintf("%s: %s", place, strings.ToValidUTF8(what[:min(len(what), 300)], "�")),
		"expressions know customer, application, scopes, grant and assurance")
}

const typeNames = "string, bool, int or strings"

func knownTypes() []string {
	names := make([]string, 0, len(Types()))
	for _, t := range Types() {
		names = append(names, string(t))
	}
	return names
}

// resultTypes are what CEL may give for each type. A value that may be null leaves
// the claim out.
var resultTypes = map[Type][]*types.Type{
	String:  {types.StringType, types.NewNullableType(types.StringType)},
	Bool:    {types.BoolType, types.NewNullableType(types.BoolType)},
	Int:     {types.IntType, types.NewNullableType(types.IntType)},
	Strings: {types.NewListType(types.StringType), types.NewListType(types.NewNullableType(types.StringType))},
}

// named is a type as a reader of YAML would say it.
func named(t *types.Type) string {
	for _, name := range Types() {
		if slices.ContainsFunc(resultTypes[name], t.IsExactType) {
			return string(name)
		}
	}
	return strings.ReplaceAll(t.String(), "@", "")
}
