package account

import (
	"errors"
	"html/template"
	"net/http"

	"sallyport/service/signin"
	"sallyport/web/design"
)

var (
	appTemplate   = parse("app")
	codesTemplate = parse("codes")
)

// appPage is what the page shows on which an app is set up.
type appPage struct {
	common
	Problem *design.Summary
	Picture template.HTML // of the key, by web/design
	Secret  string        // the same as text
	Offer   string        // sealed, to come back with the code
	Code    design.Field
	Cancel  string
}

func (x *exchange) askApp() { x.renderApp(http.StatusOK, nil, "") }

func (x *exchange) renderApp(status int, problem *design.Summary, sealed string) {
	offer, err := x.cfg.SignIn.OfferApp(x.r.Context(), x.live, x.current, x.visit(), sealed)
	if err != nil {
		x.failApp(err)
		return
	}
	page := appPage{
		common: x.common("Set up an authenticator app"), Problem: problem, Secret: offer.Secret, Offer: offer.Sealed, Cancel: x.link("/ways"),
		Code: design.Field{
			Name: "code", Type: "text", Label: "Code", Hint: "The six digits that your authenticator app shows now",
			Autocomplete: "one-time-code", InputMode: "numeric", MaxLength: 32, Focus: problem == nil,
		},
	}
	if problem != nil && problem.Field == page.Code.Name {
		page.Code.Wrong = problem.What
	}
	if page.Picture, err = design.QR(offer.URI, "The key as a picture; it stands below as text too"); err != nil {
		x.broken(err)
		return
	}
	x.render(appTemplate, status, page.Title, page)
}

// failApp answers for an error about an app. Who has one, or can have none,
// sees on the page of ways how it is.
func (x *exchange) failApp(err error) {
	if errors.Is(err, signin.ErrHasApp) || errors.Is(err, signin.ErrNoApp) {
		x.lead("/ways")
		return
	}
	if errors.Is(err, signin.ErrLastFactor) {
		x.refuse(http.StatusConflict, "You need a second way to prove who you are", "Nobody signs in here without one, and this is your last. Set up another first.")
		return
	}
	if problem, status := x.problem(err, ""); problem != nil {
		x.refuse(status, problem.What, problem.Fix)
		return
	}
	x.fail(err)
}

func (x *exchange) setUpApp() {
	form := x.r.PostForm
	codes, err := x.cfg.SignIn.EnrolApp(x.r.Context(), x.live, x.current, x.visit(), form.Get("offer"), form.Get("code"))
	if errors.Is(err, signin.ErrOffer) {
		x.renderApp(http.StatusUnprocessableEntity, &design.Summary{
			What: "The picture was shown too long ago.", Fix: "Here is a new one. Remove the old entry from your app, and scan this.",
		}, "")
		return
	}
	if problem, status := x.problem(err, "code"); problem != nil {
		x.renderApp(status, problem, form.Get("offer"))
		return
	}
	if err != nil {
		x.failApp(err)
		return
	}
	if len(codes) == 0 {
		x.say("app-added")
		x.lead("/ways")
		return
	}
	x.showCodes("Your authenticator app is set up. From now on we ask for its codes.", codes)
}

// codesPage is what the page of new recovery codes shows. It is the answer to a
// form and to nothing else: no address leads to codes.
type codesPage struct {
	common
	Did   string
	Codes []string
	Next  string
}

func (x *exchange) showCodes(did string, codes []string) {
	page := codesPage{common: x.common("Keep your recovery codes"), Did: did, Codes: codes, Next: x.link("/ways")}
	x.render(codesTemplate, http.StatusOK, page.Title, page)
}

func (x *exchange) askRecovery() {
	if !x.hasSecond() {
		return
	}
	x.confirm("Make new recovery codes?", []string{
		"You get ten new codes. Those that you kept before work no more.",
	}, design.Button{Label: "Make new recovery codes", ID: "recovery-codes-renew"}, "/ways")
}

func (x *exchange) renewRecovery() {
	codes, err := x.cfg.SignIn.RenewRecovery(x.r.Context(), x.live, x.current, x.visit())
	if err != nil {
		x.failApp(err)
		return
	}
	x.showCodes("You have new recovery codes. The old ones work no more.", codes)
}

func (x *exchange) askRemoval() {
	if !x.hasApp() {
		return
	}
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	if err != nil {
		x.fail(err)
		return
	}
	x.confirm("Remove your authenticator app?", []string{x.withoutFactor(ways, x.phrase("Its codes let you in no more."))}, design.Button{Label: "Remove app", ID: "app-remove", Danger: true}, "/ways")
}

// withoutFactor tells what it is like without one of the second factors, whose loss is told by what.
func (x *exchange) withoutFactor(w signin.Ways, what string) string {
	switch {
	case seconds(w) > 1:
		return what + " " + x.phrase("What else you have set up still does.")
	case w.Required:
		return what + " " + x.phrase("Nobody signs in here without a second way to prove who they are: set up another first.")
	}
	return "Your password alone will let you in, and anybody else who knows it. Your recovery codes work no more."
}

// seconds is how much a customer has of what is asked for behind the password.
func seconds(w signin.Ways) int {
	have := len(w.Apps) + len(w.Phones) + rank(w.Card.InUse)
	for _, p := range w.Passkeys {
		have += rank(!p.Alone)
	}
	return have
}

func (x *exchange) removeApp() {
	one := x.r.URL.Query().Get("app") // of several
	if err := x.cfg.SignIn.RemoveApp(x.r.Context(), x.live, x.current, x.visit(), one); err != nil {
		x.failApp(err)
		return
	}
	if one != "" {
		x.say("one-app-removed")
	} else {
		x.say("app-removed")
	}
	x.leadBack("/ways")
}

// hasSecond leads whoever is asked for nothing behind the password, and so needs no
// codes, back to how they sign in.
func (x *exchange) hasSecond() bool {
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	if err != nil {
		x.fail(err)
		return false
	}
	if !ways.Offered || seconds(ways) == 0 {
		x.lead("/ways")
		return false
	}
	return true
}

// hasApp leads whoever has no app back to how they sign in.
func (x *exchange) hasApp() bool {
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	switch {
	case err != nil:
		x.fail(err)
	case ways.App.IsZero():
		x.lead("/ways")
	}
	return err == nil && !ways.App.IsZero()
}
