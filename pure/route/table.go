package route

import (
	"slices"
	"strings"
)

// Table is a compiled set of operations. It is immutable and may be used by
// any number of goroutines. Make one with Compile or Join.
type Table struct {
	root       *branch
	operations []*Operation // by template, then method
	byID       map[operationKey]*Operation
	reach      map[Scope][]*Operation
	declared   map[Scope]Declaration
	scopes     []Scope
}

type operationKey struct {
	api API
	id  OperationID
}

// Declaration is what the documents say about a scope.
type Declaration struct {
	Description string
	Where       Where
}

// branch is one node of the trie: static children before the parameter.
type branch struct {
	static    map[string]*branch
	parameter *branch
	leaf      *leaf
}

// leaf ends a template.
type leaf struct {
	operations map[string]*Operation // by method
	allowed    []string              // the methods, sorted
}

// Verdict is the outcome of Match.
type Verdict uint8

// The verdicts. The zero Verdict is NotFound: nothing is allowed by accident.
const (
	NotFound         Verdict = iota // no template fits the path
	MethodNotAllowed                // a template fits, and has no such method
	Found
)

// String names the verdict.
func (v Verdict) String() string {
	switch v {
	case Found:
		return "found"
	case MethodNotAllowed:
		return "method not allowed"
	}
	return "not found"
}

// Match is a path and method resolved to an operation.
type Match struct {
	// Operation is nil unless the verdict was Found.
	Operation *Operation
	// Allowed lists the methods of the path, sorted, unless the verdict was
	// NotFound. It is shared; do not modify it.
	Allowed []string

	values []string // of the template's parameters, still percent-encoded
}

// Match finds the operation for a method and a path made by Canonicalise. The
// path decides first, a static segment before a parameter, then the method:
// DELETE /bills/latest does not fall through to DELETE /bills/{bill} if
// /bills/latest has only GET. Methods are compared by case; HEAD is not implied
// by GET, and OPTIONS is the caller's own affair.
//
// It allocates only if the template has parameters, and then once.
func (t *Table) Match(method, canonicalPath string) (Match, Verdict) {
	if canonicalPath == "" || canonicalPath[0] != '/' {
		return Match{}, NotFound
	}
	found := t.root.find(canonicalPath[1:], 0)
	if found == nil {
		return Match{}, NotFound
	}
	m := Match{Allowed: found.allowed}
	operation := found.operations[method]
	if operation == nil {
		return m, MethodNotAllowed
	}
	m.Operation = operation
	m.values = capture(operation.segments, canonicalPath[1:])
	return m, Found
}

// find walks the trie. Each node is visited at most once, since its depth fixes
// the segment it is compared with.
func (b *branch) find(rest string, depth int) *leaf {
	if depth == MaxSegments+1 {
		return nil
	}
	segment, tail, more := strings.Cut(rest, "/")
	if child := b.static[segment]; child != nil {
		if found := child.next(tail, more, depth); found != nil {
			return found
		}
	}
	// A parameter stands for one segment, never for none.
	if b.parameter != nil && segment != "" {
		return b.parameter.next(tail, more, depth)
	}
	return nil
}

func (b *branch) next(tail string, more bool, depth int) *leaf {
	if more {
		return b.find(tail, depth+1)
	}
	return b.leaf
}

func capture(segments []segment, rest string) []string {
	count := 0
	for i := range segments {
		if segments[i].parameter {
			count++
		}
	}
	if count == 0 {
		return nil
	}
	values := make([]string, 0, count)
	for _, s := range segments {
		var value string
		value, rest, _ = strings.Cut(rest, "/")
		if s.parameter {
			values = append(values, value)
		}
	}
	return values
}

// Parameter gives the decoded value of a path parameter.
func (m Match) Parameter(name string) (value string, ok bool) {
	if m.Operation == nil {
		return "", false
	}
	i := 0
	for _, s := range m.Operation.segments {
		if !s.parameter {
			continue
		}
		if s.text == name && i < len(m.values) {
			return unescape(m.values[i]), true
		}
		i++
	}
	return "", false
}

// Operations lists all operations, by template, then method.
func (t *Table) Operations() []*Operation { return slices.Clone(t.operations) }

// Operation finds one operation by name.
func (t *Table) Operation(api API, id OperationID) (*Operation, bool) {
	operation, ok := t.byID[operationKey{api, id}]
	return operation, ok
}

// Scopes lists every scope that is used or declared, sorted.
func (t *Table) Scopes() []Scope { return slices.Clone(t.scopes) }

// Declared gives what the documents say about a scope; false if nothing does.
func (t *Table) Declared(scope Scope) (Declaration, bool) {
	declaration, ok := t.declared[scope]
	return declaration, ok
}

// Reach lists the operations that name the scope, or one below it, in some
// alternative, by template, then method. Where an alternative has further scopes, the scope
// alone does not open the operation: see Opens.
func (t *Table) Reach(scope Scope) []*Operation { return slices.Clone(t.reach[scope]) }

// Opens lists the operations that a token with exactly these scopes may call,
// public ones included, by template, then method.
func (t *Table) Opens(scopes ...Scope) []*Operation {
	holds := func(scope Scope) bool { return slices.Contains(scopes, scope) }
	var open []*Operation
	for _, operation := range t.operations {
		if operation.Security.Satisfied(holds) {
			open = append(open, operation)
		}
	}
	return open
}
