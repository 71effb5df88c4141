package console

import (
	"io/fs"
	"os"
	"regexp"
	"testing"
)

// secretField is where browsers let people type secrets.
var secretField = regexp.MustCompile(`type="?password|one-time-code|current-password|name="?(password|code|recovery-code)\b`)

// Operators prove who they are at the page that customers have, which is guessed at by
// tests against two nodes. A page of the console that takes a secret would be one that
// nobody guesses at: it has to be in docs/reference/guessing.md first.
func TestNoPageOfTheConsoleTakesASecret(t *testing.T) {
	files, err := fs.Glob(os.DirFS("."), "pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := secretField.Find(text); found != nil {
			t.Errorf("%s takes a secret by %s", name, found)
		}
	}
}
