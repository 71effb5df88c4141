package console

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/govern"
	counts "sallyport/service/tally"
	"sallyport/web/design"
)

// reported is what governance says of a server of the live revision; nil if there
// is no such server.
func (x *exchange) reported(server string) *govern.Server {
	_, report := x.live.Report()
	if report == nil {
		return nil
	}
	return report.Server(server)
}

// findings are those of a server's rules.
func (x *exchange) findings(server string) []access.Finding {
	if s := x.reported(server); s != nil {
		return s.Findings
	}
	return nil
}

// idle tells of rules and policies that decide nothing, by policy/rule; a policy by
// its name alone.
func idle(s *govern.Server) map[string]string {
	all := map[string]string{}
	if s == nil {
		return all
	}
	for _, f := range s.Findings {
		switch f.Kind {
		case access.DeadRule, access.ShadowedRule:
			_, why, _ := strings.Cut(f.Text, ": ")
			all[string(f.Policy)+"/"+string(f.Rule)] = why
		case access.UnaskedPolicy:
			_, why, _ := strings.Cut(f.Text, ": ")
			all[string(f.Policy)] = why
		case access.FellThrough, access.UngrantedScope, access.UnassignedScope, access.UnknownGroup:
		}
	}
	return all
}

// doubtsPart tells what can hardly be meant, beside what stands at the rules.
func doubtsPart(s *govern.Server) []part {
	p := part{Heading: "What can hardly be meant", ID: "doubts", Table: &design.Table{Columns: design.Columns("What", "Why")}}
	add := func(mark design.Mark, text string) {
		p.Table.Rows = append(p.Table.Rows, design.Row{Cells: []design.Cell{design.State(mark), design.Text(text)}})
	}
	if s == nil {
		return nil
	}
	if s.Unreviewable != "" {
		add(design.Bad("Not reviewable"), s.Unreviewable)
	}
	for _, f := range s.Findings {
		switch f.Kind {
		case access.FellThrough:
			add(design.Warning("Falls through"), f.Text)
		case access.UngrantedScope, access.UnassignedScope:
			add(design.Warning("Unused"), f.Text)
		case access.DeadRule, access.ShadowedRule, access.UnaskedPolicy:
			add(design.Warning("Decides nothing"), f.Text)
		case access.UnknownGroup:
		}
	}
	if len(p.Table.Rows) == 0 {
		return nil
	}
	return []part{p}
}

// maturityOf tells how mature something is, and when it goes.
func maturityOf(maturity, until string) design.Cell {
	switch {
	case maturity == "preview":
		return design.State(design.Warning("Preview"))
	case maturity == "deprecated" && until != "":
		return design.Cell{Mark: design.Warning("Deprecated"), Note: "goes on " + until}
	case maturity == "deprecated":
		return design.State(design.Warning("Deprecated"))
	}
	return design.Text("stable")
}

// issuedOn tells the last day of a scope, and why it is called unused.
func (x *exchange) issuedOn(s *govern.Scope, uses counts.Uses) design.Cell {
	last := uses.Last(s.Name)
	cell := design.Text("not recorded")
	switch {
	case !last.IsZero():
		cell = design.Text(last.Format(time.DateOnly))
	case !uses.Since.IsZero():
		cell = design.Text("not since " + uses.Since.Format(time.DateOnly))
	}
	var why []string
	for _, reason := range s.UnusedSince(last, uses.Since, x.cfg.Now()) {
		why = append(why, string(reason))
	}
	if len(why) > 0 {
		cell.Mark, cell.Note = design.Warning("Unused"), strings.Join(why, ", ")
	}
	return cell
}

// uses is when scopes were last issued; nothing where nobody counts.
func (x *exchange) uses(server string) (counts.Uses, error) {
	if x.cfg.Tally == nil {
		return counts.Uses{}, nil
	}
	return x.cfg.Tally.Uses(x.r.Context(), x.live.ID, server)
}

// sizesPart tells how long tokens can be and were, of a server or of an application.
func (x *exchange) sizesPart(sizes []govern.Size, first string) []part {
	if len(sizes) == 0 {
		return nil
	}
	table := &design.Table{Columns: []design.Column{
		{Label: first},
		{Label: "Access token, at most", Number: true},
		{Label: "ID token, at most", Number: true},
		{Label: "Issued", Number: true},
		{Label: "Median", Number: true},
		{Label: "95%", Number: true},
		{Label: "Longest", Number: true},
		{Label: "Limit"},
	}}
	var measured []counts.Measured
	lead := "In bytes: what the configuration allows."
	if x.cfg.Tally != nil {
		measured = x.cfg.Tally.Sizes(x.live.ID)
		lead = "In bytes: what the configuration allows, and what this node has issued since " + x.cfg.Tally.Began().UTC().Format(time.DateOnly+" 15:04") + " UTC."
	}
	for i := range sizes {
		s := &sizes[i]
		name, url := s.Application, x.here("applications", s.Application)
		if first == "Server" {
			name, url = s.Server, x.here("servers", s.Server)
		}
		was := []design.Cell{design.Text(""), design.Text(""), design.Text(""), design.Text("")}
		if n := slices.IndexFunc(measured, func(m counts.Measured) bool { return m.Server == s.Server && m.Application == s.Application }); n >= 0 {
			m := measured[n].Access
			was = []design.Cell{design.Text(grouped(m.Tokens)), bytesOf(m.Median), bytesOf(m.P95), bytesOf(m.Most)}
		}
		cells := append([]design.Cell{design.Text(name), bytesOf(s.Access), bytesOf(s.ID)}, was...)
		table.Rows = append(table.Rows, design.Row{URL: url, Cells: append(cells, limitCell(s))})
	}
	return []part{{Heading: "How long tokens are", ID: "sizes", Lead: lead, Table: table}}
}

func bytesOf(n int) design.Cell {
	if n == 0 {
		return design.Text("")
	}
	return design.Text(strconv.Itoa(n))
}

func limitCell(s *govern.Size) design.Cell {
	switch s.Limit {
	case govern.Refused:
		return design.Cell{Mark: design.Bad("Refused"), Note: s.Remedy()}
	case govern.NeedsReview:
		return design.Cell{Mark: design.Warning("Needs a look"), Note: s.Remedy()}
	case govern.NeedsWarning:
		return design.Cell{Mark: design.Warning("Large"), Note: s.Remedy()}
	case govern.Within, govern.AboveTarget:
	}
	return design.State(design.Good("Within"))
}

// sizesOf are those of one application at every server.
func (x *exchange) sizesOf(application string) []part {
	_, report := x.live.Report()
	if report == nil {
		return nil
	}
	var all []govern.Size
	for i := range report.Servers {
		if s := report.Servers[i].Size(application); s != nil {
			all = append(all, *s)
		}
	}
	return x.sizesPart(all, "Server")
}
