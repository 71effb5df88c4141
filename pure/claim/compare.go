package claim

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// unsound reports what types allow and bounds do not hold for; the first of it, empty
// if there is nothing.
//
// CEL counts the comparison of two lists as their lengths, whatever their items are:
// of lists within lists a few steps could compare billions of items, and nothing stops
// a comparison that is under way. And the items of a map come in another order each
// time, so that a list made of them would not be the same claim twice.
func unsound(checked *cel.Ast) string {
	for _, node := range ast.MatchDescendants(ast.NavigateAST(checked.NativeRep()), ast.AllMatcher()) {
		of := func(e ast.Expr) *types.Type { return checked.NativeRep().GetType(e.ID()) }
		switch node.Kind() {
		case ast.CallKind:
			if what := uncounted(node.AsCall(), of); what != "" {
				return what
			}
		case ast.ComprehensionKind:
			c := node.AsComprehension()
			if of(c.IterRange()).Kind() != types.ListKind && of(c.AccuInit()).Kind() == types.ListKind {
				return "a list of what is in a map would have another order each time"
			}
		}
	}
	return ""
}

// uncounted tells of a comparison whose cost is not known by its operands' lengths.
func uncounted(call ast.CallExpr, of func(ast.Expr) *types.Type) string {
	args := call.Args()
	if len(args) != 2 {
		return ""
	}
	left, right := of(args[0]), of(args[1])
	switch name := call.FunctionName(); {
	case name == operators.In && (single(left) || flat(right)): // counted by the length of right
		return ""
	case (name == operators.Equals || name == operators.NotEquals) && (flat(left) || flat(right)):
		return ""
	case name != operators.In && name != operators.Equals && name != operators.NotEquals:
		return ""
	}
	return fmt.Sprintf("%s and %s are not compared", named(left), named(right))
}

// flat tells of texts, numbers and truth values, and of lists and maps of nothing but
// those. What is compared with one of them is looked into no deeper.
func flat(t *types.Type) bool {
	switch t.Kind() {
	case types.ListKind, types.MapKind:
		for _, of := range t.Parameters() {
			if !single(of) {
				return false
			}
		}
		return true
	}
	return single(t)
}

func single(t *types.Type) bool {
	switch t.Kind() {
	case types.StringKind, types.IntKind, types.BoolKind, types.NullTypeKind, types.StructKind:
		return true
	}
	return false
}
