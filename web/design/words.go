package design

import (
	_ "embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"sallyport/pure/message"
)

// English is the language in which pages are written. What a catalogue lacks is
// said in it.
const English = "en"

// Words are what the pages of a package say in other languages. The text in
// English is its own key: templates and code stay readable, and who changes a
// sentence has to say it anew in every language. It is safe for concurrent use.
//
// A catalogue is a file named for its language, such as es.txt. A text stands
// alone on a line, and what it is in that language on the next one, indented:
//
//	# of the first page
//	Step %d of %d
//		Paso %d de %d
//
// Placeholders are those of package fmt; they may change places (%[2]s). What
// stands in brackets is taken apart by parts, in a template. A test for all this
// is wordstest.Check.
type Words struct {
	by    map[string]func() map[string]string // language → English → that language; read when it is first wanted
	under *Words                              // what the layout and the components say
	keeps []string                            // names of what may stand in an address that leads to another language

	failed, left func() *Template // the pages of errors and of signing out, made when they are needed
}

//go:embed es.txt
var ownCatalogues string

// own are the words of this package, which every page has.
var own = &Words{by: map[string]func() map[string]string{"es": catalogue(ownCatalogues)}}

// NoWords are the words of pages that are English, but for the components.
var NoWords = newWords()

func newWords() *Words {
	w := &Words{by: map[string]func() map[string]string{}, under: own}
	w.failed = sync.OnceValue(func() *Template { return w.Parse(errorHTML) })
	w.left = sync.OnceValue(func() *Template { return w.Parse(signOutHTML) })
	return w
}

// NewWords gives those of the catalogues LANGUAGE.txt of files. They are read when
// they are first wanted; one with a mistake says nothing, which a test tells. keeps are
// the names of what stands in addresses of these pages: one with anything else leads to
// no other language.
func NewWords(files fs.FS, keeps ...string) *Words {
	w := newWords()
	w.keeps = keeps
	names, _ := fs.Glob(files, "*.txt") // the pattern is no bad one
	for _, name := range names {
		text, _ := fs.ReadFile(files, name) // files are embedded, and a test misses what they say
		w.by[strings.TrimSuffix(path.Base(name), ".txt")] = catalogue(string(text))
	}
	return w
}

func catalogue(text string) func() map[string]string {
	return sync.OnceValue(func() map[string]string {
		all, _ := ParseCatalogue(text) // a test tells of mistakes; customers are told in English
		return all
	})
}

// ParseCatalogue reads a catalogue: English → the language of the file.
func ParseCatalogue(text string) (map[string]string, error) {
	all, key := map[string]string{}, ""
	for i, line := range strings.Split(text, "\n") {
		said := strings.TrimSpace(line)
		switch {
		case said == "" || strings.HasPrefix(said, "# "):
		case line[0] == '\t' && key == "":
			return nil, fmt.Errorf("line %d: there is no text above it", i+1)
		case line[0] == '\t':
			all[key], key = said, ""
		case key != "":
			return nil, fmt.Errorf("line %d: the text above it is not said", i+1)
		default:
			if key = said; all[key] != "" {
				return nil, fmt.Errorf("line %d: %q is there twice", i+1, key)
			}
		}
	}
	if key != "" {
		return nil, fmt.Errorf("%q is not said", key)
	}
	return all, nil
}

// Languages are those in which the words are, English among them, sorted.
func (w *Words) Languages() []string {
	all := append(slices.Collect(maps.Keys(w.by)), English)
	slices.Sort(all)
	return all
}

// Catalogue is what the words are in a language: English → that language. It is
// not to be changed.
func (w *Words) Catalogue(language string) map[string]string {
	if read := w.by[language]; read != nil {
		return read()
	}
	return nil
}

// Say gives a text in a language, with its placeholders filled; in English if that
// language does not have it. Without arguments it is as it stands, so that what is
// no text of ours may pass through.
func (w *Words) Say(language, text string, with ...any) string {
	if said, known := w.Lookup(language, text); known {
		text = said
	}
	if len(with) == 0 {
		return text
	}
	return fmt.Sprintf(text, with...)
}

// Lookup gives what a text is in a language, and whether there is anything.
func (w *Words) Lookup(language, text string) (said string, known bool) {
	for at := w; at != nil && !known; at = at.under {
		said, known = at.Catalogue(language)[text]
	}
	return said, known
}

// parts is a text with something in brackets in it.
type parts struct{ Before, Inside, After string }

// The marks that take the place of brackets while values are filled in. No value
// keeps them.
const opens, closes = "\uE000", "\uE001"

func (w *Words) parts(language, text string, with ...any) parts {
	said := w.Say(language, text)
	said = strings.Replace(strings.Replace(said, "[", opens, 1), "]", closes, 1)
	if len(with) > 0 {
		plain := strings.NewReplacer(opens, "", closes, "")
		for i, value := range with {
			if text, is := value.(string); is {
				with[i] = plain.Replace(text)
			}
		}
		said = fmt.Sprintf(said, with...)
	}
	before, rest, _ := strings.Cut(said, opens)
	inside, after, _ := strings.Cut(rest, closes)
	return parts{before, inside, after}
}

// functions are what templates say things by:
//
//	{{say "Step %d of %d" .Step .Of}}
//	{{when .At}}
//	{{with parts "Then [change it]."}}{{.Before}}<a href="{{$.URL}}">{{.Inside}}</a>{{.After}}{{end}}
func (w *Words) functions(language string) template.FuncMap {
	return template.FuncMap{
		"say":   func(text string, with ...any) string { return w.Say(language, text, with...) },
		"parts": func(text string, with ...any) parts { return w.parts(language, text, with...) },
		"when":  func(at time.Time) string { return message.When(at, message.Language(language)) },
	}
}

// Parse is the function of that name for pages that say w. Each language of a page is
// read when it is first shown in it.
func (w *Words) Parse(text string) *Template {
	t := &Template{by: map[string]func() (*template.Template, error){}}
	for _, language := range w.Languages() {
		t.by[language] = parsed(text, w.functions(language))
	}
	return t
}
