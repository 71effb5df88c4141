package admin

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/journey"
	"sallyport/service/environment"
	"sallyport/service/jit"
	"sallyport/service/operator"
	"sallyport/service/signin"
	"sallyport/service/source"
)

// Checker verifies passwords as sign-in does, without one: signin.Service has it.
type Checker interface {
	Check(ctx context.Context, live *environment.Live, source, identifier string, password []byte) (signin.Checked, error)
}

// ComparedAs is what both sides say of a test account.
type ComparedAs struct {
	Version   int          `json:"version"`
	Place     string       `json:"environment"`
	Migration string       `json:"migration"`
	Agree     bool         `json:"agree" doc:"Both say the same, and neither is unavailable"`
	Here      AccountHere  `json:"here"`
	There     AccountThere `json:"there"`
}

// AccountHere is what sign-in here would say.
type AccountHere struct {
	Verdict string `json:"verdict" enum:"match,no-match,unavailable"`
	Reason  string `json:"reason,omitempty"`
}

// AccountThere is what the earlier system says.
type AccountThere struct {
	jit.Probed
}

func (a *api) compareRoute() {
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "compare-account", Method: http.MethodPost, Path: here("/migrations/{migration}/compare"),
		Summary:     "Verify the password of a test account here and at the earlier system, and write nothing",
		Description: "Here only for customers who came by this migration: by the code of sign-in, without a session and without counting. One event of the audit ledger tells the verdicts, without names.",
	}, func(ctx context.Context, in *struct {
		SystemPlace
		Body ProbeOf
	},
	) (*answer[ComparedAs], error) {
		return a.compareAccount(ctx, in.SystemPlace, in.Body)
	})
}

func (a *api) compareAccount(ctx context.Context, in SystemPlace, of ProbeOf) (*answer[ComparedAs], error) {
	live, _, err := a.migration(in.Place, in.Migration)
	if err != nil {
		return nil, err
	}
	password := []byte(of.Password)
	defer clear(password)
	there, err := a.cfg.Systems.Probe(ctx, live, in.Migration, source.Login{Identifier: of.Identifier, Password: password})
	if err != nil {
		return nil, unconnected(in.Migration, err)
	}
	checked, err := a.cfg.SignIn.Check(ctx, live, "migration/"+in.Migration, of.Identifier, password)
	if err != nil {
		return nil, err
	}
	here := AccountHere{Verdict: verdicts(checked.Verdict), Reason: checked.Reason}
	said := ComparedAs{
		Version: 1, Place: name(live), Migration: in.Migration, Here: here, There: AccountThere{there},
		Agree: here.Verdict == there.Verdict && checked.Verdict != journey.Unavailable,
	}
	return say(said), a.probed(ctx, live, in.actor(), map[string]any{
		"migration": in.Migration, "verdict": there.Verdict, "reason": there.Reason, "here": here.Verdict, "here_reason": here.Reason,
	})
}

func verdicts(v journey.Verdict) string {
	switch v {
	case journey.Match:
		return source.Match.String()
	case journey.NoMatch:
		return source.NoMatch.String()
	}
	return source.Unavailable.String()
}
