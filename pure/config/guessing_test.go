package config

import (
	"os"
	"strings"
	"testing"
)

// Whoever adds something that a journey can ask for says whether it is a secret, and how
// guesses at it are counted. What is one is guessed at by a test against two nodes, which
// reads the same page.
func TestWhateverAJourneyAsksForSaysWhetherItCanBeGuessedAt(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/guessing.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, ask := range asks {
		if !strings.Contains(string(text), "`ask: "+ask+"`") {
			t.Errorf("docs/reference/guessing.md does not say whether `ask: %s` takes a secret", ask)
		}
	}
}
