package admin

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/jit"
	"sallyport/service/operator"
	"sallyport/service/source"
)

// Systems tells how the running earlier systems of an environment are.
type Systems struct {
	Version int            `json:"version"`
	Place   string         `json:"environment"`
	Systems []jit.Standing `json:"systems"`
}

// ProbeOf is a test account.
type ProbeOf struct {
	Identifier string `json:"identifier" minLength:"1" maxLength:"254"`
	Password   string `json:"password" minLength:"1" maxLength:"1024"`
}

// ProbedAs is what an earlier system says of a test account.
type ProbedAs struct {
	Version   int    `json:"version"`
	Place     string `json:"environment"`
	Migration string `json:"migration"`
	jit.Probed
}

// FindOf is who is looked for.
type FindOf struct {
	Identifier string `json:"identifier" minLength:"1" maxLength:"254"`
}

// FoundAs is what is known of somebody here and at an earlier system.
type FoundAs struct {
	Version   int    `json:"version"`
	Place     string `json:"environment"`
	Migration string `json:"migration"`
	Found     bool   `json:"found" doc:"Somebody has the identifier, here or there"`
	Customer  string `json:"customer,omitempty"`
	Came      bool   `json:"came" doc:"They were taken along just now"`
	State     string `json:"state,omitempty" doc:"Of their record, if they came or were held just now"`
	Held      string `json:"held,omitempty" doc:"Why they cannot come"`
}

// SystemPlace is the migration whose system is asked.
type SystemPlace struct {
	Place
	Caller
	Migration string `path:"migration" maxLength:"63"`
}

func (a *api) systemRoutes() {
	route(a, right{operator.ReadMigration, there}, huma.Operation{
		OperationID: "list-systems", Method: http.MethodGet, Path: here("/systems"),
		Summary: "Tell whether the running earlier systems answer, by asking them about nobody",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
	},
	) (*answer[Systems], error) {
		return a.systems(ctx, in.Place, in.actor())
	})
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "probe-system", Method: http.MethodPost, Path: here("/migrations/{migration}/probe"),
		Summary: "Ask an earlier system about a test account with its password, and write nothing",
	}, func(ctx context.Context, in *struct {
		SystemPlace
		Body ProbeOf
	},
	) (*answer[ProbedAs], error) {
		return a.probe(ctx, in.SystemPlace, in.Body)
	})
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "find-at-system", Method: http.MethodPost, Path: here("/migrations/{migration}/find"),
		Summary: "Look somebody up at an earlier system, and take them along without their password",
	}, func(ctx context.Context, in *struct {
		SystemPlace
		Body FindOf
	},
	) (*answer[FoundAs], error) {
		return a.findThere(ctx, in.SystemPlace, in.Body)
	})
}

func (a *api) systems(ctx context.Context, p Place, by audit.Actor) (*answer[Systems], error) {
	live, err := a.at(p)
	if err != nil {
		return nil, err
	}
	list := Systems{Version: 1, Place: name(live), Systems: a.cfg.Systems.Standings(ctx, live)}
	if len(list.Systems) == 0 {
		return say(list), nil
	}
	silent := 0
	for _, s := range list.Systems {
		if s.Reason != "" {
			silent++
		}
	}
	return say(list), a.probed(ctx, live, by, map[string]any{"systems": len(list.Systems), "silent": silent})
}

func (a *api) probe(ctx context.Context, in SystemPlace, of ProbeOf) (*answer[ProbedAs], error) {
	live, _, err := a.migration(in.Place, in.Migration)
	if err != nil {
		return nil, err
	}
	password := []byte(of.Password)
	defer clear(password)
	probed, err := a.cfg.Systems.Probe(ctx, live, in.Migration, source.Login{Identifier: of.Identifier, Password: password})
	if err != nil {
		return nil, unconnected(in.Migration, err)
	}
	detail := map[string]any{"migration": in.Migration, "verdict": probed.Verdict, "reason": probed.Reason}
	return say(ProbedAs{1, name(live), in.Migration, probed}), a.probed(ctx, live, in.actor(), detail)
}

func (a *api) probed(ctx context.Context, live *environment.Live, by audit.Actor, detail map[string]any) error {
	return a.cfg.Audit.Record(ctx, live.ID, audit.Entry{Type: audit.MigrationProbed, Actor: by, Detail: detail})
}

func (a *api) findThere(ctx context.Context, in SystemPlace, of FindOf) (*answer[FoundAs], error) {
	live, _, err := a.migration(in.Place, in.Migration)
	if err != nil {
		return nil, err
	}
	known, err := a.cfg.Systems.Find(ctx, live, in.Migration, of.Identifier, in.actor())
	if err != nil {
		return nil, unconnected(in.Migration, err)
	}
	found := FoundAs{
		Version: 1, Place: name(live), Migration: in.Migration, Found: known != (jit.Known{}), Came: known.Customer != (customer.ID{}) && known.Migration != "",
		State: string(known.State), Held: string(known.Held),
	}
	if !known.Customer.IsZero() {
		found.Customer = known.Customer.String()
	}
	return say(found), a.probed(ctx, live, in.actor(), map[string]any{"migration": in.Migration, "found": found.Found, "came": found.Came})
}

// unconnected tells why a system cannot be asked.
func unconnected(migration string, err error) error {
	var f *source.Fault
	switch {
	case errors.Is(err, jit.ErrMigration):
		return problem(NoConnection, migration)
	case errors.As(err, &f):
		return problem(SystemSilent, f.Error())
	}
	return err
}
