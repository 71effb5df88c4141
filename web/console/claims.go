package console

import (
	"errors"
	"net/http"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/claim"
	"sallyport/service/directory"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// The states of claims, as addresses name them.
const (
	claimWaits   claim.State = "waits"
	claimGranted claim.State = "granted"
	claimRefused claim.State = "refused"
)

var claimMarks = map[claim.State]design.Mark{
	claimWaits: design.Waiting("Waits"), claimGranted: design.Good("Granted"), claimRefused: design.Plain("Refused"),
}

// claimReasons say why claims wait.
var claimReasons = map[string]string{
	claim.BecauseTries:  "They tried too often, and what they said was not compared any more.",
	claim.BecauseOwned:  "Somebody owns the account already.",
	claim.BecauseClosed: "The account is closed.",
}

// claimsAsked reads which claims an address asks for; wrong is about its number.
func (x *exchange) claimsAsked() (page claim.Page, wrong string, ok bool) {
	q := x.r.URL.Query()
	page.State, page.Limit, ok = claim.State(q.Get("state")), listRows, true
	if _, known := claimMarks[page.State]; !known && page.State != "any" {
		page.State = claimWaits
	}
	var err error
	if text := q.Get("customer"); text != "" {
		if page.Customer, err = customer.ParseID(text); err != nil {
			return page, "", false
		}
	}
	if text := q.Get("after"); text != "" {
		if page.After, err = claim.ParseID(text); err != nil {
			return page, "", false
		}
	}
	if text := strings.TrimSpace(q.Get("number")); text != "" {
		if page.Number, err = customer.AccountNumber(text); err != nil {
			wrong = "No account has such a number"
		}
	}
	return page, wrong, true
}

// claims lists who says that an account is theirs and could not prove it, the oldest
// first.
func (x *exchange) claims() {
	page, wrong, ok := x.claimsAsked()
	if !ok {
		x.missing()
		return
	}
	s := sheet{Title: "Claims", Parts: []part{{
		Lead:   "Who says that an account is theirs, where a person decides. What they said is kept nowhere; which facts were right is.",
		Filter: x.claimFilter(page),
	}}}
	if wrong != "" {
		s.Parts[0].Filter.Fields[1].Wrong, s.Status = wrong, http.StatusBadRequest
		x.show(s)
		return
	}
	asked := page
	if asked.State == "any" {
		asked.State = ""
	}
	found, err := x.cfg.Claims.List(x.r.Context(), x.live, asked)
	if err != nil {
		x.failed(err)
		return
	}
	looked := directory.Looked{Kind: "claim", Found: len(found), Typed: page.Number}
	if !page.Customer.IsZero() {
		looked.Typed = strings.TrimSpace(page.Customer.String() + " " + page.Number)
	}
	for i := range found {
		looked.Whom = append(looked.Whom, found[i].Customer)
	}
	if !x.listed(looked) {
		return
	}
	s.Parts = append(s.Parts, part{Table: x.claimTable(found)})
	x.show(s)
}

// claimFilter asks which claims are to be shown.
func (x *exchange) claimFilter(page claim.Page) *filter {
	f := &filter{Button: "Show", Fields: []design.Field{
		{Name: "state", Label: "State", Value: string(page.State), Options: []design.Option{
			{Value: string(claimWaits), Label: "waits"}, {Value: string(claimGranted), Label: "granted"}, {Value: string(claimRefused), Label: "refused"}, {Value: "any", Label: "any"},
		}},
		{Name: "number", Label: "Number of the account", Value: page.Number, MaxLength: customer.MaxAccountNumber, Optional: true},
	}}
	if !page.Customer.IsZero() {
		f.Hidden = []design.Hidden{{Name: "customer", Value: page.Customer.String()}}
	}
	return f
}

func (x *exchange) claimTable(found []claim.Kept) *design.Table {
	next := ""
	if len(found) == listRows {
		next = claim.IDText(found[len(found)-1].ID)
	}
	t := &design.Table{
		Columns: design.Columns("Account", "Customer", "State", "Why it waits", "Right", "Wrong", "Claimed"), Pager: x.pager("after", next, "Back", "Next"),
		Empty: design.Empty{What: "There is no such claim.", Do: "Whoever proves that an account is theirs has it at once, and is not here."},
	}
	for i := range found {
		c, went := &found[i], claim.EvidenceOf(found[i])
		t.Rows = append(t.Rows, design.Row{URL: x.here("claims", claim.IDText(c.ID)), Cells: []design.Cell{
			design.Text(c.Number), design.Code(c.Customer.String()), design.State(claimMarks[c.State]), design.Text(claimReason(c.Reason)),
			tags(went.Right), tags(went.Wrong), design.Instant(c.Created),
		}})
	}
	return t
}

func claimReason(word string) string {
	if said := claimReasons[word]; said != "" {
		return said
	}
	return word
}

// askedClaim reads the claim that the path names, and records that somebody is shown
// what is a customer's: false was answered.
func (x *exchange) askedClaim() (c claim.Kept, ok bool) {
	id, err := claim.ParseID(x.values["claim"])
	if err == nil {
		c, err = x.cfg.Claims.Get(x.r.Context(), x.live, id)
	}
	if err != nil {
		x.failed(err)
		return c, false
	}
	return c, x.viewedPerson(c.Customer)
}

// claim shows one: who claims what, why it waits, what it went by, and who decided.
func (x *exchange) claim() {
	c, ok := x.askedClaim()
	if !ok {
		return
	}
	all, ok := x.claimFacts(c)
	if !ok {
		return
	}
	s := sheet{Title: "Claim to " + c.Number, Trail: []design.Place{x.above("Claims", "claims")}, Parts: []part{{Facts: all}}}
	if c.State == claimWaits && x.who.May(operator.HelpCustomers, x.place()) {
		for _, d := range decisions {
			s.Actions = append(s.Actions, design.Button{Label: d.label, URL: x.here("claims", claim.IDText(c.ID), d.word), Dialog: true, Quiet: true, Danger: d.danger})
		}
	}
	x.show(s)
}

// claimFacts tell of a claim; false was answered.
func (x *exchange) claimFacts(c claim.Kept) ([]design.Fact, bool) {
	number := design.Text(c.Number)
	account, err := x.cfg.Directory.FindAccount(x.r.Context(), x.live.ID, c.Number)
	switch {
	case err == nil:
		number.URL = x.here("accounts", account.ID.String())
	case errors.Is(err, x.cfg.Missing):
		number.Note = "nobody has it here yet"
	default:
		x.failed(err)
		return nil, false
	}
	went := claim.EvidenceOf(c)
	all := []design.Fact{
		{Name: "State", Cell: design.State(claimMarks[c.State])},
		{Name: "Account", Cell: number},
		{Name: "Customer", Cell: x.customerCell(c.Customer.String())},
		fact("Why it waits", claimReason(c.Reason)),
		fact("Went by", went.By),
		fact("Looked for in", c.Place),
		{Name: "Right", Cell: tags(went.Right)},
		{Name: "Wrong", Cell: tags(went.Wrong)},
		{Name: "Id", Cell: design.ID(claim.IDText(c.ID))},
		{Name: "Claimed", Cell: design.Instant(c.Created)},
	}
	if c.By != "" {
		all = append(all, fact("Decided by", c.By), fact("Because", c.Note), design.Fact{Name: "Decided", Cell: design.Instant(c.Updated)})
	}
	return facts(all...), true
}

// claimNeeds tells of claims that wait for somebody.
func (x *exchange) claimNeeds() ([]need, error) {
	found, err := x.cfg.Claims.List(x.r.Context(), x.live, claim.Page{State: claimWaits, Limit: listRows})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	text := many(int64(len(found)), "claim") + " to accounts"
	if len(found) == listRows {
		text = "At least " + text
	}
	return []need{{design.Waiting("Waits"), text, x.here("claims")}}, nil
}
