package console

import (
	"fmt"
	"strconv"

	"sallyport/pure/assess"
	"sallyport/web/design"
)

// weights are the marks of gaps.
var weights = map[assess.Weight]design.Mark{
	assess.Blocks: design.Bad("Blocks"), assess.Decides: design.Warning("To decide"), assess.Notes: design.Plain("To know"),
}

// approaches say the proposal in words.
var approaches = map[assess.Approach]string{
	assess.BigBang: "All at once", assess.Phased: "In waves, by the export", assess.JITBulk: "At sign-in first, then by the export",
}

// reportParts are a report as parts of a page: what has to be decided first.
func reportParts(r *assess.Report) []part {
	return []part{
		{Tiles: []design.Tile{
			{Label: "Records", Value: grouped(r.Records.Total), Note: grouped(r.Records.Held) + " held, " + grouped(r.Records.Dropped) + " dropped"},
			{Mark: design.Good("By what they have"), Value: grouped(r.Ways.Password + r.Ways.Passkey), Note: "come in on the first day"},
			{Mark: design.Waiting("Choose a password"), Value: grouped(r.Ways.Reset)},
			{Mark: design.Warning("Need help"), Value: grouped(r.Ways.Stuck)},
			{Label: "Only by another provider", Value: grouped(r.Ways.Elsewhere)},
			{Label: "Lose their second factor", Value: grouped(r.Factors.Lose), Note: "of " + grouped(r.Factors.People)},
		}},
		{Heading: "Proposal: " + approaches[r.Proposal.Approach], Lead: "Each sentence names the rule that led to it.", Steps: proposalSteps(r)},
		{Heading: "Gaps", Table: gapsTable(r)},
		{Heading: "Waves", Table: wavesTable(r)},
		{Heading: "Passwords", Table: schemesTable(r)},
		{Heading: "Duplicates", Table: duplicatesTable(r)},
		{Heading: "Fields", Table: fieldsTable(r)},
		{Heading: "Held and dropped records", Table: reasonsTable(r)},
	}
}

func proposalSteps(r *assess.Report) (all []step) {
	for _, reason := range r.Proposal.Reasons {
		all = append(all, step{Text: reason.Text + " (" + reason.Rule + ")"})
	}
	return all
}

func gapsTable(r *assess.Report) *design.Table {
	t := &design.Table{
		Columns: []design.Column{{Label: "Gap"}, {Label: "Weight"}, {Label: "Count", Number: true}, {Label: "Owner"}, {Label: "What to do"}},
		Empty:   design.Empty{What: "None was found."},
	}
	for _, g := range r.Gaps {
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{design.Text(g.Title), design.State(weights[g.Weight]), design.Text(grouped(g.People)), design.Text(string(g.Owner)), design.Text(g.Do)}})
	}
	return t
}

func wavesTable(r *assess.Report) *design.Table {
	t := &design.Table{
		Columns: []design.Column{{Label: "Wave, by risk"}, {Label: "People", Number: true}, {Label: "What they notice"}, {Label: "Before it"}},
		Empty:   design.Empty{What: "Nobody can be moved yet."},
	}
	for _, w := range r.Proposal.Waves {
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{design.Text(w.Name), design.Text(grouped(w.People)), design.Text(w.Notice), design.Text(w.First)}})
	}
	return t
}

func schemesTable(r *assess.Report) *design.Table {
	t := &design.Table{
		Columns: []design.Column{{Label: "Scheme"}, {Label: "Records", Number: true}, {Label: "Here they are"}, {Label: "Costs"}},
		Empty:   design.Empty{What: "The export holds no password hash."},
	}
	for _, s := range r.Passwords.Schemes {
		costs := design.Cell{}
		for _, c := range s.Costs {
			costs.List = append(costs.List, design.Cell{Text: c.Name, Note: "× " + grouped(c.Records)})
		}
		name := design.Code(s.Name)
		if s.Name == "" {
			name = design.Text("not recognised")
		}
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{name, design.Text(grouped(s.Records)), design.Text(string(s.Portability)), costs}})
	}
	return t
}

func duplicatesTable(r *assess.Report) *design.Table {
	d := &r.Duplicates
	t := &design.Table{
		Columns: []design.Column{{Label: "Shared"}, {Label: "Groups", Number: true}, {Label: "Records", Number: true}, {Label: "For example"}},
		Empty:   design.Empty{What: "No two records claim the same."},
	}
	for _, kind := range []struct {
		name string
		is   assess.Group
	}{
		{"a key", d.Keys},
		{"an e-mail address, spelled alike", d.Same},
		{"an address that differs by case", d.Case},
		{"a mailbox, with tags", d.PlusTags},
		{"a mailbox but for dots (only told)", d.Dots},
		{"a proved address, under different names", d.Family},
		{"an address proved here and not there", d.Mixed},
		{"a phone number", d.Phones},
		{"a username", d.Usernames},
	} {
		if kind.is.Groups > 0 {
			t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{design.Text(kind.name), design.Text(grouped(kind.is.Groups)), design.Text(grouped(kind.is.Records)), examples(kind.is.Examples)}})
		}
	}
	return t
}

// examples are the keys of a few records.
func examples(all []assess.Example) design.Cell {
	cell := design.Cell{}
	for _, e := range all {
		one := design.Code(e.Key)
		if e.With > 0 {
			one.Note = "with row " + strconv.FormatInt(e.With, 10)
		} else if e.Row > 0 {
			one.Note = "row " + strconv.FormatInt(e.Row, 10)
		}
		cell.List = append(cell.List, one)
	}
	return cell
}

func fieldsTable(r *assess.Report) *design.Table {
	t := &design.Table{
		Columns: []design.Column{{Label: "Field"}, {Label: "Filled", Number: true}, {Label: "Different", Number: true}, {Label: "Looks like"}, {Label: "Becomes"}},
		Empty:   design.Empty{What: "The source says nothing that could be read."},
	}
	for _, f := range r.Fields {
		becomes := design.Text(f.To)
		if !f.Used {
			becomes = design.Cell{Note: "nothing: not mapped"}
		}
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{design.Code(f.Name), design.Text(ratio(f.Filled, r.Records.Total)), design.Text(grouped(f.Distinct)), {Text: f.Looks, Note: f.Personal}, becomes}})
	}
	return t
}

func reasonsTable(r *assess.Report) *design.Table {
	t := &design.Table{
		Columns: []design.Column{{Label: "Reason"}, {Label: "Records", Number: true}, {Label: "In words"}, {Label: "For example"}},
		Empty:   design.Empty{What: "Every record can be taken."},
	}
	for _, list := range [][]assess.Reason{r.Held, r.Dropped} {
		for _, reason := range list {
			t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{design.Code(reason.Name), design.Text(grouped(reason.Records)), design.Text(reason.Detail), examples(reason.Examples)}})
		}
	}
	return t
}

// ratio is a part of a whole in hundredths.
func ratio(part, of int64) string {
	if of == 0 {
		return "0%"
	}
	return fmt.Sprintf("%.0f%%", float64(part)*100/float64(of))
}
