package console

import (
	"maps"
	"net/http"
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/service/operator"
	"sallyport/web/design"
)

var (
	customersPage = parse("customers")
	customerPage  = parse("customer")
)

const (
	listRows  = 50
	maxTyped  = 320
	maxCursor = 1000
)

type customerRow struct {
	URL, Identifier, Kind, Name string
	State                       design.Mark
	Groups                      []string
}

// customers finds people by the beginning of a name.
func (x *exchange) customers() {
	q := x.r.URL.Query()
	typed, after := q.Get("q"), q.Get("after")
	data := struct {
		Search design.Search
		Asked  bool
		Rows   []customerRow
		Pager  design.Pager
	}{Search: design.Search{
		Label: "Find customers", Hint: "The beginning of an e-mail address, a phone number with its country code, or a username.",
		Name: "q", Value: typed, Button: "Find", MaxLength: maxTyped,
	}, Asked: typed != "" && len(typed) <= maxTyped && len(after) <= maxCursor}
	if data.Asked {
		rows, next, err := x.cfg.Directory.List(x.r.Context(), x.live.ID, directory.Search{Prefix: typed, After: after, Limit: listRows})
		if err != nil {
			x.failed(err)
			return
		}
		for _, r := range rows {
			data.Rows = append(data.Rows, customerRow{
				x.here("customers", r.Customer.ID.String()), r.Identifier.Display, string(r.Identifier.Kind), r.Customer.Name,
				stateOf(r.Customer.State), r.Customer.Groups,
			})
		}
		data.Pager = x.pager("after", next, "Back", "Next")
		seen := audit.Entry{Type: audit.CustomersSearched, Detail: map[string]any{"kind": "", "found": len(rows)}, Personal: map[string]any{"typed": typed}}
		if !x.record(seen) {
			return
		}
	}
	x.page(http.StatusOK, "Customers", customersPage, data)
}

func stateOf(s customer.State) design.Mark {
	if s == customer.Active {
		return design.Good("Active")
	}
	return design.Bad("Disabled")
}

// right is what one application can get for a customer.
type right struct {
	Server, Application string
	Scopes              []scopeRight
}

type scopeRight struct{ Scope, URL string }

// customer shows one person: names, what they may reach, what happened.
func (x *exchange) customer() {
	id, err := customer.ParseID(x.values["customer"])
	if err != nil {
		x.missing()
		return
	}
	profile, err := x.cfg.Directory.Show(x.r.Context(), x.live.ID, id)
	if err != nil {
		x.failed(err)
		return
	}
	events, _, err := x.cfg.Ledger.Events(x.r.Context(), x.live.ID, "customer:"+id.String(), "", 20)
	if err != nil {
		x.failed(err)
		return
	}
	if !x.record(audit.Entry{Type: audit.CustomerViewed, Customer: id.String()}) {
		return
	}
	data := struct {
		directory.Profile
		ID, Created, Cut, Timeline string
		State                      design.Mark
		Rights                     []right
		Events                     []eventRow
	}{Profile: profile, ID: id.String(), Created: instant(profile.Customer.Created), State: stateOf(profile.Customer.State)}
	if !profile.Customer.NotBefore.IsZero() {
		data.Cut = instant(profile.Customer.NotBefore)
	}
	here := x.place()
	if x.who.May(operator.ReadAudit, here) {
		data.Timeline = query(x.here("audit"), "q", "customer:"+id.String())
	}
	if s := x.live.Snapshot(); s != nil && profile.Customer.State == customer.Active {
		data.Rights = x.rights(s, profile.Customer.Groups)
	}
	for _, e := range events {
		data.Events = append(data.Events, x.eventRow(e))
	}
	title := profile.Customer.Name
	if title == "" {
		title = id.String()
	}
	x.page(http.StatusOK, title, customerPage, data, x.above("Customers", "customers"))
}

// rights decides, for each application, which scopes a customer in groups can
// get with one factor from an unknown address, now.
func (x *exchange) rights(s *config.Snapshot, groups []string) []right {
	subject := &access.Subject{}
	for _, g := range groups {
		subject.Groups = append(subject.Groups, access.Group(g))
	}
	explains := x.who.May(operator.ReadAccess, x.place())
	var all []right
	for _, application := range slices.Sorted(maps.Keys(s.Applications)) {
		assigned := s.Applications[application].Assigned
		for _, server := range slices.Sorted(maps.Keys(assigned)) {
			r := right{Server: server, Application: application}
			for _, scope := range assigned[server] {
				d := access.Decide(s.Servers[server].Access, access.Request{
					Application: access.ApplicationID(application), Grant: access.AuthorizationCode, Subject: subject,
					Scopes: []access.Scope{access.Scope(scope)}, At: x.cfg.Now(), Assurance: access.OneFactor,
				})
				if d.Allowed && slices.Contains(d.Granted, access.Scope(scope)) {
					r.Scopes = append(r.Scopes, scopeRight{Scope: scope})
					if explains {
						r.Scopes[len(r.Scopes)-1].URL = x.explainURL(server, application, scope, groups...)
					}
				}
			}
			if r.Scopes != nil {
				all = append(all, r)
			}
		}
	}
	return all
}
