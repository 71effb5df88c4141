package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/pure/access"
)

// AnyFuture is how statements and sheets name any application that may be
// registered later. It is no name that an application can have.
const AnyFuture = "any future application"

// LiveExpectations is a list with the sheet loaded and the place of everything.
type LiveExpectations struct {
	*Expectations
	Place     string   // file:line of the document
	Places    []string // file:line of each statement
	SheetFile string   // path in the tree; empty for none
	SheetCSV  []byte   // what [access.ParseSheet] reads
}

// The statements, as `must:` spells them.
var musts = []string{
	string(access.MustNever), string(access.MustObtain), string(access.MustOnly), string(access.MustExactly), string(access.MustNobodyBut),
}

// expectations checks the form of a list. That something it names is not in the
// tree is a warning here: the list is not what is wrong with a tree then, and
// whoever judges it says that it fails.
func (c *checker) expectations(at spot, e *Expectations) {
	live := &LiveExpectations{Expectations: e, Place: placeOf(at)}
	c.snapshot.Expectations[e.Name] = live
	c.required(at, "owner", e.Owner)
	c.unmet(at.at("server"), "authorization server", e.Server, c.names(KindServer))
	if e.Sheet == "" && len(e.Statements) == 0 {
		c.fail(at, finding{FieldRequired, "this list of expectations states nothing", "add statements: or sheet:"})
	}
	if e.Sheet != "" {
		c.sheet(at, live)
	}
	for i := range e.Statements {
		s := &e.Statements[i]
		place := at.at("statements", i)
		live.Places = append(live.Places, placeOf(place))
		s.Server, s.Reason = or(s.Server, e.Server), or(s.Reason, e.Reason)
		c.statement(place, s)
	}
}

func placeOf(at spot) string {
	if at.node == nil {
		return at.file
	}
	return fmt.Sprintf("%s:%d", at.file, at.node.Line)
}

func (c *checker) statement(at spot, s *StatementSpec) {
	c.required(at, "reason", s.Reason)
	if !c.required(at, "must", s.Must) || !c.oneOf(at.at("must"), "statement", s.Must, musts...) {
		return
	}
	if wrong := s.misshapen(at); len(wrong) > 0 {
		for _, w := range wrong {
			c.fail(at.at(w.key), finding{ExpectationInvalid, w.what, w.fix})
		}
		return
	}
	if len(s.Operations) == 0 || s.Scope != "" {
		if s.Server == "" {
			c.fail(at, finding{FieldRequired, "the statement does not say of which authorization server the scopes are", "add server: here, or to the whole list"})
		}
		c.unmet(at.at("server"), "authorization server", s.Server, c.names(KindServer))
	}
	c.once(at.at("scopes"), s.Scopes, "scope")
	c.once(at.at("operations"), s.Operations, "operation")
	c.once(at.at("applications"), s.Applications, "application")
	c.statementNames(at, s)
}

// misshape is a key that a statement has or lacks.
type misshape struct{ key, what, fix string }

// misshapen tells where a statement says too little or too much.
func (s *StatementSpec) misshapen(at spot) (wrong []misshape) {
	add := func(key, what, fix string) { wrong = append(wrong, misshape{key, what, fix}) }
	opens := s.Scope != ""
	nobody := s.Must == string(access.MustNobodyBut)
	rest := s.Must == string(access.MustOnly) || s.Must == string(access.MustExactly)
	switch {
	case opens && s.Must != string(access.MustExactly):
		add("scope", "scope: says which operations a scope opens, and only must: exactly does that", "write scopes: instead")
	case opens && (s.Application != "" || at.has("applications") || at.has("scopes")):
		add("scope", "which operations a scope opens is not about applications or other scopes", "keep scope: and operations: alone")
	case opens && !at.has("operations"):
		add("scope", "the statement does not say what the scope opens", "add operations:; [] is none")
	case opens:
	case nobody && s.Application != "":
		add("application", "must: nobody-but is about a list of applications", "write applications:; [] is nobody at all")
	case nobody && !at.has("applications"):
		add("must", "the statement does not say who may", "add applications:; [] is nobody at all")
	case nobody && slices.Contains(s.Applications, AnyFuture):
		add("applications", "any future application cannot be among those that may", "name applications that there are")
	case !nobody && at.has("applications"):
		add("applications", fmt.Sprintf("must: %s is about one application", s.Must), "write application:")
	case !nobody && s.Application == "":
		add("must", "the statement does not say which application it is about", "add application:, a name or "+AnyFuture)
	}
	switch scopes, operations := at.has("scopes"), at.has("operations"); {
	case opens:
	case scopes && operations:
		add("operations", "the statement is about scopes and about operations", "make two statements of it")
	case !scopes && !operations:
		add("must", "the statement is about nothing", "add scopes: or operations:")
	case !rest && len(s.Scopes) == 0 && len(s.Operations) == 0:
		add("must", "the statement names no scope and no operation, so it says nothing", "name one")
	}
	return wrong
}

