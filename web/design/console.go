package design

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
)

//go:embed console.html
var consoleHTML string

//go:embed console.css
var consoleStyles []byte

// Place is somewhere that a link of the console leads.
type Place struct {
	Label, URL string
	Current    bool
}

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
	Trail    []Place // the pages above this one
	Data     any     // what "body" gets
}

// ConsoleURL is the address of the console's own style sheet.
func (c Console) ConsoleURL() string { return c.Frame.assetURL(consoleSheet()) }

// Mark is a state told by shape, word and colour.
type Mark struct{ Tone, Mark, Word string }

// Marks of states.
func Good(word string) Mark    { return Mark{"ok", "●", word} }
func Warning(word string) Mark { return Mark{"warn", "▲", word} }
func Bad(word string) Mark     { return Mark{"bad", "■", word} }
func Waiting(word string) Mark { return Mark{"pending", "◔", word} }
func Plain(word string) Mark   { return Mark{"plain", "○", word} }

// Pager leads to the pages before and behind; an empty address is none.
type Pager struct{ Newer, NewerLabel, Older, OlderLabel string }

// Search is the search field of a list.
type Search struct {
	Label, Hint, Name, Value, Button string
	MaxLength                        int
	Wrong                            string // what is wrong with what was typed
}

// Empty says that there is nothing, and what to do.
type Empty struct{ What, Do string }

var consoleLayout = template.Must(template.New("console").Parse(consoleHTML))

// ConsoleTemplate is a page's own part within the console. It is safe for
// concurrent use.
type ConsoleTemplate struct{ pages *template.Template }

// MustParseConsole reads a text that defines "body" and may use the components
// "state" (a [Mark]), "pager" (a [Pager]), "search" (a [Search]) and "empty" (an
// [Empty]). It panics on a mistake, so call it where a package begins.
func MustParseConsole(text string) *ConsoleTemplate {
	return &ConsoleTemplate{template.Must(template.Must(consoleLayout.Clone()).Parse(text))}
}

// Render answers with the page, under the policy of pages without script. An
// error means that nothing was written.
func (t *ConsoleTemplate) Render(w http.ResponseWriter, r *http.Request, status int, c Console) error {
	var body bytes.Buffer
	if err := t.pages.ExecuteTemplate(&body, "console", c); err != nil {
		return fmt.Errorf("rendering %q: %w", c.Title, err)
	}
	h := w.Header()
	Policy{}.Apply(h)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body.Bytes())
	}
	return nil
}
