package console

import (
	"fmt"
	"strings"

	"sallyport/service/intake"
	"sallyport/service/job"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// jobMarks are the states of jobs.
var jobMarks = map[string]design.Mark{
	"queued": design.Waiting("Queued"), "running": design.Waiting("Running"), "pausing": design.Waiting("Pausing"), "paused": design.Warning("Paused"),
	"done": design.Good("Done"), "failed": design.Bad("Failed"), "cancelled": design.Plain("Cancelled"),
}

// region is a piece of a page that looks again by itself where a script runs.
type region struct {
	ID    string
	URL   string // of its page; empty: it does not change by itself any more
	Parts []part
}

// standingParts shows where the records of a migration are, and how the import goes
// on that a server runs, as long as one does.
func (x *exchange) standingParts(name string, standing intake.Standing) (part, error) {
	j, known, err := x.cfg.Jobs.Newest(x.r.Context(), x.live.ID, name)
	if err != nil {
		return part{}, err
	}
	standingRegion := &region{ID: "standing", Parts: []part{{Tiles: x.standingTiles(name, standing)}, {Lead: sentenceOfWays(standing)}}}
	if known {
		standingRegion.Parts = append(standingRegion.Parts, x.jobParts(name, j)...)
		if j.Moving() {
			standingRegion.URL = x.here("migrations", name)
			standingRegion.Parts = append(standingRegion.Parts, part{Links: []design.Place{{Label: "Look again", URL: standingRegion.URL}}})
		}
	}
	return part{Live: standingRegion}, nil
}

// standingTiles are the states; they sum to the total.
func (x *exchange) standingTiles(name string, standing intake.Standing) (tiles []design.Tile) {
	counts, total := counted(standing)
	reads := x.who.May(operator.ReadRecords, x.place())
	for _, s := range recordStates {
		t := design.Tile{Mark: s.mark, Value: grouped(counts[s.name])}
		if hasLines(s.name) && counts[s.name] > 0 && reads {
			t.URL = query(x.here("migrations", name, "records"), "state", s.name)
		}
		tiles = append(tiles, t)
	}
	return append(tiles, design.Tile{Label: "Total", Value: grouped(total)})
}

// jobParts shows a job, and what may be done about it.
func (x *exchange) jobParts(name string, j job.Job) []part {
	about := part{Heading: "Import by the server", ID: "job", Facts: facts(
		design.Fact{Name: "State", Cell: design.State(jobMarks[j.State])}, fact("Files", fileNames(j)),
		fact("Node", nodeOf(j)), fact("Asked by", j.Operator),
		design.Fact{Name: "Uploaded", Cell: design.Instant(j.Created)}, design.Fact{Name: "Updated", Cell: design.Instant(j.Updated)},
	)}
	parts := []part{about}
	if j.Open() && j.Of > 0 {
		parts = append(parts, part{Gauge: &design.Progress{ID: "import", Label: "Read of the export", Done: int(j.Rows), Total: int(j.Of), Words: progressWords(j)}})
	} else if j.Open() && j.Phase != "" {
		parts = append(parts, part{Lead: "Counting the export: " + grouped(j.Rows) + " rows so far."})
	}
	note := design.Note{Ways: x.jobWays(name, j)}
	switch {
	case j.Problem != "":
		note.Mark, note.Text, note.Do = design.Bad("Failed"), j.Problem, strings.TrimSpace("Fix: "+j.Fix)
		if j.Open() {
			note.Mark = design.Waiting("Waits")
		}
	case j.State == "paused":
		note.Mark, note.Text = design.Warning("Paused"), "Nothing is lost. The files are kept for 30 days from the pause on."
	case j.State == "pausing":
		note.Mark, note.Text = design.Waiting("Pausing"), "It pauses at its next checkpoint, between two batches."
	case len(note.Ways) > 0:
		note.Mark, note.Text = design.Waiting("Under way"), "It goes on without anybody, and after a restart."
	default:
		return parts
	}
	return append(parts, part{Note: &note, Calm: true})
}

func fileNames(j job.Job) string {
	var all []string
	for _, i := range j.Inputs {
		all = append(all, fmt.Sprintf("%s (%s bytes)", i.Name, grouped(i.Size)))
	}
	return strings.Join(all, ", ")
}

func nodeOf(j job.Job) string {
	if j.Here {
		return j.Node + " (this one)"
	}
	return j.Node
}

func progressWords(j job.Job) string {
	words := grouped(j.Rows) + " of " + grouped(j.Of) + " rows, " + grouped(j.Held) + " held"
	if j.Rate > 0 {
		words += ", " + grouped(j.Rate) + " a second"
	}
	return words
}

// jobWays are the moves that the job takes and the operator may make.
func (x *exchange) jobWays(name string, j job.Job) (ways []design.Button) {
	if !x.who.May(operator.RunMigration, x.place()) {
		return nil
	}
	way := func(move, label string) {
		ways = append(ways, design.Button{Label: label, URL: x.here("migrations", name, move), Quiet: true})
	}
	switch j.State {
	case "queued", "running":
		way("pause", "Pause import")
	case "pausing":
		way("resume", "Resume import")
	case "paused", "failed":
		if j.Reason == job.FilesGone {
			break
		}
		way("resume", "Resume import")
	default:
		return nil
	}
	way("cancel", "Cancel import")
	return ways
}

// moveOfJob is one thing that can be done to a job.
type moveOfJob struct {
	title, lead, button, done string
	danger                    bool
}

var movesOfJob = map[string]moveOfJob{
	"pause":  {"Pause the import of %s?", "It stops at its next checkpoint, between two batches. Its files are kept for 30 days, until somebody resumes or cancels it.", "Pause import", "job-paused", false},
	"resume": {"Have the import of %s go on?", "It goes on where the ledger says, on the node that has its files.", "Resume import", "job-resumed", false},
	"cancel": {"Cancel the import of %s?", "Whoever was imported stays. The export is removed from the server; the same file finishes what it began.", "Cancel import", "job-cancelled", true},
}

// move is the last part of the path.
func (x *exchange) moveOfJob() (name string, m moveOfJob, job job.Job, ok bool) {
	name = x.values["migration"]
	m = movesOfJob[x.r.URL.Path[strings.LastIndex(x.r.URL.Path, "/")+1:]]
	if _, exists := x.live.Snapshot().Migrations[name]; !exists {
		x.missing()
		return name, m, job, false
	}
	job, known, err := x.cfg.Jobs.Newest(x.r.Context(), x.live.ID, name)
	if err != nil {
		x.failed(err)
		return name, m, job, false
	}
	if !known {
		x.missing()
	}
	return name, m, job, known
}

// askJob asks whether a job is to be paused, to go on, or to be cancelled.
func (x *exchange) askJob() {
	name, m, j, ok := x.moveOfJob()
	if !ok {
		return
	}
	x.confirm(fmt.Sprintf(m.title, name), design.Form{
		Lead: []string{m.lead}, Facts: []design.Fact{{Name: "State", Cell: design.State(jobMarks[j.State])}, fact("Files", fileNames(j))},
		Submit: design.Button{Label: m.button, Danger: m.danger},
	}, x.above("Migrations", "migrations"), x.above(name, "migrations", name))
}

// steerJob does it.
func (x *exchange) steerJob() {
	name, m, _, ok := x.moveOfJob()
	if !ok {
		return
	}
	steer := map[string]func() (job.Job, error){}
	by := job.Steer{Env: x.live.ID, Migration: name, Actor: x.who.Actor()}
	steer["job-paused"] = func() (job.Job, error) { return x.cfg.Jobs.Pause(x.r.Context(), by) }
	steer["job-resumed"] = func() (job.Job, error) { return x.cfg.Jobs.Resume(x.r.Context(), by) }
	steer["job-cancelled"] = func() (job.Job, error) { return x.cfg.Jobs.Cancel(x.r.Context(), by) }
	_, err := steer[m.done]()
	if is(err, job.ErrNoJob) {
		x.declined("The import is at its end by now.", "Look at the migration again.")
		return
	}
	x.finish(err, m.done, x.here("migrations", name))
}
