package account

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"sallyport/pure/customer"
	"sallyport/web/design"
)

var recentTemplate = parse("recent")

// recently is how far back the page looks on which whoever was robbed finds what a thief
// left behind.
const recently = 30 * 24 * time.Hour

// recentList is what that page shows.
type recentList struct {
	common
	Changes []recent
	Empty   design.Empty

	Sessions, Password, SignOut string // addresses
}

// recent is something by which somebody signs in, or is written to, that was added lately.
type recent struct {
	Name, What string
	At         instant
	Remove     string // address of the form that takes it away; empty: it is the last of its kind
}

func (x *exchange) showRecent() {
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	if err != nil {
		x.fail(err)
		return
	}
	profile, err := x.cfg.Directory.Show(x.r.Context(), x.live.ID, x.current.Customer.ID)
	if err != nil {
		x.fail(err)
		return
	}
	page := recentList{
		common: x.common("Added lately"), Sessions: x.link("/sessions"), Password: x.link("/password"), SignOut: x.link("/sign-out-everywhere"),
		Empty: design.Empty{What: "Nothing was added in the last 30 days.", Do: "If you think that somebody else is in, look at your sessions."},
	}
	add := func(name, what string, at time.Time, remove string) {
		if at.After(x.cfg.Now().Add(-recently)) {
			page.Changes = append(page.Changes, recent{name, what, instant{at}, remove})
		}
	}
	for _, a := range ways.Apps {
		add(cmp.Or(a.Label, x.phrase("Authenticator app")), "Shows codes that let you in", a.Since, x.link("/app/remove", "app", a.ID))
	}
	for _, p := range x.ownPhones(ways.Phones) {
		add(p.Name, "Gets codes that let you in", p.Since.at, p.Remove)
	}
	add(x.phrase("Card of codes"), "Was ordered, and goes to you by post", ways.Card.Waiting, x.link("/card/end", "card", waitingCard))
	add(x.phrase("Card of codes"), "Has codes that let you in", ways.Card.Since, x.link("/card/end"))
	for _, p := range x.ownPasskeys(ways.Passkeys) {
		add(p.Name, "Lets you in", p.Created.at, p.Remove)
	}
	for i, n := range namesOf(profile.Identifiers) {
		id, remove := profile.Identifiers[i], ""
		if len(profile.Identifiers) > 1 {
			remove = x.link("/addresses/remove", "one", x.keyOfName(id))
		}
		if id.Kind != customer.Username {
			add(n.Text, "Gets messages, and codes to set a new password", id.Proof.At, remove)
		}
	}
	slices.SortStableFunc(page.Changes, func(a, b recent) int { return b.At.at.Compare(a.At.at) })
	x.render(recentTemplate, http.StatusOK, page.Title, page)
}

// fromRecent is the value of the button by which that page takes something away.
const fromRecent = "recent"

// leadBack goes on where a form came from: at, or the page of what was added lately.
func (x *exchange) leadBack(at string) {
	if x.r.PostForm.Get("from") == fromRecent {
		at = "/recent"
	}
	x.lead(at)
}
