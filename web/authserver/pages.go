package authserver

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"maps"
	"net/http"
	"slices"

	"sallyport/protocol/oauth"
)

//go:embed pages.html
var pagesHTML string

var pages = template.Must(template.New("pages").Parse(pagesHTML))

// submitScript posts the only form of the page. The policy allows it by its
// hash, so that the page needs no nonce and can hold no other script.
const submitScript = `document.forms[0].submit()`

func policy(script string) string {
	p := "default-src 'none'; style-src 'sha256-" + digest(pageStyle) + "'; base-uri 'none'; frame-ancestors 'none'"
	if script != "" {
		// No form-action: browsers apply it to where the application redirects
		// afterwards, too, which is not ours to limit.
		return p + "; script-src 'sha256-" + digest(script) + "'"
	}
	return p + "; form-action 'none'"
}

const pageStyle = `body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}`

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// field is one hidden input.
type field struct{ Name, Value string }

// page is what the templates show.
type page struct {
	Title  string
	Style  template.CSS
	Script template.JS
	Error  *oauth.Error
	Home   string
	Action template.URL // registered, and matched byte for byte
	Fields []field
}

// errorPage shows an error that cannot be sent to an application: the text is
// fixed, for the address bar may hold anything.
func (x *exchange) errorPage(e *oauth.Error) {
	status := e.HTTPStatus()
	if e.Reference != "" {
		x.w.Header().Set(referenceHeader, e.Reference)
	}
	x.page(status, "error", page{Title: x.title(), Error: e}, "")
}

// postPage lets the browser post the answer (OAuth 2.0 Form Post Response
// Mode §2), by itself or, without script, by a button.
func (x *exchange) postPage(response oauth.Response) {
	p := page{Title: x.title(), Script: submitScript, Action: template.URL(response.RedirectURI)}
	for _, name := range slices.Sorted(maps.Keys(response.Parameters)) {
		p.Fields = append(p.Fields, field{name, response.Parameters.Get(name)})
	}
	x.page(http.StatusOK, "post", p, submitScript)
}

// title is the organisation's name: customers know nobody else.
func (x *exchange) title() string {
	tenant := x.view.Snapshot.Tenant
	if tenant.Title != "" {
		return tenant.Title
	}
	return tenant.Name
}

func (x *exchange) page(status int, name string, p page, script string) {
	p.Style = pageStyle
	var body bytes.Buffer
	if err := pages.ExecuteTemplate(&body, name, p); err != nil {
		x.cfg.Log.Error("page cannot be rendered", "page", name, "error", err)
		status = http.StatusInternalServerError
	}
	header := x.w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", policy(script))
	header.Set("X-Frame-Options", "DENY")
	x.w.WriteHeader(status)
	_, _ = x.w.Write(body.Bytes())
}
