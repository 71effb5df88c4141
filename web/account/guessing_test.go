package account

import (
	"os"
	"strings"
	"testing"
)

// Whoever adds a form says whether it takes a secret, and how that is counted. What does
// is guessed at by a test against two nodes, which reads the same page.
func TestEveryFormSaysWhatCanBeGuessedAtByIt(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/guessing.md")
	if err != nil {
		t.Fatal(err)
	}
	for at, r := range routes {
		if form := "`POST " + root + at + "`"; r.do != nil && !strings.Contains(string(text), form) {
			t.Errorf("docs/reference/guessing.md does not say whether %s takes a secret", form)
		}
	}
}
