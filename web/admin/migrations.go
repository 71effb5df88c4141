package admin

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/issue"
	"sallyport/service/operator"
)

// Standing is where the records of a migration are.
type Standing struct {
	Version   int              `json:"version"`
	Place     string           `json:"environment"`
	Migration string           `json:"migration"`
	Records   map[string]int64 `json:"records" doc:"By state: pending, staged, imported, held, dropped, erased. They sum to the total"`
	// Ways is a map of maps: by state, then by way.
	Ways map[string]map[string]int64 `json:"ways" doc:"The same by state and by how they came: bulk, jit, claim, register. What is pending came no way yet"`
	Run  *Run                        `json:"run,omitempty" doc:"The newest run"`
	Job  *Job                        `json:"job,omitempty" doc:"The open job of the server, or else its last"`
	Held []HeldRecord                `json:"held" doc:"The first of those that wait for somebody"`
}

// Run is one execution over one source file.
type Run struct {
	ID      string    `json:"id"`
	Source  string    `json:"source"`
	State   string    `json:"state" enum:"running,paused,done,undoing,undone"`
	Done    int64     `json:"done"`
	Total   int64     `json:"total"`
	Started time.Time `json:"started"`
	Updated time.Time `json:"updated"`
}

// HeldRecord is a record that waits for somebody.
type HeldRecord struct {
	Key    string `json:"key"`
	Row    int64  `json:"row,omitempty"`
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"`
}

// ImportLine is one line of a running import's answer. Exactly one field is
// set; a report or a problem is the last.
type ImportLine struct {
	Progress *ImportProgress `json:"progress,omitempty"`
	Report   *ImportReport   `json:"report,omitempty"`
	Problem  *Problem        `json:"problem,omitempty"`
}

// ImportProgress is how far an import is.
type ImportProgress struct {
	Phase string  `json:"phase" enum:"fetch,survey,import"`
	Run   string  `json:"run,omitempty"`
	Rows  int64   `json:"rows"`
	Of    int64   `json:"of,omitempty"`
	Held  int64   `json:"held"`
	Rate  float64 `json:"rate" doc:"Rows a second"`
}

// ImportReport is what an import did, or would do.
type ImportReport struct {
	Version   int              `json:"version"`
	Place     string           `json:"environment"`
	Migration string           `json:"migration"`
	Run       string           `json:"run,omitempty"`
	DryRun    bool             `json:"dry_run"`
	Resumed   bool             `json:"resumed"`
	Rows      int64            `json:"rows" doc:"In the source"`
	Known     int64            `json:"known" doc:"Records of the source that were in the ledger before"`
	Completed int64            `json:"completed" doc:"Those of them that waited for what this source had, such as a password"`
	Updated   int64            `json:"updated" doc:"Those of them whose values changed at the source, and here now"`
	Kept      map[string]int64 `json:"kept" doc:"By field, what changed at the source and stays as it was changed here"`
	Absent    int64            `json:"absent" doc:"Records that were in the ledger before and are not in the source. Nobody is removed for that"`
	Imported  int64            `json:"imported"`
	Held      int64            `json:"held"`
	Dropped   int64            `json:"dropped"`
	Reasons   map[string]int64 `json:"reasons" doc:"Of what is held or dropped"`
	Warnings  map[string]int64 `json:"warnings" doc:"Of what is imported"`
	Schemes   map[string]int64 `json:"schemes" doc:"Of imported password hashes"`
	Weak      int64            `json:"weak" doc:"Hashes that wait to be wrapped in Argon2id"`
	Factors   map[string]int64 `json:"factors" doc:"Second factors of whom is imported, by kind"`
	Passkeys  int64            `json:"passkeys" doc:"Of whom is imported"`
	Links     int64            `json:"links" doc:"Who they are at other providers"`
	Holdings  *HoldingsReport  `json:"holdings,omitempty" doc:"Accounts and claims to them, of a file that has such"`
	Examples  []HeldRecord     `json:"examples"`
	Ledger    map[string]int64 `json:"ledger" doc:"The whole migration's records by state"`
	Seconds   float64          `json:"seconds"`
}

