package account

import (
	"errors"
	"net/http"

	"sallyport/pure/journey"
	"sallyport/service/signin"
	"sallyport/web/design"
)

// ownPhone is how the page of ways to sign in shows a phone that gets codes.
type ownPhone struct {
	ID, Name string
	How      string // codes get there
	Since    instant
	Remove   string // address
}

func (x *exchange) ownPhones(all []signin.OwnPhone) []ownPhone {
	shown := make([]ownPhone, len(all))
	for i, p := range all {
		how := "by text message or call"
		if p.Call {
			how = "by call"
		}
		shown[i] = ownPhone{p.ID, x.phrase("phone %s", p.Number), how, instant{p.Since}, x.link("/phone/remove", "phone", p.ID)}
	}
	return shown
}

// The ways in which a code gets to a phone, as forms say them.
const (
	byText = "text"
	byCall = "call"
)

func (x *exchange) askPhone() { x.renderPhone(http.StatusOK, nil) }

func (x *exchange) renderPhone(status int, problem *design.Summary) {
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	if err != nil {
		x.fail(err)
		return
	}
	if !ways.Texts && !ways.Calls {
		x.lead("/ways")
		return
	}
	form := design.Form{
		Problem: problem, Lead: []string{"We send a code there now, so that nobody sets up a phone that they do not have. Later we send one when you sign in."},
		Submit: design.Button{Label: "Send code", ID: "phone-send"}, Cancel: x.link("/ways"),
		Fields: []design.Field{{
			Name: "phone-number", Label: "Phone number", Type: "tel", Hint: "With the code of its country, if it is not from here", Autocomplete: "tel", InputMode: "tel",
			MaxLength: maxAddress, Focus: problem == nil, Value: short(x.r.PostForm.Get("phone-number"), maxAddress),
		}},
	}
	if ways.Texts && ways.Calls {
		called := x.r.PostForm.Get("way") == byCall
		form.Fields = append(form.Fields, design.Field{
			Name: "way", Label: "How do you get the code?", Choices: design.One, Options: []design.Option{
				{Value: byText, Label: "By text message", Hint: "To a mobile phone. We can call it too.", Chosen: !called},
				{Value: byCall, Label: "By a call that says it", Hint: "To any phone, such as the one in the hall.", Chosen: called},
			},
		})
	}
	if replaced := x.replaced(ways); replaced != "" {
		form.Lead = append(form.Lead, replaced)
	}
	x.ask(status, "Set up a phone", form)
}

// replaced tells which phones a new one takes the place of.
func (x *exchange) replaced(w signin.Ways) string {
	switch {
	case len(w.Phones) == 2:
		return "It takes the place of the one that you have: a phone for texts that of the other, and one for calls likewise."
	case len(w.Phones) == 1 && w.Phones[0].Call:
		return x.phrase("If it is for calls, it takes the place of the phone %s.", w.Phones[0].Number)
	case len(w.Phones) == 1:
		return x.phrase("If it is for text messages, it takes the place of the phone %s.", w.Phones[0].Number)
	}
	return ""
}

// called tells how the form wants the code: by a call where nothing else is possible.
func (x *exchange) called() (bool, error) {
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	return x.r.PostForm.Get("way") == byCall || !ways.Texts, err
}

func (x *exchange) offerPhone() {
	call, err := x.called()
	if err != nil {
		x.fail(err)
		return
	}
	asked := signin.PhoneAsked{Number: x.r.PostForm.Get("phone-number"), Call: call, Sealed: x.r.PostForm.Get("offer")}
	offer, err := x.cfg.SignIn.OfferPhone(x.r.Context(), x.live, x.current, x.visit(), asked)
	var refusal *signin.Refusal
	switch {
	case errors.Is(err, signin.ErrNumber):
		x.renderPhone(http.StatusUnprocessableEntity, &design.Summary{What: "Enter a phone number to which we can send a code", Fix: "With the code of its country, if it is not from here.", Field: "phone-number"})
	case errors.As(err, &refusal) && refusal.Why == journey.TooManyAttempts:
		x.retryAfter(refusal.RetryAfter)
		x.renderPhone(http.StatusTooManyRequests, &design.Summary{What: "Too many codes were sent.", Fix: x.phrase("Try again in %s.", inWords(x.phrase, refusal.RetryAfter))})
	case err != nil:
		x.failApp(err)
	default:
		x.renderPhoneProof(http.StatusOK, nil, offer.Sealed)
	}
}

