package account

import (
	"net/http"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/issue"
	"sallyport/service/signin"
	"sallyport/web/design"
)

var overviewTemplate = parse("overview")

// overview is what the first page shows.
type overview struct {
	common
	Name  string
	Names []name
	Tiles []design.Tile

	Details string // address
}

// name is something by which the customer can be found.
type name struct {
	Kind, Text        string
	Checked, Verified bool // whether it is one that is confirmed, and whether it was
}

func (x *exchange) showOverview() {
	ctx := x.r.Context()
	profile, err := x.cfg.Directory.Show(ctx, x.live.ID, x.current.Customer.ID)
	if err != nil {
		x.fail(err)
		return
	}
	page := overview{common: x.common("Your account"), Name: profile.Customer.Name, Names: namesOf(profile.Identifiers), Details: x.link("/you")}
	if page.Tiles, err = x.tiles(); err != nil {
		x.fail(err)
		return
	}
	x.render(overviewTemplate, http.StatusOK, page.Title, page)
}

// tiles are the ways from here, each with the figure that matters.
func (x *exchange) tiles() ([]design.Tile, error) {
	ctx := x.r.Context()
	browsers, next, err := x.cfg.SignIn.Sessions(ctx, x.live, x.current, "", onePage)
	if err != nil {
		return nil, err
	}
	ways, err := x.cfg.SignIn.Ways(ctx, x.live, x.current)
	if err != nil {
		return nil, err
	}
	view, err := issue.ViewOf(x.live)
	if err != nil {
		return nil, err
	}
	held, err := x.cfg.Access.Held(ctx, view, x.current.Customer)
	if err != nil {
		return nil, err
	}
	linked, more, err := x.cfg.Directory.Memberships(ctx, x.live.ID, x.current.Customer.ID, customer.AccountID{}, accountsAtOnce)
	if err != nil {
		return nil, err
	}
	accounts := x.counted(len(linked), accountsCounted)
	if !more.IsZero() {
		accounts = x.phrase("%d accounts or more", len(linked))
	}
	signedIn := x.counted(len(browsers), browsersCounted)
	if next != "" {
		signedIn = x.phrase("More than %d browsers", len(browsers))
	}
	return []design.Tile{
		{Label: "Sessions", Value: signedIn, Note: "in which you are signed in", URL: x.link("/sessions")},
		{Label: "Ways to sign in", Value: x.waysIn(ways), Note: adviceFor(ways), URL: x.link("/ways")},
		{Label: "Accounts", Value: accounts, Note: "and premises, shared or yours", URL: x.link("/accounts")},
		{Label: "Addresses", Value: "How we reach you", Note: "e-mail, phone and username", URL: x.link("/addresses")},
		{Label: "Agreements", Value: "What we may do", Note: "and what you accepted", URL: x.link("/agreements")},
		{Label: "Applications", Value: x.withAccess(len(held)), Note: "to something of yours", URL: x.link("/applications")},
		{Label: "Activity", Value: "What happened", Note: "and whether it was you", URL: x.link("/activity")},
		{Label: "Your data", Value: "Download or delete", Note: "everything that we keep", URL: x.link("/data")},
	}, nil
}

func (x *exchange) withAccess(applications int) string {
	if applications == 0 {
		return "None with access"
	}
	return x.phrase("%d with access", applications)
}

func usablePasskey(w signin.Ways) bool {
	return slices.ContainsFunc(w.Passkeys, func(p signin.OwnPasskey) bool { return p.Usable })
}

func (x *exchange) waysIn(w signin.Ways) string {
	var all []string
	if !w.Password.IsZero() {
		all = append(all, x.phrase("password"))
	}
	if usablePasskey(w) {
		all = append(all, x.phrase("passkey"))
	}
	if !w.App.IsZero() {
		all = append(all, x.phrase("app"))
	}
	if len(w.Phones) > 0 {
		all = append(all, x.phrase("phone"))
	}
	if w.Card.InUse {
		all = append(all, x.phrase("card"))
	}
	if len(all) == 0 {
		return "No password"
	}
	return x.listed(all)
}

// listed joins words as a sentence does that begins with them.
func (x *exchange) listed(all []string) string {
	text := strings.Join(all, ", ")
	if n := len(all); n > 1 {
		text = x.phrase("%s and %s", strings.Join(all[:n-1], ", "), all[n-1])
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func adviceFor(w signin.Ways) string {
	switch {
	case w.Offered && seconds(w) > 0 && w.Recovery == 0:
		return "You have no recovery codes left"
	case w.Offered && seconds(w) == 0 && !usablePasskey(w):
		return "A second one makes it safer"
	}
	return "and how to change them"
}

// number is how something is counted: none, one, and more of it.
type number struct{ none, one, more string }

var (
	accountsCounted = number{"No account", "1 account", "%d accounts"}
	browsersCounted = number{"No browser", "1 browser", "%d browsers"}
	codesCounted    = number{"No code left", "1 code left", "%d codes left"}
)

// counted says how many there are.
func (x *exchange) counted(n int, of number) string {
	switch n {
	case 0:
		return x.phrase(of.none)
	case 1:
		return x.phrase(of.one)
	}
	return x.phrase(of.more, n)
}

var kinds = map[customer.IdentifierKind]string{customer.Email: "Email", customer.Phone: "Phone", customer.Username: "Username"}

func namesOf(identifiers []customer.Identifier) []name {
	names := make([]name, 0, len(identifiers))
	for _, id := range identifiers {
		shown := id.Display
		if shown == "" {
			shown = id.Value
		}
		names = append(names, name{
			Kind: kinds[id.Kind], Text: masked(id.Kind, shown), Checked: id.Kind != customer.Username, Verified: id.Verified,
		})
	}
	return names
}

// hidden stands for what is not shown, however much it is.
const hidden = "•••"

// masked is enough of a name to know it again, and not enough to take it along
// from a screen that others see. A username is no address of anybody: it is
// shown whole.
func masked(kind customer.IdentifierKind, shown string) string {
	runes := []rune(shown)
	switch kind {
	case customer.Email:
		at := strings.LastIndex(shown, "@")
		if at <= 0 {
			return hidden
		}
		return string(runes[:1]) + hidden + shown[at:]
	case customer.Phone:
		if len(runes) < 7 {
			return hidden
		}
		return hidden + " " + string(runes[len(runes)-3:])
	}
	return shown
}
