package console

import (
	"io/fs"
	"path"
	"strings"
	"testing"

	"sallyport/web/design"
)

func TestEveryPageIsATemplate(t *testing.T) {
	all := map[string]*design.ConsoleTemplate{"empty": emptyPage, "note": notePage}
	files, err := fs.Glob(pages, "pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		all[file] = parse(strings.TrimSuffix(path.Base(file), ".html"))
	}
	for name, page := range all {
		if err := page.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
