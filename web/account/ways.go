package account

import (
	"net/http"

	"sallyport/web/design"
)

var (
	waysTemplate    = parse("ways")
	confirmTemplate = parse("confirm")
)

// wayList is what the page of ways to sign in shows.
type wayList struct {
	common
	HasPassword, Offered, HasApp bool
	Password, App                instant
	Recovery                     int
	Left                         string // the same in words
	Apps                         []ownApp
	Passkeys                     []ownPasskey

	Change, SetUp, Remove, Renew string // addresses
}

func (x *exchange) showWays() {
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	if err != nil {
		x.fail(err)
		return
	}
	page := wayList{
		common: x.common("Ways to sign in"), HasPassword: !ways.Password.IsZero(), Password: instant{ways.Password},
		Offered: ways.Offered, HasApp: !ways.App.IsZero(), App: instant{ways.App}, Recovery: ways.Recovery, Left: counted(ways.Recovery, "code") + " left",
		Change: x.link("/password"), SetUp: x.link("/app"), Remove: x.link("/app/remove"), Renew: x.link("/recovery-codes"),
	}
	page.Apps, page.Passkeys = x.ownApps(ways.Apps), x.ownPasskeys(ways.Passkeys)
	x.render(waysTemplate, http.StatusOK, page.Title, page)
}

// confirmation is what the page shows that asks before something is done.
type confirmation struct {
	common
	Form design.Form
}

// confirm asks before the form of this very page is sent.
func (x *exchange) confirm(title string, lead []string, submit design.Button, cancel string) {
	page := confirmation{common: x.common(title)}
	page.Form = design.Form{Lead: lead, Hidden: []design.Hidden{page.Hidden()}, Submit: submit, Cancel: x.link(cancel)}
	x.render(confirmTemplate, http.StatusOK, title, page)
}
