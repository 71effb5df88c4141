package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/audit"
	"sallyport/service/hook"
	"sallyport/service/operator"
)

// HookEvent is one thing of which a hook is, or was, told.
type HookEvent struct {
	ID          string     `json:"id"`
	Hook        string     `json:"hook"`
	Type        string     `json:"type"`
	Journey     string     `json:"journey"`
	Application string     `json:"application,omitempty"`
	Customer    string     `json:"customer"`
	State       string     `json:"state" enum:"queued,sending,sent,dead"`
	Reason      string     `json:"reason,omitempty" doc:"A stable word: why it waits or is dead"`
	Attempts    int        `json:"attempts"`
	At          time.Time  `json:"at"`
	Updated     time.Time  `json:"updated"`
	Due         *time.Time `json:"due,omitempty" doc:"When it is tried next"`
}

// HookEventList is a page of them, oldest first.
type HookEventList struct {
	Version int         `json:"version"`
	Place   string      `json:"environment"`
	Events  []HookEvent `json:"events"`
	Next    string      `json:"next,omitempty" doc:"What after= takes for the next page"`
}

// HookReplay says which events go out again.
type HookReplay struct {
	ID    string     `json:"id,omitempty" maxLength:"64" doc:"One, or"`
	Since *time.Time `json:"since,omitempty" doc:"all since an instant"`
	Hook  string     `json:"hook,omitempty" maxLength:"63" doc:"Only those of this hook; left out: of all"`
}

// HookReplayed is what came of it.
type HookReplayed struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	Queued  int    `json:"queued" doc:"That go out again, 10 000 at most"`
	More    bool   `json:"more,omitempty" doc:"There are more: replay again once these are out"`
}

func (a *api) hookEventRoutes() {
	route(a, right{operator.ReadMessages, there}, huma.Operation{
		OperationID: "list-hook-events", Method: http.MethodGet, Path: here("/hook-events"),
		Summary: "List what hooks are told of, oldest first",
	}, a.hookEvents)
	route(a, right{operator.ManageMessages, there}, huma.Operation{
		OperationID: "replay-hook-events", Method: http.MethodPost, Path: here("/hook-events/replay"),
		Summary: "Have events go out to hooks again, under the ids that they had",
	}, a.replayHookEvents)
}

func (a *api) hookEvents(ctx context.Context, in *struct {
	Place
	Hook  string    `query:"hook" maxLength:"63"`
	State string    `query:"state" enum:"queued,sending,sent,dead"`
	Since time.Time `query:"since"`
	After string    `query:"after" maxLength:"64"`
	Limit int       `query:"limit" minimum:"1" maximum:"1000" default:"100"`
},
) (*answer[HookEventList], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	found, err := a.cfg.Points.Events(ctx, live.ID, hook.EventPage{Hook: in.Hook, State: in.State, Since: in.Since, After: in.After, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	all := HookEventList{Version: 1, Place: name(live), Events: []HookEvent{}}
	for _, e := range found {
		told := HookEvent{
			ID: e.ID, Hook: e.Hook, Type: e.Type, Journey: e.Journey, Application: e.Application, Customer: e.Customer.String(),
			State: string(e.State), Reason: e.Reason, Attempts: e.Attempts, At: e.At.UTC(), Updated: e.Updated.UTC(),
		}
		if told.State == "queued" || told.State == "sending" {
			due := e.Due.UTC()
			told.Due = &due
		}
		all.Events = append(all.Events, told)
	}
	if len(found) == in.Limit {
		all.Next = found[len(found)-1].ID
	}
	return say(all), nil
}

func (a *api) replayHookEvents(ctx context.Context, in *struct {
	Place
	Caller
	Body HookReplay
},
) (*answer[HookReplayed], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	what := hook.Again{ID: in.Body.ID, Hook: in.Body.Hook}
	if in.Body.Since != nil {
		what.Since = *in.Body.Since
	}
	if (what.ID == "") == what.Since.IsZero() {
		return nil, problem(RequestInvalid, "say either which event, by its id, or since when")
	}
	n, more, err := a.cfg.Points.Replay(ctx, live.ID, what)
	if err != nil {
		return nil, err
	}
	entry := audit.Entry{Type: audit.HookReplayed, Actor: in.actor(), Detail: map[string]any{"hook": what.Hook, "id": what.ID, "since": in.Body.Since, "queued": n}}
	if err := a.cfg.Audit.Record(ctx, live.ID, entry); err != nil {
		return nil, err
	}
	return say(HookReplayed{1, name(live), n, more}), nil
}
