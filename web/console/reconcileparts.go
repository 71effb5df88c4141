package console

import (
	"maps"
	"slices"
	"strings"

	"sallyport/pure/drift"
	"sallyport/web/design"
)

func dangerMark(danger bool) design.Mark {
	if danger {
		return design.Bad("Dangerous")
	}
	return design.Plain("To know")
}

// driftTiles are the figures that say whether anybody has to do anything.
func driftTiles(records, differing int64, classes map[drift.Class]int64) []design.Tile {
	danger := int64(0)
	for class, n := range classes {
		if class.Dangerous() {
			danger += n
		}
	}
	tiles := []design.Tile{
		{Label: "Records", Value: grouped(records)},
		{Mark: differMark(differing, design.Warning("Differ")), Value: grouped(differing)},
		{Mark: differMark(danger, design.Bad("Dangerous")), Value: grouped(danger)},
	}
	if danger > 0 {
		tiles[2].Note = "somebody may come in who should not"
	}
	return tiles
}

// differMark is good where there is nothing of it.
func differMark(n int64, mark design.Mark) design.Mark {
	if n == 0 {
		return design.Good(mark.Word)
	}
	return mark
}

// driftParts are a report as parts of a page: what is dangerous first.
func driftParts(r *drift.Report) []part {
	classes := map[drift.Class]int64{}
	for i := range r.Findings {
		classes[r.Findings[i].Class] = r.Findings[i].Records
	}
	parts := []part{{Tiles: driftTiles(r.Records, r.Differing, classes)}, {Heading: "What differs", Table: findingsTable(r)}}
	if text := strings.Join(helps(r), "\n"); text != "" {
		parts = append(parts, part{Heading: "What helps", Listing: &design.Listing{Label: "Commands that help", Text: text}})
	}
	if t := driftFields(r); len(t.Rows) > 0 {
		parts = append(parts, part{Heading: "Fields", Lead: "Of people who have the field, by which side changed it since they came.", Table: t})
	}
	parts = append(parts, part{Heading: "Where the records are", Table: pairsTable(r)})
	if p := r.Probes; p != nil {
		parts = append(parts, part{Heading: "Asked at the running system", Facts: facts(
			fact("People", grouped(p.Asked)), fact("The same there", grouped(p.Same)), fact("Differ", grouped(p.Differ)),
			fact("Nobody there", grouped(p.Gone)), fact("Not answered", grouped(p.Silent)), design.Fact{Name: "Who", Cell: codes(p.Keys)},
		)})
	}
	if p := r.Registered; p != nil {
		parts = append(parts, part{
			Heading: "Registered while nobody could ask", Lead: "Whoever registers while the running system is away is looked up behind a reconciliation.",
			Facts: facts(
				fact("Known there, held as duplicates", grouped(p.Known)), fact("Not known there", grouped(p.Absent)), fact("Still open", grouped(p.Open)),
			),
		})
	}
	if r.Unmarked > 0 {
		parts = append(parts, part{Lead: many(r.Unmarked, "customer") + " came by an earlier release: of what differs nobody knows which side changed it."})
	}
	return parts
}

func findingsTable(r *drift.Report) *design.Table {
	t := &design.Table{
		Columns: []design.Column{{Label: "Difference"}, {Label: "Weight"}, {Label: "Records", Number: true}, {Label: "For example"}},
		Empty:   design.Empty{What: "Nothing differs."},
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{
			{Text: asSentence(f.Title)}, design.State(dangerMark(f.Danger)), design.Text(grouped(f.Records)), someKeys(f.Keys),
		}})
	}
	return t
}

// helps are the commands that help, each once.
func helps(r *drift.Report) (all []string) {
	for i := range r.Findings {
		for _, command := range r.Findings[i].Next {
			if !slices.Contains(all, command) {
				all = append(all, command)
			}
		}
	}
	return all
}

// someKeys are the first keys of a line.
func someKeys(keys []string) design.Cell { return codes(keys[:min(len(keys), shownClaimants)]) }

func driftFields(r *drift.Report) *design.Table {
	t := &design.Table{Columns: []design.Column{
		{Label: "Field"},
		{Label: "Equal", Number: true},
		{Label: "Changed there", Number: true},
		{Label: "Changed here", Number: true},
		{Label: "On both", Number: true},
		{Label: "Missing", Number: true},
		{Label: "Unknown", Number: true},
		{Label: "For example"},
	}}
	for i := range r.Fields {
		f := &r.Fields[i]
		if f.There+f.Here+f.Both+f.Missing+f.Unknown == 0 {
			continue
		}
		row := design.Row{Cells: []design.Cell{design.Code(f.Target)}}
		for _, n := range []int64{f.Equal, f.There, f.Here, f.Both, f.Missing, f.Unknown} {
			row.Cells = append(row.Cells, design.Text(grouped(n)))
		}
		t.Rows = append(t.Rows, design.Row{Cells: append(row.Cells, someKeys(f.Keys))})
	}
	return t
}

// outcomes say what a record would become now.
var outcomes = map[string]string{"accept": "would be taken", "hold": "would be held", "drop": "would be dropped"}

// pairsTable says where the records are, on both sides; they sum to the export's and
// the ledger's.
func pairsTable(r *drift.Report) *design.Table {
	t := &design.Table{Columns: []design.Column{{Label: "In the export"}, {Label: "Here"}, {Label: "Records", Number: true}}, Empty: design.Empty{What: "Neither side has a record."}}
	for _, p := range r.Pairs {
		there := outcomes[p.There]
		if there == "" {
			there = p.There
		}
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{design.Text(upper(there)), hereCell(p.Here), design.Text(grouped(p.Records))}})
	}
	for _, state := range slices.Sorted(maps.Keys(r.Absent)) {
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{design.Text("Not there"), hereCell(state), design.Text(grouped(r.Absent[state]))}})
	}
	return t
}

func hereCell(state string) design.Cell {
	if state == "unknown" {
		return design.Cell{Note: "not known"}
	}
	return design.State(recordMark(state))
}

func upper(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
