package authserver

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

// Whoever adds an endpoint says whether it takes a secret, and how that is counted. What
// does is guessed at by a test against two nodes, which reads the same page.
func TestEveryEndpointSaysWhatCanBeGuessedAtByIt(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/guessing.md")
	if err != nil {
		t.Fatal(err)
	}
	for at, e := range endpoints {
		if posts := e.methods[http.MethodPost] != nil; posts && !strings.Contains(string(text), "POST …/"+at+"`") {
			t.Errorf("docs/reference/guessing.md does not say whether POST …/%s takes a secret", at)
		}
	}
}
