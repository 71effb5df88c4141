package admin

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/rival"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/operator"
)

// Duplicates is a page of groups of records that claim one identifier.
type Duplicates struct {
	Version   int              `json:"version"`
	Place     string           `json:"environment"`
	Migration string           `json:"migration"`
	Groups    []DuplicateGroup `json:"groups"`
	Next      string           `json:"next,omitempty" doc:"Cursor of the next page"`
}

// DuplicateGroup are those who claim one identifier.
type DuplicateGroup struct {
	ID        string         `json:"id" doc:"Keyed digest of what they claim"`
	Class     string         `json:"class" doc:"Kind, and who proved it: email-none-verified, username-customer-here"`
	Open      bool           `json:"open" doc:"Somebody must decide"`
	Claimants []Claimant     `json:"claimants" doc:"In the order in which one would keep them"`
	Decision  *DecisionMade  `json:"decision,omitempty"`
	Suggested rival.Decision `json:"suggested" doc:"What one might decide"`
	Why       string         `json:"why" doc:"The reason of that"`
}

// Claimant is one of them.
type Claimant struct {
	Key         string             `json:"key,omitempty" doc:"Of the record; left out: a customer who is here"`
	Customer    string             `json:"customer,omitempty" doc:"Who is here, or whom the record became"`
	State       string             `json:"state,omitempty" doc:"Of the record"`
	Spelled     string             `json:"spelled" doc:"The identifier, as this one writes it"`
	Verified    bool               `json:"verified"`
	Name        string             `json:"name,omitempty"`
	Identifiers []rival.Identifier `json:"identifiers"`
	Created     *time.Time         `json:"created,omitempty"`
	Disabled    bool               `json:"disabled,omitempty"`
	Password    bool               `json:"password"`
	Factors     int                `json:"factors"`
	Passkeys    int                `json:"passkeys"`
	Links       int                `json:"links"`
}

// DecisionMade is a decision and who made it.
type DecisionMade struct {
	rival.Decision
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Number int64     `json:"decision_version"`
}

// Deciding is what is decided on a group.
type Deciding struct {
	Seen     int64           `json:"seen" minimum:"0" doc:"decision_version of the decision that was seen; 0: there was none"`
	Decision *rival.Decision `json:"decision,omitempty" doc:"Kind and claimants are the group's, whatever is said here; left out: take the decision back"`
}

// Decisions are all of a migration, as they are carried to another installation.
type Decisions struct {
	Version   int              `json:"version"`
	Migration string           `json:"migration"`
	Decisions []rival.Decision `json:"decisions" maxItems:"10000"`
}

// DecisionsBrought tells how many were new.
type DecisionsBrought struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	Fresh   int    `json:"fresh"`
}

// DuplicatePlace is the migration whose duplicates are meant.
type DuplicatePlace struct {
	Place
	Caller
	Migration string `path:"migration" maxLength:"63"`
}

func (a *api) duplicateRoutes() {
	route(a, right{operator.ReadRecords, there}, huma.Operation{
		OperationID: "list-duplicates", Method: http.MethodGet, Path: here("/migrations/{migration}/duplicates"),
		Summary: "List records that claim one identifier, group by group",
	}, func(ctx context.Context, in *struct {
		DuplicatePlace
		After string `query:"after" maxLength:"64"`
		Limit int    `query:"limit" minimum:"1" maximum:"200" default:"50"`
	},
	) (*answer[Duplicates], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		groups, next, err := a.cfg.Intake.Rivals(ctx, live.ID, in.Migration, in.After, in.Limit)
		if err != nil {
			return nil, err
		}
		return a.duplicates(ctx, live, duplicatesAsk{in.Caller, in.Migration, next}, groups)
	})
	route(a, right{operator.ReadRecords, there}, huma.Operation{
		OperationID: "show-duplicates", Method: http.MethodGet, Path: here("/migrations/{migration}/duplicates/{group}"),
		Summary: "Show who claims one identifier",
	}, func(ctx context.Context, in *struct {
		DuplicatePlace
		Group string `path:"group" maxLength:"64"`
	},
	) (*answer[Duplicates], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		g, err := a.cfg.Intake.Rival(ctx, live.ID, in.Migration, in.Group)
		if err != nil {
			return nil, err
		}
		return a.duplicates(ctx, live, duplicatesAsk{in.Caller, in.Migration, ""}, []intake.RivalGroup{g})
	})
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "decide-duplicates", Method: http.MethodPost, Path: here("/migrations/{migration}/duplicates/{group}/decision"),
		Summary: "Decide who is who; the next import carries it out",
	}, func(ctx context.Context, in *struct {
		DuplicatePlace
		Group string `path:"group" maxLength:"64"`
		Body  Deciding
	},
	) (*answer[Duplicates], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		g, err := a.cfg.Intake.Decide(ctx, intake.RivalChange{
			Env: live.ID, Migration: in.Migration, Group: in.Group, Version: in.Body.Seen, Decision: in.Body.Decision, Actor: in.actor(),
		})
		if err != nil {
			return nil, err
		}
		if !a.sees(ctx, operator.ReadRecords, in.place()) {
			for i := range g.Claimants {
				c := &g.Claimants[i]
				*c = intake.RivalClaimant{Claimant: rival.Claimant{Key: c.Key, Customer: c.Customer, Verified: c.Verified}, State: c.State}
			}
		}
		return a.duplicates(ctx, live, duplicatesAsk{in.Caller, in.Migration, ""}, []intake.RivalGroup{g})
	})
	a.decisionRoutes()
}