// HoldingsReport tells what became of the accounts of a file.
type HoldingsReport struct {
	Accounts int64    `json:"accounts" doc:"That came"`
	Premises int64    `json:"premises"`
	Members  int64    `json:"members" doc:"Of these accounts, and of others whose record was held until now"`
	Claims   int64    `json:"claims"`
	Here     int64    `json:"here" doc:"Accounts of an id or number that is here, and claims, which stay as they are"`
	Absent   int64    `json:"absent" doc:"Members and claims of people who are not here, such as of records that are held"`
	Damaged  int64    `json:"damaged" doc:"Accounts and claims that did not come, since a line of them is not what it was"`
	Faults   []string `json:"faults" doc:"What is wrong with the first of them"`
}

func (a *api) migrationRoutes() {
	route(a, right{operator.ReadMigration, there}, huma.Operation{
		OperationID: "migration-status", Method: http.MethodGet, Path: here("/migrations/{migration}"),
		Summary: "Where the records of a migration are",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Migration string `path:"migration" maxLength:"63"`
		Held      int    `query:"held" minimum:"0" maximum:"1000" default:"20" doc:"How many held records to list; none without the right to read records"`
	},
	) (*answer[Standing], error) {
		live, _, err := a.migration(in.Place, in.Migration)
		if err != nil {
			return nil, err
		}
		if !a.sees(ctx, operator.ReadRecords, in.place()) {
			in.Held = 0
		}
		standing, err := a.cfg.Intake.Standing(ctx, live.ID, in.Migration, in.Held)
		if n := len(standing.Held); err == nil && n > 0 { // single records are of people
			err = a.cfg.Audit.Record(ctx, live.ID, audit.Entry{
				Type: audit.RecordsViewed, Actor: in.actor(), Detail: map[string]any{"migration": in.Migration, "state": "held", "records": n},
			})
		}
		if err != nil {
			return nil, err
		}
		shown := standingOf(live, in.Migration, standing)
		shown.Job, err = a.newestJob(ctx, live, in.Migration)
		return say(shown), err
	})
	body := uploadBody()
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "run-migration", Method: http.MethodPost, Path: here("/migrations/{migration}/runs"),
		Summary:     "Import an export, or go on where an earlier import of the same bytes stopped",
		Description: "The import stops between two batches when the caller goes away; the same request goes on from there.",
		RequestBody: body,
		Responses:   streamOf("Progress, then a report or a problem"),
	}, a.runMigration)
	describeParts(body)
	a.assessRoute()
	a.undoRoute()
	a.duplicateRoutes()
	a.reconcileRoutes()
}

func standingOf(live *environment.Live, migration string, s intake.Standing) Standing {
	standing := Standing{1, name(live), migration, named(s.Records), s.Ways, nil, nil, []HeldRecord{}}
	if r := s.Run; r != nil {
		standing.Run = &Run{r.ID, r.Source, r.State, r.Done, r.Total, r.Started.UTC(), r.Updated.UTC()}
	}
	for _, h := range s.Held {
		standing.Held = append(standing.Held, HeldRecord{h.Key, h.Row, h.Reason, h.Detail})
	}
	return standing
}

// Export is the request of an import: its body is the file, or several.
type Export struct {
	Place
	Caller
	Migration string `path:"migration" maxLength:"63"`
	Source    string `query:"source" maxLength:"255" doc:"What to call the file; the parts of a form have names of their own"`
	DryRun    bool   `query:"dry_run" doc:"Do everything but write"`
	// Retry and Reason belong together.
	Retry  bool     `query:"retry" doc:"Look once more at records that are held or were dropped"`
	Reason []string `query:"reason" maxItems:"50" doc:"With retry: only at those held or dropped for one of these"`

	body        io.Reader
	contentType string
}

// Resolve takes the body as a stream: exports are larger than memory.
func (e *Export) Resolve(ctx huma.Context) []error {
	e.body, e.contentType = ctx.BodyReader(), ctx.Header("Content-Type")
	return nil
}

func (a *api) migration(p Place, migration string) (*environment.Live, *config.LiveMigration, error) {
	live, err := a.at(p)
	if err != nil {
		return nil, nil, err
	}
	view, err := issue.ViewOf(live)
	if err != nil {
		return nil, nil, err
	}
	m, found := view.Snapshot.Migrations[migration]
	if !found {
		return nil, nil, problem(NoMigration, migration)
	}
	return live, m, nil
}

