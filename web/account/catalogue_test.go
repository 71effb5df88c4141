package account

import (
	"os"
	"testing"

	"sallyport/web/design/wordstest"
)

func TestEveryTextIsSaidInEveryLanguage(t *testing.T) {
	// What browsers and systems call themselves is the same everywhere.
	plain := []string{
		"Edge", "Opera", "Samsung Internet", "Vivaldi", "Yandex Browser", "Firefox", "Chrome", "Chromium", "Internet Explorer", "Safari",
		"Android", "Windows", "Linux", "Macintosh", "Mac OS X",
		// For programs.
		"GET, HEAD", "another customer signed in", "accounts cannot be looked up", "member of an account\x00",
	}
	wordstest.Check(t, words, os.DirFS("."), plain...)
}
