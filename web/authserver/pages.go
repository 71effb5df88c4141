package authserver

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"maps"
	"net/http"
	"slices"

	"sallyport/protocol/oauth"
	"sallyport/web/design"
)

//go:embed post.html
var postHTML string

var postTemplate = template.Must(template.New("post").Parse(postHTML))

// submitScript posts the only form of the page. The policy allows it by its
// hash, so that the page needs no nonce and can hold no other script.
const submitScript = `document.forms[0].submit()`

// postPolicy has no form-action: browsers apply it to where the application
// redirects afterwards, too, which is not ours to limit.
func postPolicy() string {
	return "default-src 'none'; style-src 'sha256-" + digest(pageStyle) + "'; script-src 'sha256-" + digest(submitScript) +
		"'; base-uri 'none'; frame-ancestors 'none'"
}

const pageStyle = `body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}`

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// field is one hidden input.
type field struct{ Name, Value string }

// page is what the template shows, in the customer's language.
type page struct {
	Title string

	Language, Going, Lead, Continue string

	Style  template.CSS
	Script template.JS
	Action template.URL // registered, and matched byte for byte
	Fields []field
}

// errorPage shows an error that cannot be sent to an application. Its text is
// fixed, for the address bar may hold anything: what exactly is wrong stands
// in the event that the reference names.
func (x *exchange) errorPage(e *oauth.Error) {
	if e.Reference != "" {
		x.w.Header().Set(referenceHeader, e.Reference)
	}
	page := design.ErrorPage{
		Frame: x.frame(nil), Status: e.HTTPStatus(), Reference: e.Reference,
		Title: "This request cannot be answered",
		What:  "The application that sent you here asked for something in a way that we do not understand.",
		Fix:   words.Say(x.frame(nil).Language, "Please go back to it and try again. If it happens again, tell the people who run the application: %s.", string(e.Code)),
	}
	if page.Status == http.StatusTooManyRequests {
		page.Title, page.What = "Please wait a moment", "Too many requests came from your network."
		page.Fix = "Wait a little, then go back to the application and try again."
	}
	if page.Status >= http.StatusInternalServerError {
		page.Title, page.What = "Something went wrong here", "We cannot answer at the moment."
		page.Fix = "Please wait a moment, then go back to the application and try again."
	}
	words.Error(x.w, x.r, page)
}

// postPage lets the browser post the answer (OAuth 2.0 Form Post Response
// Mode §2), by itself or, without script, by a button.
func (v *visit) postPage(response oauth.Response) {
	language := v.frame(v.application, v.request.UILocales...).Language
	p := page{
		Language: language, Going: words.Say(language, "Going back to the application"),
		Lead: words.Say(language, "You are on your way back to the application."), Continue: words.Say(language, "Continue"),
		Title: v.title(), Style: pageStyle, Script: submitScript, Action: template.URL(response.RedirectURI),
	}
	for _, name := range slices.Sorted(maps.Keys(response.Parameters)) {
		p.Fields = append(p.Fields, field{name, response.Parameters.Get(name)})
	}
	header := v.w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", postPolicy())
	header.Set("X-Frame-Options", "DENY")
	if err := postTemplate.Execute(v.w, p); err != nil { // cannot be: a test renders it
		v.cfg.Log.ErrorContext(v.r.Context(), "page cannot be rendered", "error", err)
	}
}

// title is the organisation's name: customers know nobody else.
func (x *exchange) title() string {
	tenant := x.view.Snapshot.Tenant
	if tenant.Title != "" {
		return tenant.Title
	}
	return tenant.Name
}
