package authserver

import (
	"errors"

	"sallyport/protocol/oauth"
	"sallyport/service/audit"
	"sallyport/service/issue"
)

// consent takes the answer, from our own page only, and goes on with the request
// that the page was about: it is checked from the beginning, as if it had just come.
func (x *exchange) consent() {
	if x.strangers.Check(x.r) != nil {
		x.foreignForm()
		return
	}
	form, err := x.form()
	if err != nil {
		x.errorPage(x.oauthError(err))
		return
	}
	answer, err := x.cfg.Issue.OpenAnswer(x.r.Context(), x.view, x.server.Name, form.Get("request"))
	switch {
	case errors.Is(err, issue.ErrPending):
		x.errorPage(x.note(audit.AuthRefused, nil, oauth.InvalidRequest("the page is too old, or not one of ours")))
	case err != nil:
		x.errorPage(x.oauthError(err))
	default:
		v := &visit{exchange: x, pending: answer.Pending, continued: true, answer: &answer, allowed: form.Get("decision") == "allow"}
		v.run()
	}
}

// heed does what the customer answered, if they did. Only a yes that is spelled
// out is one.
func (v *visit) heed() error {
	if v.answer == nil {
		return nil
	}
	if !v.answer.Of(v.person) {
		return &oauth.NotRedirectableError{Shown: oauth.InvalidRequest("the page was shown to somebody else")}
	}
	take := v.cfg.Issue.Deny
	if v.allowed {
		take = v.cfg.Issue.Agree
	}
	switch err := take(v.r.Context(), v.view, v.authorization(), *v.answer); {
	case errors.Is(err, issue.ErrAnswered):
		return &oauth.NotRedirectableError{Shown: oauth.InvalidRequest("the page was answered already")}
	case err != nil && !errors.Is(err, issue.ErrOtherQuestion):
		return err
	default:
		v.agreed = err == nil // else the customer is asked again
		return nil
	}
}
