package admin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/service/promotion"
)

// ChangePlace is one change of an environment.
type ChangePlace struct {
	Place
	Caller
	Number int64 `path:"change" minimum:"1"`
}

// changePath is where routes of one change are.
func changePath(rest string) string { return here("/changes/{change}" + rest) }

func (a *api) changeRoutes() {
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "preview-change", Method: http.MethodPost, Path: here("/changes/preview"),
		Summary: "Review a tree as a change, and store nothing", MaxBodyBytes: maxTreeBody,
	}, a.previewChange)
	route(a, right{operator.ChangeConfiguration, there}, huma.Operation{
		OperationID: "propose-change", Method: http.MethodPost, Path: here("/changes"),
		Summary: "Propose a tree as a change", MaxBodyBytes: maxTreeBody, DefaultStatus: http.StatusCreated,
	}, a.proposeChange)
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "list-changes", Method: http.MethodGet, Path: here("/changes"),
		Summary: "List changes, newest first",
	}, a.listChanges)
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "show-change", Method: http.MethodGet, Path: changePath(""),
		Summary: "Read a change: what it means, who approved it, and what stands in its way",
	}, a.showChange)
	route(a, right{operator.ReadConfiguration, there}, huma.Operation{
		OperationID: "change-files", Method: http.MethodGet, Path: changePath("/files"),
		Summary: "Read the tree that a change proposes",
	}, a.changeFiles)
	a.changeEndRoutes()
}

// changeEndRoutes move a change. None of them wants If-Match: what a change proposes
// never changes, and an approval names what was looked at.
func (a *api) changeEndRoutes() {
	route(a, right{operator.ApproveChanges, there}, huma.Operation{
		OperationID: "approve-change", Method: http.MethodPost, Path: changePath("/approvals"),
		Summary: "Consent to a change that somebody else wrote", DefaultStatus: http.StatusCreated,
	}, a.approveChange)
	route(a, right{operator.ApproveChanges, there}, huma.Operation{
		OperationID: "reject-change", Method: http.MethodPost, Path: changePath("/reject"),
		Summary: "End a change that you do not want",
	}, func(ctx context.Context, in *noted) (*answer[ChangeShown], error) {
		return a.endChange(ctx, in, a.cfg.Promotion.Reject)
	})
	route(a, right{operator.ChangeConfiguration, there}, huma.Operation{
		OperationID: "withdraw-change", Method: http.MethodPost, Path: changePath("/withdraw"),
		Summary: "Take back a change that you proposed",
	}, func(ctx context.Context, in *noted) (*answer[ChangeShown], error) {
		return a.endChange(ctx, in, a.cfg.Promotion.Withdraw)
	})
	route(a, right{operator.ChangeConfiguration, there}, huma.Operation{
		OperationID: "rebase-change", Method: http.MethodPost, Path: changePath("/rebase"),
		Summary: "Carry a change over to the newest revision; approvals stay only if it means the same there", DefaultStatus: http.StatusCreated,
	}, a.rebaseChange)
	route(a, right{operator.ChangeConfiguration, there}, huma.Operation{
		OperationID: "apply-change", Method: http.MethodPost, Path: changePath("/apply"),
		Summary: "Make a change the newest revision, if it passes every gate",
	}, a.applyChange)
	route(a, right{operator.ChangeConfiguration, there}, huma.Operation{
		OperationID: "undo-change", Method: http.MethodPost, Path: changePath("/undo"),
		Summary: "Take an applied change back, with the tokens issued for what it widened",
	}, a.undoChange)
}

// by is who asks, as changes know them.
func (a *api) by(ctx context.Context, c Caller) promotion.By {
	if p := passOf(ctx); p != nil {
		return promotion.By{ID: p.who.ID, Name: p.who.Username}
	}
	return promotion.By{Name: c.Operator}
}

type proposing struct {
	Place
	Caller
	Body Proposal
}

// proposal reads a request for a change.
func (a *api) proposal(in *proposing) (*environment.Live, promotion.Proposal, error) {
	live, tree, err := a.treeFor(in.Place, in.Body.Files)
	b := in.Body
	return live, promotion.Proposal{Tree: tree, Base: b.Base, Title: b.Title, Reason: b.Reason, Source: b.Source}, err
}

func (a *api) previewChange(ctx context.Context, in *proposing) (*answer[ChangeShown], error) {
	live, proposal, err := a.proposal(in)
	if err != nil {
		return nil, err
	}
	shown, err := a.cfg.Promotion.Preview(ctx, live, proposal, a.by(ctx, in.Caller))
	if err != nil {
		return nil, err
	}
	return say(changeShown(live, shown)), nil
}

func (a *api) proposeChange(ctx context.Context, in *proposing) (*answer[ChangeShown], error) {
	live, proposal, err := a.proposal(in)
	if err != nil {
		return nil, err
	}
	shown, err := a.cfg.Promotion.Propose(ctx, live, proposal, a.by(ctx, in.Caller))
	if err != nil {
		return nil, err
	}
	return say(changeShown(live, shown)), nil
}

