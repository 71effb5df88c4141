package account

import (
	"encoding/json"
	"errors"
	"net/http"

	"sallyport/service/signin"
	"sallyport/web/design"
)

var newPasskeyTemplate = parse("newpasskey")

// securityKey is the kind of passkey that stands behind a password, as addresses name
// it; any other kind signs in by itself.
const securityKey = "security-key"

// newPasskeyPage is what the page shows on which a passkey is made.
type newPasskeyPage struct {
	common
	Lead    []string
	Problem *design.Summary
	Request string // JSON, for the script
	Offer   string // sealed, to come back
	Label   design.Field
	Make    string // what the button says
	Cancel  string
}

func (x *exchange) askPasskey() { x.renderPasskey(http.StatusOK, nil) }

func (x *exchange) renderPasskey(status int, problem *design.Summary) {
	second := x.r.URL.Query().Get("kind") == securityKey
	offer, err := x.cfg.SignIn.OfferPasskey(x.r.Context(), x.live, x.current, x.visit(), second)
	if err != nil {
		x.failPasskey(err)
		return
	}
	request, err := json.Marshal(offer.Request)
	if err != nil {
		x.broken(err)
		return
	}
	page := newPasskeyPage{
		common: x.common("Make a passkey"), Problem: problem, Request: string(request), Offer: offer.Sealed, Cancel: x.link("/ways"), Make: "Make passkey",
		Lead: []string{"A passkey lets you sign in with your finger, your face or the code of your device, without a password.", "It cannot be guessed, and works on our own website alone."},
		Label: design.Field{
			Name: "label", Label: "Name of the passkey", Hint: "So that you know it again, such as My phone", MaxLength: signin.MaxLabel, Optional: true,
			Value: signin.Label(x.r.PostForm.Get("label")),
		},
	}
	if second {
		page.Title, page.Make = "Add a security key", "Add security key"
		page.common.Title = page.Title
		page.Lead = []string{"After your password we ask for your key: put it in, or hold it to your phone, and touch it.", "A stolen password alone then lets nobody in."}
		page.Label.Label, page.Label.Hint = "Name of the key", "So that you know it again, such as Blue key"
	}
	x.renderWith(newPasskeyTemplate, status, page.Title, page, func(p *design.Page) { p.Policy.Script, p.NewPasskey = true, true })
}

func (x *exchange) makePasskey() {
	form := x.r.PostForm
	codes, err := x.cfg.SignIn.AddPasskey(x.r.Context(), x.live, x.current, x.visit(), signin.GivenPasskey{
		Sealed: form.Get("offer"), Made: form.Get("passkey"), Label: form.Get("label"),
	})
	switch {
	case errors.Is(err, signin.ErrOffer):
		x.renderPasskey(http.StatusUnprocessableEntity, &design.Summary{What: "This page was open for too long.", Fix: "Nothing was kept. Try it once more."})
	case errors.Is(err, signin.ErrNotMade):
		x.renderPasskey(http.StatusUnprocessableEntity, &design.Summary{What: "Your device made nothing that we can use.", Fix: "Try it once more, or choose another device."})
	case errors.Is(err, signin.ErrHasPasskey):
		x.renderPasskey(http.StatusConflict, &design.Summary{What: "This passkey is in use already.", Fix: "Choose another device."})
	case err != nil:
		x.failPasskey(err)
	case len(codes) > 0:
		x.showCodes("Your security key is added. From now on we ask for it after your password.", codes)
	default:
		x.say("passkey-made")
		x.lead("/ways")
	}
}

// failPasskey answers where none can be made.
func (x *exchange) failPasskey(err error) {
	switch {
	case errors.Is(err, signin.ErrNoParty):
		x.refuse(http.StatusNotFound, "There are no passkeys here", "This website has no name of its own, which passkeys need.")
	case errors.Is(err, signin.ErrTooManyPasskeys):
		x.refuse(http.StatusConflict, "You have as many passkeys as anybody may", "Remove one that you do not use, then make another.")
	default:
		x.failApp(err)
	}
}
