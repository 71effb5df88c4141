package claim

import (
	"errors"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
)

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

// value computes. CEL recovers from its own panics while it evaluates, but not while
// its result is read, such as a list with more items than a number can count: nothing
// that configuration says may end a request.
func (e *expression) value(in *Input) (value any, reason Reason) {
	defer func() {
		if recover() != nil {
			value, reason = nil, Failed
		}
	}()
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
