package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	_ "embed"

	"sallyport/service/operator"
	"sallyport/service/signin"
	"sallyport/web/design"
)

//go:embed setup.html
var setupHTML string

var setupTemplate = design.Parse(setupHTML)

// setupData is what the set-up page shows.
type setupData struct {
	Recovers string // username; empty: a new operator
	Anew     bool   // their authenticator app goes too
	Of       int    // steps until they are in
	Role     string
	Place    string
	Fields   []design.Field
	Problem  *design.Summary
}

// maxSetup is more than the form needs.
const maxSetup = 16 << 10

// setUp shows what a link offers, and takes it.
func (x *exchange) setUp() {
	secret := x.r.URL.Query().Get("t")
	in, err := x.cfg.Operators.Open(x.r.Context(), secret)
	switch {
	case errors.Is(err, operator.ErrLink):
		x.spent()
	case err != nil:
		x.broken(err)
	case x.r.Method == http.MethodGet || x.r.Method == http.MethodHead:
		x.askSetUp(http.StatusOK, in, operator.Given{}, nil)
	case x.r.Method != http.MethodPost:
		x.w.Header().Set("Allow", "GET, HEAD, POST")
		x.bare(http.StatusMethodNotAllowed, "The page is opened and its form is sent; nothing else is possible here.")
	case x.strangers.Check(x.r) != nil:
		x.bare(http.StatusForbidden, "This form came from another website. Open the link again.")
	default:
		x.takeSetUp(secret, in)
	}
}

func (x *exchange) spent() {
	design.Error(x.w, x.r, design.ErrorPage{
		Frame: design.FrameOf(x.system.Snapshot(), nil, x.cfg.Ribbon), Status: http.StatusGone, Title: "This link does not work any more",
		What: "A set-up link works once, and for 24 hours.", Fix: "Ask for another: sallyport operator link, on the host.",
	})
}

func (x *exchange) takeSetUp(secret string, in operator.Invitation) {
	x.r.Body = http.MaxBytesReader(x.w, x.r.Body, maxSetup)
	if x.r.ParseForm() != nil || x.r.Header.Get("Content-Type") == "" {
		x.bare(http.StatusBadRequest, "The form could not be read. Go back and send it once more.")
		return
	}
	given := operator.Given{
		Username: x.r.PostForm.Get("username"), Name: x.r.PostForm.Get("name"), Password: x.r.PostForm.Get("new-password"),
	}
	// What was begun is done to its end: the link is spent, whoever waits.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.r.Context()), patience)
	defer cancel()
	x.r = x.r.WithContext(ctx)
	err := x.cfg.Operators.SetUp(ctx, secret, given)
	if err == nil {
		if in.Username != "" {
			given.Username = in.Username
		}
		x.goOn(given)
		return
	}
	for _, m := range mistakes {
		if errors.Is(err, m.err) {
			x.askSetUp(http.StatusUnprocessableEntity, in, given, &m)
			return
		}
	}
	if errors.Is(err, operator.ErrLink) {
		x.spent()
		return
	}
	x.broken(err)
}

// goOn takes them to the second factor, with the first proved by what they have
// just set. Whoever was signed in in this browser is so no longer.
func (x *exchange) goOn(given operator.Given) {
	visit := signin.Visit{Cookies: map[string]string{}, Address: x.cfg.Address(x.r), Agent: x.r.UserAgent()}
	for _, c := range x.r.Cookies() {
		visit.Cookies[c.Name] = c.Value
	}
	location, cookies, err := x.cfg.SignIn.BeginWith(x.r.Context(), x.system,
		signin.Ticket{Return: "/", Reauthenticate: true, TwoFactors: true}, visit, signin.Chosen{Identifier: given.Username, Password: given.Password})
	if err != nil {
		x.broken(err)
		return
	}
	for _, c := range cookies {
		cookie := http.Cookie{
			Name: c.Name, Value: c.Value, Path: "/", MaxAge: int(c.Life.Seconds()),
			Secure: x.secure(), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		}
		if c.Value == "" {
			cookie.MaxAge = -1
		}
		http.SetCookie(x.w, &cookie)
	}
	x.lead(location)
}

// mistake is what can be wrong with the form, and where.
type mistake struct {
	err   error
	field string
	what  string
}

var mistakes = [...]mistake{
	{operator.ErrUsername, "username", "Enter a username of letters, digits, dots and dashes"},
	{operator.ErrTaken, "username", "Another operator has this username"},
	{operator.ErrName, "name", "Enter a name of at most 100 characters"},
	{operator.ErrShort, "new-password", fmt.Sprintf("Enter a password of at least %d characters", operator.MinPassword)},
	{operator.ErrLong, "new-password", "Enter a shorter password"},
	{operator.ErrText, "new-password", "Enter a password that you can type on any keyboard"},
	{operator.ErrGuessable, "new-password", "Enter a password that is harder to guess: several words, none of them your name"},
	{operator.ErrCommon, "new-password", "Enter a password that fewer people use: this one is among the first that are tried"},
	{operator.ErrBreached, "new-password", "Enter another password: this one was stolen from some other site, so it may be tried here. Change it wherever you use it"},
	{operator.ErrUnavailable, "new-password", "New passwords cannot be checked at the moment: try again later, or look at the server's log"},
}

func (x *exchange) askSetUp(status int, in operator.Invitation, given operator.Given, wrong *mistake) {
	data := setupData{Recovers: in.Username, Anew: in.Anew, Of: 3, Role: string(in.Holding.Role), Place: in.Holding.Place.String()}
	title := "Become an operator"
	if in.Username != "" {
		title = "Choose a new password"
		if !in.Anew {
			data.Of = 2 // they have an app, as far as the link knows
		}
	} else {
		data.Fields = append(data.Fields,
			design.Field{Name: "username", Type: "text", Label: "Username", Value: given.Username, Autocomplete: "username", MaxLength: 100},
			design.Field{Name: "name", Type: "text", Label: "Your name", Hint: "As colleagues read it", Value: given.Name, Autocomplete: "name", MaxLength: operator.MaxName})
	}
	data.Fields = append(data.Fields, design.Field{
		Name: "new-password", Type: "password", Label: "Password", Autocomplete: "new-password", MaxLength: operator.MaxPassword,
		Hint: fmt.Sprintf("At least %d characters. Several words are easier to remember, and paste works.", operator.MinPassword),
	})
	data.Fields[0].Focus = wrong == nil
	if wrong != nil {
		data.Problem = &design.Summary{What: wrong.what, Field: wrong.field}
		for i := range data.Fields {
			if data.Fields[i].Name == wrong.field {
				data.Fields[i].Wrong = wrong.what
			}
		}
	}
	err := setupTemplate.Render(x.w, x.r, status, design.Page{
		Frame: design.FrameOf(x.system.Snapshot(), nil, x.cfg.Ribbon), Title: title, Failed: wrong != nil, Data: data,
	})
	if err != nil {
		x.broken(err)
	}
}
