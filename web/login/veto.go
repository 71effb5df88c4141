package login

import (
	"net/http"

	"sallyport/service/hook"
	"sallyport/service/signin"
	"sallyport/web/design"
)

// refusals say to customers why they may not go on. A service of the tenant's own chooses
// one of them, and has no words in them.
var refusals = map[hook.Message]told{
	hook.ContactUs: {
		what: "Something about your account has to be cleared up with a person first.",
		fix:  "Please get in touch with us. The reference below tells us what to look at.",
	},
	hook.NotNow: {
		what: "We could not finish this just now.",
		fix:  "Nothing was changed. Please try again in a few minutes.",
	},
	hook.NotEligible: {
		what: "This is not open to your account.",
		fix:  "If you think that it should be, get in touch with us. The reference below tells us what to look at.",
	},
	hook.CheckDetails: {
		what: "Some of your details do not agree with what we know.",
		fix:  "Check what you entered, and try again. If it is right, get in touch with us.",
	},
}

// vetoed answers who may not go on.
func (x *exchange) vetoed(answer *signin.Answer) {
	told, known := refusals[answer.Veto]
	if !known {
		told = refusals[hook.ContactUs]
	}
	status := http.StatusForbidden
	if answer.Veto == hook.NotNow {
		status = http.StatusServiceUnavailable
	}
	words.Error(x.w, x.r, design.ErrorPage{
		Frame: x.frame(), Status: status, Title: "You cannot go on from here", What: told.what, Fix: told.fix,
		Reference: answer.Reference, Ways: x.wayHome(),
	})
}
