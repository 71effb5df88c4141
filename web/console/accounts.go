package console

import (
	"fmt"
	"maps"
	"net/http"
	"slices"

	"sallyport/pure/customer"
	"sallyport/service/directory"
	"sallyport/web/design"
)

const householdRows = 20

// accounts lists accounts by the beginning of their number.
func (x *exchange) accounts() {
	q := x.r.URL.Query()
	typed, after := q.Get("q"), q.Get("after")
	search := &design.Search{
		Label: "Find accounts", Hint: "The beginning of an account's number. What you look for is recorded.",
		Name: "q", Value: typed, Button: "Find", MaxLength: customer.MaxAccountNumber,
	}
	s := sheet{Title: "Accounts", Parts: []part{{Search: search}}}
	if len(typed) > customer.MaxAccountNumber || len(after) > maxCursor {
		search.Value, search.Wrong, s.Status = "", "No number is as long as that", http.StatusBadRequest
		x.show(s)
		return
	}
	rows, next, err := x.cfg.Directory.Accounts(x.r.Context(), x.live.ID, typed, after, listRows)
	if err != nil {
		x.failed(err)
		return
	}
	if !x.listed(directory.Looked{Kind: "account", Typed: typed, Found: len(rows)}) {
		return
	}
	table := &design.Table{
		Columns: design.Columns("Number", "Name", "State", "Changed"), Pager: x.pager("after", next, "Back", "Next"),
		Empty: design.Empty{What: "No account's number begins so.", Do: "Type less of it, or make one: sallyport accounts add."},
	}
	for i := range rows {
		a := &rows[i]
		table.Rows = append(table.Rows, design.Row{URL: x.here("accounts", a.ID.String()), Cells: []design.Cell{
			design.Text(a.Number), design.Text(a.Name), design.State(accountState(a.State)), design.Instant(a.Updated),
		}})
	}
	s.Parts = append(s.Parts, part{Table: table})
	x.show(s)
}

func accountState(s customer.AccountState) design.Mark {
	if s == customer.AccountOpen {
		return design.Good("Open")
	}
	return design.Mark{Word: "Closed"}
}

// account shows one: where it is, who is what to it, and who made them that.
func (x *exchange) account() {
	id, err := customer.ParseAccountID(x.values["account"])
	if err != nil {
		x.missing()
		return
	}
	a, err := x.cfg.Directory.ShowAccount(x.r.Context(), x.live.ID, id)
	if err != nil {
		x.failed(err)
		return
	}
	if err := x.cfg.Directory.ViewedAccount(x.r.Context(), x.live.ID, &a, x.who.Actor()); err != nil {
		x.broken(err)
		return
	}
	x.show(sheet{
		Title: a.Number, Trail: []design.Place{x.above("Accounts", "accounts")},
		Parts: []part{{Facts: accountFacts(a.Account), Note: ownerless(a)}, x.membersOf(a), premisesOf(a), invitationsOf(a)},
	})
}

// ownerless warns of an account with members that nobody owns.
func ownerless(a directory.Account) *design.Note {
	for _, m := range a.Members {
		if m.Member.Role == customer.Owner {
			return nil
		}
	}
	if len(a.Members) == 0 || a.More {
		return nil
	}
	return &design.Note{Mark: design.Warning("Nobody owns it"), Text: "Its members see it, and nobody can share it or take it away. Give it an owner: sallyport accounts member add."}
}

func accountFacts(a customer.Account) []design.Fact {
	all := []design.Fact{
		{Name: "State", Cell: design.State(accountState(a.State))},
		{Name: "Id", Cell: design.ID(a.ID.String())},
		fact("Name", a.Name),
		fact("From", a.Source),
		{Name: "Created", Cell: design.Instant(a.Created)},
	}
	for _, name := range slices.Sorted(maps.Keys(a.Attributes)) {
		all = append(all, fact(name, a.Attributes[name]))
	}
	return facts(all...)
}

func (x *exchange) membersOf(a directory.Account) part {
	p := part{Heading: "Members", ID: "members", Table: &design.Table{
		Columns: design.Columns("Name", "Role", "Shown", "Since", "Made a member by"), Empty: design.Empty{What: "Nobody is a member."},
	}}
	for _, m := range a.Members {
		shown := "everything"
		if n := len(m.Member.Premises); n > 0 {
			shown = fmt.Sprintf("%d of the premises", n)
		}
		name := m.Name
		if name == "" {
			name = m.Member.Customer.String()
		}
		p.Table.Rows = append(p.Table.Rows, design.Row{URL: x.here("customers", m.Member.Customer.String()), Cells: []design.Cell{
			design.Text(name), design.Text(string(m.Member.Role)), design.Text(shown), design.Instant(m.Member.Since), design.Text(m.Member.By),
		}})
	}
	if a.More {
		p.Lead = "The first of them."
	}
	return p
}

func premisesOf(a directory.Account) part {
	p := part{Heading: "Premises", ID: "premises", Table: &design.Table{
		Columns: design.Columns("Address", "Reference", "Since"), Empty: design.Empty{What: "It is for no place."},
	}}
	for _, at := range a.Premises {
		p.Table.Rows = append(p.Table.Rows, design.Row{Cells: []design.Cell{design.Text(at.Address.String()), design.Text(at.Reference), design.Instant(at.Created)}})
	}
	return p
}

func invitationsOf(a directory.Account) part {
	p := part{Heading: "Invitations", ID: "invitations", Table: &design.Table{
		Columns: design.Columns("Sent to", "As", "By", "Sent", "Ends"), Empty: design.Empty{What: "Nobody is invited."},
	}}
	for _, i := range a.Invitations {
		p.Table.Rows = append(p.Table.Rows, design.Row{Cells: []design.Cell{
			design.Text(i.Value), design.Text(string(i.Role)), design.Text(i.By), design.Instant(i.Created), design.Instant(i.Expires),
		}})
	}
	return p
}

// accountsOfPerson are those that a customer is a member of.
func (x *exchange) accountsOfPerson(id customer.ID) (part, bool) {
	p := part{Heading: "Accounts", ID: "accounts", Table: &design.Table{
		Columns: design.Columns("Number", "Name", "State", "As", "Since", "Made a member by"), Empty: design.Empty{What: "They are a member of no account."},
	}}
	found, next, err := x.cfg.Directory.Memberships(x.r.Context(), x.live.ID, id, customer.AccountID{}, householdRows)
	if err != nil {
		x.failed(err)
		return p, false
	}
	for i := range found {
		a, m := &found[i].Account, &found[i].Member
		p.Table.Rows = append(p.Table.Rows, design.Row{URL: x.here("accounts", a.ID.String()), Cells: []design.Cell{
			design.Text(a.Number), design.Text(a.Name), design.State(accountState(a.State)), design.Text(string(m.Role)), design.Instant(m.Since), design.Text(m.By),
		}})
	}
	if !next.IsZero() {
		p.Lead = "The first of them."
	}
	p.Links = []design.Place{{Label: "Claims to accounts", URL: query(x.here("claims"), "state", "any", "customer", id.String())}}
	return p, true
}
