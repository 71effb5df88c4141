package admin

import (
	"context"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/directory"
	"sallyport/service/operator"
)

// AccountInvitation is an invitation to an account that was not accepted yet.
type AccountInvitation struct {
	ID       string    `json:"id" doc:"Digest of what was sent, by which it is revoked"`
	Role     string    `json:"role" enum:"owner,occupier,agent"`
	Premises []string  `json:"premises" doc:"What they will be shown; empty: all"`
	Kind     string    `json:"kind" enum:"email,phone"`
	Address  string    `json:"address" doc:"Whoever accepts has proved that it is theirs"`
	By       string    `json:"by" doc:"Who invited. One that a customer sent counts while they own the account"`
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires"`
}

// AccountInvitations are those of an account.
type AccountInvitations struct {
	Version     int                 `json:"version"`
	Place       string              `json:"environment"`
	Account     string              `json:"account"`
	Number      string              `json:"number"`
	Invitations []AccountInvitation `json:"invitations"`
}

// NewInvitation invites somebody to an account.
type NewInvitation struct {
	Address  string   `json:"address" minLength:"1" maxLength:"320" doc:"An e-mail address, or a phone number that gets texts. Nobody is told whether it is known"`
	Role     string   `json:"role" enum:"owner,occupier,agent"`
	Premises []string `json:"premises,omitempty" maxItems:"1000" doc:"What they will be shown; left out: all"`
	Language string   `json:"language,omitempty" maxLength:"35" doc:"Of the message, such as en or es; left out: the default"`
	Reason   string   `json:"reason,omitempty" maxLength:"500"`
}

// Revocation says why an invitation is taken back.
type Revocation struct {
	Reason string `json:"reason,omitempty" maxLength:"500"`
}

// invitationRoutes are those of the account at path one.
func (a *api) invitationRoutes(one string) {
	route(a, right{operator.ReadCustomers, there}, huma.Operation{
		OperationID: "list-invitations", Method: http.MethodGet, Path: one + "/invitations", Summary: "List the open invitations to an account",
	}, func(ctx context.Context, in *struct {
		Place
		Caller
		Account string `path:"account" maxLength:"100"`
	},
	) (*answer[AccountInvitations], error) {
		return a.invitations(ctx, in.Place, in.Caller, in.Account)
	})
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "invite-member", Method: http.MethodPost, Path: one + "/invitations",
		Summary: "Send somebody a link by which they join an account, once, within seven days",
	}, a.inviteMember)
	route(a, right{operator.HelpCustomers, there}, huma.Operation{
		OperationID: "revoke-invitation", Method: http.MethodPost, Path: one + "/invitations/{invitation}/revoke", Summary: "Take an invitation back",
	}, a.revokeInvitation)
}

// invitations lists what is open now. It shows whom an account is shared with, so it is
// a look like any other.
func (a *api) invitations(ctx context.Context, at Place, by Caller, typed string) (*answer[AccountInvitations], error) {
	live, account, err := a.theAccount(ctx, at, typed)
	if err != nil {
		return nil, err
	}
	found, err := a.cfg.Directory.ShowAccount(ctx, live.ID, account.ID)
	if err != nil {
		return nil, err
	}
	out := AccountInvitations{Version: 1, Place: name(live), Account: found.ID.String(), Number: found.Number, Invitations: []AccountInvitation{}}
	for _, i := range found.Invitations {
		if !i.Expires.After(a.cfg.Now()) {
			continue
		}
		row := AccountInvitation{
			ID: hex.EncodeToString(i.Hash[:]), Role: string(i.Role), Premises: []string{}, Kind: string(i.Kind), Address: i.Value, By: i.By,
			Created: i.Created.UTC(), Expires: i.Expires.UTC(),
		}
		for _, p := range i.Premises {
			row.Premises = append(row.Premises, p.String())
		}
		out.Invitations = append(out.Invitations, row)
	}
	return say(out), a.cfg.Directory.ViewedAccount(ctx, live.ID, &found, by.actor())
}

func (a *api) inviteMember(ctx context.Context, in *struct {
	Place
	Caller
	Account string `path:"account" maxLength:"100"`
	Body    NewInvitation
},
) (*answer[AccountInvitations], error) {
	live, account, err := a.theAccount(ctx, in.Place, in.Account)
	if err != nil {
		return nil, err
	}
	snapshot := live.Snapshot()
	if snapshot == nil {
		return nil, problem(NoRevision, "")
	}
	premises, err := premisesNamed(in.Body.Premises)
	if err != nil {
		return nil, err
	}
	kind := customer.Phone
	if strings.Contains(in.Body.Address, "@") {
		kind = customer.Email
	}
	_, err = a.cfg.Directory.Because(in.Body.Reason).Invite(ctx, live, directory.Inviting{
		Account: account.ID, Role: customer.Role(in.Body.Role), Premises: premises, Kind: kind, Address: in.Body.Address, Region: a.cfg.Region,
		By: in.actor(), Language: message.Language(in.Body.Language).Canonical(), Link: func(secret string) string { return snapshot.URL.String() + a.cfg.Invited + secret },
	})
	if err != nil {
		return nil, err
	}
	return a.invitations(ctx, in.Place, in.Caller, account.ID.String())
}

func (a *api) revokeInvitation(ctx context.Context, in *struct {
	Place
	Caller
	Account    string `path:"account" maxLength:"100"`
	Invitation string `path:"invitation" maxLength:"64"`
	Body       Revocation
},
) (*answer[AccountInvitations], error) {
	live, account, err := a.theAccount(ctx, in.Place, in.Account)
	if err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(in.Invitation)
	if err != nil || len(raw) != 32 {
		return nil, problem(NotFound, "there is no such invitation")
	}
	if err := a.cfg.Directory.Because(in.Body.Reason).Uninvite(ctx, live, account.ID, [32]byte(raw), in.actor()); err != nil {
		return nil, err
	}
	return a.invitations(ctx, in.Place, in.Caller, account.ID.String())
}

// premisesNamed reads ids of premises.
func premisesNamed(texts []string) (all []customer.PremisesID, err error) {
	for _, text := range texts {
		p, err := customer.ParsePremisesID(text)
		if err != nil {
			return nil, problem(RequestInvalid, "premises: not an id")
		}
		all = append(all, p)
	}
	return all, nil
}
