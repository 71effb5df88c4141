package demo

import (
	"embed"
	"net/http"

	"sallyport/web/design"
)

//go:embed pages
var pageFiles embed.FS

// page is a page of the utility: which file, what it is called, and for whom.
type page struct {
	file, title string
	failed      bool   // the title says so first
	who         string // signed in; empty for nobody
	script      bool   // it has texts to copy
	sections    design.Tabs
	data        any
}

// pageNames are the pages, each a file of that name.
var pageNames = [...]string{"start", "outcome", "welcome", "account", "paid", "bank", "problem", "help", "post"}

// pages renders the utility's pages, in the design that it shares with
// Sallyport's own.
type pages struct {
	frame     design.Frame
	templates map[string]*design.Template
}

// newPages reads the pages. help is where people find help; empty for nowhere.
func newPages(help string) (*pages, error) {
	logo, err := tree.ReadFile("harbourlight/harbourlight.svg")
	if err != nil {
		return nil, err
	}
	look := design.Appearance{Title: "Harbourlight Energy", Accent: accent, Dark: accentDark, Logo: logo, Ribbon: "Demo"}
	if help != "" {
		look.Help, look.Phone = help, phone
	}
	p := &pages{frame: look.Frame(), templates: map[string]*design.Template{}}
	shared, err := pageFiles.ReadFile("pages/exchange.html")
	if err != nil {
		return nil, err
	}
	for _, name := range pageNames {
		text, err := pageFiles.ReadFile("pages/" + name + ".html")
		if err != nil {
			return nil, err
		}
		p.templates[name] = design.Parse(string(shared) + string(text))
	}
	return p, nil
}

// How Harbourlight looks, as its tree tells Sallyport.
const (
	accent, accentDark = "#0b5fa5", "#6cb4f5"
	phone              = "0800 555 0142"
)

// show answers with a page.
func (p *pages) show(w http.ResponseWriter, r *http.Request, status int, shown page) {
	err := p.templates[shown.file].Render(w, r, status, design.Page{
		Frame: p.frame, Title: shown.title, Failed: shown.failed, Policy: design.Policy{Script: shown.script}, Data: shown.data,
		Wide: &design.Wide{Who: shown.who, Sections: shown.sections},
	})
	if err != nil {
		http.Error(w, "this page cannot be shown", http.StatusInternalServerError)
	}
}
