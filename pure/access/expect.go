package access

import (
	"fmt"
	"slices"
)

// Expectation is a statement about what applications can obtain, kept as data with
// who made it and why, and judged against every model.
type Expectation struct {
	Must   Must   `json:"must"`
	Owner  string `json:"owner,omitempty"`  // who answers for it
	Reason string `json:"reason,omitempty"` // in a sentence
	// Application is whom Never, Ever and Only speak of; empty: any future one.
	Application ApplicationID `json:"application,omitempty"`
	// Scopes are what Never, Ever and NobodyBut speak of, each by itself, and all
	// that Only and Exactly leave the application.
	Scopes []Scope `json:"scopes,omitempty"`
	// Applications are the only ones that may have what NobodyBut speaks of. The
	// future one is never among them.
	Applications []ApplicationID `json:"applications,omitempty"`
	// Place is where it was read, such as "row 3, column 2".
	Place string `json:"place,omitempty"`
}

// Must is what an expectation says.
type Must string

// The statements.
const (
	// MustNever: the application obtains none of the scopes, in any context.
	MustNever Must = "never"
	// MustObtain: the application obtains each of the scopes, in some context.
	MustObtain Must = "obtain"
	// MustOnly: the application obtains nothing but the scopes, and what is below
	// them.
	MustOnly Must = "only"
	// MustExactly: the application obtains each of the scopes, and nothing else than
	// what is below them.
	MustExactly Must = "exactly"
	// MustNobodyBut: nobody but the applications obtains any of the scopes.
	MustNobodyBut Must = "nobody-but"
)

// Verdict is the judgement of one expectation.
type Verdict struct {
	Expectation Expectation `json:"expectation"`
	// Failures are the cells that contradict it; none if it holds.
	Failures []Failure `json:"failures,omitempty"`
}

// Holds reports whether nothing contradicts the expectation.
func (v Verdict) Holds() bool { return len(v.Failures) == 0 }

// Failure is one way in which an expectation is not met.
type Failure struct {
	Application ApplicationID `json:"application,omitempty"`
	Scope       Scope         `json:"scope,omitempty"`
	// Witness obtains what should not be had; nil if something should be had, is
	// unknown, or cannot be judged.
	Witness *Witness `json:"witness,omitempty"`
	Text    string   `json:"text"`
}

// Judge holds a matrix to expectations. An expectation that names what the server
// does not know fails, so that a typing error never passes for safety. It is as
// exact as [Prove], whose matrix must not be of some groups only. Who can have what
// is above a scope can have the scope, and so fails an expectation that they do not.
func Judge(x *Matrix, expectations []Expectation) []Verdict {
	var verdicts []Verdict
	for _, e := range expectations {
		j := &judge{matrix: x, verdict: Verdict{Expectation: e}}
		if j.known(e) {
			j.judge(e)
		}
		verdicts = append(verdicts, j.verdict)
	}
	return verdicts
}

type judge struct {
	matrix  *Matrix
	verdict Verdict
}

func (j *judge) fail(f Failure, format string, args ...any) {
	f.Text = fmt.Sprintf(format, args...)
	j.verdict.Failures = append(j.verdict.Failures, f)
}

// known fails what cannot be judged.
func (j *judge) known(e Expectation) bool {
	if !slices.Contains([]Must{MustNever, MustObtain, MustOnly, MustExactly, MustNobodyBut}, e.Must) {
		j.fail(Failure{}, "%q is no statement", string(e.Must))
	}
	for _, s := range e.Scopes {
		if _, known := slices.BinarySearch(j.matrix.Scopes, s); !known {
			j.fail(Failure{Scope: s}, "the server does not know scope %s", s)
		}
	}
	names := e.Applications
	if e.Must != MustNobodyBut {
		names = append(slices.Clone(names), e.Application)
	}
	for _, id := range names {
		if !slices.ContainsFunc(j.matrix.Rows, func(r Row) bool { return r.Application == id }) {
			j.fail(Failure{Application: id}, "the server does not serve application %s", id)
		}
	}
	if len(e.Scopes) == 0 && e.Must != MustOnly && e.Must != MustExactly {
		j.fail(Failure{}, "it names no scope, so it says nothing")
	}
	return j.verdict.Holds()
}

func (j *judge) judge(e Expectation) {
	for _, row := range j.matrix.Rows {
		for i, scope := range j.matrix.Scopes {
			cell, listed := row.Cells[i], slices.Contains(e.Scopes, scope)
			covered := j.matrix.under(scope, e.Scopes)
			can, its := cell.Obtainable != Never, row.Application == e.Application && e.Must != MustNobodyBut
			failure := Failure{Application: row.Application, Scope: scope, Witness: cell.Witness}
			switch {
			case its && can && listed && e.Must == MustNever:
				j.fail(failure, "%s can obtain %s: %s", applicant(row.Application), scope, cell.Witness)
			case its && can && !covered && (e.Must == MustOnly || e.Must == MustExactly):
				j.fail(failure, "%s can obtain %s besides: %s", applicant(row.Application), scope, cell.Witness)
			case its && !can && listed && (e.Must == MustObtain || e.Must == MustExactly):
				j.fail(failure, "%s can obtain %s in no context", applicant(row.Application), scope)
			case e.Must == MustNobodyBut && can && listed && (row.Application == "" || !slices.Contains(e.Applications, row.Application)):
				j.fail(failure, "%s can obtain %s: %s", applicant(row.Application), scope, cell.Witness)
			}
		}
	}
}

func applicant(id ApplicationID) string {
	if id == "" {
		return "any future application"
	}
	return "application " + string(id)
}
