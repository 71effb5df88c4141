package console

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/expect"
	"sallyport/pure/review"
	"sallyport/service/promotion"
	"sallyport/web/design"
)

// reviewSections are headed as below, in this order.
var reviewSections = [...]struct {
	section     review.Section
	heading, id string
	none        string
}{
	{review.Widening, "Somebody can have more", "widening", "Nobody can get more than before."},
	{review.Credentials, "Who is taken for whom", "credentials", ""},
	{review.Narrowing, "Somebody can have less", "narrowing", ""},
	{review.Neutral, "Nobody has more or less by this", "neutral", ""},
}

// reviewParts are the lines of a review, section by section, those that widen first.
func (x *exchange) reviewParts(c *promotion.Shown, judged *judgements) []part {
	var parts []part
	if c.Counts.Partial {
		parts = append(parts, part{Note: &design.Note{Mark: design.Warning("Counted in part"), Text: "Customers are in too many different sets of groups to count them all: there may be more than told."}})
	}
	for _, section := range reviewSections {
		p := part{Heading: section.heading, ID: section.id}
		more := 0
		for i := range c.Review.Lines {
			if l := &c.Review.Lines[i]; l.Section == section.section {
				if len(p.Changes) == maxChanges {
					more++
					continue
				}
				p.Changes = append(p.Changes, reviewLine(l, judged))
			}
		}
		if more > 0 {
			p.Empty = &design.Empty{What: fmt.Sprintf("%d more are not shown.", more), Do: "sallyport change show " + x.values["change"] + " --json"}
		}
		if len(p.Changes) == 0 {
			if section.none == "" || c.Review.Lines == nil && !c.Review.Passed() {
				continue
			}
			p.Empty = &design.Empty{What: section.none}
		}
		parts = append(parts, p)
	}
	return parts
}

// reviewLine is one line with what a decision needs to know of it. judged may be nil.
func reviewLine(l *review.Line, judged *judgements) design.Change {
	line := design.Change{Kind: design.Changed, Text: l.Headline(), Facts: lineFacts(l)}
	switch {
	case l.Widens:
		line.Kind = design.Added
	case l.Section == review.Narrowing:
		line.Kind = design.Removed
	}
	if judged != nil && len(l.Who) > 0 {
		line.Facts = append(line.Facts, facts(design.Fact{Name: "Expected", Cell: judged.expectedOf(l)})...)
	}
	return line
}

// lineFacts takes a line of access apart: who, what it was, what it opens, why. What
// other lines say stands in their sentences.
func lineFacts(l *review.Line) []design.Fact {
	var who, opens []design.Cell
	for _, w := range l.Who {
		cell := design.Text(w.Text)
		if w.Customers != nil {
			cell.Note = customersNow(w)
		}
		who = append(who, cell)
	}
	if len(who) == 0 && len(l.Opens)+len(l.Data)+len(l.Claims)+len(l.Causes) == 0 {
		return nil
	}
	for _, o := range l.Opens {
		opens = append(opens, design.Code(o.String()))
	}
	example := ""
	if l.Widens {
		example = l.Example()
	}
	all := []design.Fact{listed("Who", who)}
	if len(who) > 0 {
		all = append(all, listed("Opens", opens))
	}
	return facts(append(
		all, fact("Data", strings.Join(l.Data, ", ")), fact("Claims", strings.Join(l.Claims, ", ")),
		fact("Because", strings.Join(l.Causes, "; ")), fact("For example", example),
	)...)
}

// listed is a fact of one thing or several.
func listed(name string, all []design.Cell) design.Fact {
	if len(all) == 1 {
		return design.Fact{Name: name, Cell: all[0]}
	}
	return design.Fact{Name: name, Cell: design.Cell{List: all}}
}

