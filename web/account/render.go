package account

import (
	"embed"
	"net/http"
	"time"

	"sallyport/pure/config"
	"sallyport/service/signin"
	"sallyport/web/design"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed es.txt
var catalogues embed.FS

// words are what these pages say in other languages than English.
var words = design.NewWords(catalogues, "application")

// parse reads the template of a page, with what all of them share.
func parse(name string) *design.Template {
	return words.Parse(mustRead("shared") + mustRead(name))
}

func mustRead(name string) string {
	text, err := pageFiles.ReadFile("pages/" + name + ".html")
	if err != nil {
		panic("account: " + err.Error())
	}
	return string(text)
}

// common is what every template gets.
type common struct {
	Title string
	Token string
	Said  string // what was just done; empty for nothing
	Home  []config.LabeledURL
}

func (x *exchange) common(title string) common {
	return common{Title: title, Token: x.token, Said: x.takeSaid(), Home: x.home()}
}

// Hidden is the field that every form holds.
func (c common) Hidden() design.Hidden { return design.Hidden{Name: "form", Value: c.Token} }

// sections lead about among the pages.
var sections = []design.Place{
	{Label: "Your account", URL: ""},
	{Label: "Sessions", URL: "/sessions"},
	{Label: "Ways to sign in", URL: "/ways"},
	{Label: "Addresses", URL: "/addresses"},
	{Label: "Accounts", URL: "/accounts"},
	{Label: "Applications", URL: "/applications"},
	{Label: "Activity", URL: "/activity"},
	{Label: "Your data", URL: "/data"},
}

// within tells in which section a page is that is none.
var within = map[string]string{
	"/password": "/ways", "/app": "/ways", "/app/remove": "/ways", "/recovery-codes": "/ways", "/sign-out-everywhere": "/activity",
	"/addresses/add": "/addresses", "/addresses/username": "/addresses", "/addresses/remove": "/addresses",
	"/accounts/one": "/accounts", "/accounts/claim": "/accounts", "/accounts/share": "/accounts", "/accounts/leave": "/accounts", "/accounts/invited": "/accounts",
	"/activity/one": "/activity", "/agreements": "/data", "/data/download": "/data", "/data/delete": "/data",
	"/recent": "/activity", "/you": "",
	"/passkey/add": "/ways", "/passkey/remove": "/ways", "/phone/add": "/ways", "/phone/remove": "/ways", "/card": "/ways",
}

// render answers with a page.
func (x *exchange) render(t *design.Template, status int, title string, data any) {
	x.renderWith(t, status, title, data, func(*design.Page) {})
}

// renderWith is render with a page that is changed before.
func (x *exchange) renderWith(t *design.Template, status int, title string, data any, change func(*design.Page)) {
	places := make([]design.Place, len(sections))
	for i, s := range sections {
		current := s.URL == x.page() || s.URL != "" && s.URL == within[x.page()]
		places[i] = design.Place{Label: s.Label, URL: x.link(s.URL), Current: current}
	}
	page := design.Page{
		Frame: x.frame(), Title: title, Failed: status >= http.StatusBadRequest, Data: data,
		Wide: &design.Wide{
			Who: x.current.Customer.Name, SignOut: x.snapshot.URL.EscapedPath() + "/signout",
			Sections: design.Tabs{Label: "Pages of your account", Places: places},
		},
	}
	change(&page)
	if err := t.Render(x.w, x.r, status, page); err != nil {
		x.broken(err)
	}
}

// What a page says that was just done, by the word that a cookie brings to it:
// an address would let a stranger's link say it too.
var sayings = map[string]string{
	"session-ended":     "The session was ended.",
	"others-ended":      "All your other sessions were ended.",
	"none-ended":        "You are signed in nowhere else.",
	"password-changed":  "Your password was changed. Whoever was signed in with the old one is signed in no more.",
	"app-added":         "That authenticator app is set up too.",
	"app-removed":       "Your authenticator app and its recovery codes work no more.",
	"one-app-removed":   "That authenticator app works no more.",
	"phone-added":       "That phone is set up. From now on we can send codes to it.",
	"phone-removed":     "We send no more codes to that phone.",
	"questions-removed": "Your security questions were removed.",
	"card-ordered":      "Your card of codes goes to you by post. It counts from the first code of it that you use.",
	"card-ended":        "That card of codes is good no more.",
	"passkey-made":      "Your passkey is made. From now on it lets you in.",
	"passkey-removed":   "That passkey lets nobody in here any more.",
	"address-added":     "It is yours now. You can sign in with it.",
	"address-linked":    "It is yours now. By it we know which account is yours: it is linked to you.",
	"address-waits":     "It is yours now. By it we found an account that somebody has already: we look at it, and you hear from us.",
	"address-first":     "It comes first now. We told your addresses.",
	"address-removed":   "It is not yours any more.",
	"details-kept":      "Your details are kept.",
	"account-left":      "The account is no longer linked to you.",
	"member-removed":    "It is not shared with them any more. We told them.",
	"invited":           "The invitation is on its way.",
	"uninvited":         "The invitation counts no more.",
	"accepted":          "The account is linked to you.",
	"claimed":           "The account is linked to you.",
	"claim-waits":       "We look at it ourselves, and write to you.",
	"answered":          "Your answer is kept.",
	"was-me":            "Good. We noted that it was you.",
	"withdrawn":         "The application has no access any more.",
}

// saidFor is how long the next page may take: signing in may lie between.
const saidFor = 10 * time.Minute

func (x *exchange) saidCookie() string {
	return signin.CookieName(x.live.ID, x.secure()) + "-said"
}

// say lets the next page tell what was done.
func (x *exchange) say(word string) {
	x.setCookies(signin.Cookie{Name: x.saidCookie(), Value: word, Life: saidFor})
}

func (x *exchange) takeSaid() string {
	word := x.cookies()[x.saidCookie()]
	if word != "" {
		x.setCookies(signin.Cookie{Name: x.saidCookie()})
	}
	return sayings[word]
}

// instant is a time as pages show it: by the component "time", as people say it.
type instant struct{ at time.Time }

// UTC is what the component asks for.
func (i instant) UTC() time.Time { return i.at.UTC() }

// IsZero tells whether there is nothing to show.
func (i instant) IsZero() bool { return i.at.IsZero() }
