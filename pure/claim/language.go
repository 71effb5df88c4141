package claim

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"sallyport/pure/access"
)

// language is CEL as claims speak it: its variables, and those functions of its
// standard library that work on texts, whole numbers, truth values and lists of them.
type language struct {
	env      *cel.Env
	provider *provider
}

// The variables.
const (
	varCustomer    = "customer"
	varApplication = "application"
	varScopes      = "scopes"
	varGrant       = "grant"
	varAssurance   = "assurance"
)

// functions lists what expressions may call, by overload.
var functions = map[string][]string{
	operators.Conditional:       {overloads.Conditional},
	operators.LogicalAnd:        {overloads.LogicalAnd},
	operators.LogicalOr:         {overloads.LogicalOr},
	operators.LogicalNot:        {overloads.LogicalNot},
	operators.NotStrictlyFalse:  {overloads.NotStrictlyFalse},
	operators.Equals:            {overloads.Equals},
	operators.NotEquals:         {overloads.NotEquals},
	operators.Less:              {overloads.LessInt64, overloads.LessString},
	operators.LessEquals:        {overloads.LessEqualsInt64, overloads.LessEqualsString},
	operators.Greater:           {overloads.GreaterInt64, overloads.GreaterString},
	operators.GreaterEquals:     {overloads.GreaterEqualsInt64, overloads.GreaterEqualsString},
	operators.Add:               {overloads.AddInt64, overloads.AddString, overloads.AddList},
	operators.Subtract:          {overloads.SubtractInt64},
	operators.Multiply:          {overloads.MultiplyInt64},
	operators.Divide:            {overloads.DivideInt64},
	operators.Modulo:            {overloads.ModuloInt64},
	operators.Negate:            {overloads.NegateInt64},
	operators.In:                {overloads.InList, overloads.InMap},
	operators.Index:             {overloads.IndexList, overloads.IndexMap},
	overloads.Size:              {overloads.SizeString, overloads.SizeStringInst, overloads.SizeList, overloads.SizeListInst},
	overloads.Contains:          {overloads.ContainsString},
	overloads.StartsWith:        {overloads.StartsWithString},
	overloads.EndsWith:          {overloads.EndsWithString},
	overloads.TypeConvertInt:    {overloads.StringToInt, overloads.IntToInt},
	overloads.TypeConvertString: {overloads.IntToString, overloads.BoolToString, overloads.StringToString},
}

// macros are those of the standard library.
var macros = []string{operators.Has, operators.All, operators.Exists, operators.ExistsOne, operators.Map, operators.Filter}

// newLanguage gives the language of a tenant. It costs about a millisecond.
func newLanguage(attributes []access.AttributeSpec) (*language, error) {
	subset := &env.LibrarySubset{IncludeMacros: macros}
	for name, some := range functions {
		f := &env.Function{Name: name}
		for _, id := range some {
			f.Overloads = append(f.Overloads, &env.Overload{ID: id})
		}
		subset.IncludeFunctions = append(subset.IncludeFunctions, f)
	}
	p, err := newProvider(attributes)
	if err != nil {
		return nil, err
	}
	e, err := cel.NewCustomEnv(
		cel.CustomTypeAdapter(p.Registry), cel.CustomTypeProvider(p),
		cel.StdLib(cel.StdLibSubset(subset)),
		cel.EnableIdentifierEscapeSyntax(), // names of attributes may have dashes
		cel.ParserExpressionSizeLimit(MaxExpression), cel.ParserRecursionLimit(40), cel.ExpressionNodeLimit(5000),
		cel.Variable(varCustomer, customerType),
		cel.Variable(varApplication, applicationType),
		cel.Variable(varScopes, cel.ListType(cel.StringType)),
		cel.Variable(varGrant, cel.StringType),
		cel.Variable(varAssurance, cel.StringType),
	)
	if err != nil {
		return nil, fmt.Errorf("claim: the language of expressions: %w", err)
	}
	return &language{env: e, provider: p}, nil
}

// The types of objects. No expression can spell them, so none can make one.
var (
	customerType    = types.NewObjectType("@customer")
	attributesType  = types.NewObjectType("@attributes")
	applicationType = types.NewObjectType("@application")
)

// provider knows the fields of the objects.
type provider struct {
	*types.Registry
	fields map[string]map[string]*types.FieldType
}

func newProvider(attributes []access.AttributeSpec) (*provider, error) {
	registry, err := types.NewRegistry()
	if err != nil {
		return nil, fmt.Errorf("claim: the types of expressions: %w", err)
	}
	registered := map[string]*types.FieldType{}
	for _, a := range attributes {
		registered[string(a.Name)] = attributeField(a)
	}
	return &provider{registry, map[string]map[string]*types.FieldType{
		customerType.TypeName():    customerFields,
		applicationType.TypeName(): applicationFields,
		attributesType.TypeName():  registered,
	}}, nil
}

// FindStructType knows the objects.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if _, known := p.fields[name]; known {
		return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
	}
	return nil, false
}

// FindStructFieldNames lists an object's fields, sorted.
func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	fields, known := p.fields[name]
	names := make([]string, 0, len(fields))
	for field := range fields {
		names = append(names, field)
	}
	slices.Sort(names)
	return names, known
}

// FindStructFieldType knows an object's fields.
func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	f, known := p.fields[name][field]
	return f, known
}

// FindIdent knows no names: neither types nor constants are values here.
func (p *provider) FindIdent(string) (ref.Val, bool) { return nil, false }
