package console

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"sallyport/service/audit"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// operators lists who may do what, as far as that is the business of whoever looks.
func (x *exchange) operators() {
	all, err := x.cfg.Operators.List(x.r.Context())
	if err != nil {
		x.failed(err)
		return
	}
	table := &design.Table{
		Columns: design.Columns("Operator", "Name", "State", "Roles", "Second factor", "Last sign-in"),
		Empty:   design.Empty{What: "Nobody has a role that you may see.", Do: "Make the first owner on the host: sallyport operator link"},
	}
	for _, o := range all {
		roles, _ := x.who.Sees(operator.ReadOperators, o)
		if len(roles) == 0 {
			continue
		}
		ways, err := x.ways(o)
		if err != nil {
			x.failed(err)
			return
		}
		state := design.Good("Active")
		if o.Disabled {
			state = design.Bad("Disabled")
		}
		held := design.Cell{}
		for _, h := range roles {
			held.List = append(held.List, design.Cell{Text: string(h.Role), Note: h.Place.String()})
		}
		table.Rows = append(table.Rows, design.Row{URL: x.operatorURL(o), Cells: []design.Cell{
			design.Text(o.Username), design.Text(o.Name), design.State(state), held, design.State(ways.factor), ways.last(),
		}})
	}
	s := sheet{Title: "Operators", Trail: []design.Place{{Label: "Environments", URL: x.base() + "/"}}, Parts: []part{{Table: table}}}
	if x.who.MaySome(operator.ManageOperators, operator.Place{}) {
		s.Actions = []design.Button{{Label: "Invite operator", URL: x.base() + "/operators/invite", Dialog: true}}
	}
	x.show(s)
}

// ways is how an operator signs in, as the ledger tells.
type ways struct {
	factor   design.Mark
	signedIn time.Time
}

func (w ways) last() design.Cell {
	if w.signedIn.IsZero() {
		return design.Cell{Note: "never"}
	}
	return design.Instant(w.signedIn)
}

// ways reads the newest events about an operator, which an index finds.
func (x *exchange) ways(o operator.Operator) (ways, error) {
	newest := func(kind string) (audit.Record, error) {
		events, _, err := x.cfg.Ledger.Events(x.r.Context(), x.system.ID, "customer:"+o.ID.String()+" type:"+kind, "", 1)
		if err != nil || len(events) == 0 {
			return audit.Record{}, err
		}
		return events[0], nil
	}
	w := ways{factor: design.Warning("None")}
	factor, err := newest("factor.")
	if err != nil {
		return w, err
	}
	recovered, err := newest(string(audit.OperatorRecovered))
	if err != nil {
		return w, err
	}
	lost := recovered.At.After(factor.At) && !strings.Contains(string(recovered.Detail), `"factors_removed":0`)
	if factor.Type != "" && factor.Type != string(audit.FactorRemoved) && !lost {
		w.factor = design.Good("Enrolled")
	}
	signedIn, err := newest(string(audit.SignedIn))
	w.signedIn = signedIn.At
	return w, err
}

// named is the operator of the path, if whoever looks may do a about some role
// of theirs, or everywhere.
func (x *exchange) operatorOf(a operator.Action) (o operator.Operator, known bool) {
	o, err := x.cfg.Operators.ByUsername(x.r.Context(), x.values["operator"])
	if err != nil {
		x.operatorFailed(err)
		return o, false
	}
	if _, known := x.who.Sees(a, o); !known {
		x.missing()
		return o, false
	}
	return o, true
}

// operator shows one with their roles, and what may be done about them.
func (x *exchange) operator() {
	o, known := x.operatorOf(operator.ReadOperators)
	if !known {
		return
	}
	w, err := x.ways(o)
	if err != nil {
		x.failed(err)
		return
	}
	state := design.Good("Active")
	if o.Disabled {
		state = design.Bad("Disabled")
	}
	at := x.operatorURL(o)
	table := &design.Table{Columns: design.Columns("Role", "Place", "Since", "Change"), Empty: design.Empty{What: "They have no role that you may see."}}
	roles, _ := x.who.Sees(operator.ReadOperators, o)
	for _, h := range roles {
		row := design.Row{Cells: []design.Cell{design.Text(string(h.Role)), design.Text(h.Place.String()), design.Instant(h.Since), {}}}
		if x.who.MayGive(h) {
			row.Cells[3] = design.Link("Take", query(at+"/revoke", "role", string(h.Role), "place", placeValue(h.Place)))
		}
		table.Rows = append(table.Rows, row)
	}
	s := sheet{
		Title: o.Username, Trail: x.toOperators(),
		Parts: []part{{Facts: facts(
			fact("Name", o.Name), design.Fact{Name: "State", Cell: design.State(state)},
			design.Fact{Name: "Second factor", Cell: design.State(w.factor)}, design.Fact{Name: "Last sign-in", Cell: w.last()},
		)}, {Heading: "Roles", Table: table}},
	}
	if x.who.MaySome(operator.ManageOperators, operator.Place{}) {
		s.Actions = append(s.Actions, design.Button{Label: "Grant role", URL: at + "/grant", Dialog: true})
	}
	if len(o.Roles) > 0 && x.who.Outranks(o) {
		s.Actions = append(s.Actions, design.Button{Label: "Make recovery link", URL: at + "/link", Dialog: true, Quiet: true})
	}
	x.show(s)
}

