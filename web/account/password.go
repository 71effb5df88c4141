package account

import (
	"errors"
	"net/http"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/pure/password"
	"sallyport/service/signin"
	"sallyport/web/design"
)

var passwordTemplate = parse("password")

// passwordPage is what the page of a new password shows.
type passwordPage struct {
	common
	Username string // for password managers
	Over     bool   // this browser is signed out too
	Problem  *design.Summary
	Old, New design.Field
	Cancel   string
}

func (x *exchange) askPassword() { x.renderPassword(http.StatusOK, nil) }

func (x *exchange) renderPassword(status int, problem *design.Summary) {
	username, err := x.username()
	least, leastErr := signin.LeastPassword(x.live)
	if err = errors.Join(err, leastErr); err != nil {
		x.fail(err)
		return
	}
	page := passwordPage{common: x.common("Change your password"), Username: username, Over: x.current.TwoFactors(), Problem: problem, Cancel: x.link("/ways")}
	page.Old = design.Field{
		Name: "old-password", Type: "password", Label: "Present password", Autocomplete: "current-password", MaxLength: 2048, Focus: problem == nil,
	}
	page.New = design.Field{
		Name: "new-password", Type: "password", Label: "New password", Autocomplete: "new-password", MaxLength: password.MaxBytes,
		Hint: x.phrase("At least %d characters. Several words are easier to remember, and paste works.", least),
	}
	if problem != nil {
		for _, field := range []*design.Field{&page.Old, &page.New} {
			if field.Name == problem.Field {
				field.Wrong = problem.What
			}
		}
	}
	x.render(passwordTemplate, status, page.Title, page)
}

// username is the name under which a password manager keeps the password.
func (x *exchange) username() (string, error) {
	profile, err := x.cfg.Directory.Show(x.r.Context(), x.live.ID, x.current.Customer.ID)
	if err != nil {
		return "", err
	}
	found := ""
	for _, id := range profile.Identifiers {
		if found == "" || id.Kind == customer.Email {
			found = id.Display
		}
	}
	return found, nil
}

func (x *exchange) changePassword() {
	form := x.r.PostForm
	change := signin.PasswordChange{Old: form.Get("old-password"), New: form.Get("new-password")}
	for _, missing := range []struct{ value, field, what string }{
		{change.Old, "old-password", "Enter your present password"},
		{change.New, "new-password", "Enter a new password"},
	} {
		if missing.value == "" {
			x.renderPassword(http.StatusUnprocessableEntity, &design.Summary{What: missing.what, Field: missing.field})
			return
		}
	}
	done, err := x.cfg.SignIn.ChangePassword(x.r.Context(), x.live, x.current, x.visit(), change)
	if err == nil {
		x.setCookies(done.Cookies...)
		x.say("password-changed")
		if done.Over {
			x.at = "/ways" // where they come back to
			x.fail(signin.ErrNotFresh)
			return
		}
		x.lead("/ways")
		return
	}
	if problem, status := x.problem(err, "old-password"); problem != nil {
		x.renderPassword(status, problem)
		return
	}
	if errors.Is(err, password.ErrUnavailable) {
		x.renderPassword(http.StatusServiceUnavailable, &design.Summary{What: "New passwords cannot be checked at the moment. Yours stays as it is: try again later"})
		return
	}
	for _, m := range x.mistakes() {
		if errors.Is(err, m.err) {
			x.renderPassword(http.StatusUnprocessableEntity, &design.Summary{What: m.what, Field: "new-password"})
			return
		}
	}
	x.fail(err)
}

// mistake is what can be wrong with a new password, in words for customers.
type mistake struct {
	err  error
	what string
}

func (x *exchange) mistakes() []mistake {
	least, _ := signin.LeastPassword(x.live) // that there is a revision is known by now
	return []mistake{
		{password.ErrShort, x.phrase("Enter a password of at least %d characters", least)},
		{password.ErrLong, "Enter a shorter password"},
		{password.ErrText, "Enter a password that you can type on any keyboard"},
		{password.ErrGuessable, "Enter a password that is harder to guess: several words, none of them your name"},
		{password.ErrCommon, "Enter a password that fewer people use: this one is among the first that are tried"},
		{password.ErrBreached, "Enter another password: this one was stolen from some other site, so it may be tried here. Change it wherever you use it"},
		{signin.ErrSamePassword, "Enter a password that is not your present one"},
	}
}

// problem puts a refusal into words; nil if it is none. field is what was wrong,
// if what was entered was.
func (x *exchange) problem(err error, field string) (*design.Summary, int) {
	var refusal *signin.Refusal
	if !errors.As(err, &refusal) {
		return nil, 0
	}
	s := &design.Summary{Reference: refusal.Reference}
	switch refusal.Why {
	case journey.NotRecognised:
		s.What, s.Fix, s.Field = "This is not your present password.", "Check that Caps Lock is off, and type it again.", field
	case journey.CodeRefused:
		s.What, s.Field = "This code does not match.", field
		s.Fix = "Wait until your app shows the next code, and enter that one. The clock of your phone must be right."
	case journey.TooManyAttempts:
		s.What = "There were too many attempts."
		s.Fix = x.phrase("To keep the account safe, nothing can be tried for a while. Try again in %s.", inWords(x.phrase, refusal.RetryAfter))
		x.retryAfter(refusal.RetryAfter)
		return s, http.StatusTooManyRequests
	case journey.CheckUnavailable:
		s.What, s.Fix = "We could not check what you entered just now.", "This is our fault, not yours; it may well be right. Try again in a moment."
		x.retryAfter(refusal.RetryAfter)
		return s, http.StatusServiceUnavailable
	default:
		s.What, s.Fix = "Something else changed at the same moment.", "Nothing was done here. Look at it, and try again."
		return s, http.StatusConflict
	}
	return s, http.StatusUnprocessableEntity
}
