package route

import (
	"fmt"
	"strings"
)

// Severity says whether a problem stops a document from being used.
type Severity string

// An Error refuses the document; a Warning is for its author to judge.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Code names a kind of problem. Codes are stable: scripts may test for them.
type Code string

// The codes of Compile.
const (
	DocumentTooLarge   Code = "document-too-large"
	DocumentUnreadable Code = "document-unreadable"
	DocumentInvalid    Code = "document-invalid"
	VersionUnsupported Code = "version-unsupported"
	BasePathInvalid    Code = "base-path-invalid"
	ReferenceForeign   Code = "reference-foreign"
	ReferenceBroken    Code = "reference-broken"
	PathInvalid        Code = "path-invalid"
	PathConflict       Code = "path-conflict"
	PathOverlap        Code = "path-overlap"
	MethodUnsupported  Code = "method-unsupported"
	OperationUnnamed   Code = "operation-unnamed"
	OperationRepeated  Code = "operation-repeated"
	OperationOpen      Code = "operation-open"
	PublicDisputed     Code = "public-disputed"
	PublicUnknown      Code = "public-unknown"
	SchemeUnknown      Code = "scheme-unknown"
	SchemeUnsupported  Code = "scheme-unsupported"
	ScopeInvalid       Code = "scope-invalid"
	DataInvalid        Code = "data-invalid"
	SchemaUnsupported  Code = "schema-unsupported"
	ParameterUnchecked Code = "parameter-unchecked"
	BodyUnchecked      Code = "body-unchecked"
	TooManyProblems    Code = "too-many-problems"
)

// The codes of Lint.
const (
	ScopeUnused        Code = "scope-unused"
	ScopeUndeclared    Code = "scope-undeclared"
	ScopeGrammar       Code = "scope-grammar"
	ScopeSingle        Code = "scope-single-operation"
	ScopeNearDuplicate Code = "scope-near-duplicate"
	WriteUnderRead     Code = "write-under-read"
)

// Where points into a document.
type Where struct {
	Pointer string // JSON pointer (RFC 6901); empty is the whole document
	Line    int    // 1 is the first; 0 is unknown
}

// String is the pointer as a URI fragment, with the line where it is known.
func (w Where) String() string {
	if w.Line == 0 {
		return "#" + w.Pointer
	}
	return fmt.Sprintf("line %d, #%s", w.Line, w.Pointer)
}

// Problem is one finding, written for the person who can mend it.
type Problem struct {
	Severity Severity
	Code     Code
	Where    Where
	What     string // what is wrong, with the names involved
	Fix      string // what to do; may be empty
}

// String is the problem on one line.
func (p Problem) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s at %s: %s", p.Severity, p.Code, p.Where, p.What)
	if p.Fix != "" {
		b.WriteString("; " + p.Fix)
	}
	return b.String()
}

// Refused reports whether any of the problems is an error.
func Refused(problems []Problem) bool {
	for _, p := range problems {
		if p.Severity == Error {
			return true
		}
	}
	return false
}

// report collects problems, up to a limit.
type report struct {
	problems []Problem
	refused  bool
}

func (r *report) add(p Problem) {
	r.refused = r.refused || p.Severity == Error
	switch {
	case len(r.problems) < maxProblems:
		r.problems = append(r.problems, p)
	case len(r.problems) == maxProblems:
		r.problems = append(r.problems, Problem{
			Severity: Error, Code: TooManyProblems,
			What: fmt.Sprintf("more than %d problems", maxProblems), Fix: "mend these first",
		})
		r.refused = true
	}
}

func (r *report) fail(code Code, at place, what, fix string) {
	r.add(Problem{Error, code, at.where(), what, fix})
}

func (r *report) warn(code Code, at place, what, fix string) {
	r.add(Problem{Warning, code, at.where(), what, fix})
}
