package admin

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/customer"
	"sallyport/service/code"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/service/operator"
)

// CardOrder asks for a card of codes by post.
type CardOrder struct {
	Account  string `json:"account" minLength:"1" maxLength:"100" doc:"Of which the customer is owner or occupier: its number or id. It goes to its premises, and nowhere else"`
	Premises string `json:"premises,omitempty" maxLength:"40" doc:"Id of the premises; left out: the only ones of the account"`
	Reason   string `json:"reason" minLength:"1" maxLength:"200" doc:"For the ledger"`
	Brand    string `json:"brand,omitempty" maxLength:"63" doc:"Name of a brand; left out: the default one"`
}

// CardState is what a customer has; codes are told to nobody.
type CardState struct {
	Version int        `json:"version"`
	Place   string     `json:"environment"`
	ID      string     `json:"id" doc:"Of the customer"`
	InUse   bool       `json:"in_use"`
	Left    int        `json:"left" doc:"Codes that the card in use still has"`
	Since   *time.Time `json:"since,omitempty" doc:"When it was used first"`
	Waiting *time.Time `json:"waiting,omitempty" doc:"When a card was posted that was not used yet"`
}

func (a *api) cardRoutes() {
	route(a, right{operator.ReadCustomers, there}, huma.Operation{
		OperationID: "show-card", Method: http.MethodGet, Path: here("/customers/{customer}/card"),
		Summary: "Tell whether a customer has a card of codes, and how many are left",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Customer string `path:"customer" maxLength:"320"`
	},
	) (*answer[CardState], error) {
		return a.withCard(ctx, in.Place, in.Caller, in.Customer, func(*environment.Live, customer.ID) error { return nil })
	})
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "issue-card", Method: http.MethodPost, Path: here("/customers/{customer}/card"),
		Summary: "Post a card of codes to a customer, who hears of it; the one in use goes on until a code of the new one is used",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Customer string `path:"customer" maxLength:"320"`
		Body     CardOrder
	},
	) (*answer[CardState], error) {
		return a.withCard(ctx, in.Place, in.Caller, in.Customer, func(live *environment.Live, id customer.ID) error {
			address, err := a.posting(ctx, live, id, in.Body)
			if err != nil {
				return err
			}
			return a.cfg.Cards.Issue(ctx, live, id, code.CardOrder{Address: address, Brand: in.Body.Brand, By: in.actor(), Reason: in.Body.Reason})
		})
	})
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "withdraw-card", Method: http.MethodDelete, Path: here("/customers/{customer}/card"),
		Summary: "End every card of codes of a customer, also one on its way",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Customer string `path:"customer" maxLength:"320"`
	},
	) (*answer[CardState], error) {
		return a.withCard(ctx, in.Place, in.Caller, in.Customer, func(live *environment.Live, id customer.ID) error {
			return a.cfg.Cards.Withdraw(ctx, live, id, in.actor())
		})
	})
}

// posting finds where a card goes: nobody at a desk says where.
func (a *api) posting(ctx context.Context, live *environment.Live, id customer.ID, order CardOrder) (string, error) {
	found, err := a.cfg.Directory.FindAccount(ctx, live.ID, order.Account)
	if err != nil {
		return "", err
	}
	to := directory.Posting{Customer: id, Account: found.ID}
	if order.Premises != "" {
		if to.Premises, err = customer.ParsePremisesID(order.Premises); err != nil {
			return "", problem(RequestInvalid, "premises: not an id")
		}
	}
	return a.cfg.Directory.PostalAddress(ctx, live.ID, to)
}

// withCard does something about the cards of a customer and tells what they have then.
func (a *api) withCard(ctx context.Context, at Place, by Caller, who string, do func(*environment.Live, customer.ID) error) (*answer[CardState], error) {
	live, id, err := a.customerAt(ctx, at, who, by)
	if err != nil {
		return nil, err
	}
	switch err := do(live, id); {
	case errors.Is(err, code.ErrNoCard):
		return nil, problem(NotFound, "there is no card")
	case errors.Is(err, notify.ErrAddress):
		return nil, problem(RequestInvalid, "the premises have no postal address of two lines or more")
	case errors.Is(err, notify.ErrNoChannel):
		return nil, problem(RequestInvalid, "this environment has no sender of letters")
	case err != nil:
		return nil, err
	}
	state, err := a.cfg.Cards.State(ctx, live, id)
	if err := errors.Join(err, a.recordView(ctx, live, id, by)); err != nil {
		return nil, err
	}
	told := CardState{Version: 1, Place: name(live), ID: id.String(), InUse: state.InUse, Left: state.Left}
	if !state.Since.IsZero() {
		told.Since = &state.Since
	}
	if !state.Waiting.IsZero() {
		told.Waiting = &state.Waiting
	}
	return say(told), nil
}
