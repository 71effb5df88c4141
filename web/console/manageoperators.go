package console

import (
	"errors"
	"strconv"

	"sallyport/service/operator"
	"sallyport/web/design"
)

func is(err, target error) bool { return errors.Is(err, target) }

// roleFields ask which role at which place.
func (x *exchange) roleFields() []design.Field {
	roles, places := x.giveable()
	return []design.Field{
		{Name: "role", Label: "Role", Options: roles},
		{Name: "place", Label: "Place", Hint: "Nobody gives a role that reaches further than their own.", Options: places},
	}
}

func version(o operator.Operator) []design.Hidden {
	return []design.Hidden{{Name: "version", Value: strconv.FormatInt(o.Version, 10)}}
}

// askInvite asks for whom a link is to be.
func (x *exchange) askInvite() {
	x.confirm("Invite an operator", design.Form{
		Lead:   []string{"The link makes one operator with the role. It works once, and for 24 hours."},
		Fields: x.roleFields(), Submit: design.Button{Label: "Make link"},
	}, x.toOperators()...)
}

// invite makes the link.
func (x *exchange) invite() {
	h, ok := x.holding(x.r.PostForm.Get("role"), x.r.PostForm.Get("place"))
	switch {
	case !ok:
		x.declined("No role was chosen, or no place.", "Go back, and choose both.")
	case !x.who.MayGive(h):
		x.beyond(describe(h), h.Place)
	default:
		x.linked(operator.Wish{Holding: h, By: x.who.Actor()}, "A link for a new "+string(h.Role))
	}
}

// askGrant asks which role an operator is to have.
func (x *exchange) askGrant() {
	if o, known := x.operatorOf(operator.ManageOperators); known {
		x.confirm("Grant a role to "+o.Username, design.Form{
			Hidden: version(o), Fields: x.roleFields(), Submit: design.Button{Label: "Grant role"},
		}, append(x.toOperators(), x.toOperator(o))...)
	}
}

func (x *exchange) toOperator(o operator.Operator) design.Place {
	return design.Place{Label: o.Username, URL: x.operatorURL(o)}
}

// askRevoke asks whether an operator is to lose a role.
func (x *exchange) askRevoke() {
	o, known := x.operatorOf(operator.ManageOperators)
	if !known {
		return
	}
	q := x.r.URL.Query()
	h, ok := x.holding(q.Get("role"), q.Get("place"))
	if !ok {
		x.missing()
		return
	}
	x.confirm("Take a role from "+o.Username+"?", design.Form{
		Lead:   []string{"It counts from their next request on."},
		Facts:  []design.Fact{fact("Role", string(h.Role)), fact("Place", h.Place.String())},
		Hidden: append(version(o), design.Hidden{Name: "role", Value: string(h.Role)}, design.Hidden{Name: "place", Value: placeValue(h.Place)}),
		Submit: design.Button{Label: "Take role", Danger: true},
	}, append(x.toOperators(), x.toOperator(o))...)
}

func (x *exchange) grant()  { x.changeRole(true) }
func (x *exchange) revoke() { x.changeRole(false) }

// changeRole gives or takes a role, of the operator as they were looked at.
func (x *exchange) changeRole(give bool) {
	o, known := x.operatorOf(operator.ManageOperators)
	if !known {
		return
	}
	h, ok := x.holding(x.r.PostForm.Get("role"), x.r.PostForm.Get("place"))
	expected, err := strconv.ParseInt(x.r.PostForm.Get("version"), 10, 64)
	switch {
	case err != nil || expected < 1:
		x.missing()
		return
	case !ok:
		x.declined("No role was chosen, or no place.", "Go back, and choose both.")
		return
	case !x.who.MayGive(h):
		x.beyond(describe(h), h.Place)
		return
	}
	service, word := x.cfg.Operators.Expecting(expected), "revoked"
	if give {
		word = "granted"
		err = service.Grant(x.r.Context(), o.Username, h, x.who.Actor())
	} else {
		err = service.Revoke(x.r.Context(), o.Username, h, x.who.Actor())
	}
	switch {
	case is(err, x.cfg.Conflict):
		x.declined("Somebody changed the operator while you looked at them.", "Look at them again, then decide.")
	case err != nil:
		x.operatorFailed(err)
	default:
		// They may have lost the last role that whoever asked could see.
		x.finish(nil, word, x.base()+"/operators")
	}
}

// askLink asks whether an operator is to choose a new password.
func (x *exchange) askLink() {
	if o, known := x.operatorOf(operator.ManageOperators); known {
		x.confirm("A recovery link for "+o.Username, design.Form{
			Lead: []string{"Whoever opens it sets the operator's password, and every session of theirs ends. It works once, and for 24 hours."},
			Fields: []design.Field{{Name: "anew", Label: "Second factor", Choices: design.Many, Optional: true, Options: []design.Option{
				{Value: "yes", Label: "Take it away too", Hint: "Only if they have lost the device: then the link is all that stands between a stranger and their account."},
			}}},
			Submit: design.Button{Label: "Make recovery link", Danger: true},
		}, append(x.toOperators(), x.toOperator(o))...)
	}
}

// recoveryLink makes it. Whoever has it has the operator's account, so its maker
// must hold whatever that operator holds.
func (x *exchange) recoveryLink() {
	o, known := x.operatorOf(operator.ManageOperators)
	switch {
	case !known:
	case len(o.Roles) == 0 || !x.who.Outranks(o):
		x.beyond("every role of "+o.Username, operator.Place{})
	default:
		x.linked(operator.Wish{Username: o.Username, Anew: x.r.PostForm.Get("anew") == "yes", By: x.who.Actor()}, "A recovery link for "+o.Username)
	}
}
