package console

import (
	"slices"
	"strings"

	"sallyport/pure/rival"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/service/operator"
	"sallyport/web/design"
)

const (
	// groupRows is how many groups a page shows, and groupsLooked how many are looked
	// at for those that wait: no index knows them.
	groupRows    = 25
	groupsLooked = 100
	// maxGroup is how long the name of a group is.
	maxGroup = 64
)

// duplicates lists records that claim one identifier, group by group.
func (x *exchange) duplicates() {
	m := x.askedMigration()
	if m == nil {
		return
	}
	q := x.r.URL.Query()
	after, show, limit := q.Get("after"), q.Get("show"), groupRows
	if len(after) > maxGroup {
		x.missing()
		return
	}
	if show != "all" {
		limit = groupsLooked
	}
	groups, next, err := x.cfg.Intake.Rivals(x.r.Context(), x.live.ID, m.Name, after, limit)
	if err != nil {
		x.failed(err)
		return
	}
	if show != "all" {
		groups = slices.DeleteFunc(groups, func(g intake.RivalGroup) bool { return !g.Open() })
	}
	if len(groups) > groupRows {
		groups = groups[:groupRows]
		next = groups[groupRows-1].ID
	}
	sum, ok := x.summed(m.Name)
	if !ok || !x.sawGroups(m.Name, groups) {
		return
	}
	s := x.aboutMigration(m.Name, "duplicates", "Duplicates of "+m.Name)
	pager := x.pager("after", next, "Back", "Next")
	s.Parts = []part{
		sum,
		{Filter: &filter{Button: "Show", Fields: []design.Field{{Name: "show", Label: "Groups", Value: show, Options: []design.Option{{Label: "that wait"}, {Value: "all", Label: "all"}}}}}},
		{Table: x.groupTable(m.Name, groups, show, next), Pager: &pager},
	}
	x.show(s)
}

// sawGroups records that somebody was shown who claims what.
func (x *exchange) sawGroups(migration string, groups []intake.RivalGroup) bool {
	detail, records := map[string]any{"migration": migration, "state": "duplicates"}, 0
	for i := range groups {
		records += len(groups[i].Claimants)
	}
	if len(groups) == 1 {
		detail["group"] = groups[0].ID
	}
	detail["records"] = records
	return records == 0 || x.record(audit.Entry{Type: audit.RecordsViewed, Detail: detail})
}

func (x *exchange) groupTable(migration string, groups []intake.RivalGroup, show, next string) *design.Table {
	t := &design.Table{Columns: design.Columns("Claimed", "By", "Proved by", "Decision")}
	switch {
	case next != "":
		t.Empty = design.Empty{What: "None of these waits for a decision; the next page may have some."}
	case show == "all" || x.r.URL.Query().Get("after") != "":
		t.Empty = design.Empty{What: "There are no more groups.", Do: "An import finds them: records that claim what others claim too."}
	default:
		t.Empty = design.Empty{What: "No group waits for a decision.", Do: "Those that were decided are among all groups."}
	}
	for i := range groups {
		g := &groups[i]
		row := design.Row{URL: x.here("migrations", migration, "duplicates", g.ID), Cells: []design.Cell{
			design.Text(spelledBy(g)), claimantsCell(g), design.Text(proofWords(g)), decisionCell(g),
		}}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// spelledBy is the identifier, as the first of them writes it.
func spelledBy(g *intake.RivalGroup) string {
	for _, c := range g.Claimants {
		if c.Spelled != "" {
			return c.Spelled
		}
	}
	return g.ID
}

// shownClaimants is how many of a group a list names.
const shownClaimants = 3

func claimantsCell(g *intake.RivalGroup) (cell design.Cell) {
	for i, c := range g.Claimants {
		if i == shownClaimants {
			cell.List = append(cell.List, design.Cell{Note: "and " + grouped(int64(len(g.Claimants)-i)) + " more"})
			break
		}
		if c.Here() {
			cell.List = append(cell.List, design.Cell{Text: "a customer here", Note: c.Name})
			continue
		}
		cell.List = append(cell.List, design.Cell{Text: c.Key, Code: true, Note: c.Name})
	}
	return cell
}

// proofWords say who proved the identifier.
func proofWords(g *intake.RivalGroup) string {
	class := g.Class()
	for end, words := range map[string]string{
		"-customer-here": "a customer who is here has it", "-all-verified": "all of them", "-one-verified": "one of them", "-some-verified": "some of them", "-none-verified": "nobody",
	} {
		if strings.HasSuffix(class, end) {
			return words
		}
	}
	return class
}

func decisionCell(g *intake.RivalGroup) design.Cell {
	switch {
	case carriedOut(g):
		return design.Cell{Mark: design.Good("Carried out"), Note: decisionWords(*g.Decision)}
	case g.Decision != nil:
		return design.Cell{Mark: design.Good("Decided"), Note: decisionWords(*g.Decision)}
	case g.Open():
		return design.Cell{Mark: design.Warning("Waits"), Note: "suggested: " + decisionWords(g.Suggested)}
	}
	return design.Cell{Mark: design.Plain("Settled"), Note: "by the order in which they came"}
}

// decisionWords are a decision in few words.
func decisionWords(d rival.Decision) string {
	text := strings.ToLower(actionWords[d.Do].label)
	switch {
	case d.Into != "":
		text += ", " + d.Into
	case d.Keeps != "":
		text += "; " + d.Keeps + " keeps it"
	}
	if d.Reason != "" {
		text += ": " + string(d.Reason)
	}
	return text
}

// mayDecide tells whether the operator decides on duplicates.
func (x *exchange) mayDecide() bool { return x.who.May(operator.RunMigration, x.place()) }
