package admin

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/config"
	"sallyport/pure/review"
	"sallyport/service/environment"
	"sallyport/service/operator"
)

// maxTreeBody is the largest tree in base64, with room for its paths.
const maxTreeBody = config.MaxTree/3*4 + 4<<20

// Files are the files of a configuration tree by slash path, in base64.
type Files map[string][]byte

// Plan is what applying a tree would change.
type Plan struct {
	Version  int            `json:"version"`
	Place    string         `json:"environment"`
	Base     int64          `json:"base" doc:"The revision it was compared with; 0 for none"`
	Digest   string         `json:"digest" doc:"Of the tree's meaning, in hexadecimal"`
	Review   *review.Review `json:"review" doc:"What the change means, widening first"`
	Delta    string         `json:"delta" doc:"Of the review's meaning, in hexadecimal"`
	Changes  []Change       `json:"changes"`
	Warnings []Mistake      `json:"warnings"`
}

// Change is one object that the tree and the newest revision disagree on.
type Change struct {
	Action string        `json:"action" enum:"+,-,~"`
	Kind   string        `json:"kind"`
	Name   string        `json:"name"`
	Fields []FieldChange `json:"fields,omitempty"`
}

// FieldChange is one place in a changed object.
type FieldChange struct {
	Path   string `json:"path"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// NewRevision asks for a tree to become the newest revision.
type NewRevision struct {
	Files      Files  `json:"files"`
	Base       int64  `json:"base" minimum:"0" doc:"The revision that the author saw; 0 for none"`
	Message    string `json:"message,omitempty" maxLength:"1000"`
	BreakGlass string `json:"break_glass,omitempty" maxLength:"1000" doc:"Reason for overriding a protection"`
}

// Applied tells what became of a tree.
type Applied struct {
	Version  int    `json:"version"`
	Place    string `json:"environment"`
	Revision int64  `json:"revision"`
	Applied  bool   `json:"applied" doc:"False if the newest revision says the same already"`
	Digest   string `json:"digest"`
}

func (a *api) configurationRoutes() {
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "plan", Method: http.MethodPost, Path: here("/plan"),
		Summary: "Compare a tree with the newest revision", MaxBodyBytes: maxTreeBody, SkipValidateBody: true,
	}, func(ctx context.Context, in *struct {
		Place
		Body struct {
			Files Files `json:"files"`
		}
	},
	) (*answer[Plan], error) {
		return a.plan(ctx, in.Place, in.Body.Files)
	})
	route(a, right{operator.ChangeConfiguration, there}, huma.Operation{
		OperationID: "apply", Method: http.MethodPost, Path: here("/revisions"),
		Summary: "Make a tree the newest revision", MaxBodyBytes: maxTreeBody,
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Body NewRevision
	},
	) (*answer[Applied], error) {
		if in.Body.BreakGlass != "" {
			if err := a.also(ctx, operator.BreakGlass, in.place()); err != nil {
				return nil, err
			}
		}
		return a.apply(ctx, in.Place, in.Operator, in.Body)
	})
}

func (a *api) plan(ctx context.Context, p Place, files Files) (*answer[Plan], error) {
	live, tree, err := a.treeFor(p, files)
	if err != nil {
		return nil, err
	}
	plan, err := a.cfg.Registry.Plan(ctx, live.ID, tree)
	if err != nil {
		return nil, err
	}
	delta := plan.Review.Delta()
	return say(Plan{
		Version: 2, Place: name(live), Base: plan.Base, Digest: hex.EncodeToString(plan.Digest[:]),
		Review: plan.Review, Delta: hex.EncodeToString(delta[:]), Changes: Changes(plan.Changes), Warnings: Mistakes(plan.Warnings),
	}), nil
}

func (a *api) apply(ctx context.Context, p Place, author string, r NewRevision) (*answer[Applied], error) {
	live, tree, err := a.treeFor(p, r.Files)
	if err != nil {
		return nil, err
	}
	number, applied, err := a.cfg.Registry.Apply(ctx, live.ID, environment.Change{
		Tree: tree, Base: r.Base, Author: author, Message: r.Message, BreakGlass: r.BreakGlass,
	})
	if err != nil {
		return nil, err
	}
	digest := tree.Digest()
	return say(Applied{1, name(live), number, applied, hex.EncodeToString(digest[:])}), nil
}

// treeFor parses files for an environment. A tree that cannot be read, or is
// another tenant's, never reaches a service.
func (a *api) treeFor(p Place, files Files) (*environment.Live, *config.Tree, error) {
	live, err := a.at(p)
	if err != nil {
		return nil, nil, err
	}
	tree, problems := config.Parse(files)
	if config.Refused(problems) {
		return nil, nil, &environment.InvalidError{Problems: problems}
	}
	if tenant := tree.TenantName(); tenant != live.Tenant {
		return nil, nil, problem(OtherTenant, fmt.Sprintf("the tree is of %q, the environment of %q", tenant, live.Tenant))
	}
	return live, tree, nil
}

// Changes are those of config.Diff in the form of the API.
func Changes(changes []config.Change) []Change {
	all := make([]Change, len(changes))
	for i, c := range changes {
		all[i] = Change{Action: string(c.Action), Kind: string(c.Object.Kind), Name: c.Object.Name}
		for _, f := range c.Fields {
			all[i].Fields = append(all[i].Fields, FieldChange{f.Path, f.Before, f.After})
		}
	}
	return all
}

// name is how people write an environment.
func name(live *environment.Live) string { return live.Tenant + "/" + live.Name }

// Differs tells whether applying the tree would change anything.
func (p Plan) Differs() bool { return p.Base == 0 || len(p.Changes) > 0 }
