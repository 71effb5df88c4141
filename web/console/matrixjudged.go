package console

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/expect"
	"sallyport/web/design"
)

// judgements is what the expectations of a snapshot say of the cells of its
// matrices.
type judgements struct {
	wrong    map[cellName][]expect.Verdict
	untested map[cellName]bool
	cells    map[string]int // of each server
	missing  map[string]int // of these, untested
	failed   map[string]int // statements, by server; "" for those of no server's scopes
	unmet    []expect.Verdict
	stated   bool // somebody expects something
}

// cellName names a cell. The application is empty for any future one.
type cellName struct {
	server      string
	application access.ApplicationID
	scope       access.Scope
}

// judged holds the snapshot to its expectations, once.
func (x *exchange) judged(s *config.Snapshot) (*judgements, error) {
	x.proofs.mu.Lock()
	kept := x.proofs.judged[s]
	x.proofs.mu.Unlock()
	if kept != nil {
		return kept, nil
	}
	j, err := x.judge(s)
	if err != nil {
		return nil, err
	}
	x.proofs.mu.Lock()
	defer x.proofs.mu.Unlock()
	if len(x.proofs.judged) >= maxProofs || x.proofs.judged == nil {
		x.proofs.judged = map[*config.Snapshot]*judgements{}
	}
	x.proofs.judged[s] = j
	return j, nil
}

// judge is judged for a snapshot that nobody will ask for again.
func (x *exchange) judge(s *config.Snapshot) (*judgements, error) {
	verdicts, err := expect.Judge(s, expect.Options{From: x.cfg.Now()})
	if err != nil {
		return nil, err
	}
	j := &judgements{
		wrong: map[cellName][]expect.Verdict{}, untested: map[cellName]bool{}, cells: map[string]int{}, missing: map[string]int{}, failed: map[string]int{},
		stated: len(verdicts) > 0,
	}
	for _, v := range verdicts {
		j.add(v)
	}
	for _, c := range expect.Cover(s) {
		j.cells[c.Server], j.missing[c.Server] = c.Cells, len(c.Untested)
		for _, u := range c.Untested {
			j.untested[cellName{c.Server, rowOf(u.Application), u.Scope}] = true
		}
	}
	return j, nil
}

// rowOf is how the matrix names an application that an expectation names.
func rowOf(application string) access.ApplicationID {
	if application == config.AnyFuture {
		return ""
	}
	return access.ApplicationID(application)
}

func (j *judgements) add(v expect.Verdict) {
	if v.Holds() {
		return
	}
	j.failed[v.Statement.Server]++
	j.unmet = append(j.unmet, v)
	for _, f := range v.Failures {
		if f.Scope == "" || f.Application == "" {
			continue
		}
		server := f.Server
		if server == "" {
			server = v.Statement.Server
		}
		cell := cellName{server, rowOf(f.Application), f.Scope}
		if !slices.ContainsFunc(j.wrong[cell], func(w expect.Verdict) bool { return w.Statement.Place == v.Statement.Place }) {
			j.wrong[cell] = append(j.wrong[cell], v)
		}
	}
}

// state is what a cell is like, by the names of the filter.
type state string

const (
	stateGranted     state = "granted"
	stateConditional state = "conditional"
	stateDenied      state = "denied"
	stateWrong       state = "wrong"
	stateUntested    state = "untested"
)

var states = []state{stateGranted, stateConditional, stateDenied, stateWrong, stateUntested}

// is tells whether a cell is like that; a cell is several things at once.
func (j *judgements) is(s state, name cellName, c access.Cell) bool {
	switch s {
	case stateGranted:
		return c.Obtainable == access.Always
	case stateConditional:
		return c.Obtainable == access.Conditional
	case stateDenied:
		return c.Obtainable == access.Never
	case stateWrong:
		return len(j.wrong[name]) > 0
	case stateUntested:
		return j.untested[name]
	}
	return true
}

// mark is a cell as it is shown: first whether it is wrong, then whether nobody
// spoke of what can be had; dotted, whether it depends. What nobody can see is
// said in words.
func (j *judgements) mark(name cellName, c access.Cell) design.MatrixCell {
	shown := design.MatrixCell{Mark: marks[c.Obtainable], Dotted: c.Obtainable == access.Conditional, Wrong: len(j.wrong[name]) > 0}
	switch {
	case shown.Wrong:
		shown.Mark.Tone, shown.Mark.Mark, shown.Note = "bad", "■", "against what is expected"
	case !j.stated || !j.untested[name]:
	case c.Obtainable != access.Never:
		shown.Mark.Tone, shown.Mark.Mark, shown.Note = "pending", "◔", "untested"
	default:
		shown.Note = "untested"
	}
	return shown
}

// tiles are the figures above a matrix.
func (x *exchange) matrixTiles(j *judgements, server string) []design.Tile {
	violations := design.Tile{Label: "Violations", Value: grouped(int64(j.failed[server])), Note: "of what is expected of this server's scopes"}
	if j.failed[server] > 0 {
		violations.Mark, violations.URL = design.Bad("Violations"), query(x.r.URL.Path, "state", string(stateWrong))
	}
	untested := design.Tile{Label: "Untested", Value: grouped(int64(j.missing[server])), Note: "of " + grouped(int64(j.cells[server])) + " cells; nobody said what they should be"}
	if j.missing[server] > 0 {
		untested.URL = query(x.r.URL.Path, "state", string(stateUntested))
	}
	return []design.Tile{
		violations, untested,
		{Label: "Proven", Value: "now", Note: fmt.Sprintf("of revision %d as this page was opened", x.live.Snapshot().Revision)},
	}
}

// expected lists what somebody expects of a cell that is against it.
func (j *judgements) expected(name cellName) part {
	p := part{}
	for _, v := range j.wrong[name] {
		s := v.Statement
		line := step{Mark: design.Bad("Wrong"), Name: s.List, Text: string(s.Must) + " – " + s.Reason + " (" + s.Owner + ", " + s.Place + ")"}
		for _, f := range v.Failures {
			if f.Scope == name.scope && rowOf(f.Application) == name.application {
				line.Steps = append(line.Steps, step{Text: f.Text + ". " + f.Fix})
			}
		}
		p.Steps = append(p.Steps, line)
	}
	if len(p.Steps) > 0 {
		p.Heading = "Against what is expected"
	} else if j.stated && j.untested[name] {
		p.Note = &design.Note{Mark: design.Waiting("Untested"), Text: "Nobody has said whether this should be so."}
	}
	return p
}

// narrowed leaves the rows and columns that hold a cell of the state asked for.
func (v view) narrowed(j *judgements, server string, rows []access.Row, m *access.Matrix, columns []int) ([]access.Row, []int) {
	if v.state == "" {
		return rows, columns
	}
	used := map[int]bool{}
	rows = slices.DeleteFunc(rows, func(r access.Row) bool {
		none := true
		for _, i := range columns {
			if j.is(v.state, cellName{server, r.Application, m.Scopes[i]}, r.Cells[i]) {
				used[i], none = true, false
			}
		}
		return none
	})
	return rows, slices.DeleteFunc(slices.Clone(columns), func(i int) bool { return !used[i] })
}

// cellStateOf reads a state from an address; empty for none.
func cellStateOf(text string) state {
	if s := state(strings.ToLower(text)); slices.Contains(states, s) {
		return s
	}
	return ""
}
