package design

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
)

// Console is a page for operators: a rail of sections, a switch between
// environments, and the page's own part.
type Console struct {
	Frame    Frame
	Title    string
	Failed   bool
	Who      string // signed in
	SignOut  string // address
	Home     string
	Place    string // TENANT/ENVIRONMENT; empty for none
	Word     string // on the ribbon; empty for none
	Real     bool   // the environment has real customers: the ribbon is plain
	Places   []Place
	Sections []Place
	Trail    []Place  // the pages above this one
	Actions  []Button // what can be done with the thing that the page is about
	Fresh    *AsOf    // how old its figures are; nil: they are live
	Tabs     Tabs     // the pages of the same thing
	Data     any      // what "body" gets
}

// Ribbon is the ribbon that the page wears; nil for none.
func (c Console) Ribbon() *Ribbon {
	if c.Word == "" {
		return nil
	}
	return &Ribbon{Word: c.Word, Real: c.Real}
}

// ComponentsURL is the address of the style sheet of components.
func (c Console) ComponentsURL() string { return c.Frame.assetURL(componentSheet()) }

// ConsoleURL is the address of the console's own style sheet.
func (c Console) ConsoleURL() string { return c.Frame.assetURL(consoleSheet()) }

// ScriptURL is the address of the console's script.
func (c Console) ScriptURL() string { return c.Frame.assetURL(consoleScript()) }

// HTMX is the configuration of the library: no style and no history of its own,
// and requests to ourselves only.
func (Console) HTMX() string {
	return `{"includeIndicatorCSS":false,"history":false,"mode":"same-origin"}`
}

// ConsoleTemplate is a page's own part within the console. It is safe for
// concurrent use.
type ConsoleTemplate struct {
	pages func() (*template.Template, error)
}

// ParseConsole is the template of a text that defines "body" and may use every
// component, such as "table" (a [Table]) and "form" (a [Form]); the living page shows
// them all. When it is read, and what becomes of a mistake, is as of [Parse].
func ParseConsole(text string) *ConsoleTemplate {
	return &ConsoleTemplate{parsed(text, own.functions(English))}
}

// Check tells what is wrong with the template, for tests of pages.
func (t *ConsoleTemplate) Check() error {
	_, err := t.pages()
	return err
}

// Render answers with the page, whose policy lets our script run. An error means
// that nothing was written.
func (t *ConsoleTemplate) Render(w http.ResponseWriter, r *http.Request, status int, c Console) error {
	var body bytes.Buffer
	pages, err := t.pages()
	if err != nil {
		return err
	}
	if err := pages.ExecuteTemplate(&body, "console", c); err != nil {
		return fmt.Errorf("rendering %q: %w", c.Title, err)
	}
	answer(w, r, status, Policy{Script: true}, body.Bytes())
	return nil
}

// answer sends a page that is whole.
func answer(w http.ResponseWriter, r *http.Request, status int, p Policy, page []byte) {
	h := w.Header()
	p.Apply(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(page)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(page)
	}
}