// operatorURL is the page of one.
func (x *exchange) operatorURL(o operator.Operator) string {
	return x.base() + "/operators/" + url.PathEscape(o.Username)
}

func (x *exchange) toOperators() []design.Place {
	return []design.Place{{Label: "Environments", URL: x.base() + "/"}, {Label: "Operators", URL: x.base() + "/operators"}}
}

// everywhere stands in forms for the installation. No tenant can be called so.
const everywhere = "*"

// placeValue is a place as forms have it.
func placeValue(p operator.Place) string {
	if p == (operator.Place{}) {
		return everywhere
	}
	return p.String()
}

// giveable are the roles and places that whoever manages may give: their own
// places, and those below them that the installation has.
func (x *exchange) giveable() (roles, places []design.Option) {
	roles, places = []design.Option{{Label: "Choose one"}}, []design.Option{{Label: "Choose one"}}
	for _, r := range operator.Roles() {
		roles = append(roles, design.Option{Value: string(r), Label: string(r)})
	}
	candidates := []operator.Place{{}}
	for _, live := range x.cfg.Registry.Environments() {
		if !live.System() {
			candidates = append(candidates, operator.Place{Tenant: live.Tenant}, operator.Place{Tenant: live.Tenant, Environment: live.Name})
		}
	}
	slices.SortFunc(candidates, func(a, b operator.Place) int {
		return cmp.Or(strings.Compare(a.Tenant, b.Tenant), strings.Compare(a.Environment, b.Environment))
	})
	for _, p := range slices.Compact(candidates) {
		if x.who.May(operator.ManageOperators, p) {
			places = append(places, design.Option{Value: placeValue(p), Label: p.String()})
		}
	}
	return roles, places
}

// operatorFailed answers for an error of the operators' service.
func (x *exchange) operatorFailed(err error) {
	for _, known := range operatorRefusals {
		if is(err, known.err) {
			x.declined(known.what, known.do)
			return
		}
	}
	if is(err, operator.ErrUnknown) {
		x.missing()
		return
	}
	x.failed(err)
}

// operatorRefusals say what keeps a change of an operator from being made.
var operatorRefusals = [...]struct {
	err      error
	what, do string
}{
	{operator.ErrRole, "There is no such role at such a place.", "Choose one of those offered."},
	{operator.ErrHeld, "They have that role already.", "Look at the operator again."},
	{operator.ErrNotHeld, "They do not have that role any more.", "Look at the operator again."},
	{operator.ErrDisabled, "The operator is disabled, so a link would lead nowhere.", "Enable them first: sallyport operator enable"},
	{operator.ErrLastOwner, "Nobody would be left who may do everything.", "Make another owner of the installation first."},
}

// beyond answers whoever would give or take more than they hold, and records it.
func (x *exchange) beyond(what string, at operator.Place) {
	reference := x.recordRefusal("beyond-own", operator.ManageOperators, at)
	x.say(http.StatusForbidden, "That is more than is yours to give", "Nobody gives or takes a role that reaches further than their own.",
		"Ask somebody who holds "+what+". Reference: "+reference)
}

// linked shows a link, which can never be read again.
func (x *exchange) linked(wish operator.Wish, title string) {
	link, err := x.cfg.Operators.Link(context.WithoutCancel(x.r.Context()), wish)
	if err != nil {
		x.operatorFailed(err)
		return
	}
	address := query(x.system.Snapshot().URL.String()+"/setup", "t", link.Secret.Reveal())
	note := design.Note{Mark: design.Warning("Shown this once"), Text: "Give the link to the person whom it is for, in a way that nobody else reads. Whoever opens it first is that operator.", Do: "To open this page again is to make another."}
	x.show(sheet{Title: title, Trail: x.toOperators(), Parts: []part{
		{Note: &note},
		{Facts: []design.Fact{{Name: "Link", Cell: design.ID(address)}, {Name: "Works until", Cell: design.Instant(link.Expires)}}},
		{Links: []design.Place{{Label: "Go on: I have copied it", URL: x.base() + "/operators"}}},
	}})
}

// holding reads which role at which place a form is about. Nothing chosen is not
// everywhere.
func (x *exchange) holding(role, place string) (h operator.Holding, ok bool) {
	if place == "" {
		return h, false
	}
	if place == everywhere {
		place = ""
	}
	at, ok := operator.ParsePlace(place)
	h = operator.Holding{Role: operator.Role(role), Place: at}
	return h, ok && slices.Contains(operator.Roles(), h.Role)
}

func describe(h operator.Holding) string { return fmt.Sprintf("%s at %s", h.Role, h.Place) }
