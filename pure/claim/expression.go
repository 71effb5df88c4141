package claim

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
)

// expression is a source that computes.
type expression struct {
	text    string
	kind    Type
	program cel.Program
	reads   []string // attributes
	grouped bool     // reads groups
}

func (e *expression) attributes() []string { return e.reads }
func (e *expression) groups() bool         { return e.grouped }
func (e *expression) String() string       { return "the expression " + e.text }

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
	if c.names(r, e, parsed) {
		return nil
	}
	checked, issues := c.language.env.Check(parsed)
	if issues.Err() != nil {
		r.issues(issues)
		return nil
	}
	return checked
}

// names looks at the fields that an expression reads, and reports those that are not
// known, with those that are.
func (c *Compiler) names(r *reporter, e *expression, parsed *cel.Ast) (refused bool) {
	for _, node := range ast.MatchDescendants(ast.NavigateAST(parsed.NativeRep()), ast.KindMatcher(ast.SelectKind)) {
		path := pathOf(node.AsSelect())
		switch {
		case len(path) == 3 && path[0] == varCustomer && path[1] == "attributes":
			if _, known := c.language.provider.FindStructFieldType(attributesType.TypeName(), path[2]); !known {
				r.tell(c.unknownAttribute("expression", path[2]))
				refused = true
			} else if !slices.Contains(e.reads, path[2]) {
				e.reads = append(e.reads, path[2])
			}
		case len(path) == 2 && (path[0] == varCustomer || path[0] == varApplication):
			of := "@" + path[0]
			if _, known := c.language.provider.FindStructFieldType(of, path[1]); !known {
				fields, _ := c.language.provider.FindStructFieldNames(of)
				r.tell(Problem{
					Key: "expression", What: fmt.Sprintf("%s has no field %q", path[0], path[1]),
					Fix: "known are " + strings.Join(fields, ", "), Unknown: path[1], Known: fields,
				})
				refused = true
			}
			e.grouped = e.grouped || path[0] == varCustomer && path[1] == "groups"
		}
	}
	slices.Sort(e.reads)
	return refused
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
	if len(what) > 300 {
		what = what[:300]
	}
	r.say("expression", fmt.Sprintf("at character %d: %s", first.Location.Column()+1, strings.ToValidUTF8(what, "�")),
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

// evaluation is one run of an expression.
type evaluation struct {
	in     *Input
	missed bool // something was read that is not there
}

// ResolveName gives the variables.
func (e *evaluation) ResolveName(name string) (any, bool) {
	switch name {
	case varCustomer:
		if e.in.Customer == nil {
			e.missed = true
			return types.NullValue, true
		}
		return object{customerType, e}, true
	case varApplication:
		return object{applicationType, e}, true
	case varScopes:
		return scopeList(e.in), true
	case varGrant:
		return types.String(e.in.Grant), true
	case varAssurance:
		return types.String(e.in.Assurance.String()), true
	}
	return nil, false
}

// Parent is none.
func (e *evaluation) Parent() interpreter.Activation { return nil }

func scopeList(in *Input) ref.Val {
	list := make([]string, len(in.Scopes))
	for i, scope := range in.Scopes {
		list[i] = string(scope)
	}
	return texts(list)
}

func (e *expression) value(in *Input) (any, Reason) {
	run := &evaluation{in: in}
	out, _, err := e.program.Eval(run)
	switch {
	case err != nil && (run.missed || absent(err)):
		return nil, "" // what is computed with nothing is nothing
	case err != nil:
		return nil, reasonOf(err)
	}
	return native(out)
}

// native turns a result into the value of a claim; nil if there is none.
func native(out ref.Val) (any, Reason) {
	switch out := out.(type) {
	case types.String:
		if out == "" {
			return nil, ""
		}
		return string(out), ""
	case types.Bool:
		return bool(out), ""
	case types.Int:
		return int64(out), ""
	case types.Null:
		return nil, ""
	case traits.Lister:
		return nativeList(out)
	}
	return nil, Failed
}

// nativeList leaves out the items of a list that are not there. A list that is longer
// than any claim may be is not read to its end.
func nativeList(from traits.Lister) (any, Reason) {
	list := []string{}
	for it := from.Iterator(); it.HasNext() == types.True && len(list) < MaxMost; {
		switch item := it.Next().(type) {
		case types.String:
			list = append(list, string(item))
		case types.Null:
		default:
			return nil, Failed
		}
	}
	return list, ""
}

// absent tells whether an expression asked for what is not there: a tag that an
// application does not wear, an item beyond the end of a list.
func absent(err error) bool {
	return errors.Is(err, errNobody) || strings.HasPrefix(err.Error(), "no such key") || strings.HasPrefix(err.Error(), "index out of bounds")
}

// reasonOf sorts an error. Its text is dropped, since it may quote a value.
func reasonOf(err error) Reason {
	var reason errReason
	var cancelled interpreter.EvalCancelledError
	switch text := err.Error(); {
	case errors.As(err, &reason):
		return Reason(reason)
	case errors.As(err, &cancelled) && cancelled.Cause == interpreter.CostLimitExceeded:
		return Costly
	case strings.HasPrefix(text, "division by zero"), strings.HasPrefix(text, "modulus by zero"):
		return DivisionByZero
	case strings.HasPrefix(text, "integer overflow"):
		return Overflow
	case strings.HasPrefix(text, "type conversion error"):
		return NoNumber
	}
	return Failed
}
