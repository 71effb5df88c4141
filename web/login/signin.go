package login

import (
	_ "embed"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/journey"
	"sallyport/service/code"
	"sallyport/service/signin"
	"sallyport/web/design"
)

//go:embed signin.html
var signInHTML string

var signInTemplate = parse(signInHTML)

func (x *exchange) showSignIn() {
	query := x.r.URL.Query()
	if query.Get("t") == "" {
		x.noTicket()
		return
	}
	visit := x.visit()
	if query.Has("instead") {
		x.turn(visit, journey.Purpose(query.Get("instead")))
		return
	}
	visit.Recovery = query.Has("recovery")
	answer, err := x.cfg.SignIn.Show(x.r.Context(), x.live, visit, query.Get("back") != "")
	if err == nil && query.Has("codes") && len(answer.Codes) > 0 {
		x.download(answer)
		return
	}
	x.answer(answer, err)
}

func (x *exchange) giveSignIn() {
	form := x.r.PostForm
	given := signin.Given{
		Identifier: form.Get("username"), Password: form.Get("password"), Secret: form.Has("password"), Kept: form.Has("codes-kept"),
		Passkey: form.Get("passkey"),
	}
	given.Act, given.Way, given.Step = signin.Act(form.Get("act")), journey.Proof(form.Get("way")), form.Get("step")
	switch {
	case given.Step != "":
		given.Form, given.Code, given.CodeOf = form, form.Get("code"), journey.ByAddress
		if !form.Has("code") {
			given.CodeOf = ""
		}
	case form.Has("phone"):
		given.Code = form.Get("phone")
	case form.Has("recovery-code"):
		given.Code, given.CodeOf = form.Get("recovery-code"), journey.ByRecovery
	case form.Has("code"):
		given.Code, given.CodeOf = form.Get("code"), journey.ByCode
	}
	answer, err := x.cfg.SignIn.Give(x.r.Context(), x.live, x.visit(), given)
	if err == nil && answer.Page != nil && answer.Page.Problem == "" && answer.Page.Page != signin.RecentPage {
		// Leading on by a redirection: going back or reloading sends no form again. What is
		// told once, behind the end of a journey, no address leads to.
		x.application = x.snapshot.Applications[answer.Application]
		x.setCookies(answer.Cookies)
		x.lead(x.pageURL("given"))
		return
	}
	x.answer(answer, err)
}

// pageURL is the address of this ticket's page, absolute as it was configured.
func (x *exchange) pageURL(mark string) string {
	query := url.Values{"t": {x.r.URL.Query().Get("t")}}
	if mark != "" {
		query.Set(mark, "1")
	}
	return x.snapshot.URL.String() + "/signin?" + query.Encode()
}

func (x *exchange) lead(location string) {
	design.LeadingTo(x.application).Apply(x.w.Header())
	x.w.Header().Set("Location", location)
	x.w.WriteHeader(http.StatusSeeOther)
}

func (x *exchange) answer(answer *signin.Answer, err error) {
	switch {
	case errors.Is(err, signin.ErrTicket):
		x.noTicket()
		return
	case err != nil:
		x.broken(err)
		return
	}
	x.application, x.languages = x.snapshot.Applications[answer.Application], answer.Languages
	x.setCookies(answer.Cookies)
	switch {
	case answer.Page == nil:
		x.lead(answer.Next)
	case answer.Page.Page == signin.RecentPage:
		x.recent(answer)
	case answer.Page.Page == journey.OverPage && answer.SignIn != "":
		x.known(answer)
	case answer.Page.Problem == journey.HeldBack:
		x.heldBack(answer)
	case answer.Veto != "":
		x.vetoed(answer)
	case answer.Page.Page == journey.OverPage:
		x.over(answer.Page.Problem)
	default:
		x.ask(answer)
	}
}