func (a *api) listChanges(ctx context.Context, in *struct {
	Place
	State  []string `query:"state" doc:"Only those in one of these states"`
	Before int64    `query:"before" minimum:"0" doc:"Only those with a smaller number"`
	Limit  int      `query:"limit" minimum:"1" maximum:"200" default:"20"`
},
) (*answer[ProposedChanges], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	page := promotion.Page{Before: in.Before, Limit: in.Limit}
	for _, state := range in.State {
		known, err := promotion.ParseState(state)
		if err != nil {
			return nil, problem(RequestInvalid, err.Error())
		}
		page.States = append(page.States, known)
	}
	list, err := a.cfg.Promotion.List(ctx, live, page)
	all := ProposedChanges{1, name(live), []Proposed{}}
	for _, c := range list {
		all.Changes = append(all.Changes, proposedOf(c))
	}
	return say(all), err
}

func (a *api) showChange(ctx context.Context, in *struct {
	Place
	Number int64 `path:"change" minimum:"1"`
},
) (*answer[ChangeShown], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	shown, err := a.cfg.Promotion.Show(ctx, live, in.Number)
	if err != nil {
		return nil, err
	}
	return say(changeShown(live, shown)), nil
}

// ChangeFiles is the tree that a change proposes.
type ChangeFiles struct {
	Version int    `json:"version"`
	Place   string `json:"environment"`
	Number  int64  `json:"change"`
	Digest  string `json:"digest"`
	Files   Files  `json:"files"`
}

func (a *api) changeFiles(ctx context.Context, in *struct {
	Place
	Number int64 `path:"change" minimum:"1"`
},
) (*answer[ChangeFiles], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	tree, err := a.cfg.Promotion.Tree(ctx, live, in.Number)
	if err != nil {
		return nil, err
	}
	digest := tree.Digest()
	return say(ChangeFiles{1, name(live), in.Number, hex.EncodeToString(digest[:]), tree.Files()}), nil
}

func (a *api) approveChange(ctx context.Context, in *struct {
	ChangePlace
	Body struct {
		Binding string `json:"binding" minLength:"64" maxLength:"64" doc:"Of the change as it was looked at"`
	}
},
) (*answer[ChangeShown], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	seen, err := hex.DecodeString(in.Body.Binding)
	if err != nil || len(seen) != 32 {
		return nil, problem(RequestInvalid, "binding is 64 hexadecimal digits")
	}
	shown, err := a.cfg.Promotion.Approve(ctx, live, in.Number, [32]byte(seen), a.by(ctx, in.Caller))
	if err != nil {
		return nil, err
	}
	return say(changeShown(live, shown)), nil
}

type noted struct {
	ChangePlace
	Body struct {
		Note string `json:"note,omitempty" maxLength:"4096" doc:"Why"`
	}
}

func (a *api) endChange(ctx context.Context, in *noted, end func(context.Context, *environment.Live, int64, string, promotion.By) error) (*answer[ChangeShown], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	if err := end(ctx, live, in.Number, in.Body.Note, a.by(ctx, in.Caller)); err != nil {
		return nil, err
	}
	shown, err := a.cfg.Promotion.Show(ctx, live, in.Number)
	if err != nil {
		return nil, err
	}
	return say(changeShown(live, shown)), nil
}

func (a *api) rebaseChange(ctx context.Context, in *ChangePlace) (*answer[ChangeShown], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	shown, err := a.cfg.Promotion.Rebase(ctx, live, in.Number, a.by(ctx, in.Caller))
	if err != nil {
		return nil, err
	}
	return say(changeShown(live, shown)), nil
}

func (a *api) applyChange(ctx context.Context, in *ChangePlace) (*answer[Ended], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	applied, err := a.cfg.Promotion.Apply(ctx, live, in.Number, a.by(ctx, in.Caller))
	if err != nil {
		return nil, err
	}
	return say(ended(live, applied)), nil
}

func (a *api) undoChange(ctx context.Context, in *struct {
	ChangePlace
	Body struct {
		Reason string `json:"reason,omitempty" maxLength:"4096"`
	}
},
) (*answer[Ended], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	applied, err := a.cfg.Promotion.Undo(ctx, live, in.Number, in.Body.Reason, a.by(ctx, in.Caller))
	if err != nil {
		return nil, err
	}
	return say(ended(live, applied)), nil
}

// refusedChange tells of a change that cannot be moved; nil if the error is of
// something else.
func refusedChange(err error) *Problem {
	var ended *promotion.StateError
	var gates *promotion.GateError
	var both *promotion.ConflictError
	switch {
	case errors.As(err, &ended):
		return problem(ChangeEnded, ended.Error())
	case errors.As(err, &both):
		return problem(BothSides, both.Error())
	case errors.As(err, &gates):
		p := problem(Stopping, fmt.Sprintf("%d of its gates are shut", len(gates.Failed)))
		p.Gates = gates.Failed
		return p
	}
	return nil
}
