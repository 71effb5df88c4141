package console

import (
	"errors"
	"strconv"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/directory"
	"sallyport/web/design"
)

// askErase shows whom it is about, what goes and what stays, and has their id typed.
func (x *exchange) askErase() {
	if profile, known := x.person(); known {
		x.eraseForm(profile, "", "")
	}
}

// eraseForm asks with what is wrong in a field of the form that was sent.
func (x *exchange) eraseForm(p directory.Profile, field, wrong string) {
	c := p.Customer
	fates, ok := x.fatesOfAccounts(c.ID)
	if !ok || !x.viewedPerson(c.ID) {
		return
	}
	form := &design.Form{
		Lead: []string{
			"This cannot be taken back. They are told at every address that they have, and within five seconds nothing is honoured that was issued to them.",
			"What goes: names, password, passkeys and factors, sessions, attributes, tags, memberships, agreements, and what the ledger holds about them personally.",
			"What stays: the chain of the ledger with their id, keyed digests of their names and of what they agreed to, and tombstones of their records, so that no import brings them back.",
		},
		Facts:  append(personFacts(p)[:3], facts(design.Fact{Name: "Accounts", Cell: fates})...),
		Hidden: []design.Hidden{{Name: "version", Value: strconv.FormatInt(c.Version, 10)}},
		Fields: []design.Field{
			{Name: "customer", Label: "Type the customer's id", Hint: c.ID.String(), Autocomplete: "off", MaxLength: len(c.ID.String()) + 10},
			reasonField(""),
		},
		Submit: design.Button{Label: "Erase for good", Danger: true},
	}
	mistaken(form, field, wrong)
	x.confirm("Erase customer", *form, x.above("Customers", "customers"), x.above(nameOf(c), "customers", c.ID.String()))
}

// fatesOfAccounts tell what becomes of the accounts of which somebody is a member.
func (x *exchange) fatesOfAccounts(id customer.ID) (cell design.Cell, ok bool) {
	found, next, err := x.cfg.Directory.Memberships(x.r.Context(), x.live.ID, id, customer.AccountID{}, householdRows)
	if err != nil {
		x.failed(err)
		return cell, false
	}
	for i := range found {
		a, err := x.cfg.Directory.ShowAccount(x.r.Context(), x.live.ID, found[i].Account.ID)
		if err != nil {
			x.failed(err)
			return cell, false
		}
		cell.List = append(cell.List, design.Cell{Text: a.Number, Note: fateOf(&a, id)})
	}
	if !next.IsZero() {
		cell.List = append(cell.List, design.Text("and more"))
	}
	return cell, true
}

// fateOf says what becomes of an account when one of its members is erased.
func fateOf(a *directory.Account, id customer.ID) string {
	others, owned := a.More, a.More // of more members than a page shows some own it, as far as is known
	for i := range a.Members {
		m := &a.Members[i].Member
		if m.Customer != id {
			others, owned = true, owned || m.Role == customer.Owner
		}
	}
	switch {
	case !others:
		return "goes with them"
	case !owned:
		return "stays, and nobody owns it"
	}
	return "stays with its other members"
}

// erase removes a customer with everything that is theirs, as the operator saw them.
func (x *exchange) erase() {
	profile, known := x.person()
	if !known {
		return
	}
	id := profile.Customer.ID
	if strings.TrimSpace(x.r.PostForm.Get("customer")) != id.String() {
		x.eraseForm(profile, "customer", "Type the id as it stands here")
		return
	}
	reason, wrong := x.reason()
	if wrong != "" {
		x.eraseForm(profile, "reason", wrong)
		return
	}
	version, err := strconv.ParseInt(x.r.PostForm.Get("version"), 10, 64)
	if err != nil || version < 1 {
		x.missing()
		return
	}
	_, err = x.cfg.Directory.Expecting(version).Because(reason).Erase(x.r.Context(), x.live, id, x.who.Actor())
	if errors.Is(err, x.cfg.Conflict) {
		x.declined("Somebody changed the customer while you looked at them.", "Look at them again, then decide.")
		return
	}
	x.finish(err, "erased", x.here("customers"))
}
