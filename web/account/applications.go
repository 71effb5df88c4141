package account

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"sallyport/protocol/oauth"
	"sallyport/service/audit"
	"sallyport/service/issue"
	"sallyport/web/design"
)

var applicationsTemplate = parse("applications")

// applicationList is what the page of applications shows.
type applicationList struct {
	common
	Applications []held
	Empty        design.Empty
	Withdraw     string // address
}

// held is one application, in words for customers.
type held struct {
	ID, Name, Title string
	May             []string
	Allowed         bool
	Since, Used     instant
}

func (x *exchange) showApplications() {
	view, err := issue.ViewOf(x.live)
	if err != nil {
		x.fail(err)
		return
	}
	all, err := x.cfg.Access.Held(x.r.Context(), view, x.current.Customer)
	if err != nil {
		x.fail(err)
		return
	}
	page := applicationList{
		common: x.common("Applications with access"), Withdraw: x.link("/applications/withdraw"),
		Empty: design.Empty{What: "No application has access to anything of yours.", Do: "One that you sign in to appears here."},
	}
	for i, h := range all {
		page.Applications = append(page.Applications, held{
			ID: "application-" + strconv.Itoa(i), Name: h.Application, Title: x.titleOf(h.Application), May: x.may(h.Scopes),
			Allowed: h.Allowed, Since: instant{h.Since}, Used: instant{h.Used},
		})
	}
	x.render(applicationsTemplate, http.StatusOK, page.Title, page)
}

// titleOf is what an application is called; its name if the configuration knows
// it no more.
func (x *exchange) titleOf(application string) string {
	if a := x.snapshot.Applications[application]; a != nil {
		return title(a)
	}
	return application
}

// The scopes of OpenID Connect in words for customers.
var standard = map[oauth.Scope]string{
	oauth.ScopeOpenID: "Know that it is you, whenever you sign in to it", oauth.ScopeProfile: "Know your name and username", oauth.ScopeEmail: "Know your email address",
	oauth.ScopePhone: "Know your phone number", oauth.ScopeOfflineAccess: "All of this also while you are not here",
}

// may says what scopes allow, each once.
func (x *exchange) may(scopes []issue.HeldScope) []string {
	var words []string
	sorted := slices.Clone(scopes)
	slices.SortStableFunc(sorted, func(a, b issue.HeldScope) int { // how long it may comes behind what
		return rank(a.Scope == string(oauth.ScopeOfflineAccess)) - rank(b.Scope == string(oauth.ScopeOfflineAccess))
	})
	for _, s := range sorted {
		word := standard[oauth.Scope(s.Scope)]
		if word == "" {
			word = x.scopeTitle(s)
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

func (x *exchange) scopeTitle(s issue.HeldScope) string {
	if server := x.snapshot.Servers[s.Server]; server != nil {
		for _, scope := range server.Scopes {
			if scope.Name == s.Scope && scope.Title != "" {
				return scope.Title
			}
		}
	}
	return s.Scope
}

func (x *exchange) withdraw() {
	view, err := issue.ViewOf(x.live)
	if err != nil {
		x.fail(err)
		return
	}
	err = x.cfg.Access.WithdrawAll(x.r.Context(), view, x.current.Customer, issue.Withdrawal{
		Application: x.r.PostForm.Get("from"), By: audit.Customer(x.current.Customer.ID.String()), Address: x.cfg.Address(x.r),
	})
	switch {
	case errors.Is(err, issue.ErrNothingHeld):
		x.refuse(http.StatusNotFound, "There is no such access", "It may have been withdrawn already.")
	case err != nil:
		x.fail(err)
	default:
		x.say("withdrawn")
		x.lead("/applications")
	}
}
