package login

import (
	"sallyport/pure/journey"
	"sallyport/service/signin"
)

// reasons say why a page asks for a second factor. Whoever reads them has proved their
// first one.
var reasons = map[journey.Risk]string{
	journey.NewDevice:        "You are signing in on a device that we do not know. So we make sure that it is you.",
	journey.KnownDevice:      "You have signed in on this device before. We make sure that it is you all the same.",
	journey.AfterRecovery:    "Your account got a new password a short while ago. So we make sure that it is you.",
	journey.Guessed:          "Somebody has tried to guess how you sign in. So we make sure that it is you.",
	journey.BreachedPassword: "Others know your password: it was stolen from another website, or many people use it. So we make sure that it is you. Choose another one soon.",
	journey.Dormant:          "It is long since you signed in. So we make sure that it is you.",
}

// segment is why where nothing but who they are does.
const segment = "Accounts such as yours need a second way to make sure that it is you."

// left is why where it was put off, or where somebody stopped who registered.
const left = "This was left when you created your account. With a second step nobody else gets in, even if they learn your password."

// second is why where nothing but the journey has them set one up.
const second = "With a second step nobody else gets in, even if they learn your password."

// why says why a page asks for a second factor; empty where nothing but the usual does.
func why(page journey.Page, asked *signin.Asked) string {
	if asked == nil {
		if page == journey.EnrolPage || page == journey.PhonePage {
			return second
		}
		return ""
	}
	if asked.Left {
		return left
	}
	for _, risk := range asked.Risks {
		if said := reasons[risk]; said != "" {
			return said
		}
	}
	return segment
}
