package admin

import (
	"context"
	"encoding/hex"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/environment"
	"sallyport/service/operator"
)

// Revision is one immutable configuration of an environment.
type Revision struct {
	Number     int64     `json:"revision"`
	Base       int64     `json:"base"`
	Digest     string    `json:"digest"`
	Author     string    `json:"author"`
	Message    string    `json:"message,omitempty"`
	BreakGlass string    `json:"break_glass,omitempty"`
	Created    time.Time `json:"created"`
	Live       bool      `json:"live" doc:"Whether this server serves by it"`
}

// Revisions lists revisions, newest first.
type Revisions struct {
	Version   int        `json:"version"`
	Place     string     `json:"environment"`
	Revisions []Revision `json:"revisions"`
}

// RevisionFiles is a revision with its files.
type RevisionFiles struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	Revision
	Files Files `json:"files"`
}

func (a *api) revisionRoutes() {
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "list-revisions", Method: http.MethodGet, Path: here("/revisions"),
		Summary: "List revisions, newest first",
	}, func(ctx context.Context, in *struct {
		Place
		Before int64 `query:"before" minimum:"0" doc:"Only those with a smaller number"`
		Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"20"`
	},
	) (*answer[Revisions], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		list, err := a.cfg.Registry.Revisions(ctx, live, in.Before, in.Limit)
		page := Revisions{1, name(live), []Revision{}}
		for _, r := range list {
			page.Revisions = append(page.Revisions, revisionOf(live, r))
		}
		return say(page), err
	})
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "show-revision", Method: http.MethodGet, Path: here("/revisions/{revision}"),
		Summary: "Read a revision with its files",
	}, func(ctx context.Context, in *struct {
		Place
		Number int64 `path:"revision" minimum:"0" doc:"0 for the newest"`
	},
	) (*versioned[RevisionFiles], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		revision, tree, err := a.cfg.Registry.Revision(ctx, live, in.Number)
		if err != nil {
			return nil, err
		}
		return sayAt(number(revision.Number), RevisionFiles{1, name(live), revisionOf(live, revision), tree.Files()}), nil
	})
}

func revisionOf(live *environment.Live, r environment.Revision) Revision {
	return Revision{
		Number: r.Number, Base: r.Base, Digest: hex.EncodeToString(r.Digest[:]), Author: r.Author,
		Message: r.Message, BreakGlass: r.BreakGlass, Created: r.Created.UTC(), Live: served(live, r.Number),
	}
}

func served(live *environment.Live, number int64) bool {
	snapshot := live.Snapshot()
	return snapshot != nil && snapshot.Revision == number
}