func (x *exchange) renderPhoneProof(status int, problem *design.Summary, sealed string) {
	call, err := x.called()
	if err != nil {
		x.fail(err)
		return
	}
	number, way := short(x.r.PostForm.Get("phone-number"), maxAddress), byText
	if call {
		way = byCall
	}
	page := proofPage{
		common: x.common("Enter the code"), Problem: problem, Address: number, Called: call, Submit: "phone-prove",
		Carried: []design.Hidden{{Name: "phone-number", Value: number}, {Name: "way", Value: way}, {Name: "offer", Value: sealed}},
		Check:   x.link("/phone/prove"), Again: x.link("/phone/add"), Cancel: x.link("/ways"), Code: codeField(problem),
	}
	x.render(proveTemplate, status, page.Title, page)
}

// provePhone makes a phone a second factor, once its owner gave the code.
func (x *exchange) provePhone() {
	sealed := x.r.PostForm.Get("offer")
	codes, err := x.cfg.SignIn.AddPhone(x.r.Context(), x.live, x.current, x.visit(), sealed, x.r.PostForm.Get("code"))
	var refusal *signin.Refusal
	switch {
	case errors.Is(err, signin.ErrOffer), errors.Is(err, signin.ErrNumber):
		x.renderPhone(http.StatusUnprocessableEntity, &design.Summary{What: "That code is not good any more.", Fix: "Have another one sent."})
	case errors.As(err, &refusal) && refusal.Why == journey.CodeRefused:
		x.renderPhoneProof(http.StatusUnprocessableEntity, notTheCode(), sealed)
	case errors.As(err, &refusal) && refusal.Why == journey.TooManyAttempts:
		x.retryAfter(refusal.RetryAfter)
		x.renderPhoneProof(http.StatusTooManyRequests, &design.Summary{What: "There were too many attempts.", Fix: x.phrase("Try again in %s.", inWords(x.phrase, refusal.RetryAfter))}, sealed)
	case err != nil:
		x.failApp(err)
	case len(codes) > 0:
		x.showCodes("Your phone is set up. From now on we ask for a code that we send to it.", codes)
	default:
		x.say("phone-added")
		x.lead("/ways")
	}
}

// phoneAsked finds the phone that the address names; false if it was answered.
func (x *exchange) phoneAsked() (signin.Ways, ownPhone, bool) {
	ways, err := x.cfg.SignIn.Ways(x.r.Context(), x.live, x.current)
	if err != nil {
		x.fail(err)
		return ways, ownPhone{}, false
	}
	for _, p := range x.ownPhones(ways.Phones) {
		if p.ID == x.r.URL.Query().Get("phone") {
			return ways, p, true
		}
	}
	x.lead("/ways")
	return ways, ownPhone{}, false
}

func (x *exchange) askPhoneRemoval() {
	ways, p, found := x.phoneAsked()
	if !found {
		return
	}
	x.confirm("Remove this phone?", []string{x.withoutFactor(ways, x.phrase("We send no more codes to the %s.", p.Name))}, design.Button{Label: "Remove phone", ID: "phone-remove", Danger: true}, "/ways")
}

func (x *exchange) removePhone() {
	err := x.cfg.SignIn.RemovePhone(x.r.Context(), x.live, x.current, x.visit(), x.r.URL.Query().Get("phone"))
	if errors.Is(err, signin.ErrNoPhone) {
		x.lead("/ways")
		return
	}
	if err != nil {
		x.failApp(err)
		return
	}
	x.say("phone-removed")
	x.leadBack("/ways")
}
