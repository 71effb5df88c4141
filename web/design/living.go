package design

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	"sync"
)

//go:embed living.html
var livingHTML string

var (
	// A template that was executed cannot be built upon, so samples have their own.
	sampleTemplate = sync.OnceValue(func() *template.Template { return template.Must(components().Clone()) })
	livingTemplate = ParseConsole(livingHTML)
	formTemplate   = ParseConsole(`{{define "body"}}{{template "form" .}}{{end}}`)
	factsTemplate  = ParseConsole(`{{define "body"}}{{template "note" .Note}}{{template "facts" .Facts}}{{end}}`)
)

// Living answers with the living page, which shows every component, and with the
// two pages that its samples lead to. rest is the path behind the frame's base:
// /design or one below it. The page holds nothing of an installation, so anybody
// may see it, and tools that read pages can without signing in.
func Living(w http.ResponseWriter, r *http.Request, frame Frame, rest string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		Error(w, r, ErrorPage{Frame: frame, Status: http.StatusMethodNotAllowed, Title: "This is a sample", What: "Its forms do nothing."})
		return
	}
	at := frame.Base + "/design"
	c := Console{Frame: frame, Who: "nobody.in.particular", Home: frame.Base + "/", Place: "sample/preview", Word: "Sample", Sections: livingSections(at)}
	var t *ConsoleTemplate
	switch rest {
	case "/design":
		c.Title, t = "Design system", livingTemplate
		c.Actions = []Button{{Label: "Disable customer", URL: at + "/form", Dialog: true, Quiet: true, Danger: true}}
		c.Data = livingData(at)
	case "/design/form":
		c.Title, t, c.Trail, c.Data = "Disable Dana Reyes", formTemplate, []Place{{Label: "Design system", URL: at}}, sampleForm(at)
	case "/design/explanation":
		c.Title, t, c.Trail = "Why payright gets payments.write.posting", factsTemplate, []Place{{Label: "Design system", URL: at}}
		c.Data = struct {
			Note  Note
			Facts []Fact
		}{Note{Mark: Good("Granted"), Text: "By rule counters of policy partners."}, sampleFacts()}
	default:
		NotFound(w, r, frame)
		return
	}
	if err := t.Render(w, r, http.StatusOK, c); err != nil { // cannot be: a test renders them
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

// token is a colour of the style sheet.
type token struct{ Name, Light, Dark string }

var tokenLine = regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{3,6});`)

// tokens reads the colours from the style sheet itself.
func tokens() []token {
	light, dark, _ := strings.Cut(string(styles), "@media (prefers-color-scheme: dark)")
	dark, _, _ = strings.Cut(dark, "/* Ground. */")
	var all []token
	for _, m := range tokenLine.FindAllStringSubmatch(light, -1) {
		all = append(all, token{Name: m[1], Light: m[2]})
	}
	for i := range all {
		for _, m := range tokenLine.FindAllStringSubmatch(dark, -1) {
			if m[1] == all[i].Name {
				all[i].Dark = m[2]
			}
		}
	}
	return all
}

// shown is a sample rendered.
type shown struct {
	sample
	Key    string
	Shown  template.HTML
	Markup string
}

type shownGroup struct {
	ID, Title string
	Samples   []shown
}

type living struct {
	Tokens []token
	Groups []shownGroup
}

func livingData(at string) living {
	l := living{Tokens: tokens()}
	for _, g := range samples(at) {
		group := shownGroup{ID: g.ID, Title: g.Title}
		for i, s := range g.Samples {
			group.Samples = append(group.Samples, show(s, fmt.Sprintf("%s-%d", g.ID, i)))
		}
		l.Groups = append(l.Groups, group)
	}
	return l
}

// show renders a sample. What is rendered is ours, escaped by its own template.
func show(s sample, key string) shown {
	var out bytes.Buffer
	markup := s.Raw
	if markup == "" {
		if err := sampleTemplate().Lookup(s.Name).Execute(&out, s.Data); err != nil {
			markup = err.Error() // a test looks for it
		} else {
			markup = out.String()
		}
	}
	quiet := strings.ReplaceAll(markup, " autofocus", "") // or the page would begin there
	return shown{sample: s, Key: key, Shown: template.HTML(quiet), Markup: strings.TrimSpace(markup)}
}

func livingSections(at string) []Place {
	all := []Place{{Label: "Colours", URL: at + "#tokens"}}
	for _, g := range samples(at) {
		all = append(all, Place{Label: g.Title, URL: at + "#" + g.ID})
	}
	return all
}
