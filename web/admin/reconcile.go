package admin

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/drift"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/operator"
)

// ReconcileLine is one line of a running reconciliation's answer. Exactly one field is
// set; a report or a problem is the last.
type ReconcileLine struct {
	Progress   *ImportProgress   `json:"progress,omitempty"`
	Difference *drift.Difference `json:"difference,omitempty"`
	Report     *drift.Report     `json:"report,omitempty"`
	Problem    *Problem          `json:"problem,omitempty"`
}

// Reconciled is what every reconciliation is asked by.
type Reconciled struct {
	Place
	Caller
	Migration   string `path:"migration" maxLength:"63"`
	Differences bool   `query:"differences" doc:"List every record that differs, by key and field; takes the right to read records"`
	Keep        bool   `query:"keep" doc:"Keep the report, without keys, in the audit ledger"`
	Probe       int    `query:"probe" minimum:"0" maximum:"1000" doc:"How many imported people to ask the running system about"`
	Seed        uint64 `query:"seed" doc:"Which ones: the same seed chooses the same"`
}

// ReconciledFile is the request of a reconciliation with an export.
type ReconciledFile struct {
	Reconciled
	Source string `query:"source" maxLength:"255" doc:"What to call the file; the parts of a form have names of their own"`

	body        io.Reader
	contentType string
}

// Resolve takes the body as a stream: exports are larger than memory.
func (r *ReconciledFile) Resolve(ctx huma.Context) []error {
	r.body, r.contentType = ctx.BodyReader(), ctx.Header("Content-Type")
	return nil
}

func (a *api) reconcileRoutes() {
	body := uploadBody()
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "reconcile-migration", Method: http.MethodPost, Path: here("/migrations/{migration}/reconciliations"),
		Summary:     "Compare an export with the ledger and the people here, field by field",
		Description: "Nobody here is changed; one event of the audit ledger tells of it. Whoever registered while the running system could not tell whether it knows them is looked up behind it, and a record that has their address is held as a duplicate. The keys of a few records are told to whoever may read records.",
		RequestBody: body,
		Responses:   streamOf("Progress and differences, then a report or a problem"),
	}, a.reconcileFile)
	describeParts(body)
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "reconcile-from-source", Method: http.MethodPost, Path: here("/migrations/{migration}/reconciliations/from-source"),
		Summary:     "Read the migration's running system out, and compare that",
		Description: "Whoever asks again after it broke off goes on where it stopped. What was read is removed when it was compared.",
		Responses:   streamOf("Progress and differences, then a report or a problem"),
	}, a.reconcileFromSource)
	a.compareRoute()
}

func (a *api) reconcileFile(ctx context.Context, in *ReconciledFile) (*huma.StreamResponse, error) {
	live, migration, err := a.migration(in.Place, in.Migration)
	if err != nil {
		return nil, err
	}
	if err := a.mayList(ctx, &in.Reconciled); err != nil {
		return nil, err
	}
	plan, err := a.unlocked(ctx, live, migration.Plan)
	if err != nil {
		return nil, err
	}
	asked := ctx
	export := &Export{Place: in.Place, Caller: in.Caller, Migration: in.Migration, Source: in.Source, body: in.body, contentType: in.contentType}
	ctx, files, err := a.attendedUpload(asked, migration.Plan, export)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer files.Close()
		x := &comparing{api: a, in: &in.Reconciled, live: live, asked: asked, out: newLines(h)}
		x.conclude(x.reconcile(ctx, intake.Request{Env: live.ID, Plan: plan, Source: files.source, Joined: files.joined}))
	}}, nil
}

func (a *api) reconcileFromSource(ctx context.Context, in *struct {
	Reconciled
	Fresh bool `query:"fresh" doc:"Begin to read anew, whatever an earlier request had read"`
},
) (*huma.StreamResponse, error) {
	live, migration, request, err := a.fetchRequest(SystemPlace{in.Place, in.Caller, in.Migration})
	if err != nil {
		return nil, err
	}
	if err := a.mayList(ctx, &in.Reconciled); err != nil {
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
		x := &comparing{api: a, in: &in.Reconciled, live: live, asked: asked, out: newLines(h)}
		kept, err := a.cfg.Fetch.Keep(ctx, live, request, in.Fresh, func(n int64) {
			_ = x.out.write(ReconcileLine{Progress: &ImportProgress{Phase: "fetch", Rows: n}})
		})
		if err != nil {
			x.conclude(drift.Report{}, err)
			return
		}
		var report drift.Report
		spooled, err := intake.Spool(a.cfg.Spool, kept.Reader())
		if err == nil {
			defer spooled.Close()
			report, err = x.reconcile(ctx, intake.Request{Env: live.ID, Plan: plan, Source: spooled.Source(migration.Connection.Kind)})
		}
		x.conclude(report, errors.Join(err, kept.Release(err == nil)))
	}}, nil
}

// mayList refuses whoever asks for single records and may not read them.
func (a *api) mayList(ctx context.Context, in *Reconciled) error {
	if !in.Differences {
		return nil
	}
	return a.also(ctx, operator.ReadRecords, in.place())
}

// comparing is one request.
type comparing struct {
	*api
	in    *Reconciled
	live  *environment.Live
	asked context.Context
	out   *lines
	told  int // differences
}

func (x *comparing) reconcile(ctx context.Context, r intake.Request) (drift.Report, error) {
	r.Actor = x.in.actor()
	r.Progress = func(p intake.Progress) {
		_ = x.out.write(ReconcileLine{Progress: &ImportProgress{Phase: string(p.Phase), Rows: p.Rows, Of: p.Of}})
	}
	c := intake.Reconciliation{Request: r, Environment: name(x.live), Keep: x.in.Keep, Probes: x.in.Probe, Seed: x.in.Seed}
	if x.in.Differences {
		c.Differs = func(d drift.Difference) error {
			x.told++
			return x.out.write(ReconcileLine{Difference: &d})
		}
	}
	if x.in.Probe > 0 {
		c.Ask = func(ctx context.Context, identifier string) (migrate.Outcome, bool, error) {
			return x.cfg.Systems.Look(ctx, x.live, x.in.Migration, identifier)
		}
	}
	report, err := x.cfg.Intake.Reconcile(ctx, c)
	if err == nil {
		report.Registered, err = x.cfg.Systems.Registered(ctx, x.live, x.in.Migration, x.in.actor())
	}
	return report, err
}

// conclude writes the last line.
func (x *comparing) conclude(report drift.Report, err error) {
	if err == nil {
		err = x.discreet(&report)
	} else if x.told > 0 {
		err = errors.Join(err, x.viewed(context.WithoutCancel(x.asked), x.told))
	}
	last := ReconcileLine{Report: &report}
	if refused := x.fetchProblem(err); refused != nil {
		last = ReconcileLine{Problem: refused}
	}
	_ = x.out.write(last)
}

// discreet takes the keys of records out for whoever may not read those, and records
// that somebody is shown them.
func (x *comparing) discreet(report *drift.Report) error {
	now, lost := x.renewed(x.asked)
	if lost != nil || !x.sees(now, operator.ReadRecords, x.in.place()) {
		report.Discreet()
	}
	n := max(report.Named(), x.told)
	if n == 0 {
		return nil
	}
	return x.viewed(x.asked, n)
}

func (x *comparing) viewed(ctx context.Context, records int) error {
	return x.cfg.Audit.Record(ctx, x.live.ID, audit.Entry{
		Type: audit.RecordsViewed, Actor: x.in.actor(), Detail: map[string]any{"migration": x.in.Migration, "state": "reconciled", "records": records},
	})
}
