package account

import (
	"net/http"
	"net/netip"

	"sallyport/service/signin"
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

	HasSecond, MoreApps bool // something is asked for behind the password; another app may be set up
	Password, App       instant
	Recovery            int
	Left                string // the same in words
	Apps                []ownApp
	Passkeys            []ownPasskey
	Phones              []ownPhone

	HasQuestions bool // security questions are set up
	Questions    instant
	QuestionsOff string

	Nudge *design.Empty // to a second way; nil for none

	Change, SetUp, Remove, Renew string // addresses
	MakePasskey, AddKey          string // empty where that cannot be
	AddPhone                     string // the same
	OrderCard                    string // the same
	EndCard, StopCard            string // the one in use, and the one on its way; empty: there is none

	Card, CardWaits instant // since when one is in use, and is on its way
	CardLeft        string  // of its codes, in words
}

func (x *exchange) showWays() {
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	if err != nil {
		x.fail(err)
		return
	}
	page := wayList{
		common: x.common("Ways to sign in"), HasPassword: !ways.Password.IsZero(), Password: instant{ways.Password},
		Offered: ways.Offered, HasApp: !ways.App.IsZero(), App: instant{ways.App}, Recovery: ways.Recovery, Left: x.counted(ways.Recovery, codesCounted),
		Change: x.link("/password"), SetUp: x.link("/app"), Remove: x.link("/app/remove"), Renew: x.link("/recovery-codes"),
	}
	page.HasQuestions, page.Questions, page.QuestionsOff = !ways.Questions.IsZero(), instant{ways.Questions}, x.link("/questions/remove")
	page.HasSecond = seconds(ways) > 0
	page.MoreApps = len(ways.Apps) < signin.MaxApps
	if x.namedHost() {
		page.MakePasskey = x.link("/passkey/add")
		if ways.Offered {
			page.AddKey = x.link("/passkey/add", "kind", securityKey)
		}
	}
	if ways.Texts || ways.Calls {
		page.AddPhone = x.link("/phone/add")
	}
	if ways.Posts {
		page.OrderCard = x.link("/card")
	}
	if ways.Card.InUse {
		page.EndCard = x.link("/card/end")
		page.Card, page.CardLeft = instant{ways.Card.Since}, x.counted(ways.Card.Left, codesCounted)
	}
	if page.CardWaits = (instant{ways.Card.Waiting}); !page.CardWaits.IsZero() {
		page.StopCard = x.link("/card/end", "card", waitingCard)
	}
	page.Phones = x.ownPhones(ways.Phones)
	page.Nudge = x.nudge(ways, page.MakePasskey)
	page.Apps, page.Passkeys = x.ownApps(ways.Apps), x.ownPasskeys(ways.Passkeys)
	x.render(waysTemplate, http.StatusOK, page.Title, page)
}

// namedHost tells whether passkeys can be made for the host.
func (x *exchange) namedHost() bool {
	_, err := netip.ParseAddr(x.snapshot.URL.Hostname())
	return err != nil
}

// nudge leads whoever has one way to sign in to a second one: who loses the one would
// be locked out, and a password alone is soon stolen.
func (x *exchange) nudge(w signin.Ways, passkey string) *design.Empty {
	have := len(w.Apps) + len(w.Phones) + rank(w.Card.InUse)
	for _, p := range w.Passkeys {
		have += rank(p.Usable)
	}
	have += rank(!w.Password.IsZero())
	if have > 1 {
		return nil
	}
	n := &design.Empty{What: "You have one way to sign in.", Do: "With a second one you are not locked out if you lose the first, and a stolen password is of less use."}
	switch {
	case passkey != "":
		n.Ways = []design.Button{{Label: "Make a passkey", URL: passkey, Quiet: true}}
	case w.Texts || w.Calls:
		n.Ways = []design.Button{{Label: "Set up a phone", URL: x.link("/phone/add"), Quiet: true}}
	case w.Offered:
		n.Ways = []design.Button{{Label: "Set up an app", URL: x.link("/app"), Quiet: true}}
	default:
		return nil
	}
	return n
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

// ask shows a page that is one form.
func (x *exchange) ask(status int, title string, form design.Form) {
	page := confirmation{common: x.common(title), Form: form}
	page.Form.Hidden = append(page.Form.Hidden, page.Hidden())
	if form.Problem != nil {
		for i := range page.Form.Fields {
			if f := &page.Form.Fields[i]; f.Name == form.Problem.Field {
				f.Wrong = form.Problem.What
			}
		}
	}
	x.render(confirmTemplate, status, title, page)
}
