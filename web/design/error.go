package design

import (
	_ "embed"
	"net/http"

	"sallyport/pure/config"
)

//go:embed error.html
var errorHTML string

// ErrorPage says what went wrong in words for customers. None of it may be
// something that a stranger can put into an address.
type ErrorPage struct {
	Frame     Frame
	Status    int // 4xx or 5xx
	Title     string
	What      string
	Fix       string
	Reference string              // by which we find what happened; empty for none
	Ways      []config.LabeledURL // out of here
}

// Error is that of [Words] for pages in English.
func Error(w http.ResponseWriter, r *http.Request, e ErrorPage) { NoWords.Error(w, r, e) }

// NotFound is that of [Words] for pages in English.
func NotFound(w http.ResponseWriter, r *http.Request, frame Frame) { NoWords.NotFound(w, r, frame) }

// Error answers with a page that says what went wrong and what to do.
func (words *Words) Error(w http.ResponseWriter, r *http.Request, e ErrorPage) {
	err := words.failed().Render(w, r, e.Status, Page{Frame: e.Frame, Title: e.Title, Failed: true, Data: e})
	if err != nil { // cannot be: a test renders it
		http.Error(w, http.StatusText(e.Status), e.Status)
	}
}

// NotFound answers for an address where nothing is.
func (words *Words) NotFound(w http.ResponseWriter, r *http.Request, frame Frame) {
	words.Error(w, r, ErrorPage{
		Frame: frame, Status: http.StatusNotFound, Title: "There is no such page",
		What: "The address may be mistyped, or the page has moved.",
	})
}
