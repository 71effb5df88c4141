package demo

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
)

//go:embed pages
var pageFiles embed.FS

// pages renders the utility's pages.
type pages struct {
	templates map[string]*template.Template
	css       []byte
}

// pageNames are the pages, each a file of that name inside the layout.
var pageNames = [...]string{"start", "outcome", "welcome", "account", "paid", "problem", "help"}

func newPages() (*pages, error) {
	p := &pages{templates: map[string]*template.Template{}}
	for _, name := range pageNames {
		parsed, err := template.ParseFS(pageFiles, "pages/layout.html", "pages/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("demo page %s: %w", name, err)
		}
		p.templates[name] = parsed
	}
	var err error
	p.css, err = pageFiles.ReadFile("pages/style.css")
	return p, err
}

// show renders a page whole before it answers, so that a mistake in a template
// never leaves half a page.
func (p *pages) show(w http.ResponseWriter, status int, name string, data any) {
	var page bytes.Buffer
	if err := p.templates[name].ExecuteTemplate(&page, "layout", data); err != nil {
		http.Error(w, "this page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes())
}

func (p *pages) style() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = w.Write(p.css)
	})
}
