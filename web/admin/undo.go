package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/intake"
	"sallyport/service/operator"
)

// UndoLine is one line of a running undo's answer. Exactly one field is set; a
// report or a problem is the last.
type UndoLine struct {
	Progress *ImportProgress `json:"progress,omitempty"`
	Report   *UndoReport     `json:"report,omitempty"`
	Problem  *Problem        `json:"problem,omitempty"`
}

// UndoReport is what an undo did, or would do.
type UndoReport struct {
	Version   int              `json:"version"`
	Place     string           `json:"environment"`
	Migration string           `json:"migration"`
	Run       string           `json:"run"`
	DryRun    bool             `json:"dry_run"`
	Resumed   bool             `json:"resumed"`
	Removed   int64            `json:"removed" doc:"Customers whom the run had made and who did nothing here: removed, their records pending again"`
	Stay      map[string]int64 `json:"stay" doc:"Customers of the run who stay, by reason: signed-in, password-changed, changed-here, merged, customer-gone"`
	Updated   int64            `json:"updated" doc:"People of other runs whom this one brought up to date. What was here before is not kept, and cannot return"`
	Records   []UndoneRecord   `json:"records" doc:"The first 1000 of these; none without the right to read records"`
	Ledger    map[string]int64 `json:"ledger" doc:"The whole migration's records by state"`
}

// UndoneRecord is what becomes of one record.
type UndoneRecord struct {
	Key      string `json:"key"`
	Customer string `json:"customer"`
	Stays    string `json:"stays,omitempty" doc:"Why the customer stays; left out: removed"`
}

// Undoing is the request of an undo.
type Undoing struct {
	Place
	Caller
	Migration string `path:"migration" maxLength:"63"`
	Run       string `path:"run" maxLength:"63" doc:"Its id, or newest"`
	DryRun    bool   `query:"dry_run" doc:"Tell exactly what would happen, and change nothing"`
}

// run is the id; empty: the newest run's.
func (u *Undoing) run() string {
	if u.Run == "newest" {
		return ""
	}
	return u.Run
}

func (a *api) undoRoute() {
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "undo-migration", Method: http.MethodPost, Path: here("/migrations/{migration}/runs/{run}/undo"),
		Summary: "Remove the customers whom a run made and who did nothing here since",
		Description: "Who signed in or changed something stays. The undo stops between two batches when the caller goes away; " +
			"the same request goes on from there.",
		Responses: streamOf("Progress, then a report or a problem"),
	}, a.undoMigration)
}

func (a *api) undoMigration(ctx context.Context, in *Undoing) (*huma.StreamResponse, error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	asked := ctx
	ctx, release, err := a.attended(asked)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer release()
		out := newLines(h)
		report, err := a.cfg.Intake.Undo(ctx, intake.UndoRequest{
			Env: live.ID, Migration: in.Migration, Run: in.run(), DryRun: in.DryRun, Actor: in.actor(),
			Progress: func(r intake.UndoReport) {
				_ = out.write(UndoLine{Progress: &ImportProgress{Phase: "undo", Run: in.Run, Rows: r.Looked}})
			},
		})
		last := UndoLine{Report: undoReportOf(report)}
		last.Report.Place = name(live)
		if now, lost := a.renewed(asked); lost != nil || !a.sees(now, operator.ReadRecords, in.place()) {
			last.Report.Records = []UndoneRecord{}
		}
		var refused *Problem
		if errors.As(a.refuseIf(err), &refused) {
			last = UndoLine{Problem: refused}
		}
		_ = out.write(last)
	}}, nil
}

func undoReportOf(r intake.UndoReport) *UndoReport {
	report := &UndoReport{
		Version: 1, Migration: r.Migration, Run: r.Run, DryRun: r.DryRun, Resumed: r.Resumed, Removed: r.Removed,
		Stay: named(r.Stay), Updated: r.Updated, Records: []UndoneRecord{}, Ledger: named(r.Ledger),
	}
	for _, u := range r.Records {
		report.Records = append(report.Records, UndoneRecord{u.Key, u.Customer, string(u.Stays)})
	}
	return report
}
