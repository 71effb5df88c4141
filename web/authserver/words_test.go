package authserver

import (
	"os"
	"testing"
	"testing/fstest"

	"sallyport/web/design/wordstest"
)

// What the package tells programs is English, so only the files of pages are looked at.
func TestEveryTextOfAPageIsSaidInEveryLanguage(t *testing.T) {
	pages := fstest.MapFS{}
	for _, name := range []string{"consent.html", "consentpage.go", "pages.go", "browser.go", "words.go", "es.txt"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = &fstest.MapFile{Data: text}
	}
	wordstest.Check(t, words, pages, // what is for browsers and operators
		"'; base-uri 'none'; frame-ancestors 'none'", "'; script-src 'sha256-", "default-src 'none'; style-src 'sha256-", "page cannot be rendered",
		"body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1rem}")
}
