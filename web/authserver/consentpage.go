package authserver

import (
	"cmp"
	_ "embed"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/issue"
	"sallyport/service/notify"
	"sallyport/web/design"
)

//go:embed consent.html
var consentHTML string

var consentTemplate = words.Parse(consentHTML)

// consentPage is what the template shows.
type consentPage struct {
	Application, Owner, Home string
	Who                      string
	Other                    string // where somebody else signs in; empty: the address would be too long
	Parts                    []consentPart
	Action, Request          string
}

// consentPart is one sort of access.
type consentPart struct {
	Heading string
	Items   []consentItem
}

type consentItem struct {
	Text string
	New  bool // others beside it were allowed before
}

// ask shows the customer what the application asks for.
func (v *visit) ask(q *issue.Question) error {
	page := consentPage{
		Application: titleOf(v.application), Owner: v.application.Owner, Home: v.application.Home, Who: q.Who,
		Parts: v.parts(q), Action: v.here() + "/authorize/consent", Request: q.Sealed,
	}
	other, err := v.pending.Restarted(v.request, v.cfg.Now())
	if err == nil {
		other.Stepped = false
		var sealed string
		if sealed, err = v.cfg.Issue.Suspend(v.r.Context(), v.view, v.server, other); err == nil {
			page.Other = v.here() + "/authorize/continue?r=" + url.QueryEscape(sealed)
		}
	}
	if err != nil && !errors.Is(err, issue.ErrPendingSize) {
		return err
	}
	frame := v.frame(v.application, append(slices.Clone(v.request.UILocales), string(notify.LanguageOf(v.person.Customer)))...)
	err = consentTemplate.Render(v.w, v.r, http.StatusOK, design.Page{
		Frame: frame, Title: words.Say(frame.Language, "Allow %s?", page.Application),
		Policy: design.LeadingTo(v.application), Data: page,
	})
	return cmp.Or(err, errAnswered)
}

// oidcScopes says what OpenID Connect's own scopes tell an application, in the
// order in which it is shown.
var oidcScopes = []struct {
	scope access.Scope
	tells string
}{
	{"openid", "That it is you, whenever you sign in to it"},
	{"profile", "Your name and username"},
	{"email", "Your email address"},
	{"phone", "Your phone number"},
}

// parts sorts what is asked for by what it means to the customer. Titles of scopes
// say what somebody may do, so they end the headings' sentences.
func (v *visit) parts(q *issue.Question) []consentPart {
	some := len(q.New) < len(q.Scopes)
	item := func(scope access.Scope, text string) consentItem {
		return consentItem{Text: text, New: some && slices.Contains(q.New, scope)}
	}
	see, do := consentPart{Heading: "Without changing anything, it may"}, consentPart{Heading: "In your name, it may"}
	know, away := consentPart{Heading: "It gets to know"}, consentPart{Heading: "For how long"}
	for _, oidc := range oidcScopes {
		if slices.Contains(q.Scopes, oidc.scope) {
			know.Items = append(know.Items, item(oidc.scope, oidc.tells))
		}
	}
	for _, scope := range q.Scopes {
		spec, found := scopeOf(v.server, scope)
		switch {
		case oidcTells(scope):
		case string(scope) == string(oauth.ScopeOfflineAccess):
			away.Items = append(away.Items, item(scope, "All of this also while you are not here, until you take it back"))
		case found && spec.Kind == "customer-read":
			see.Items = append(see.Items, item(scope, cmp.Or(spec.Title, spec.Name)))
		default: // what is not known to be harmless is not shown as if it were
			do.Items = append(do.Items, item(scope, cmp.Or(spec.Title, string(scope))))
		}
	}
	for _, told := range v.toldBesides(q.Scopes) {
		know.Items = append(know.Items, consentItem{Text: told})
	}
	return slices.DeleteFunc([]consentPart{do, see, know, away}, func(p consentPart) bool { return len(p.Items) == 0 })
}

// oidcTells tells whether a scope is one of oidcScopes.
func oidcTells(scope access.Scope) bool {
	for _, oidc := range oidcScopes {
		if oidc.scope == scope {
			return true
		}
	}
	return false
}

// toldBesides names what the server's own claims tell of the customer.
func (v *visit) toldBesides(scopes []access.Scope) (told []string) {
	for n := range v.server.Told.Len() {
		c := v.server.Told.At(n)
		if !c.With(scopes) {
			continue
		}
		if c.TellsGroups() {
			told = append(told, "Which groups of customers you belong to")
		}
		if c.TellsAccounts() {
			told = append(told, "Which accounts with us are yours")
		}
		if c.TellsName() {
			told = append(told, "Your name")
		}
		for _, attribute := range c.Attributes() {
			told = append(told, attributeTitle(v.view.Snapshot.Tenant, attribute))
		}
	}
	slices.Sort(told)
	return slices.Compact(told)
}

func attributeTitle(t *config.Tenant, name string) string {
	for _, attribute := range t.Attributes {
		if attribute.Name == name {
			return cmp.Or(attribute.Title, name)
		}
	}
	return name
}

func scopeOf(server *config.LiveServer, name access.Scope) (config.ScopeSpec, bool) {
	i := slices.IndexFunc(server.Scopes, func(s config.ScopeSpec) bool { return s.Name == string(name) })
	if i < 0 {
		return config.ScopeSpec{}, false
	}
	return server.Scopes[i], true
}
