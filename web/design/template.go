package design

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
)

//go:embed layout.html
var layoutHTML string

var layout = template.Must(template.New("layout").Parse(layoutHTML))

// Template is a page's own part within the layout. It is safe for concurrent use.
type Template struct{ pages *template.Template }

// MustParse reads a text that defines "body" and may use the components
// "summary" (a [Summary]) and "field" (a [Field]). It panics on a mistake, so
// call it where a package begins.
func MustParse(text string) *Template {
	return &Template{template.Must(template.Must(layout.Clone()).Parse(text))}
}

// Page is what a template is rendered with.
type Page struct {
	Frame  Frame
	Title  string
	Failed bool // the title says so first, which is what screen readers read first
	Policy Policy
	Data   any // what "body" gets
}

// Render answers with the page. An error means that nothing was written: the
// template and its data do not fit.
func (t *Template) Render(w http.ResponseWriter, r *http.Request, status int, p Page) error {
	var body bytes.Buffer
	if err := t.pages.ExecuteTemplate(&body, "page", p); err != nil {
		return fmt.Errorf("rendering %q: %w", p.Title, err)
	}
	h := w.Header()
	p.Policy.Apply(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body.Bytes())
	}
	return nil
}

// Summary says at the top of a form what is wrong. It takes the focus.
type Summary struct {
	What      string
	Fix       string // what to do; may be empty
	Field     string // id of the field that it is about; empty for none
	Reference string // empty for none
}

// Field is one question.
type Field struct {
	Name         string // also its id
	Label        string
	Hint         string
	Type         string // of the input
	Value        string
	Autocomplete string
	InputMode    string // which keys a touch screen offers; empty: all
	MaxLength    int
	Wrong        string // what is wrong with the answer; empty: nothing
	Focus        bool
}

// DescribedBy names what else is to be read out with the field.
func (f Field) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.Name+"-hint")
	}
	if f.Wrong != "" {
		ids = append(ids, f.Name+"-error")
	}
	return strings.Join(ids, " ")
}