// noTicket answers who came by a bookmark, or by half an address.
func (x *exchange) noTicket() {
	e := design.ErrorPage{
		Frame: x.frame(), Status: http.StatusBadRequest, Title: "Sign in from one of our websites",
		What: "This page works only when a website or app of ours sends you here. A bookmark to it does not work.",
		Fix:  "Open the website or app that you want to use, and sign in there.",
	}
	for _, a := range x.snapshot.Applications {
		if a.Home != "" {
			e.Ways = append(e.Ways, config.LabeledURL{Label: x.say("Go to %s", title(a)), URL: a.Home})
		}
	}
	slices.SortFunc(e.Ways, func(a, b config.LabeledURL) int { return strings.Compare(a.Label+a.URL, b.Label+b.URL) })
	e.Ways = e.Ways[:min(len(e.Ways), 5)]
	words.Error(x.w, x.r, e)
}

// over answers a journey that cannot go on.
func (x *exchange) over(problem journey.Problem) {
	e := design.ErrorPage{
		Frame: x.frame(), Status: http.StatusGone, Title: "This sign-in has ended", Ways: x.wayHome(),
		What: "You cannot go on from here.", Fix: "Go back to the website or app that you want to use, and sign in there.",
	}
	if problem == journey.TimeRanOut {
		e.Title = "Your time to sign in ran out"
		e.What = "For your safety a sign-in page works for 30 minutes. Nothing is lost."
	}
	words.Error(x.w, x.r, e)
}

// turn leads to what somebody wants to do instead: register, get a new password, sign in.
func (x *exchange) turn(visit signin.Visit, to journey.Purpose) {
	location, err := x.cfg.SignIn.Turn(x.r.Context(), x.live, visit, to)
	switch {
	case errors.Is(err, signin.ErrTicket):
		x.noTicket()
	case err != nil:
		x.broken(err)
	default:
		x.lead(x.snapshot.URL.String() + location)
	}
}

// known answers who registers and is a customer already, which they proved to be.
func (x *exchange) known(answer *signin.Answer) {
	page := design.ErrorPage{
		Frame: x.frame(), Status: http.StatusConflict, Title: "You have an account already",
		What: "This address is of an account that we know, so we did not make another one. Nothing was changed.",
		Fix:  "Sign in with it. If you have forgotten your password, you can choose a new one there.",
		Ways: []config.LabeledURL{{Label: "Sign in", URL: x.snapshot.URL.String() + answer.SignIn}},
	}
	if answer.Recover != "" {
		page.Fix = "Sign in with it. If you do not know your password, choose a new one: no other code is needed for that."
		page.Ways = append(page.Ways, config.LabeledURL{Label: "Choose a new password", URL: x.snapshot.URL.String() + answer.Recover})
	}
	if answer.Anew != "" {
		page.Title = "This address is in use here"
		page.What = "An account has it, but nobody ever showed us that it is theirs. You just did. Nothing was changed."
		page.Fix = "If that account is yours, sign in to it. If it is not, make one of your own: the other can then not be signed in to with this address."
		page.Ways = append(page.Ways, config.LabeledURL{Label: "It is not mine: make an account", URL: x.snapshot.URL.String() + answer.Anew})
	}
	words.Error(x.w, x.r, page)
}

// heldBack answers who proved an address of somebody whom we know, and whom it does not
// let in.
func (x *exchange) heldBack(answer *signin.Answer) {
	words.Error(x.w, x.r, design.ErrorPage{
		Frame: x.frame(), Status: http.StatusConflict, Title: "Somebody has to look at your account first", Reference: answer.Reference,
		What: "You have an account with us, and a code that we sent is not enough to open it. Nothing was changed, and we did not make another one.",
		Fix:  "If you know your password, sign in with it. Else ask us for help, and tell us the reference below.",
		Ways: x.wayHome(),
	})
}

// question is what the template of the two questions shows.
type question struct {
	Page       journey.Page
	Step, Of   int
	For        string // the application's title; empty for none
	Identifier string
	Back       string // where another identifier can be given
	Field      design.Field
	Problem    *design.Summary
	Passkey    *passkeyForm // nil: none can be given
	told       journey.Problem

	Heading  string
	Lead     string          // a sentence below it; empty for none
	Why      string          // why it is asked for; empty where nothing but the usual says so
	Register string          // where an account can be made; empty for nowhere
	Recover  string          // where a password can be had that was forgotten; empty for nowhere
	SignIn   string          // where they sign in after all; empty for nowhere
	Codes    bool            // a code can be had instead of the password
	Purpose  journey.Purpose // what it is all for
}

