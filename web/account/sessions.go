package account

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"sallyport/service/signin"
	"sallyport/web/design"
)

var sessionsTemplate = parse("sessions")

// onePage is how many sessions a page lists.
const onePage = 20

// lately is how long ago counts as now: so exact is the time of the last use.
const lately = 10 * time.Minute

// sessionList is what the page of sessions shows.
type sessionList struct {
	common
	Sessions []session
	Pager    design.Pager

	Password, SignOut, End, EndOthers string // addresses
}

// session is one of them.
type session struct {
	Name           string // which one
	Browser, How   string
	Address        string
	SignedIn, Used instant
	Now, This      bool
}

func (x *exchange) showSessions() {
	before := x.r.URL.Query().Get("before")
	browsers, next, err := x.cfg.SignIn.Sessions(x.r.Context(), x.live, x.current, before, onePage)
	if err != nil {
		x.fail(err)
		return
	}
	page := sessionList{
		common: x.common("Your sessions"), Password: x.link("/password"), SignOut: x.snapshot.URL.EscapedPath() + "/signout",
		End: x.link("/sessions/end"), EndOthers: x.link("/sessions/end-others"),
	}
	for _, b := range browsers {
		page.Sessions = append(page.Sessions, session{
			Name: b.Session, Browser: described(x.phrase, b.Agent), How: x.provedBy(b.Methods), Address: b.Address,
			SignedIn: instant{b.SignedIn}, Used: instant{b.Used}, Now: x.cfg.Now().Sub(b.Used) < lately, This: b.This,
		})
	}
	slices.SortStableFunc(page.Sessions, func(a, b session) int { // the one in hand is found first
		return rank(b.This) - rank(a.This)
	})
	page.Pager = x.pager("/sessions", before, next)
	x.render(sessionsTemplate, http.StatusOK, page.Title, page)
}

// pager leads on to what is older, and back to where the list begins.
func (x *exchange) pager(at, before, next string) design.Pager {
	p := design.Pager{NewerLabel: "Newest", OlderLabel: "Older"}
	if before != "" {
		p.Newer = x.link(at)
	}
	if next != "" {
		p.Older = x.link(at, "before", next)
	}
	return p
}

// The methods of sessions (RFC 8176) in words for customers.
var methods = map[string]string{"pwd": "password", "otp": "code", "mfa": "recovery code"}

func (x *exchange) provedBy(of []string) string {
	var by []string
	for _, method := range of {
		if word := x.phrase(methods[method]); word != "" && !slices.Contains(by, word) {
			by = append(by, word)
		}
	}
	if len(by) == 0 {
		return ""
	}
	if len(by) == 1 {
		return x.phrase("by %s", by[0])
	}
	return x.phrase("by %s and %s", strings.Join(by[:len(by)-1], ", "), by[len(by)-1])
}

func (x *exchange) endSession() {
	err := x.cfg.SignIn.EndOne(x.r.Context(), x.live, x.current, x.visit(), x.r.PostForm.Get("session"))
	switch {
	case errors.Is(err, signin.ErrNoSession):
		x.noSession()
	case err != nil:
		x.fail(err)
	default:
		x.say("session-ended")
		x.lead("/sessions")
	}
}

// noSession answers for a session that ended already, never was, or is somebody
// else's: all of them the same.
func (x *exchange) noSession() {
	x.refuse(http.StatusNotFound, "There is no such session", "It may have ended already.")
}

func (x *exchange) endOthers() {
	ended, err := x.cfg.SignIn.EndOthers(x.r.Context(), x.live, x.current, x.visit())
	if err != nil {
		x.fail(err)
		return
	}
	word := "others-ended"
	if ended == 0 {
		word = "none-ended"
	}
	x.say(word)
	x.lead("/sessions")
}
