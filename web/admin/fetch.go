package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/environment"
	"sallyport/service/fetch"
	"sallyport/service/intake"
	"sallyport/service/operator"
	"sallyport/service/source"
)

// FetchFrom says where a fetch goes on. Both fields are of the last line that had a
// cursor; both are left out to begin.
type FetchFrom struct {
	Cursor   []byte `json:"cursor,omitempty" maxLength:"100000"`
	Identity string `json:"identity,omitempty" maxLength:"64"`
}

// FetchLine is one line of a running fetch's answer. Done or a problem is the last.
type FetchLine struct {
	Part    *FetchPart `json:"part,omitempty"`
	Rewind  bool       `json:"rewind,omitempty" doc:"Forget what came behind the last part with a cursor"`
	Done    bool       `json:"done,omitempty" doc:"That was everybody"`
	Problem *Problem   `json:"problem,omitempty"`
}

// FetchPart is a piece of the file.
type FetchPart struct {
	Identity string `json:"identity"`
	Data     []byte `json:"data"`
	Lines    int64  `json:"lines"`
	Cursor   []byte `json:"cursor,omitempty"`
}

func (a *api) fetchRoutes() {
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "fetch-migration", Method: http.MethodPost, Path: here("/migrations/{migration}/fetches"),
		Summary:     "Read the migration's running system out, in the shape of its export",
		Description: "It takes the right to read records too: what is answered holds everybody there, with their password hashes where the system gives those.",
		Responses:   streamOf("Parts, then the end or a problem"),
	}, a.fetchMigration)
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "run-from-source", Method: http.MethodPost, Path: here("/migrations/{migration}/runs/from-source"),
		Summary:     "Read the migration's running system out into the server's own spool, and import that",
		Description: "Whoever asks again goes on where it stopped. Nothing is imported before everybody was read.",
		Responses:   streamOf("Progress, then a report or a problem"),
	}, a.runFromSource)
}

// fetchRequest finds the system of a migration.
func (a *api) fetchRequest(in SystemPlace) (*environment.Live, *config.LiveMigration, fetch.Request, error) {
	live, migration, err := a.migration(in.Place, in.Migration)
	if err == nil && migration.Connection == nil {
		err = problem(NoConnection, in.Migration)
	}
	return live, migration, fetch.Request{Live: live, Migration: migration, Actor: in.actor()}, err
}

func (a *api) fetchMigration(ctx context.Context, in *struct {
	SystemPlace
	Body FetchFrom
},
) (*huma.StreamResponse, error) {
	if err := a.also(ctx, operator.ReadRecords, in.place()); err != nil {
		return nil, err
	}
	_, _, request, err := a.fetchRequest(in.SystemPlace)
	if err != nil {
		return nil, err
	}
	request.From, request.Identity = in.Body.Cursor, in.Body.Identity
	ctx, release, err := a.attended(ctx)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer release()
		out := newLines(h)
		err := a.cfg.Fetch.Read(ctx, request, func(p fetch.Part) error {
			line := FetchLine{Rewind: p.Rewind, Done: p.Done}
			if !p.Rewind && !p.Done {
				line.Part = &FetchPart{p.Identity, p.Data, p.Lines, p.Next}
			}
			return out.write(line)
		})
		if refused := a.fetchProblem(err); refused != nil {
			_ = out.write(FetchLine{Problem: refused})
		}
	}}, nil
}

// fetchProblem is the refusal of a fetch; nil for no error.
func (a *api) fetchProblem(err error) *Problem {
	var fault *source.Fault
	var refused *Problem
	switch {
	case errors.As(err, &fault):
		return problem(SystemSilent, fault.Error())
	case errors.As(a.refuseIf(err), &refused):
		return refused
	}
	return nil
}

func (a *api) runFromSource(ctx context.Context, in *struct {
	SystemPlace
	DryRun bool `query:"dry_run" doc:"Read everybody, and write nothing about them"`
	Fresh  bool `query:"fresh" doc:"Begin to read anew, whatever an earlier request had read"`
},
) (*huma.StreamResponse, error) {
	live, migration, request, err := a.fetchRequest(in.SystemPlace)
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
	ctx, release, err := a.attended(asked)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer release()
		out := newLines(h)
		report, err := a.importFetched(ctx, request, plan, in.Fresh, in.DryRun, out)
		last := ImportLine{Report: reportOf(report)}
		if now, lost := a.renewed(asked); lost != nil || !a.sees(now, operator.ReadRecords, in.place()) {
			last.Report.Examples = []HeldRecord{}
		}
		last.Report.Place = name(live)
		if refused := a.fetchProblem(err); refused != nil {
			last = ImportLine{Problem: refused}
		}
		_ = out.write(last)
	}}, nil
}

// importFetched reads everybody out, and imports them once that is whole. What was read
// stays until it was imported.
func (a *api) importFetched(ctx context.Context, r fetch.Request, plan *migrate.Plan, fresh, dry bool, out *lines) (report intake.Report, err error) {
	kept, err := a.cfg.Fetch.Keep(ctx, r.Live, r, fresh, func(n int64) {
		_ = out.write(ImportLine{Progress: &ImportProgress{Phase: "fetch", Rows: n}})
	})
	if err != nil {
		return report, err
	}
	imported := false
	defer func() { err = errors.Join(err, kept.Release(imported)) }()
	spooled, err := intake.Spool(a.cfg.Spool, kept.Reader())
	if err != nil {
		return report, err
	}
	defer spooled.Close()
	report, err = a.cfg.Intake.Import(ctx, intake.Request{
		Env: r.Live.ID, Plan: plan, Actor: r.Actor, DryRun: dry, Stage: r.Migration.JIT != nil, Rules: r.Migration.Rivals,
		Source: spooled.Source(r.Migration.Connection.Kind),
		Progress: func(p intake.Progress) {
			_ = out.write(ImportLine{Progress: &ImportProgress{string(p.Phase), p.Run, p.Rows, p.Of, p.Held, p.Rate}})
		},
	})
	imported = err == nil && !dry
	return report, err
}
