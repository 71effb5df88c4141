package console

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var (
	addressCell = regexp.MustCompile("`([/…][^` ]*)`")
	named       = regexp.MustCompile(`\{[^}]+\}|\b[A-Z]+\b`)
)

// The reference lists every page and file; the tests in a real browser read from it
// what there is to open, so that neither forgets a new one.
func TestTheReferenceListsEveryPageAndFile(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/console.md")
	if err != nil {
		t.Fatal(err)
	}
	listed, want := map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 3 {
			continue
		}
		for _, found := range addressCell.FindAllStringSubmatch(cells[1], -1) {
			listed[named.ReplaceAllString(strings.Replace(found[1], "…", env, 1), "*")] = true
		}
	}
	for _, r := range routes {
		want[named.ReplaceAllString(r.pattern, "*")] = true
	}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("docs/reference/console.md and the routes differ (-routes +reference):\n%s", diff)
	}
}
