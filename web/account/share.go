package account

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/directory"
	"sallyport/service/notify"
	"sallyport/web/design"
)

// maxAddress is the longest address that a form takes.
const maxAddress = 254

func (x *exchange) askShare() { x.renderShare(http.StatusOK, nil) }

func (x *exchange) renderShare(status int, problem *design.Summary) {
	mine, a, ok := x.membership()
	if !ok {
		return
	}
	if !mine.Role.MayShare() {
		x.failSharing(directory.ErrNotOwner)
		return
	}
	sent := x.r.PostForm
	whom := design.Field{
		Name: "address", Label: "E-mail address or mobile number", Hint: "We send them a link. It is good for a week, and for whoever has that address alone.",
		Autocomplete: "off", MaxLength: maxAddress, Value: short(sent.Get("address"), maxAddress), Focus: problem == nil,
	}
	role := design.Field{Name: "role", Label: "What they will be", Choices: design.One}
	for _, r := range []struct {
		role customer.Role
		hint string
	}{
		{customer.Occupier, "Lives or works there, and sees what it is about"},
		{customer.Agent, "Acts for you, as a carer or a letting agent does"},
		{customer.Owner, "The same as you: can share it, and take it away from others"},
	} {
		chosen := sent.Get("role") == string(r.role) || sent.Get("role") == "" && r.role == customer.Occupier
		role.Options = append(role.Options, design.Option{Value: string(r.role), Label: roles[r.role], Hint: r.hint, Chosen: chosen})
	}
	form := design.Form{
		Problem: problem, Fields: []design.Field{whom, role}, Submit: design.Button{Label: "Send invitation", ID: "account-share"},
		Cancel: x.link("/accounts/one", "account", a.ID.String()),
	}
	if len(a.Premises) > 1 {
		places := design.Field{Name: "premises", Label: "Premises", Hint: "Choose none to share all of them. An owner sees all.", Choices: design.Many, Optional: true}
		for _, p := range a.Premises {
			places.Options = append(places.Options, design.Option{
				Value: p.ID.String(), Label: strings.Join(x.linesOf(p), ", "), Chosen: slices.Contains(sent["premises"], p.ID.String()),
			})
		}
		form.Fields = append(form.Fields, places)
	}
	x.ask(status, x.phrase("Share %s", x.titleOfAccount(a.Account)), form)
}

// short is a text that a form shows again, if it is no longer than it may be.
func short(text string, most int) string {
	if len(text) > most {
		return ""
	}
	return text
}

func (x *exchange) share() {
	mine, a, ok := x.membership()
	if !ok {
		return
	}
	if !mine.Role.MayShare() {
		x.failSharing(directory.ErrNotOwner)
		return
	}
	form := x.r.PostForm
	address := strings.TrimSpace(form.Get("address"))
	kind := kindOf(address)
	wrong := func(what, field string) {
		x.renderShare(http.StatusUnprocessableEntity, &design.Summary{What: what, Field: field})
	}
	if address == "" || len(address) > maxAddress || kind == "" {
		wrong("Enter an e-mail address or a mobile number", "address")
		return
	}
	if !customer.Role(form.Get("role")).Known() {
		wrong("Choose what they will be", "role")
		return
	}
	premises, known := chosenPremises(a.Premises, form["premises"])
	if !known {
		wrong("Choose among the premises of this account", "premises")
		return
	}
	_, err := x.changes().Invite(x.r.Context(), x.live, directory.Inviting{
		Account: a.ID, Role: customer.Role(form.Get("role")), Premises: premises, Kind: kind, Address: address, Region: x.cfg.Region,
		By: x.actor(), ByName: x.current.Customer.Name, Language: message.Language(notify.LanguageOf(x.current.Customer)),
		Link: func(secret string) string { return x.snapshot.URL.String() + InvitedPath + secret },
	})
	var field *directory.FieldError
	switch {
	case errors.As(err, &field), errors.Is(err, notify.ErrAddress):
		wrong("Enter an e-mail address or a mobile number", "address")
	case errors.Is(err, notify.ErrNoChannel):
		wrong("We cannot send anything there. Enter another kind of address", "address")
	case errors.Is(err, notify.ErrTemplate):
		x.broken(err)
	default:
		if x.failSharing(err) {
			return
		}
		x.say("invited")
		x.leadTo(x.url("/accounts/one", "account", a.ID.String()))
	}
}

// kindOf tells an address of mail from a number; empty if it is neither.
func kindOf(address string) customer.IdentifierKind {
	switch {
	case strings.Contains(address, "@"):
		return customer.Email
	case strings.ContainsAny(address, "0123456789") && !strings.ContainsFunc(address, func(r rune) bool { return r > '9' }):
		return customer.Phone
	}
	return ""
}

// chosenPremises are those of the account that a form names; false if it names others.
func chosenPremises(all []customer.Premises, said []string) (chosen []customer.PremisesID, known bool) {
	for _, text := range said {
		id, err := customer.ParsePremisesID(text)
		if err != nil || !slices.ContainsFunc(all, func(p customer.Premises) bool { return p.ID == id }) {
			return nil, false
		}
		if !slices.Contains(chosen, id) {
			chosen = append(chosen, id)
		}
	}
	return chosen, true
}

// askAccept shows what an invitation is to, to whoever it is for.
func (x *exchange) askAccept() {
	a, invitation, err := x.cfg.Directory.Invited(x.r.Context(), x.live.ID, x.secretAsked(), x.current.Customer.ID)
	if x.failSharing(err) {
		return
	}
	x.confirm(x.phrase("Link %s to you?", x.titleOfAccount(a)), []string{
		x.phrase("Somebody who owns this account shares it with you. You will be: %s.", strings.ToLower(x.phrase(roles[invitation.Role]))),
		"Others who share it see the name that you chose, and no address of yours.",
	}, design.Button{Label: "Accept invitation", ID: "invitation-accept"}, "/accounts")
}

// secretAsked is what the link of an invitation brought.
func (x *exchange) secretAsked() string { return short(x.r.URL.Query().Get("t"), 64) }

func (x *exchange) accept() {
	a, err := x.changes().Accept(x.r.Context(), x.live, x.secretAsked(), x.current.Customer.ID)
	if x.failSharing(err) {
		return
	}
	x.say("accepted")
	x.leadTo(x.url("/accounts/one", "account", a.ID.String()))
}
