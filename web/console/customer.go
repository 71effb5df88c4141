package console

import (
	"maps"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/operator"
	"sallyport/service/signin"
	"sallyport/web/design"
)

const (
	timelineRows = 20
	sessionRows  = 20
)

// customer shows one person: names, what they may reach, where they are signed
// in, what happened.
func (x *exchange) customer() {
	profile, known := x.person()
	if !known {
		return
	}
	id := profile.Customer.ID
	events, _, err := x.cfg.Ledger.Events(x.r.Context(), x.live.ID, "customer:"+id.String(), "", timelineRows)
	if err != nil {
		x.failed(err)
		return
	}
	proofs, err := x.cfg.Directory.Proofs(x.r.Context(), x.live.ID, id)
	if err != nil {
		x.failed(err)
		return
	}
	sessions, ok := x.sessions(profile.Customer)
	if !ok {
		return
	}
	accounts, ok := x.accountsOfPerson(id)
	if !ok {
		return
	}
	agreements, ok := x.agreementsOfPerson(id)
	if !ok {
		return
	}
	allowed, ok := x.consentsOfPerson(id)
	if !ok {
		return
	}
	worn, err := x.cfg.Directory.Tags(x.r.Context(), x.live.ID, id)
	if err != nil {
		x.failed(err)
		return
	}
	if !x.viewedPerson(id) {
		return
	}
	s := sheet{
		Title: nameOf(profile.Customer), Trail: []design.Place{x.above("Customers", "customers")},
		Parts: []part{{Facts: append(personFacts(profile), facts(design.Fact{Name: "Tags", Cell: tags(worn)})...)}, accounts, proofsOfPerson(proofs), agreements, allowed, x.rightsOfPerson(profile.Customer), sessions, x.timeline(id, events)},
	}
	if x.who.May(operator.HelpCustomers, x.place()) {
		s.Actions = append(x.helps(profile.Customer), design.Button{Label: "Change tags", URL: x.here("customers", id.String(), "tags"), Dialog: true, Quiet: true})
	}
	if x.who.May(operator.EraseCustomers, x.place()) {
		s.Actions = append(s.Actions, design.Button{Label: "Erase customer", URL: x.here("customers", id.String(), "erase"), Dialog: true, Quiet: true, Danger: true})
	}
	x.show(s)
}

// viewedPerson records that somebody is shown a customer's names.
func (x *exchange) viewedPerson(id customer.ID) bool {
	return x.record(audit.Entry{Type: audit.CustomerViewed, Customer: id.String()})
}

// person reads the customer whom the path names.
func (x *exchange) person() (directory.Profile, bool) {
	id, err := customer.ParseID(x.values["customer"])
	if err != nil {
		x.missing()
		return directory.Profile{}, false
	}
	profile, err := x.cfg.Directory.Show(x.r.Context(), x.live.ID, id)
	if err != nil {
		x.failed(err)
	}
	return profile, err == nil
}

func nameOf(c customer.Customer) string {
	if c.Name != "" {
		return c.Name
	}
	return c.ID.String()
}

func personFacts(p directory.Profile) []design.Fact {
	c := p.Customer
	var called design.Cell
	for _, i := range p.Identifiers {
		note := string(i.Kind) + ", not verified"
		if i.Verified {
			note = string(i.Kind) + ", verified"
		}
		if i.Proof.By != "" {
			note += " by " + i.Proof.By + " on " + i.Proof.At.UTC().Format(time.DateOnly)
		}
		if i.First {
			note += ", comes first"
		}
		called.List = append(called.List, design.Cell{Text: i.Display, Note: note + ", from " + i.Source})
	}
	password := p.Scheme
	if password == "" {
		password = "none"
	}
	all := []design.Fact{
		{Name: "State", Cell: design.State(stateOf(c.State))},
		{Name: "Id", Cell: design.ID(c.ID.String())},
		{Name: "Names", Cell: called},
		{Name: "Groups", Cell: tags(c.Groups)},
		fact("Password", password),
		{Name: "Created", Cell: design.Instant(c.Created)},
		{Name: "Signed out everywhere", Cell: design.Instant(c.NotBefore)},
	}
	for _, name := range slices.Sorted(maps.Keys(c.Attributes)) {
		all = append(all, fact(name, c.Attributes[name]))
	}
	return facts(all...)
}

