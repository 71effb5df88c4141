package access

import "slices"

// What attribution may cost. Beyond it a change stays without causes.
const (
	maxTrials = 100_000 // decisions
	maxDrafts = 1_000   // models
)

// attribute finds the edits, and for each change those that caused it.
func (c *comparison) attribute(d *Difference, o DiffOptions) {
	d.Edits = c.edits()
	a := &attribution{comparison: c, edits: d.Edits, drafts: make([]*Model, len(d.Edits))}
	caused := make([]bool, len(d.Edits))
	for i := range d.Changes {
		d.Changes[i].Causes = a.causes(&d.Changes[i])
		for _, e := range d.Changes[i].Causes {
			caused[e] = true
		}
	}
	for i := range d.Edits {
		d.Edits[i].Meaningless = !caused[i] && a.meaningless(i, o)
	}
}

type attribution struct {
	comparison *comparison
	edits      []Edit
	drafts     []*Model // without one edit each, once needed
	trials     int
	built      int
}

// causes leaves out one edit after the other. With a single edit, nothing is left
// but the model before.
func (a *attribution) causes(change *Change) []int {
	if len(a.edits) == 1 {
		return []int{0}
	}
	var needed []int
	for i, e := range a.edits {
		if !e.concerns(change) {
			continue
		}
		if a.trials++; a.trials > maxTrials {
			return nil
		}
		m := a.draft(i)
		if m == nil {
			return nil
		}
		if change.undone(m) {
			needed = append(needed, i)
		}
	}
	if needed == nil {
		return a.sufficient(change)
	}
	return needed
}

// sufficient undoes edits as long as the change stays, and gives those that are
// left.
func (a *attribution) sufficient(change *Change) []int {
	var left []int
	var undo []Edit
	for i, e := range a.edits {
		if !e.concerns(change) {
			continue
		}
		if a.built++; a.built > maxDrafts {
			return nil
		}
		if m := a.comparison.without(append(slices.Clone(undo), e)...); change.undone(m) {
			left = append(left, i)
		} else {
			undo = append(undo, e)
		}
	}
	return left
}

func (a *attribution) draft(i int) *Model {
	if a.drafts[i] == nil {
		if a.built++; a.built > maxDrafts {
			return nil
		}
		a.drafts[i] = a.comparison.without(a.edits[i])
	}
	return a.drafts[i]
}

// concerns reports whether an edit can have to do with a change at all.
func (e Edit) concerns(change *Change) bool {
	switch e.Kind {
	case EditApplication:
		return e.Application == change.Application && change.Kind != OtherExcess
	case EditExcess:
		return change.Kind == OtherExcess
	}
	return change.Kind != OtherExcess
}

// undone reports whether a model decides the witness as it was before, in what
// the change is about.
func (change *Change) undone(m *Model) bool {
	if change.Kind == OtherExcess {
		return true
	}
	d := m.ask(change.Application, change.Witness, false)
	granted := d.Allowed && len(d.Refused) == 0
	app := m.applications[change.Application]
	refresh := app != nil && app.grants&refreshGrant != 0
	switch change.Kind {
	case NewAccess, WiderAccess, WeakerAssurance, OlderSignIn:
		return !granted
	case LostAccess, NarrowerAccess, StrongerAssurance, FresherSignIn:
		return granted
	case LongerAccess, LongerRefresh, LongerIdle, HigherRate:
		return !granted || gives(d.Lifetimes, d.Rate, refresh)[change.measure()] <= change.from()
	case ShorterAccess, ShorterRefresh, ShorterIdle, LowerRate:
		return granted && gives(d.Lifetimes, d.Rate, refresh)[change.measure()] >= change.from()
	}
	return slices.Equal(d.Granted, change.Before.Granted) && d.Lifetimes == change.Before.Lifetimes && d.Rate == change.Before.Rate
}

// meaningless compares with what would be without the edit.
func (a *attribution) meaningless(i int, o DiffOptions) bool {
	if len(a.edits) == 1 && a.edits[i].Kind != EditServer {
		return true // there is no change at all, or it would be its cause
	}
	m := a.draft(i)
	if m == nil {
		return false
	}
	c, err := newComparison(m, a.comparison.models[is], o)
	if err != nil {
		return false
	}
	for _, p := range c.pairings {
		if c.compare(p) != nil || len(c.changes) > 0 {
			return false
		}
	}
	c.excess()
	return len(c.changes) == 0
}
