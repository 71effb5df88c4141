package login

import (
	_ "embed"
	"net/http"
	"time"

	"sallyport/service/signin"
	"sallyport/web/design"
)

//go:embed recent.html
var recentHTML string

var recentTemplate = words.Parse(recentHTML)

// added says what was added to how somebody signs in.
var added = map[signin.Added]string{
	signin.AddedApp:     "An authenticator app",
	signin.AddedPasskey: "A passkey or security key",
	signin.AddedPhone:   "A phone for codes",
	signin.AddedCard:    "A card of codes",
	signin.AddedCodes:   "A list of recovery codes",
	signin.AddedAddress: "An address",
}

// recentPage is what somebody sees who has a new password, where something was added
// lately.
type recentPage struct {
	Items   []recentItem
	Next    string // where they were going
	Account string // where it is removed
}

type recentItem struct{ What, Name, On string }

func (x *exchange) recent(answer *signin.Answer) {
	page := recentPage{Next: answer.Next, Account: x.snapshot.URL.String() + "/account/recent"}
	for _, one := range answer.Recent {
		page.Items = append(page.Items, recentItem{added[one.What], one.Name, one.At.UTC().Format(time.DateOnly)})
	}
	err := recentTemplate.Render(x.w, x.r, http.StatusOK, design.Page{
		Frame: x.frame(), Title: "You have a new password", Policy: design.LeadingTo(x.application), Data: page,
	})
	if err != nil {
		x.broken(err)
	}
}