// scopeRight is a scope that somebody can get, and where that is explained.
type scopeRight struct{ Scope, URL string }

// rightsOfPerson tells what applications can get for a customer.
func (x *exchange) rightsOfPerson(c customer.Customer) part {
	p := part{
		Heading: "Rights", ID: "rights", Lead: "What applications can get for this customer now, with a password, from an unknown address.",
		Table: &design.Table{Columns: design.Columns("Application", "Server", "Scopes"), Empty: design.Empty{What: "No application can get anything for this customer."}},
	}
	s := x.live.Snapshot()
	if s == nil || c.State != customer.Active {
		return p
	}
	for _, application := range slices.Sorted(maps.Keys(s.Applications)) {
		assigned := s.Applications[application].Assigned
		for _, server := range slices.Sorted(maps.Keys(assigned)) {
			cell := design.Cell{}
			for _, r := range x.granted(s, server, application, c) {
				cell.Tags = append(cell.Tags, design.Place{Label: r.Scope, URL: r.URL})
			}
			if cell.Tags != nil {
				p.Table.Rows = append(p.Table.Rows, design.Row{Cells: []design.Cell{design.Text(application), design.Text(server), cell}})
			}
		}
	}
	return p
}

// granted decides, for each assigned scope, whether an application gets it for a
// customer who signs in with one factor from an unknown address, now.
func (x *exchange) granted(s *config.Snapshot, server, application string, c customer.Customer) []scopeRight {
	subject := &access.Subject{Attributes: s.Servers[server].Access.Relevant(c.Attributes)}
	for _, g := range c.Groups {
		subject.Groups = append(subject.Groups, access.Group(g))
	}
	explains := x.who.May(operator.ReadAccess, x.place())
	var all []scopeRight
	for _, scope := range s.Applications[application].Assigned[server] {
		d := access.Decide(s.Servers[server].Access, access.Request{
			Application: access.ApplicationID(application), Grant: access.AuthorizationCode, Subject: subject,
			Scopes: []access.Scope{access.Scope(scope)}, At: x.cfg.Now(), Assurance: access.OneFactor, Authenticated: x.cfg.Now(),
		})
		if !d.Allowed || !slices.Contains(d.Granted, access.Scope(scope)) {
			continue
		}
		r := scopeRight{Scope: scope}
		if explains {
			r.URL = x.explainURL(server, application, scope, c.Groups...)
		}
		all = append(all, r)
	}
	return all
}

// sessions are those of a customer that live.
func (x *exchange) sessions(c customer.Customer) (part, bool) {
	p := part{Heading: "Sessions", ID: "sessions", Table: &design.Table{
		Columns: design.Columns("Signed in", "By", "Browser", "Last used"), Empty: design.Empty{What: "They are signed in nowhere."},
	}}
	found, next, err := x.cfg.SignIn.Sessions(x.r.Context(), x.live, &signin.Current{Customer: c}, "", sessionRows)
	if err != nil {
		x.failed(err)
		return p, false
	}
	for _, b := range found {
		p.Table.Rows = append(p.Table.Rows, design.Row{Cells: []design.Cell{
			design.Instant(b.SignedIn), design.Text(strings.Join(b.Methods, ", ")), design.Text(b.Agent), design.Instant(b.Used),
		}})
	}
	if next != "" {
		p.Lead = "The newest of them."
	}
	return p, true
}

// timeline tells what is recorded about a customer, newest first.
func (x *exchange) timeline(id customer.ID, events []audit.Record) part {
	p := part{Heading: "Timeline", ID: "timeline"}
	if len(events) == 0 {
		p.Empty = &design.Empty{What: "Nothing is recorded about this customer."}
		return p
	}
	for _, e := range events {
		m := design.Moment{At: e.At, What: sentenceTo(id.String(), e), Mark: resultOf(e), URL: x.eventURL(e)}
		p.Timeline = append(p.Timeline, m)
	}
	if x.who.May(operator.ReadAudit, x.place()) && len(events) == timelineRows {
		p.Links = []design.Place{{Label: "All events about this customer", URL: query(x.here("audit"), "q", "customer:"+id.String())}}
	}
	return p
}
