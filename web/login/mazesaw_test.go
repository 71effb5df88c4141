package login_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	source "go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sallyport/pure/journey"
	"sallyport/service/environment"
	"sallyport/service/signin"
	"sallyport/web/login"
)

// saw is what the walks of a set came to.
type saw struct {
	shown, passed map[journey.Page]int
	posted        map[string]int // addresses at which something was done
	changed       map[string]int // kinds of what became otherwise
	all           []string       // addresses at which something can be done
}

func newSaw(t *testing.T) *saw {
	return &saw{map[journey.Page]int{}, map[journey.Page]int{}, map[string]int{}, map[string]int{}, posts(t)}
}

// witness notes which pages of journeys are shown, and which are done.
type witness struct {
	login.SignIn
	saw  *saw
	last map[string]journey.Page
}

func (w *witness) Show(ctx context.Context, live *environment.Live, v signin.Visit, back bool) (*signin.Answer, error) {
	answer, err := w.SignIn.Show(ctx, live, v, back)
	w.note(v, answer)
	return answer, err
}

func (w *witness) Give(ctx context.Context, live *environment.Live, v signin.Visit, given signin.Given) (*signin.Answer, error) {
	before := w.last[v.Ticket]
	answer, err := w.SignIn.Give(ctx, live, v, given)
	if err == nil && before != "" && (answer.Page == nil || answer.Page.Problem == "" && answer.Page.Page != before) {
		w.saw.passed[before]++
	}
	w.note(v, answer)
	return answer, err
}

func (w *witness) note(v signin.Visit, answer *signin.Answer) {
	delete(w.last, v.Ticket)
	if answer != nil && answer.Page != nil {
		w.last[v.Ticket] = answer.Page.Page
		w.saw.shown[answer.Page.Page]++
	}
}

// constants are those of a type in a source.
func constants(t *testing.T, path, of string) (all []string) {
	t.Helper()
	file, err := parser.ParseFile(source.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, is := n.(*ast.ValueSpec)
		if !is {
			return true
		}
		if kind, is := spec.Type.(*ast.Ident); is && kind.Name == of {
			all = append(all, strings.Trim(spec.Values[0].(*ast.BasicLit).Value, `"`))
		}
		return true
	})
	return all
}

var postsOf = regexp.MustCompile("`POST (/(?:account|signin|signout)[a-z/-]*)`")

// posts are the addresses of customers that take a form, as the reference lists them,
// which a test holds against the code.
func posts(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/reference/guessing.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, found := range postsOf.FindAllStringSubmatch(string(text), -1) {
		all[found[1]] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// untrodden are what no walk of the maze can come to, and why.
var untrodden = map[string]string{}

// missing is every step, page and form to which no walk came, and what no walk changed.
func (s *saw) missing(t *testing.T) (all []string) {
	t.Helper()
	for _, name := range append(constants(t, "../../pure/journey/page.go", "Page"), constants(t, "../../pure/journey/ask.go", "Ask")...) {
		switch page := journey.Page(name); {
		case page == journey.Page(journey.TOTP) || untrodden[name] != "": // whose pages stand for it
		case s.shown[page] == 0:
			all = append(all, fmt.Sprintf("no walk came to the page %q", name))
		case s.passed[page] == 0 && page != journey.OverPage:
			all = append(all, fmt.Sprintf("no walk got behind the page %q", name))
		}
	}
	for _, at := range s.all {
		if s.posted[at] == 0 && untrodden[at] == "" {
			all = append(all, "no walk did anything by POST "+at)
		}
	}
	for _, what := range []string{partPassword, partFactors, partPasskeys, partAddresses, partAccounts, partSaid, partGone, partSession, partNew, partElsewhere} {
		if s.changed[what] == 0 {
			all = append(all, "no walk changed: "+what)
		}
	}
	return all
}
