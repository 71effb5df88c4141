package admin

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/debug"
	"sallyport/service/issue"
	"sallyport/service/operator"
)

// Debugged is what a question would get, and why.
type Debugged struct {
	Version int           `json:"version"`
	Place   string        `json:"environment"`
	Outline debug.Outline `json:"outline" doc:"In public terms"`
	Whole   *debug.Answer `json:"whole,omitempty" doc:"With names of policies, groups and networks: only for those who may read the server's access"`
	Text    string        `json:"text,omitempty" doc:"The whole trace as a page of plain text, for the same"`
}

// Refusals are what an application was refused lately.
type Refusals struct {
	Version     int             `json:"version"`
	Place       string          `json:"environment"`
	Application string          `json:"application"`
	Refusals    []debug.Refused `json:"refusals"`
}

// TokenText is a token to look at. It is neither kept nor logged.
type TokenText struct {
	Token string `json:"token" minLength:"1" maxLength:"65536"`
}

// Inspected is what verifying a token found.
type Inspected struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	debug.Inspection
}

type debugging struct {
	Place
	Caller
	Application string `path:"application" maxLength:"63"`
	Body        Question
}

func (a *api) debugRoutes() {
	route(a, right{operator.DebugTokens, there}, huma.Operation{
		OperationID: "debug-token", Method: http.MethodPost, Path: here("/applications/{application}/debug"),
		Summary: "Say what a request of an application would get, why, and what the gateway would say to each call",
	}, a.debug)
	route(a, right{operator.DebugTokens, there}, huma.Operation{
		OperationID: "list-refusals", Method: http.MethodGet, Path: here("/applications/{application}/refusals"),
		Summary: "List what an application was refused in the last seven days, in public terms",
	}, func(ctx context.Context, in *struct {
		Place
		Application string `path:"application" maxLength:"63"`
	},
	) (*answer[Refusals], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		told, err := a.cfg.Debug.Refusals(ctx, live, in.Application)
		if told == nil {
			told = []debug.Refused{}
		}
		return say(Refusals{1, name(live), in.Application, told}), err
	})
	route(a, right{operator.DebugTokens, partly}, huma.Operation{
		OperationID: "inspect-token", Method: http.MethodPost, Path: here("/tokens/inspect"),
		Summary: "Verify an access token against the environment, and say which check it fails",
	}, a.inspect)
}

// debug answers a question about the application of the path. Who names a
// customer needs the rights of a preview.
func (a *api) debug(ctx context.Context, in *debugging) (*answer[Debugged], error) {
	in.Body.Application = in.Application
	question := &asking{in.Place, in.Caller, in.Body}
	var q *asked
	var err error
	if in.Body.Customer != "" {
		q, err = a.understand(ctx, question)
	} else {
		q, err = a.read(question)
	}
	if err != nil {
		return nil, err
	}
	whole := a.sees(ctx, operator.ReadAccess, in.server(q.request.Server))
	if _, assigned := q.view.Snapshot.Applications[in.Application].Assigned[q.request.Server]; !assigned && !whole {
		return nil, issue.ErrNoServer // as one that is not there
	}
	found, err := a.cfg.Debug.Ask(ctx, q.view, q.request)
	if err != nil {
		return nil, err
	}
	told := Debugged{Version: 1, Place: q.place, Outline: found.Outline()}
	if whole {
		told.Whole, told.Text = &found, found.Preview.Trace.String()
	}
	return say(told), nil
}

// inspect verifies a token. Whose it is says the token, so who may look at it is
// asked before anything of it is told. What an opaque one tells beyond what every token
// says is for whoever may read of customers.
func (a *api) inspect(ctx context.Context, in *struct {
	Place
	Caller
	Body TokenText
},
) (*answer[Inspected], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	found, err := a.cfg.Debug.Inspect(ctx, live, in.Body.Token)
	if err != nil {
		return nil, err
	}
	if found.Known && !a.sees(ctx, operator.ReadAccess, in.server(found.Server)) {
		at := in.place()
		at.Application = found.Application
		if err := a.also(ctx, operator.DebugTokens, at); err != nil {
			return nil, err
		}
	}
	if !a.sees(ctx, operator.ReadCustomers, in.place()) { // what is sealed may tell of the customer
		found = found.ForHolder()
	}
	return say(Inspected{1, name(live), found}), nil
}
