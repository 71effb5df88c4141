package console

import (
	"net/http"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/directory"
	"sallyport/web/design"
)

// maxCursor bounds what stands in an address for a place in a list.
const maxCursor = 1000

// customers finds people by the beginning of a name.
func (x *exchange) customers() {
	q := x.r.URL.Query()
	typed, after := q.Get("q"), q.Get("after")
	search := &design.Search{
		Label: "Find customers", Hint: "The beginning of an e-mail address, a phone number with its country code, or a username. What you look for is recorded.",
		Name: "q", Value: typed, Button: "Find", MaxLength: maxTyped,
	}
	s := sheet{Title: "Customers", Parts: []part{{Search: search}}}
	switch {
	case typed == "":
		s.Parts = append(s.Parts, part{Empty: &design.Empty{What: "Type the beginning of a name to find somebody."}})
		x.show(s)
		return
	case len(typed) > maxTyped || len(after) > maxCursor:
		search.Value, search.Wrong = "", "Nobody's name is as long as that"
		s.Status = http.StatusBadRequest
		x.show(s)
		return
	}
	rows, next, err := x.cfg.Directory.List(x.r.Context(), x.live.ID, directory.Search{Prefix: typed, After: after, Limit: listRows})
	if err != nil {
		x.failed(err)
		return
	}
	whom := make([]customer.ID, len(rows))
	for i := range rows {
		whom[i] = rows[i].Customer.ID
	}
	if !x.listed(directory.Looked{Typed: typed, Found: len(rows), Whom: whom}) {
		return
	}
	table := &design.Table{
		Columns: design.Columns("Found by", "Kind", "Name", "State", "Groups"), Pager: x.pager("after", next, "Back", "Next"),
		Empty: design.Empty{What: "Nobody's name begins so.", Do: "Type less of it, or look for another name of theirs."},
	}
	for _, r := range rows {
		table.Rows = append(table.Rows, design.Row{URL: x.here("customers", r.Customer.ID.String()), Cells: []design.Cell{
			design.Text(r.Identifier.Display), design.Text(string(r.Identifier.Kind)), design.Text(r.Customer.Name),
			design.State(stateOf(r.Customer.State)), tags(r.Customer.Groups),
		}})
	}
	s.Parts = append(s.Parts, part{Table: table})
	if len(rows) > 0 {
		s.Parts = append(s.Parts, part{Links: []design.Place{{Label: "CSV file", URL: query(x.here("customers.csv"), "q", typed)}}})
	}
	x.show(s)
}

// listed records what an operator was shown a list of, and whom that found.
func (x *exchange) listed(l directory.Looked) bool {
	l.By = x.who.Actor()
	if err := x.cfg.Directory.Listed(x.r.Context(), x.live.ID, l); err != nil {
		x.broken(err)
		return false
	}
	return true
}

// maxCustomersFile is how many customers a file holds at most: a file is a help
// with a list, and no export of the directory.
const maxCustomersFile = 1000

// customersCSV is what a search finds as a file.
func (x *exchange) customersCSV() {
	typed := x.r.URL.Query().Get("q")
	if typed == "" || len(typed) > maxTyped {
		x.missing()
		return
	}
	var whom []customer.ID
	lines := [][]string{{"customer", "found_by", "kind", "name", "state", "groups"}}
	for after := ""; ; {
		rows, next, err := x.cfg.Directory.List(x.r.Context(), x.live.ID, directory.Search{Prefix: typed, After: after, Limit: 200})
		if err != nil {
			x.failed(err)
			return
		}
		for _, r := range rows {
			c := r.Customer
			whom = append(whom, c.ID)
			lines = append(lines, []string{c.ID.String(), r.Identifier.Display, string(r.Identifier.Kind), c.Name, string(c.State), strings.Join(c.Groups, " ")})
		}
		if after = next; after == "" || len(lines) > maxCustomersFile {
			break
		}
	}
	if !x.listed(directory.Looked{Typed: typed, Found: len(whom), Whom: whom, File: true}) {
		return
	}
	x.csv("customers", func(write func(...string)) error {
		for _, line := range lines {
			write(line...)
		}
		return nil
	})
}

func stateOf(s customer.State) design.Mark {
	if s == customer.Active {
		return design.Good("Active")
	}
	return design.Bad("Disabled")
}