func (a *api) runMigration(ctx context.Context, in *Export) (*huma.StreamResponse, error) {
	live, migration, err := a.migration(in.Place, in.Migration)
	if err != nil {
		return nil, err
	}
	if err := a.backedUp(ctx, live, migration); err != nil && !in.DryRun {
		return nil, err
	}
	plan, err := a.unlocked(ctx, live, migration.Plan)
	if err != nil {
		return nil, err
	}
	asked := ctx
	ctx, files, err := a.attendedUpload(asked, plan, in)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer files.Close()
		out := newLines(h)
		report, err := a.cfg.Intake.Import(ctx, intake.Request{
			Env: live.ID, Plan: plan, Actor: in.actor(), DryRun: in.DryRun,
			Source: files.source, Joined: files.joined, Retry: in.again(), Stage: migration.JIT != nil, Rules: migration.Rivals,
			Progress: func(p intake.Progress) {
				_ = out.write(ImportLine{Progress: &ImportProgress{string(p.Phase), p.Run, p.Rows, p.Of, p.Held, p.Rate}})
			},
		})
		last := ImportLine{Report: reportOf(report)}
		if now, lost := a.renewed(asked); lost != nil || !a.sees(now, operator.ReadRecords, in.place()) {
			last.Report.Examples = []HeldRecord{}
		}
		last.Report.Place = name(live)
		var refused *Problem
		if errors.As(a.refuseIf(err), &refused) {
			last = ImportLine{Problem: refused}
		}
		_ = out.write(last) // whoever went away learns it from the ledger
	}}, nil
}

// again is what the request says of records that are held.
func (e *Export) again() *intake.Retry {
	if !e.Retry {
		return nil
	}
	r := &intake.Retry{}
	for _, reason := range e.Reason {
		r.Reasons = append(r.Reasons, migrate.Reason(reason))
	}
	return r
}

func (a *api) refuseIf(err error) error {
	if err == nil {
		return nil
	}
	return a.refuse(err)
}

func reportOf(r intake.Report) *ImportReport {
	report := &ImportReport{
		Version: 1, Migration: r.Migration, Run: r.Run, DryRun: r.DryRun, Resumed: r.Resumed, Rows: r.Rows, Completed: r.Completed,
		Imported: r.Summary.Verdicts[migrate.Accept], Held: r.Summary.Verdicts[migrate.Hold],
		Dropped: r.Summary.Verdicts[migrate.Leave], Weak: r.Summary.Weak,
		Reasons: named(r.Summary.Reasons), Warnings: named(r.Summary.Warnings), Schemes: named(r.Summary.Schemes),
		Factors: named(r.Summary.Factors), Passkeys: r.Summary.Passkeys, Links: r.Summary.Links,
		Updated: r.Updated, Kept: named(r.Kept), Absent: r.Absent, Ledger: named(r.Ledger), Examples: []HeldRecord{}, Seconds: r.Elapsed.Seconds(),
	}
	for _, count := range r.Known {
		report.Known += count
	}
	report.Holdings = holdingsOf(r.Holdings)
	for _, reason := range slices.SortedFunc(maps.Keys(r.Summary.Examples), func(x, y migrate.Reason) int { return strings.Compare(string(x), string(y)) }) {
		for _, e := range r.Summary.Examples[reason] {
			report.Examples = append(report.Examples, HeldRecord{e.Key, e.Row, string(reason), e.Detail})
		}
	}
	return report
}

func holdingsOf(h intake.Holdings) *HoldingsReport {
	if h.Accounts+h.Members+h.Claims+h.Here+h.Absent+h.Damaged == 0 {
		return nil
	}
	return &HoldingsReport{h.Accounts, h.Premises, h.Members, h.Claims, h.Here, h.Absent, h.Damaged, append([]string{}, h.Faults...)}
}

// named counts by plain text.
func named[K ~string](counts map[K]int64) map[string]int64 {
	all := make(map[string]int64, len(counts))
	for k, n := range counts {
		all[string(k)] = n
	}
	return all
}
