package expect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// Statement is one thing that somebody expects, with who and why. It speaks of
// Scopes or of Operations; with Scope, of the operations that this scope opens.
type Statement struct {
	// List is the object it is in, and Place where: a file with a line, or the row and
	// the column of a sheet.
	List  string `json:"list"`
	Place string `json:"place"`

	Must   access.Must `json:"must"`
	Server string      `json:"server,omitempty"` // of the scopes
	// Application is whom it is about, and may be [config.AnyFuture].
	Application  string         `json:"application,omitempty"`
	Applications []string       `json:"applications,omitempty"` // those that may, of nobody-but
	Scope        access.Scope   `json:"scope,omitempty"`        // opens exactly Operations
	Scopes       []access.Scope `json:"scopes,omitempty"`
	Operations   []string       `json:"operations,omitempty"` // as api/operationId

	Owner  string `json:"owner"`
	Reason string `json:"reason"`

	About Subject `json:"about"`
}

// Subject is what a statement speaks of, which an empty list does not tell.
type Subject string

// The subjects.
const (
	OfScopes     Subject = "scopes"     // who obtains Scopes
	OfOperations Subject = "operations" // who can call Operations
	OfOpening    Subject = "opening"    // which Operations Scope opens
)

// Statements lists all of a snapshot, by list; of each its statements in order, then
// its sheet cell by cell.
func Statements(s *config.Snapshot) []Statement {
	var all []Statement
	for _, name := range slices.Sorted(maps.Keys(s.Expectations)) {
		if some := listed(s.Expectations[name]); all == nil {
			all = some
		} else {
			all = append(all, some...)
		}
	}
	return all
}

func listed(l *config.LiveExpectations) []Statement {
	var all []Statement
	for i, spec := range l.Statements {
		one := Statement{
			List: l.Name, Place: l.Places[i], Must: access.Must(spec.Must), Server: spec.Server, Application: spec.Application,
			Applications: spec.Applications, Scope: access.Scope(spec.Scope), Operations: spec.Operations,
			Owner: l.Owner, Reason: spec.Reason, About: OfScopes,
		}
		for _, scope := range spec.Scopes {
			one.Scopes = append(one.Scopes, access.Scope(scope))
		}
		switch {
		case spec.Scope != "":
			one.About = OfOpening
		case spec.Operations != nil:
			one.About = OfOperations
		}
		all = append(all, one)
	}
	// A sheet that cannot be read has made no snapshot.
	cells, _ := access.ParseSheet(l.SheetCSV, l.Owner)
	all = slices.Grow(all, len(cells))
	for _, cell := range cells {
		all = append(all, Statement{
			List: l.Name, Place: l.SheetFile + ": " + cell.Place, Must: cell.Must, Server: l.Server,
			Application: string(cell.Application), Scopes: cell.Scopes, Owner: l.Owner, Reason: l.Reason, About: OfScopes,
		})
	}
	return all
}

// String says the statement in a sentence without full stop.
func (s Statement) String() string {
	what, verb := names(s.Scopes), "obtain"
	switch s.About {
	case OfOpening:
		return fmt.Sprintf("scope %s must open %s and nothing else", s.Scope, names(s.Operations))
	case OfOperations:
		what, verb = names(s.Operations), "call"
	}
	if len(s.Scopes)+len(s.Operations) == 0 {
		return fmt.Sprintf("%s must %s nothing", s.Application, verb)
	}
	switch s.Must {
	case access.MustNever:
		return fmt.Sprintf("%s must never %s %s", s.Application, verb, what)
	case access.MustObtain:
		return fmt.Sprintf("%s must be able to %s %s", s.Application, verb, what)
	case access.MustOnly:
		return fmt.Sprintf("%s must %s only %s", s.Application, verb, what)
	case access.MustExactly:
		return fmt.Sprintf("%s must %s %s and nothing else", s.Application, verb, what)
	}
	if len(s.Applications) == 0 {
		return fmt.Sprintf("nobody may %s %s", verb, what)
	}
	return fmt.Sprintf("nobody but %s may %s %s", names(s.Applications), verb, what)
}

// names lists names for a sentence.
func names[T ~string](all []T) string {
	if len(all) == 0 {
		return "nothing"
	}
	texts := make([]string, len(all))
	for i, one := range all {
		texts[i] = string(one)
	}
	return strings.Join(texts, ", ")
}

// concerns reports whether the statement says something of an application; empty
// asks for any.
func (s *Statement) concerns(application string) bool {
	return application == "" || s.Application == application ||
		s.Must == access.MustNobodyBut && !slices.Contains(s.Applications, application) || slices.Contains(s.Applications, application)
}
