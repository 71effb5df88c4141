package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/assess"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/operator"
)

// AssessLine is one line of a running assessment's answer. Exactly one field is
// set; a report or a problem is the last.
type AssessLine struct {
	Progress *AssessProgress `json:"progress,omitempty"`
	Report   *assess.Report  `json:"report,omitempty"`
	Problem  *Problem        `json:"problem,omitempty"`
}

// AssessProgress is how far one of the three readings is.
type AssessProgress struct {
	Rows int64 `json:"rows"`
	Of   int64 `json:"of,omitempty" doc:"0 in the first reading, which counts"`
}

// Assessed is the request of an assessment.
type Assessed struct {
	Export
	LastSignIn string `query:"last_sign_in" maxLength:"255" doc:"Field that says when somebody signed in last; left out: the first that is called so"`
}

func (a *api) assessRoute() {
	body := uploadBody()
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "assess-migration", Method: http.MethodPost, Path: here("/migrations/{migration}/assessments"),
		Summary:     "Tell what an export holds, and what its people will notice",
		Description: "Nothing is written, and the file is forgotten when it was read. The keys of a few records are told to whoever may read records.",
		RequestBody: body,
		Responses:   streamOf("Progress, then a report or a problem"),
	}, a.assessMigration)
	describeParts(body)
}

func (a *api) assessMigration(ctx context.Context, in *Assessed) (*huma.StreamResponse, error) {
	live, migration, err := a.migration(in.Place, in.Migration)
	if err != nil {
		return nil, err
	}
	plan, err := a.unlocked(ctx, live, migration.Plan)
	if err != nil {
		return nil, err
	}
	asked := ctx
	ctx, files, err := a.attendedUpload(asked, migration.Plan, &in.Export)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer files.Close()
		out := newLines(h)
		x := examinationOf(live, plan, files)
		x.LastSignIn = in.LastSignIn
		x.Progress = func(p intake.Progress) { _ = out.write(AssessLine{Progress: &AssessProgress{p.Rows, p.Of}}) }
		report, err := a.cfg.Intake.Assess(ctx, x)
		if err == nil {
			err = a.discreet(asked, in, live, &report)
		}
		last := AssessLine{Report: &report}
		var refused *Problem
		if errors.As(a.refuseIf(err), &refused) {
			last = AssessLine{Problem: refused}
		}
		_ = out.write(last)
	}}, nil
}

// examinationOf asks about files of a migration.
func examinationOf(live *environment.Live, plan *migrate.Plan, files *upload) intake.Examination {
	return intake.Examination{
		Request:     intake.Request{Env: live.ID, Plan: plan, Source: files.source, Joined: files.joined},
		Environment: name(live), Hosts: []string{live.Snapshot().URL.Hostname()},
	}
}

// unlocked gives a plan the secrets of the vault that its format reads by.
func (a *api) unlocked(ctx context.Context, live *environment.Live, plan *migrate.Plan) (*migrate.Plan, error) {
	if len(plan.Missing()) == 0 {
		return plan, nil
	}
	values := map[string][]byte{}
	for setting, name := range plan.Secrets() {
		value, err := a.cfg.Vault.Open(ctx, live.ID, name)
		if errors.Is(err, a.cfg.Faults.NotFound) {
			return nil, problem(SecretAbsent, name)
		}
		if err != nil {
			return nil, err
		}
		values[setting] = value
	}
	return plan.With(values)
}

// discreet takes the keys of records out for whoever may not read those, and
// records that somebody is shown them.
func (a *api) discreet(asked context.Context, in *Assessed, live *environment.Live, report *assess.Report) error {
	now, lost := a.renewed(asked)
	if lost != nil || !a.sees(now, operator.ReadRecords, in.place()) {
		report.Discreet()
		return nil
	}
	n := report.Named()
	if n == 0 {
		return nil
	}
	return a.cfg.Audit.Record(asked, live.ID, audit.Entry{
		Type: audit.RecordsViewed, Actor: in.actor(), Detail: map[string]any{"migration": in.Migration, "state": "assessed", "records": n},
	})
}
