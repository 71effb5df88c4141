package design

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"sync"
)

// Template is a page's own part within the layout. It is safe for concurrent use.
type Template struct {
	by map[string]func() (*template.Template, error) // by language; English is always there
}

// Parse is the template of a text that defines "body" and may use every component,
// such as "summary" (a [Summary]) and "field" (a [Field]). Those that sign-in pages
// have no style for want [Page.Wide]. The text is read when the page is first shown, so
// that a server holds no page that nobody asks for; a mistake is the error of Render,
// and of [Template.Check]. The page is in English; [Words.Parse] is for those that are
// in other languages too.
func Parse(text string) *Template { return NoWords.Parse(text) }

// Check tells what is wrong with the template, for tests of pages.
func (t *Template) Check() error {
	for _, pages := range t.by {
		if _, err := pages(); err != nil {
			return err
		}
	}
	return nil
}

// parsed reads a text with every component the first time that it is wanted.
func parsed(text string, functions template.FuncMap) func() (*template.Template, error) {
	return sync.OnceValues(func() (*template.Template, error) {
		all, err := components().Clone()
		if err != nil {
			return nil, fmt.Errorf("the components of pages: %w", err)
		}
		pages, err := all.Funcs(functions).Parse(text)
		if err != nil {
			return nil, fmt.Errorf("the text of a page: %w", err)
		}
		return pages, nil
	})
}

// Page is what a template is rendered with.
type Page struct {
	Frame  Frame
	Title  string
	Failed bool // the title says so first, which is what screen readers read first
	Policy Policy
	Wide   *Wide // room for lists and several sections; nil: one narrow column
	// Passkeys gives the page the script that asks for passkeys, and none but that.
	Passkeys bool
	// NewPasskey gives it the script that makes one, and none but that.
	NewPasskey bool
	Data       any // what "body" gets
}

// Wide is a page for customers who look something up or manage something: with
// the brand above, its own sections, and the style of every component.
type Wide struct {
	Who      string // signed in; empty for nobody
	SignOut  string // address; empty for none
	Sections Tabs
}

// ComponentsURL is the address of the style sheet of components; empty for pages
// that use none.
func (p Page) ComponentsURL() string {
	if p.Wide == nil {
		return ""
	}
	return p.Frame.assetURL(componentSheet())
}

// ScriptURL is the address of the page's script, which copies, tells times in the
// reader's zone and shows forms in dialogs, or asks for passkeys; empty unless the policy lets it run.
func (p Page) ScriptURL() string {
	switch {
	case !p.Policy.Script:
		return ""
	case p.Passkeys:
		return p.Frame.assetURL(passkeyScript())
	case p.NewPasskey:
		return p.Frame.assetURL(newPasskeyScript())
	}
	return p.Frame.assetURL(pageScript())
}

// Render answers with the page. An error means that nothing was written: the
// template and its data do not fit.
func (t *Template) Render(w http.ResponseWriter, r *http.Request, status int, p Page) error {
	var body bytes.Buffer
	parsed := t.by[p.Frame.Language]
	if parsed == nil {
		parsed = t.by[English]
	}
	pages, err := parsed()
	if err != nil {
		return err
	}
	if err := pages.ExecuteTemplate(&body, "page", p); err != nil {
		return fmt.Errorf("rendering %q: %w", p.Title, err)
	}
	answer(w, r, status, p.Policy, body.Bytes())
	return nil
}
