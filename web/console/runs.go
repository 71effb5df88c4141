package console

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"sallyport/pure/rival"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/web/design"
)

// runsShown is how much of what happened is shown, and runsLooked how many events
// of each kind are looked at for it: they are of all migrations of the environment.
const (
	runsShown  = 50
	runsLooked = 200
)

// runKinds are the events that a history of runs is made of, and what each says.
var runKinds = map[audit.Type]string{
	audit.MigrationFetched: "Export read from the running system", audit.JobQueued: "Export uploaded", audit.JobPaused: "Paused", audit.JobResumed: "Resumed",
	audit.JobCancelled: "Cancelled", audit.JobFailed: "Failed", audit.MigrationStarted: "Run begun", audit.MigrationFinished: "Run finished",
	audit.MigrationUndoing: "Undo begun", audit.MigrationUndone: "Undone", audit.MigrationReconciled: "Reconciled", audit.DuplicatesDecided: "Duplicates decided",
}

// runMarks are the marks of those that end something.
var runMarks = map[audit.Type]design.Mark{
	audit.MigrationFinished: design.Good("Done"), audit.JobFailed: design.Bad("Failed"), audit.JobPaused: design.Warning("Paused"),
	audit.JobCancelled: design.Plain("Cancelled"), audit.MigrationUndone: design.Plain("Undone"),
}

// happened is an event of a migration, with what it says of it.
type happened struct {
	audit.Record
	said
}

type said struct {
	Migration string       `json:"migration"`
	Run       string       `json:"run"`
	Source    string       `json:"source"`
	Total     int64        `json:"total"`
	Records   int64        `json:"records"`
	Differing int64        `json:"differing"`
	Do        rival.Action `json:"do"`
	Bytes     int64        `json:"bytes"`
	Removed   int64        `json:"removed"`
	Reason    string       `json:"reason"`
}

// runs shows the newest run, the import that a server runs, and what happened before.
func (x *exchange) runs() {
	m := x.askedMigration()
	if m == nil {
		return
	}
	standing, err := x.cfg.Intake.Standing(x.r.Context(), x.live.ID, m.Name, 0)
	if err != nil {
		x.failed(err)
		return
	}
	past, err := x.happenings(m.Name)
	if err != nil {
		x.failed(err)
		return
	}
	j, known, err := x.cfg.Jobs.Newest(x.r.Context(), x.live.ID, m.Name)
	if err != nil {
		x.failed(err)
		return
	}
	s := x.aboutMigration(m.Name, "runs", "Runs of "+m.Name)
	s.Parts = []part{{Lead: sentenceOfWays(standing)}}
	switch r := standing.Run; {
	case r != nil:
		s.Parts = append(s.Parts, part{Heading: "Newest run", Facts: facts(
			design.Fact{Name: "Run", Cell: design.ID(r.ID)}, fact("Source", r.Source), fact("State", r.State),
			fact("Done", doneOf(r)),
			design.Fact{Name: "Started", Cell: design.Instant(r.Started)}, design.Fact{Name: "Updated", Cell: design.Instant(r.Updated)},
		)})
	case !known && len(past) == 0:
		s.Parts = append(s.Parts, part{Empty: x.begin(m.Name)})
	}
	if known {
		s.Parts = append(s.Parts, x.jobParts(m.Name, j)...)
	}
	if len(past) > 0 {
		s.Parts = append(s.Parts, part{Heading: "What happened", Table: happenedTable(past)})
	}
	x.show(s)
}

// doneOf says how far a run is.
func doneOf(r *intake.Run) string {
	if r.Total == 0 {
		return "no record was new"
	}
	return grouped(r.Done) + " of " + grouped(r.Total)
}

// happenings gives the newest events of a migration that make its history.
func (x *exchange) happenings(migration string) (all []happened, err error) {
	for kind := range runKinds {
		found, err := x.happenedOf(migration, kind, runsLooked)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	slices.SortFunc(all, func(a, b happened) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Chain, a.Chain), cmp.Compare(b.Seq, a.Seq))
	})
	return all[:min(len(all), runsShown)], nil
}

// happenedOf gives those of one kind among the newest of all migrations.
func (x *exchange) happenedOf(migration string, kind audit.Type, look int) (all []happened, err error) {
	found, _, err := x.cfg.Ledger.Events(x.r.Context(), x.live.ID, "type:"+string(kind), "", look)
	for _, e := range found {
		h := happened{Record: e}
		if json.Unmarshal(e.Detail, &h.said) == nil && h.Migration == migration {
			all = append(all, h)
		}
	}
	return all, err
}

func happenedTable(past []happened) *design.Table {
	t := &design.Table{Columns: design.Columns("When", "What", "Of", "How much", "By")}
	for _, h := range past {
		what := design.Cell{Text: runKinds[audit.Type(h.Type)], Mark: runMarks[audit.Type(h.Type)]}
		if what.Mark.Word != "" {
			what = design.Cell{Mark: what.Mark, Note: what.Text}
		}
		of := design.Cell{Text: h.Source, Note: h.Run}
		t.Rows = append(t.Rows, design.Row{Cells: []design.Cell{design.Instant(h.At), what, of, design.Text(h.amount()), design.Code(h.Actor)}})
	}
	return t
}

// amount says how much it was.
func (h *happened) amount() string {
	switch {
	case audit.Type(h.Type) == audit.MigrationReconciled && h.Differing == 0:
		return many(h.Records, "record") + ", none differs"
	case audit.Type(h.Type) == audit.MigrationReconciled:
		return many(h.Records, "record") + ", " + grouped(h.Differing) + " differ"
	case h.Do != "":
		return strings.ToLower(actionWords[h.Do].label) + ", " + many(h.Records, "record")
	case h.Reason != "":
		return h.Reason
	case h.Removed > 0:
		return grouped(h.Removed) + " removed"
	case audit.Type(h.Type) == audit.JobQueued:
		return grouped(h.Bytes) + " bytes"
	case h.Total > 0:
		return many(h.Total, "record")
	}
	return ""
}