// customersNow tells how many customers a population has: at most, where more than
// groups decides.
func customersNow(p review.Population) string {
	word := "about"
	if len(p.Has) > 0 || p.From != nil || len(p.When) > 0 || p.OlderThan > 0 || p.NoOlderThan > 0 {
		word = "at most"
	}
	noun := "customers"
	if *p.Customers == 1 {
		noun = "customer"
	}
	return fmt.Sprintf("%s %s %s now", word, grouped(*p.Customers), noun)
}

// judgedOf holds what a change leads to to the expectations; nil of what has ended,
// or cannot be compiled.
func (x *exchange) judgedOf(c *promotion.Shown) (*judgements, error) {
	if c.After == nil || !waits(c) {
		return nil, nil
	}
	return x.judge(c.After)
}

// expectedOf tells whether people wrote down that what a line says should be so.
func (j *judgements) expectedOf(l *review.Line) design.Cell {
	var against []design.Cell
	untested := 0
	for _, scope := range l.Scopes {
		name := cellName{l.Server, l.Application, scope}
		if j.untested[name] {
			untested++
		}
		for _, v := range j.wrong[name] {
			against = append(against, design.Cell{Mark: design.Bad("Against"), Note: v.Statement.String() + " (" + v.Statement.Place + ")"})
		}
	}
	switch {
	case len(against) > 0 && l.Widens:
		return design.Cell{List: slices.CompactFunc(against, func(a, b design.Cell) bool { return a.Note == b.Note })}
	case !j.stated || len(l.Scopes) == 0 || len(against) > 0:
		return design.Cell{}
	case untested > 0:
		return design.Cell{Mark: design.Waiting("Untested"), Note: "nobody wrote down whether this should be so"}
	}
	return design.Cell{Mark: design.Good("As expected")}
}

// gateNames are the gates as pages name them; others go by their own names.
var gateNames = map[string]string{
	"valid": "Valid", "reviewable": "Reviewable", "expectations": "Expectations", "maturity": "Maturity", "token-size": "Size of tokens",
	"scope-budget": "Budget of scopes", "attributes": "Attributes", "names": "Names", "not-drifted": "Nothing else came between",
	"as-reviewed": "As reviewed", "approvals": "Approvals",
}

// gateParts tell what the change must pass, first what stops it; of what has ended
// there is nothing to tell.
func gateParts(c *promotion.Shown, judged *judgements) []part {
	if !waits(c) {
		return nil
	}
	var stopped, passed []step
	for _, g := range c.Review.Gates {
		s := step{Mark: design.Good("Passed"), Name: g.Name, Text: g.Text}
		if name := gateNames[g.Name]; name != "" {
			s.Name = name
		}
		if g.Passed {
			passed = append(passed, s)
			continue
		}
		s.Mark, s.Facts = design.Bad("Stopped"), facts(fact("To do", g.Fix))
		switch {
		case g.Name == promotion.GateApprovals:
			s.Mark = design.Waiting("Waits")
		case g.Name == expect.GateName && judged != nil && len(judged.unmet) > 0:
			s.Text, s.Steps = fmt.Sprintf("%d not met", len(judged.unmet)), unmetSteps(judged.unmet)
		}
		stopped = append(stopped, s)
	}
	return []part{{Heading: "What it must pass", ID: "gates", Steps: append(stopped, passed...)}}
}

// maxUnmet is how many statements a page tells that are not met.
const maxUnmet = 12

// unmetSteps tell which statements are not met, with whom to ask.
func unmetSteps(unmet []expect.Verdict) (steps []step) {
	for _, v := range unmet[:min(len(unmet), maxUnmet)] {
		steps = append(steps, step{Text: v.Statement.String(), Facts: facts(
			fact("Because", v.Statement.Reason), fact("Ask", v.Statement.Owner), fact("Written in", v.Statement.Place),
		)})
	}
	if more := len(unmet) - maxUnmet; more > 0 {
		steps = append(steps, step{Text: fmt.Sprintf("and %d more", more)})
	}
	return steps
}
