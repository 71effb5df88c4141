package config

import (
	"fmt"
	"slices"
	"strings"
)

// Severity says whether a problem stops a tree from being used.
type Severity string

// An Error refuses the tree; a Warning is for its author to judge.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Problem is one mistake, written for the person who can mend it.
type Problem struct {
	Severity Severity
	Code     Code
	File     string // slash path; empty for the tree as a whole
	Line     int    // 1 is the first; 0 is unknown
	Column   int    // in characters, 1 is the first; 0 is unknown
	What     string // what is wrong, as a clause without full stop
	Fix      string // what to do; may be empty
}

// String is the problem on one line: file:line:column: what.
func (p Problem) String() string { return p.where() + p.What }

// where is file:line:column and a colon, as far as they are known.
func (p Problem) where() string {
	switch {
	case p.File == "":
		return ""
	case p.Line == 0:
		return p.File + ": "
	}
	return fmt.Sprintf("%s:%d:%d: ", p.File, p.Line, p.Column)
}

// Refused reports whether any of the problems is an error.
func Refused(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Severity == Error })
}

// order sorts problems by place, then code, and drops repetitions. Where a
// variable could not be filled in, what else is wrong with the text is noise.
func order(problems []Problem) []Problem {
	Sort(problems)
	problems = slices.Compact(problems)
	type place struct {
		file         string
		line, column int
	}
	unfilled := map[place]bool{}
	for _, p := range problems {
		if strings.HasPrefix(string(p.Code), variableCodes) && p.Line > 0 {
			unfilled[place{p.File, p.Line, p.Column}] = true
		}
	}
	return slices.DeleteFunc(problems, func(p Problem) bool {
		return unfilled[place{p.File, p.Line, p.Column}] && !strings.HasPrefix(string(p.Code), variableCodes)
	})
}

// report collects problems, up to a limit.
type report struct {
	problems []Problem
	full     bool
}

func (r *report) add(p Problem) {
	switch {
	case len(r.problems) < MaxProblems:
		r.problems = append(r.problems, p)
	case !r.full:
		r.full = true
		r.problems = append(r.problems, Problem{
			Severity: Error, Code: TooManyProblems,
			What: fmt.Sprintf("there are more than %d problems", MaxProblems), Fix: "mend these first",
		})
	}
}

// finding is what is wrong and what to do about it, without the place.
type finding struct {
	code Code
	what string
	fix  string
}

func (r *report) fail(at spot, f finding) { r.add(at.problem(Error, f)) }
func (r *report) warn(at spot, f finding) { r.add(at.problem(Warning, f)) }
