package console

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/operator"
	"sallyport/service/subscribe"
	"sallyport/web/design"
)

// application shows one: what it is, may get, proves itself by, and calls.
func (x *exchange) application() {
	a, exists := x.live.Snapshot().Applications[x.values["application"]]
	if !exists {
		x.missing()
		return
	}
	seen, err := x.lastSeen(a.Name)
	var secrets, subscriptions []part
	if err == nil && a.Authentication != "none" {
		secrets, err = x.secretsOf(a)
	}
	if err == nil {
		subscriptions, err = x.subscriptionsOf(a)
	}
	if err != nil {
		x.failed(err)
		return
	}
	title := a.Title
	if title == "" {
		title = a.Name
	}
	x.show(sheet{
		Title: title, Trail: []design.Place{x.above("Applications", "applications")},
		Parts: slices.Concat([]part{{Facts: applicationFacts(a, seen)}}, x.rightsOf(a), x.sizesOf(a.Name), secrets, subscriptions),
	})
}

func applicationFacts(a *config.Application, seen design.Cell) []design.Fact {
	owner := design.Text(a.Owner)
	if a.Owner == "" {
		owner = design.State(design.Warning("Nobody is named"))
	}
	return facts(
		design.Fact{Name: "Client id", Cell: design.ID(a.Name)},
		fact("Type", a.Type+", "+a.Protocol),
		fact("Authentication", a.Authentication+"; PKCE "+a.PKCE),
		fact("Grants", strings.Join(a.Grants, ", ")),
		design.Fact{Name: "Owner", Cell: owner},
		design.Fact{Name: "Tags", Cell: tags(tagList(a.Tags))},
		design.Fact{Name: "Newest event", Cell: seen},
		design.Fact{Name: "Home", Cell: design.Code(a.Home)},
		design.Fact{Name: "Redirects", Cell: codes(a.Redirects)},
		design.Fact{Name: "Origins", Cell: codes(a.Origins)},
		fact("Looks into tokens of", strings.Join(a.Introspects, ", ")),
		fact("Brand", a.Brand),
		fact("Notes", a.Notes),
	)
}

// lastSeen is the newest event about an application, which an index finds.
func (x *exchange) lastSeen(name string) (design.Cell, error) {
	events, _, err := x.cfg.Ledger.Events(x.r.Context(), x.live.ID, "application:"+name, "", 1)
	if err != nil || len(events) == 0 {
		return design.Text("never"), err
	}
	cell := design.Cell{At: events[0].At, Note: sentence(events[0])}
	if x.who.May(operator.ReadAudit, x.place()) {
		cell.URL = query(x.here("audit"), "q", "application:"+name)
	}
	return cell, nil
}

// rightsOf tells for each scope that an application is assigned whether it can
// have it at all.
func (x *exchange) rightsOf(a *config.Application) []part {
	if len(a.Assigned) == 0 {
		return []part{{Heading: "What it may ask for", ID: "rights", Empty: &design.Empty{What: "It is assigned nothing, so it gets nothing.", Do: "Name scopes under assigned: in the tree, and apply that."}}}
	}
	table := &design.Table{Columns: design.Columns("Scope", "Server", "Obtainable")}
	var matrices []design.Place
	for _, server := range slices.Sorted(maps.Keys(a.Assigned)) {
		matrices = append(matrices, design.Place{Label: "Its row in the matrix of " + server, URL: query(x.here("access", server), "q", a.Name)})
		matrix, err := x.proof(server, nil)
		for _, scope := range a.Assigned[server] {
			mark := design.Plain("not proven")
			if err == nil {
				c, _ := matrix.Cell(access.ApplicationID(a.Name), access.Scope(scope))
				mark = marks[c.Obtainable]
			}
			table.Rows = append(table.Rows, design.Row{
				URL: x.explainURL(server, a.Name, scope), Cells: []design.Cell{design.Code(scope), design.Text(server), design.State(mark)},
			})
		}
	}
	return []part{{Heading: "What it may ask for", ID: "rights", Table: table}, {Links: matrices}}
}

// oldSecret is the age at which a secret is due to be changed.
const oldSecret = 365 * 24 * time.Hour

func (x *exchange) secretsOf(a *config.Application) ([]part, error) {
	stored, err := x.cfg.Secrets.ListSecrets(x.r.Context(), x.live.ID, a.Name)
	manages := x.who.May(operator.ManageCredentials, x.place())
	table := &design.Table{
		Columns: design.Columns("Secret id", "Made", "Age", "Ends", "Change"),
		Empty:   design.Empty{What: "It has no secret, so it cannot authenticate.", Do: "Make one: sallyport apps rotate " + a.Name},
	}
	for _, s := range stored {
		age := x.cfg.Now().Sub(s.Created)
		row := design.Row{Cells: []design.Cell{design.Code(s.ID), design.Instant(s.Created), design.Text(days(age)), design.Instant(s.Expires), {}}}
		if age >= oldSecret {
			row.Cells[2].Mark = design.Warning("Due")
		}
		if manages {
			row.Cells[4] = design.Link("End", x.here("applications", a.Name, "secrets", s.ID))
		}
		table.Rows = append(table.Rows, row)
	}
	parts := []part{{Heading: "Client secrets", ID: "secrets", Table: table}}
	if manages {
		parts = append(parts, part{Form: &design.Form{
			Action: x.here("applications", a.Name, "secrets"), Submit: design.Button{Label: "Make client secret", Quiet: true},
		}})
	}
	return parts, err
}

// days is an age as people say it.
func days(age time.Duration) string {
	switch n := int(age / (24 * time.Hour)); n {
	case 0:
		return "today"
	case 1:
		return "1 day"
	default:
		return fmt.Sprintf("%d days", n)
	}
}

func (x *exchange) subscriptionsOf(a *config.Application) ([]part, error) {
	stored, err := x.cfg.Subscribe.List(x.r.Context(), x.live, a.Name)
	manages := x.who.May(operator.ManageCredentials, x.place())
	table := &design.Table{
		Columns: design.Columns("Subscription", "Product", "State", "Made", "Ends", "Change"),
		Empty:   design.Empty{What: "It is subscribed to no product, so it has no key for the gateway."},
	}
	for _, s := range stored {
		row := design.Row{Cells: []design.Cell{design.Code(s.ID), design.Text(s.Product), design.State(standing(s)), design.Instant(s.Created), design.Instant(s.Expires), {}}}
		if manages {
			row.Cells[5] = design.Link("Change", x.here("applications", a.Name, "subscriptions", s.ID))
		}
		table.Rows = append(table.Rows, row)
	}
	parts := []part{{Heading: "Subscriptions", ID: "subscriptions", Table: table}}
	if offered := x.offered(a.Name); manages && len(offered) > 0 {
		parts = append(parts, part{Form: &design.Form{
			Action: x.here("applications", a.Name, "subscriptions"), Submit: design.Button{Label: "Subscribe to product", Quiet: true},
			Fields: []design.Field{{Name: "product", Label: "Product", Options: offered}},
		}})
	}
	return parts, err
}

func standing(s subscribe.Subscription) design.Mark {
	if s.State == subscribe.Active {
		return design.Good("Active")
	}
	return design.Warning("Suspended")
}

// offered are the products that admit an application.
func (x *exchange) offered(application string) []design.Option {
	var all []design.Option
	products := x.live.Snapshot().Products
	for _, name := range slices.Sorted(maps.Keys(products)) {
		if p := products[name]; subscribe.Admits(p, application) {
			all = append(all, design.Option{Value: name, Label: name})
		}
	}
	return all
}