func (x *exchange) ask(answer *signin.Answer) {
	page := *answer.Page
	if page.Page == journey.IdentifierPage && x.r.URL.Query().Get("given") != "" && len(x.r.Cookies()) == 0 {
		page.Problem = noCookies
	}
	if page.Page == journey.IdentifierPage && page.Problem == "" && x.r.URL.Query().Has(code.LinkKey) {
		page.Problem = linkElsewhere
	}
	q := question{Page: page.Page, Step: page.Step, Of: page.Of, Identifier: page.Identifier, Back: x.pageURL("back")}
	if x.application != nil {
		q.For = title(x.application)
	}
	q.offer(x, answer)
	q.Why = why(answer.Page.Page, answer.Asked)
	heading, field := "Sign in", identifierField(page.Identifier)
	switch {
	case page.Page == journey.PasswordPage:
		heading, field = "Enter your password", passwordField()
	case tasks[page.Page] != nil:
		heading, field = tasks[page.Page](x, &q, answer)
	case answer.Purpose == journey.Registration:
		heading, field = "Create an account", addressField(answer, page.Identifier)
	case answer.Purpose == journey.Recovery:
		heading, q.Lead = "Get a new password", "We send a code to the address that we know of you. With it you choose a new password."
	}
	second, isSecond := factorHeadings[page.Page]
	if isSecond {
		heading, field = second, codeField(page.Page)
	}
	q.Heading = heading
	if q.told = page.Problem; page.Problem != "" {
		told := problems[page.Problem]
		if told.what == "" {
			told = problems[journey.AnswerRefused]
		}
		q.Problem = &design.Summary{What: told.what, Fix: told.fix, Reference: answer.Reference}
		if page.RetryAfter > 0 {
			q.Problem.Fix = strings.TrimSpace(x.say(told.fix) + " " + x.say("Try again in %s.", inWords(x.say, page.RetryAfter)))
			x.w.Header().Set("Retry-After", strconv.Itoa(int((page.RetryAfter+time.Second-1)/time.Second)))
		}
		if told.field {
			q.Problem.Field, field.Wrong = field.Name, told.what
		}
	}
	field.Focus = q.Problem == nil
	q.Field = field
	if tasks[page.Page] != nil {
		if err := x.renderTask(q, answer); err != nil {
			x.broken(err)
		}
		return
	}
	if err := x.render(heading, q, answer, isSecond); err != nil {
		x.broken(err)
	}
}

// render answers with the page. It has a script where it can take a passkey, and
// there alone.
func (x *exchange) render(heading string, q question, answer *signin.Answer, isSecond bool) (err error) {
	shown := ""
	if q.Page != journey.IdentifierPage {
		shown = q.Identifier
	}
	if q.Passkey, err = x.askPasskey(answer.Passkey, shown, q.Page == journey.PasskeyPage); err != nil {
		return err
	}
	policy := design.LeadingTo(x.application)
	if q.Passkey != nil {
		policy.Script = true
		q.Passkey.Fills = q.Passkey.Fills && q.told == "" // who has read what went wrong asks anew by themselves
		if q.Passkey.Fills {
			q.Field.Autocomplete += " webauthn"
		}
	}
	form, data := signInTemplate, any(q)
	if isSecond {
		form = factorTemplate
		if data, err = x.furnish(q, answer); err != nil {
			return err
		}
	}
	return form.Render(x.w, x.r, status(q.told), design.Page{
		Frame: x.frame(), Title: heading, Failed: q.Problem != nil, Policy: policy, Data: data, Passkeys: true,
	})
}

func identifierField(value string) design.Field {
	return design.Field{
		Name: "username", Type: "text", Label: "Email, phone or username", Value: value,
		Autocomplete: "username", MaxLength: journey.MaxIdentifier,
	}
}

// A password is never shown again, and as long as people like: what is too long
// is told by the answer, not by cutting it off.
func passwordField() design.Field {
	return design.Field{Name: "password", Type: "password", Label: "Password", Autocomplete: "current-password", MaxLength: 2048}
}