func (a *api) decisionRoutes() {
	route(a, right{operator.ReadRecords, there}, huma.Operation{
		OperationID: "export-decisions", Method: http.MethodGet, Path: here("/migrations/{migration}/decisions"),
		Summary: "Give all decisions of a migration, for another installation",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Migration string `path:"migration" maxLength:"63"`
	},
	) (*answer[Decisions], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		all, err := a.cfg.Intake.ExportDecisions(ctx, live.ID, in.Migration)
		if err == nil {
			err = a.looked(ctx, live, in.Caller, map[string]any{"migration": in.Migration, "decisions": len(all)})
		}
		return say(Decisions{1, in.Migration, all}), err
	})
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "import-decisions", Method: http.MethodPost, Path: here("/migrations/{migration}/decisions"),
		Summary:      "Bring decisions that were made elsewhere; what is decided here stays",
		MaxBodyBytes: 16 << 20,
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Migration string `path:"migration" maxLength:"63"`
		Body      Decisions
	},
	) (*answer[DecisionsBrought], error) {
		live, _, err := a.migration(in.Place, in.Migration)
		if err != nil {
			return nil, err
		}
		fresh, err := a.cfg.Intake.ImportDecisions(ctx, live.ID, in.Migration, in.Body.Decisions, in.actor())
		return say(DecisionsBrought{1, name(live), fresh}), err
	})
}

// looked tells the ledger that somebody was shown records, and how many.
func (a *api) looked(ctx context.Context, live *environment.Live, by Caller, detail map[string]any) error {
	return a.cfg.Audit.Record(ctx, live.ID, audit.Entry{Type: audit.RecordsViewed, Actor: by.actor(), Detail: detail})
}

type duplicatesAsk struct {
	Caller
	migration, next string
}

func (a *api) duplicates(ctx context.Context, live *environment.Live, ask duplicatesAsk, groups []intake.RivalGroup) (*answer[Duplicates], error) {
	out, records := Duplicates{1, name(live), ask.migration, []DuplicateGroup{}, ask.next}, 0
	for i := range groups {
		out.Groups = append(out.Groups, duplicateGroup(&groups[i]))
		records += len(groups[i].Claimants)
	}
	detail := map[string]any{"migration": ask.migration, "state": "duplicates", "records": records}
	if len(groups) == 1 {
		detail["group"] = groups[0].ID
	}
	return say(out), a.looked(ctx, live, ask.Caller, detail)
}

func duplicateGroup(g *intake.RivalGroup) DuplicateGroup {
	out := DuplicateGroup{ID: g.ID, Class: g.Class(), Open: g.Open(), Claimants: []Claimant{}, Suggested: g.Suggested, Why: g.Why}
	if g.Decision != nil {
		out.Decision = &DecisionMade{*g.Decision, g.By, g.At.UTC(), g.Version}
	}
	for _, c := range g.Claimants {
		claimant := Claimant{
			Key: c.Key, Customer: c.Customer + c.Made, State: c.State, Spelled: c.Spelled, Verified: c.Verified, Name: c.Name,
			Identifiers: append([]rival.Identifier{}, c.Identifiers...), Disabled: c.Disabled, Password: c.Password,
			Factors: c.Factors, Passkeys: c.Passkeys, Links: c.Links,
		}
		if at := c.Created.UTC(); !at.IsZero() {
			claimant.Created = &at
		}
		out.Claimants = append(out.Claimants, claimant)
	}
	return out
}
