package console

import (
	"fmt"
	"strings"

	"sallyport/pure/board"
	"sallyport/service/promotion"
	"sallyport/web/design"
)

// fateMarks are what becomes of scopes, as pages say it.
var fateMarks = map[board.Fate]design.Mark{
	board.New: design.Waiting("New"), board.Renamed: design.Waiting("Renamed"), board.Changed: design.Waiting("Changed"), board.Removed: design.Plain("Removed"),
}

// boardParts are what those who answer for scopes must see of a change; none if it
// concerns no scope.
func boardParts(c *promotion.Shown) []part {
	if c.Board == nil {
		return nil
	}
	p := part{Heading: "New and changed scopes", ID: "board", Lead: "What a scope opens, who gains it, and what else: for whoever answers for scopes."}
	for i := range c.Board.Scopes {
		s := &c.Board.Scopes[i]
		line := step{Mark: fateMarks[s.Fate], Name: string(s.Name), Text: "of " + s.Server}
		for _, fact := range s.Told() {
			if fact.Doubt {
				line.Steps = append(line.Steps, step{Mark: design.Warning("Look"), Name: fact.What, Text: strings.Join(fact.Lines, "; ")})
				continue
			}
			line.Facts = append(line.Facts, factOf(fact))
		}
		p.Steps = append(p.Steps, line)
	}
	sizes := &design.Table{Columns: []design.Column{{Label: "Server"}, {Label: "Scopes"}, {Label: "Application"}, {Label: "Longest token"}}}
	for i := range c.Board.Servers {
		s := &c.Board.Servers[i]
		if len(s.Sizes) == 0 {
			sizes.Rows = append(sizes.Rows, design.Row{Cells: []design.Cell{design.Text(s.Name), design.Text(s.Told()), design.Text(""), design.Text("as before")}})
		}
		for j := range s.Sizes {
			sizes.Rows = append(sizes.Rows, design.Row{Cells: []design.Cell{design.Text(s.Name), design.Text(s.Told()), design.Text(s.Sizes[j].Application), design.Text(s.Sizes[j].Told())}})
		}
	}
	return []part{p, {Heading: "What that makes of servers and tokens", ID: "board-sizes", Table: sizes}}
}

func factOf(f board.Fact) design.Fact {
	cell := design.Cell{}
	for _, line := range f.Lines {
		cell.List = append(cell.List, design.Text(strings.TrimSpace(line)))
	}
	return design.Fact{Name: strings.ToUpper(f.What[:1]) + f.What[1:], Cell: cell}
}

// namesIn reads names that are parted by spaces or commas, up to maxWords of them.
func namesIn(text string) ([]string, error) {
	all := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' })
	if len(all) > maxWords {
		return nil, fmt.Errorf("name no more than %d", maxWords)
	}
	return all, nil
}

// maxWords is how many applications, rules or operations one form may name.
const maxWords = 50
