package account

import (
	"encoding/hex"
	"net/http"

	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/web/design"
)

// reviewed is the body of the event.
type reviewed struct {
	About string `json:"about"`           // type of the event
	Event string `json:"event"`           // its digest
	Again string `json:"trace,omitempty"` // its reference
}

// keyOfEvent names an event to its customer's pages: by its place in the chain.
func keyOfEvent(r *audit.Record) string { return hex.EncodeToString(r.Hash[:]) }

// asked tells whether a customer is asked if something was them: what they, or a visitor
// whom nobody had proved to be them, did.
func (x *exchange) asked(r *audit.Record) bool {
	return x.cfg.Audit != nil && (r.Actor == string(x.actor()) || r.Actor == visitor)
}

// eventAsked finds the event that the address names among the newest of the customer's;
// false if it was answered.
func (x *exchange) eventAsked() (*audit.Record, design.Moment, bool) {
	key, cursor := x.r.URL.Query().Get("event"), ""
	for range readings * 4 {
		var records []audit.Record
		var err error
		records, cursor, err = x.cfg.Ledger.Events(x.r.Context(), x.live.ID, "customer:"+x.current.Customer.ID.String(), cursor, eventsAtOnce)
		if err != nil {
			x.fail(err)
			return nil, design.Moment{}, false
		}
		for i := range records {
			if m, told := x.moment(&records[i]); told && keyOfEvent(&records[i]) == key && x.asked(&records[i]) {
				return &records[i], m, true
			}
		}
		if cursor == "" {
			break
		}
	}
	x.lead("/activity")
	return nil, design.Moment{}, false
}

var reviewTemplate = parse("review")

type reviewPage struct {
	common
	Moments []design.Moment
}

func (x *exchange) askReview() {
	_, m, ok := x.eventAsked()
	if !ok {
		return
	}
	m.URL = ""
	page := reviewPage{x.common("Was this you?"), []design.Moment{m}}
	x.render(reviewTemplate, http.StatusOK, page.Title, page)
}

// review notes what the customer says. If it was not them, everything ends that is signed
// in as them, and they sign in again to set a new password.
func (x *exchange) review() {
	say := x.r.PostForm.Get("was")
	if say != "me" && say != "not-me" {
		x.lead("/activity")
		return
	}
	r, _, ok := x.eventAsked()
	if !ok {
		return
	}
	visit, id := x.visit(), x.current.Customer.ID.String()
	entry := audit.Entry{
		At: x.cfg.Now(), Type: audit.ActivityConfirmed, Actor: x.actor(), Customer: id, Detail: reviewed{r.Type, keyOfEvent(r), r.Trace},
		Personal: map[string]string{"address": visit.Address.String(), "agent": short(visit.Agent, 512)},
	}
	if say == "not-me" {
		entry.Type = audit.ActivityDenied
	}
	if err := x.cfg.Audit.Record(x.r.Context(), x.live.ID, entry); err != nil {
		x.fail(err)
		return
	}
	if say == "me" {
		x.say("was-me")
		x.lead("/activity")
		return
	}
	if !x.endEverything() {
		return
	}
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	to := "/ways"
	if err == nil && !ways.Password.IsZero() {
		to = "/password"
	}
	x.setCookies(signin.Cookie{Name: signin.CookieName(x.live.ID, x.secure())})
	x.toSignIn(signin.Ticket{Return: x.url(to), Application: x.applicationName()}, func(t signin.Ticket) (string, error) {
		return x.cfg.SignIn.Begin(x.r.Context(), x.live, t)
	})
}
