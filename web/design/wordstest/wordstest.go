// Package wordstest checks that a package's pages can be read in every language
// that they have a catalogue of: for tests of packages with [design.Words].
//
// Two mistakes are looked for. What is in templates and code, and not in a
// catalogue: [Check] reads both. What is in the catalogue, and was not said:
// [Left] compares a page with itself in English.
package wordstest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sallyport/web/design"
)

// Check wants that every text of the package in dir is in every catalogue of words
// with the same placeholders, that no catalogue has others, and that no template
// holds a word but by say and parts. Texts are what templates say, and what looks
// like words among the literals of its code; plain lists those that are for
// programs, for operators, or the name of something.
func Check(t *testing.T, words *design.Words, dir fs.FS, plain ...string) {
	t.Helper()
	texts, literals := map[string]bool{}, map[string]bool{}
	err := fs.WalkDir(dir, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name == "testdata":
			return fs.SkipDir
		case path.Ext(name) == ".txt":
			return readable(t, dir, name)
		case path.Ext(name) == ".html":
			return template(t, dir, name, texts)
		case path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go") && path.Dir(name) == ".":
			return code(dir, name, texts, literals)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range plain {
		if !texts[text] {
			t.Errorf("%q is nowhere any more, and needs no leave", text)
		}
		delete(texts, text)
	}
	for _, language := range words.Languages() {
		if language != design.English {
			catalogue(t, words, language, texts, literals)
		}
	}
}

func readable(t *testing.T, dir fs.FS, name string) error {
	t.Helper()
	text, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	if _, err := design.ParseCatalogue(string(text)); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	return nil
}

func catalogue(t *testing.T, words *design.Words, language string, texts, literals map[string]bool) {
	t.Helper()
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		if _, known := words.Lookup(language, text); !known {
			t.Errorf("%s.txt lacks\n%s", language, text)
		}
	}
	for text, said := range words.Catalogue(language) {
		if !texts[text] && !literals[text] {
			t.Errorf("%s.txt has a text that nothing says: %s", language, text)
		}
		if want, got := placeholders(text), placeholders(said); !slices.Equal(want, got) {
			t.Errorf("%s.txt: %q has %v, %q has %v", language, text, want, said, got)
		}
	}
}

var placeholder = regexp.MustCompile(`%(?:\[\d+\])?([a-z])|[\[\]]`)

// placeholders are those of a text, whatever their order.
func placeholders(text string) []string {
	var all []string
	for _, m := range placeholder.FindAllStringSubmatch(strings.ReplaceAll(text, "%%", ""), -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	return all
}

var (
	action    = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	sayings   = regexp.MustCompile(`\b(?:say|parts) ("(?:[^"\\]|\\.)*")`)
	tag       = regexp.MustCompile(`(?s)<[^>]*>`)
	attribute = regexp.MustCompile(`\b(?:aria-label|alt|title|placeholder)="([^"]*)"`)
	word      = regexp.MustCompile(`\pL{2,}`)
)

// template collects what a template says, and misses the words that it merely holds.
func template(t *testing.T, dir fs.FS, name string, texts map[string]bool) error {
	t.Helper()
	raw, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	for _, a := range action.FindAllString(string(raw), -1) {
		for _, m := range sayings.FindAllStringSubmatch(a, -1) {
			text, err := strconv.Unquote(m[1])
			if err != nil {
				return err
			}
			texts[text] = true
		}
	}
	text := action.ReplaceAllString(string(raw), "")
	for _, m := range attribute.FindAllStringSubmatch(text, -1) {
		if word.MatchString(m[1]) {
			t.Errorf("%s: %q is in English whatever the language: {{say}} it", name, m[1])
		}
	}
	for line := range strings.Lines(tag.ReplaceAllString(text, "\n")) {
		if line = html.UnescapeString(strings.TrimSpace(line)); word.MatchString(line) {
			t.Errorf("%s: %q is in English whatever the language: {{say}} it", name, line)
		}
	}
	return nil
}

// words are at least two with a space between them, or one that begins with a capital
// letter, as labels do.
var words = regexp.MustCompile(`[\pL\pN][\pL'’,:;.?]* \S*\pL|^\p{Lu}\p{Ll}+$`)

// silent are the functions whose literals are for programs and operators.
var silent = map[string]bool{
	"Errorf": true, "New": true, "panic": true, "Error": true, "Warn": true, "Info": true, "MustCompile": true,
	"Set": true, "Get": true, "Has": true, "Add": true, "Del": true,
}

// code collects the literals of a file, and what looks like words among them.
func code(dir fs.FS, name string, texts, literals map[string]bool) error {
	raw, err := fs.ReadFile(dir, name)
	if err != nil {
		return err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, raw, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.ValueSpec:
			return n.Names[0].Name != "untold" // reasons, for whoever reads the code
		case *ast.Field: // its tag is for programs
			return n.Tag == nil
		case *ast.CallExpr:
			switch called := n.Fun.(type) {
			case *ast.Ident:
				return !silent[called.Name]
			case *ast.SelectorExpr:
				of, _ := called.X.(*ast.Ident)
				return !silent[called.Sel.Name] || of != nil && of.Name == "words" // its pages of errors
			}
		case *ast.BasicLit:
			text, err := strconv.Unquote(n.Value)
			if err != nil || n.Kind != token.STRING {
				break
			}
			literals[text] = true
			if words.MatchString(text) {
				texts[text] = true
			}
		}
		return true
	})
	return nil
}

var (
	hidden    = regexp.MustCompile(`(?s)<(?:code|svg|style|script|bdi)\b.*?</(?:code|svg|style|script|bdi)>|<header class="brand">.*?</header>|<p class="small" id="languages">.*?</p>`)
	sentences = regexp.MustCompile(`\pL{2,}`)
)

// Left gives the texts of a page that are the same in another language as in
// English: whatever is neither a name nor a number was not said. known lists names.
func Left(english, other string, known ...string) []string {
	there := map[string]bool{}
	for _, text := range visible(english) {
		there[text] = true
	}
	var left []string
	for _, text := range visible(other) {
		rest := text
		for _, name := range known {
			rest = strings.ReplaceAll(rest, name, "")
		}
		if there[text] && sentences.MatchString(rest) && !slices.Contains(left, text) {
			left = append(left, text)
		}
	}
	return left
}

func visible(page string) []string {
	page = hidden.ReplaceAllString(page, "\n")
	var all []string
	for _, m := range attribute.FindAllStringSubmatch(page, -1) {
		all = append(all, html.UnescapeString(m[1]))
	}
	for line := range strings.Lines(tag.ReplaceAllString(page, "\n")) {
		if line = html.UnescapeString(strings.TrimSpace(line)); line != "" {
			all = append(all, line)
		}
	}
	return all
}
