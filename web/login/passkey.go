package login

import (
	_ "embed"
	"encoding/json"
	"fmt"

	"sallyport/service/signin"
	"sallyport/web/design"
)

//go:embed passkey.html
var passkeyHTML string

// parse reads a template of sign-in, which may ask for a passkey.
func parse(text string) *design.Template { return words.Parse(passkeyHTML + text) }

// passkeyForm is what the page shows that can take a passkey. It is hidden until
// the script of the page has found that the browser has any.
type passkeyForm struct {
	Requests   string // JSON, for the script
	Fills      bool   // the browser may offer some while the name is typed
	Identifier string // as the page shows it; empty where it asks for one
	Buttons    []passkeyButton
	Only       bool // there is nothing else on the page
}

type passkeyButton struct {
	Value int // which request it sends
	Label string
	ID    string
}

// askPasskey makes the form of an offer; nil if there is none.
func (x *exchange) askPasskey(offer *signin.PasskeyOffer, identifier string, only bool) (*passkeyForm, error) {
	if offer == nil {
		return nil, nil
	}
	text, err := json.Marshal(offer.Requests)
	if err != nil {
		return nil, fmt.Errorf("asking for a passkey: %w", err)
	}
	form := &passkeyForm{Requests: string(text), Fills: offer.Fills, Identifier: identifier, Only: only}
	label := "Use a passkey"
	if only {
		label = "Use your passkey"
	} else if offer.Fills {
		label = "Sign in with a passkey"
	}
	for i, request := range offer.Requests {
		button := passkeyButton{Value: i, Label: label, ID: "use-passkey"}
		if len(offer.Requests) > 1 {
			button.Label, button.ID = x.say("%s of %s", x.say(label), request.RPID), fmt.Sprintf("use-passkey-%d", i+1)
		}
		form.Buttons = append(form.Buttons, button)
	}
	return form, nil
}
