package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/service/replay"
)

// NewReplay asks past requests again.
type NewReplay struct {
	Since    time.Time `json:"since" doc:"Requests from this instant on"`
	Until    time.Time `json:"until,omitzero" doc:"And before this one; left out: now"`
	Revision int64     `json:"revision,omitempty" minimum:"0" doc:"Candidate: a stored revision; left out, with no files: the live one"`
	Files    Files     `json:"files,omitempty" doc:"Candidate: a tree that nobody has applied"`
	Events   int       `json:"events,omitempty" minimum:"0" maximum:"1000000" doc:"Most events to look at; left out: 100,000"`
}

// replayEvery is how often a replay tells how far it is.
const replayEvery = time.Second

func (a *api) replayRoutes() {
	route(a, right{operator.ReadAudit, there}, huma.Operation{
		OperationID: "replay-access", Method: http.MethodPost, Path: here("/access/replay"),
		Summary:      "Ask past requests again of a candidate: who would have got more, who less",
		MaxBodyBytes: maxTreeBody, Responses: streamOf("How far it is, and at last the report"),
	}, a.replay)
}

// replay streams reports. A tree can be written so that what changes tells of
// addresses, so whoever brings one must be allowed to read those.
func (a *api) replay(ctx context.Context, in *struct {
	Place
	Caller
	Body NewReplay
},
) (*huma.StreamResponse, error) {
	if err := a.also(ctx, operator.ReadAccess, in.place()); err != nil {
		return nil, err
	}
	if len(in.Body.Files) > 0 {
		if err := a.also(ctx, operator.ReadPersonal, in.place()); err != nil {
			return nil, err
		}
	}
	live, candidate, err := a.candidate(ctx, in.Place, in.Body)
	if err != nil {
		return nil, err
	}
	wish := replay.Wish{Candidate: candidate, From: in.Body.Since, To: in.Body.Until, Events: in.Body.Events}
	if wish.To.IsZero() {
		wish.To = a.cfg.Now()
	}
	if !wish.From.Before(wish.To) {
		return nil, problem(RequestInvalid, "since is not before until")
	}
	err = a.cfg.Audit.Record(ctx, live.ID, audit.Entry{
		Type: audit.AuditRead, Actor: in.actor(), Detail: map[string]any{
			"replay": true, "from": wish.From.UTC(), "to": wish.To.UTC(), "candidate": candidate.Revision, "personal": len(in.Body.Files) > 0,
		},
	})
	if err != nil {
		return nil, err
	}
	ctx, release, err := a.attended(ctx)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer release()
		out, told := newLines(h), a.cfg.Now()
		wish.Progress = func(r replay.Report) {
			if now := a.cfg.Now(); now.Sub(told) >= replayEvery {
				told, r.Changes = now, nil
				_ = out.write(r)
			}
		}
		report, err := replay.Run(ctx, a.cfg.Replayed, live.ID, wish)
		if err != nil {
			if ctx.Err() == nil {
				a.cfg.Log.Error("replay ended early", "error", err)
			}
			return // a stream without a complete report says that it is none
		}
		_ = out.write(report)
	}}, nil
}

// candidate compiles what to replay against: a tree, a stored revision, or what is live.
func (a *api) candidate(ctx context.Context, p Place, want NewReplay) (*environment.Live, *config.Snapshot, error) {
	if len(want.Files) > 0 {
		live, tree, err := a.treeFor(p, want.Files)
		if err != nil {
			return nil, nil, err
		}
		snapshot, _, err := a.cfg.Registry.Compiled(live, tree)
		return live, snapshot, err
	}
	live, err := a.at(p)
	if err != nil {
		return nil, nil, err
	}
	if want.Revision == 0 {
		if live.Snapshot() == nil {
			return nil, nil, environment.ErrNoEnvironment
		}
		return live, live.Snapshot(), nil
	}
	_, tree, err := a.cfg.Registry.Revision(ctx, live, want.Revision)
	if err != nil {
		return nil, nil, err
	}
	snapshot, _, err := a.cfg.Registry.Compiled(live, tree)
	if err != nil {
		return nil, nil, err
	}
	stored := *snapshot
	stored.Revision = want.Revision
	return live, &stored, nil
}
