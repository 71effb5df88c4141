package design

import (
	"embed"
	"html/template"
	"sync"
	"time"
)

//go:embed components/*.html
var componentFiles embed.FS

// components is every component and both layouts, which pages build upon. They say
// the labels that they are given in the page's language, where it knows them.
var components = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("components.html").Funcs(own.functions(English)).ParseFS(componentFiles, "components/*.html"))
})

// Mark is a state told by shape, word and colour.
type Mark struct{ Tone, Mark, Word string }

// Good marks what is as it should be.
func Good(word string) Mark { return Mark{"ok", "●", word} }

// Warning marks what somebody should look at.
func Warning(word string) Mark { return Mark{"warn", "▲", word} }

// Bad marks what failed or is refused.
func Bad(word string) Mark { return Mark{"bad", "■", word} }

// Waiting marks what is not done yet.
func Waiting(word string) Mark { return Mark{"pending", "◔", word} }

// Plain marks what is neither.
func Plain(word string) Mark { return Mark{"plain", "○", word} }

// Place is somewhere that a link leads.
type Place struct {
	Label, URL string
	Current    bool
}

// Tabs lead about among the pages of one thing.
type Tabs struct {
	Label  string // read out: whose pages these are
	Places []Place
}

// Note says something beside the matter of a page.
type Note struct {
	Mark Mark   // shape and word above it; without a word only its tone is taken
	Text string // what is so
	Do   string // what to do about it; may be empty
	Ways []Button
}

// Empty says that there is nothing, and what to do.
type Empty struct {
	What, Do string
	Ways     []Button
}

// Ribbon says which environment this is.
type Ribbon struct {
	Word string
	Text string // behind the word; may be empty
	Real bool   // it has real customers: the ribbon has no pattern
}

// AsOf says how old figures are.
type AsOf struct {
	At    time.Time
	Stale string // why they are older than they should be; empty: they are not
}

// UTC is At in UTC.
func (a AsOf) UTC() time.Time { return a.At.UTC() }

// Progress is how far something has come.
type Progress struct {
	ID          string // of the element
	Label       string
	Done, Total int
	Words       string // the same for reading, such as "5,214 of 10,000, 12 held"
	Refresh     string // the page's own address, to look every five seconds; empty: it has ended
}
