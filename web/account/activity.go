package account

import (
	"errors"
	"net/http"

	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/web/design"
)

var activityTemplate = parse("activity")

// A page shows what it finds until it has so many sentences, and looks at so many
// events at most: of some customers the ledger holds a great many that are none
// of these.
const (
	enough       = 20
	eventsAtOnce = 40
	readings     = 12
)

// activity is what the page shows.
type activity struct {
	common
	Moments []design.Moment
	Empty   design.Empty
	Pager   design.Pager

	SignOut, Password, Recent string // addresses
}

func (x *exchange) showActivity() {
	before := x.r.URL.Query().Get("before")
	moments, next, err := x.moments(before)
	if err != nil {
		x.fail(err)
		return
	}
	page := activity{
		common: x.common("Recent activity"), Moments: moments, Pager: x.pager("/activity", before, next),
		SignOut: x.link("/sign-out-everywhere"), Password: x.link("/password"), Recent: x.link("/recent"),
		Empty: design.Empty{What: "Nothing happened.", Do: "When you sign in or change something, it stands here."},
	}
	if next != "" {
		page.Empty.Do = "Something may have before: look at what is older."
	}
	x.render(activityTemplate, http.StatusOK, page.Title, page)
}

// moments reads on behind a cursor, until there is enough to show or too much was
// looked at, and gives where to go on.
func (x *exchange) moments(cursor string) (moments []design.Moment, next string, err error) {
	query := "customer:" + x.current.Customer.ID.String()
	for range readings {
		var records []audit.Record
		records, cursor, err = x.cfg.Ledger.Events(x.r.Context(), x.live.ID, query, cursor, eventsAtOnce)
		if err != nil {
			return nil, "", err
		}
		for i := range records {
			if m, told := x.moment(&records[i]); told {
				if x.asked(&records[i]) {
					m.URL = x.link("/activity/one", "event", keyOfEvent(&records[i]))
				}
				moments = append(moments, m)
			}
		}
		if cursor == "" || len(moments) >= enough {
			break
		}
	}
	return moments, cursor, nil
}

func (x *exchange) askSignOut() {
	x.confirm("Sign out everywhere?", []string{
		"This ends everything that is signed in as you: every browser, this one too, and every application.",
		"Whoever knows your password can sign in again. If you think that somebody does, sign in and change it at once.",
	}, design.Button{Label: "Sign out everywhere", ID: "sign-out-everywhere", Danger: true}, "/activity")
}

func (x *exchange) signOutEverywhere() {
	if !x.endEverything() {
		return
	}
	x.setCookies(signin.Cookie{Name: signin.CookieName(x.live.ID, x.secure())})
	x.leadTo("/signout")
}

// endEverything ends all that is signed in as the customer; false if it was answered.
func (x *exchange) endEverything() bool {
	id := x.current.Customer.ID
	err := x.cfg.Directory.SignOut(x.r.Context(), x.live.ID, id, audit.Customer(id.String()))
	if errors.Is(err, x.cfg.Conflict) { // somebody changed at the same moment: once more, from what is there now
		err = x.cfg.Directory.SignOut(x.r.Context(), x.live.ID, id, audit.Customer(id.String()))
	}
	if err != nil {
		x.fail(err)
	}
	return err == nil
}
