package route

import "slices"

// API names one API of the catalogue.
type API string

// OperationID is an operation's operationId, unique within its API.
type OperationID string

// Scope is the name of a scope, `app.verb.target` by our convention.
type Scope string

// Operation is one method on one path template. It is shared and read-only.
type Operation struct {
	API         API
	ID          OperationID
	Method      string // in capitals
	Template    string // base path included, such as /billing/v1/bills/{bill}
	Summary     string
	Description string
	Tags        []string
	Deprecated  bool
	Security    Security
	Data        []string // classes of data that it handles, sorted
	Parameters  []Parameter
	Body        *Body // nil if the operation takes none
	Where       Where

	document *document
	segments []segment
	maxBody  int
}

// Security is what an operation asks of a caller. The zero value, which has no
// alternative and is not public, admits nobody.
type Security struct {
	// Public operations need no token.
	Public bool
	// Alternatives are sets of scopes, sorted, of which one must be held in
	// full. None is empty.
	Alternatives [][]Scope
	// Keys are the apiKey schemes that the document names, such as a
	// subscription key. They are told, not enforced: the gateway asks for a key
	// by its own rules, and a key never stands for a scope.
	Keys []KeyScheme
	// Above has the ancestors of those scopes of the alternatives that have some,
	// nearest first: each of them stands for the scope. It is nil where none has.
	Above map[Scope][]Scope
}

// KeyScheme says where a document expects an API key.
type KeyScheme struct {
	Name string // of the scheme
	In   string // header, query or cookie
	Key  string // the name of that header, query parameter or cookie
}

// Satisfied reports whether a token whose scopes are told by holds may call
// the operation. Who holds an ancestor of a scope holds the scope. It does not say
// that the token is valid.
func (s Security) Satisfied(holds func(Scope) bool) bool {
	if s.Public {
		return true
	}
	for _, all := range s.Alternatives {
		// An empty set would let anyone in; Compile makes none, and a Security
		// built by hand must not fail open either.
		if len(all) > 0 && !slices.ContainsFunc(all, func(scope Scope) bool { return !holds(scope) && !s.inherits(scope, holds) }) {
			return true
		}
	}
	return false
}

// inherits reports whether a token holds an ancestor of a scope.
func (s Security) inherits(scope Scope, holds func(Scope) bool) bool {
	return len(s.Above) > 0 && slices.ContainsFunc(s.Above[scope], holds)
}

// Scopes lists every scope that some alternative names, sorted. Their ancestors are
// not among them.
func (s Security) Scopes() []Scope {
	var all []Scope
	for _, set := range s.Alternatives {
		all = append(all, set...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (s Security) equal(t Security) bool {
	return s.Public == t.Public && slices.EqualFunc(s.Alternatives, t.Alternatives, slices.Equal)
}

// Parameter is a documented parameter of an operation.
type Parameter struct {
	Name        string
	In          string // path, query, header or cookie
	Required    bool
	Deprecated  bool
	Description string
	Schema      string // JSON pointer to the schema in the document; may be empty

	explode bool
	checked bool // by ValidateParameters
	schema  *schema
}

// Body is the documented request body of an operation.
type Body struct {
	Required     bool
	Description  string
	ContentTypes []string // media types or ranges, lower case, in document order

	schemas []*schema // beside ContentTypes; nil is unchecked
}
