package login

import (
	"os"
	"testing"

	"sallyport/web/design/wordstest"
)

func TestEveryTextIsSaidInEveryLanguage(t *testing.T) {
	wordstest.Check(t, words, os.DirFS("."))
}