// statementNames warns of what is not in the tree.
func (c *checker) statementNames(at spot, s *StatementSpec) {
	applications := append(c.names(KindApplication), AnyFuture)
	c.unmet(at.at("application"), "application", s.Application, applications)
	for i, name := range s.Applications {
		c.unmet(at.at("applications", i), "application", name, applications)
	}
	if server := c.snapshot.Servers[s.Server]; server != nil {
		known := scopeNames(server.Server)
		c.unmet(at.at("scope"), "scope", s.Scope, known)
		for i, name := range s.Scopes {
			c.unmet(at.at("scopes", i), "scope", name, known)
		}
	}
	operations := c.operations()
	for i, name := range s.Operations {
		c.unmet(at.at("operations", i), "operation", name, operations)
	}
}

// operations names those of all APIs, as api/operationId.
func (c *checker) operations() []string {
	if c.operationNames == nil {
		c.operationNames = []string{}
		for _, name := range slices.Sorted(maps.Keys(c.snapshot.APIs)) {
			if table := c.snapshot.APIs[name].Table; table != nil {
				for _, o := range table.Operations() {
					c.operationNames = append(c.operationNames, name+"/"+string(o.ID))
				}
			}
		}
	}
	return c.operationNames
}

// unmet warns of a name that the tree does not have.
func (c *checker) unmet(at spot, what, name string, known []string) {
	if name == "" || slices.Contains(known, name) || c.tree.lost || c.full {
		return
	}
	c.warn(at, finding{ExpectationUnmet, fmt.Sprintf("the tree has no %s %q, so what is expected of it fails", what, name), suggest(name, known)})
}

// sheet loads the spreadsheet and tells every mistake in it at its row.
func (c *checker) sheet(at spot, live *LiveExpectations) {
	c.required(at, "server", live.Server)
	c.required(at, "reason", live.Reason)
	file, sheet, found := c.file(at, "sheet", live.Sheet)
	if !found {
		return
	}
	live.SheetFile, live.SheetCSV = file, sheet
	cells, err := access.ParseSheet(sheet, live.Owner)
	for _, mistake := range mistakes(err) {
		what := mistake.What
		if mistake.Column > 0 {
			what = fmt.Sprintf("column %d: %s", mistake.Column, what)
		}
		c.add(Problem{Severity: Error, Code: SheetInvalid, File: file, Line: mistake.Row, Column: 1, What: what, Fix: "the first row names scopes, each other one an application and yes, no or nothing"})
	}
	c.sheetNames(file, live, cells)
}

func mistakes(err error) (all []*access.SheetMistake) {
	if many, joined := err.(interface{ Unwrap() []error }); joined {
		for _, one := range many.Unwrap() {
			all = append(all, mistakes(one)...)
		}
		return all
	}
	if one := (*access.SheetMistake)(nil); errors.As(err, &one) {
		all = append(all, one)
	}
	return all
}

// sheetNames warns once of each name in a sheet that the tree does not have.
func (c *checker) sheetNames(file string, live *LiveExpectations, cells []access.Expectation) {
	applications := append(c.names(KindApplication), AnyFuture)
	told := map[string]bool{}
	warn := func(place, what, name string, known []string) {
		if key := what + " " + name; !told[key] && !slices.Contains(known, name) && !c.tree.lost && !c.full {
			told[key] = true
			c.add(Problem{
				Severity: Warning, Code: ExpectationUnmet, File: file, Line: rowOf(place), Column: 1,
				What: fmt.Sprintf("the tree has no %s %q, so what is expected of it fails", what, name), Fix: suggest(name, known),
			})
		}
	}
	server := c.snapshot.Servers[live.Server]
	for _, cell := range cells {
		warn(cell.Place, "application", string(cell.Application), applications)
		if server != nil {
			warn("row 1,", "scope", string(cell.Scopes[0]), scopeNames(server.Server))
		}
	}
}

// rowOf reads the row of a place in a sheet.
func rowOf(place string) int {
	row := 0
	text, _, _ := strings.Cut(place, ",")
	if _, err := fmt.Sscanf(text, "row %d", &row); err != nil {
		return 1
	}
	return row
}
