package console

import (
	"net/http"
	"strconv"
	"strings"

	"sallyport/service/operator"
	"sallyport/web/design"
)

// home lists the environments that the operator may see.
func (x *exchange) home() {
	if len(x.who.Roles) == 0 {
		x.say(http.StatusForbidden, "You have no role yet", "Somebody took your roles, or gave you none.",
			"An owner can give you one: sallyport operator grant "+x.who.Username+" ROLE")
		return
	}
	table := &design.Table{
		Columns: design.Columns("Environment", "Title", "State", "Revision", "Protection"),
		Empty:   design.Empty{What: "There is no environment that you may see.", Do: "Make one: sallyport env create TENANT/NAME"},
	}
	for _, place := range x.places() {
		tenant, name, _ := strings.Cut(place.Label, "/")
		live, exists := x.cfg.Registry.ByName(tenant, name)
		if !exists {
			continue
		}
		state, revision, title, protection := design.Warning("No usable revision"), "", "", "none"
		if s := live.Snapshot(); s != nil {
			state, revision, title = design.Good("Serves"), strconv.FormatInt(s.Revision, 10), s.Tenant.Environments[name].Title
		}
		if protects(live) {
			protection = "protected"
		}
		table.Rows = append(table.Rows, design.Row{URL: place.URL, Cells: []design.Cell{
			design.Text(place.Label), design.Text(title), design.State(state), design.Text(revision), design.Text(protection),
		}})
	}
	s := sheet{Title: "Environments", Parts: []part{{Table: table}}}
	if x.who.MaySome(operator.ReadOperators, operator.Place{}) {
		s.Actions = []design.Button{{Label: "Operators", URL: x.base() + "/operators", Quiet: true}}
	}
	x.show(s)
}

// ledger leads to a search of the ledger, for whoever may read it.
func (x *exchange) ledger(q string) string {
	if !x.who.May(operator.ReadAudit, x.place()) {
		return ""
	}
	return query(x.here("audit"), "q", q)
}

// overview is the first page of an environment: how it is, and what it needs.
func (x *exchange) overview() {
	s := sheet{Title: "Overview"}
	if !x.who.May(operator.SeeOverview, x.place()) { // a role for some server alone
		s.Parts = []part{{Lead: "Your role is for a part of this environment.", Links: x.rail()[1:]}}
		x.show(s)
		return
	}
	snapshot := x.live.Snapshot()
	if snapshot != nil {
		s.Parts = append(s.Parts, part{Lead: "Customers sign in below " + snapshot.URL.String() + "."})
	}
	if p, asOf := x.pulse(); p != nil {
		s.Fresh = asOf
		s.Parts = append(s.Parts, part{Tiles: append(x.figures(p), x.stock()...)})
	} else {
		note := design.Note{Mark: design.Warning("No figures now"), Text: "The ledger does not answer in time.", Do: "Open the page again in a minute."}
		s.Parts = append(s.Parts, part{Note: &note})
	}
	steps, err := x.checklist()
	if err == nil && len(steps) > 0 {
		s.Parts = append(s.Parts, part{Heading: "The first five steps", ID: "steps", Steps: steps})
	}
	var wants []need
	if err == nil {
		wants, err = x.needs()
	}
	if err != nil {
		x.failed(err)
		return
	}
	x.show(sheet{Title: s.Title, Fresh: s.Fresh, Parts: append(s.Parts, needsPart(wants))})
}

// stock are figures of what there is, which are at hand.
func (x *exchange) stock() []design.Tile {
	snapshot := x.live.Snapshot()
	if snapshot == nil || !x.who.May(operator.ReadConfiguration, x.place()) {
		return nil
	}
	tiles := []design.Tile{
		{Label: "Applications", Value: grouped(int64(len(snapshot.Applications))), Note: "in the live revision", URL: x.here("applications")},
		{Label: "Authorization servers", Value: grouped(int64(len(snapshot.Servers))), Note: "with their policies and rules", URL: x.here("servers")},
		{Label: "Live revision", Value: strconv.FormatInt(snapshot.Revision, 10), Note: "serves on this node", URL: x.here("revisions")},
	}
	return append(tiles, x.due()...)
}

// due are figures of what ends or waits: keys and certificates, and records.
func (x *exchange) due() []design.Tile {
	var tiles []design.Tile
	if x.who.May(operator.ReadKeys, x.place()) {
		if ends, err := x.keyNeeds(); err == nil {
			tiles = append(tiles, design.Tile{Label: "Keys and certificates due", Value: grouped(int64(len(ends))), Note: "overdue, or at their end within 30 days", URL: x.here("keys")})
		}
	}
	if !x.who.May(operator.ReadMigration, x.place()) {
		return tiles
	}
	held, total := int64(0), int64(0)
	for name := range x.live.Snapshot().Migrations {
		standing, err := x.cfg.Intake.Standing(x.r.Context(), x.live.ID, name, 0)
		if err != nil {
			return tiles
		}
		counts, all := counted(standing)
		held, total = held+counts["held"], total+all
	}
	if total == 0 {
		return tiles
	}
	return append(tiles, design.Tile{Label: "Records held", Value: grouped(held), Note: "of " + grouped(total) + " of earlier systems", URL: x.here("migrations")})
}
