package account

import (
	"io/fs"
	"path"
	"strings"
	"testing"
)

func TestEveryPageIsATemplate(t *testing.T) {
	files, err := fs.Glob(pageFiles, "pages/*.html")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		if path.Base(file) == "shared.html" {
			continue // it comes with each of the others
		}
		if err := parse(strings.TrimSuffix(path.Base(file), ".html")).Check(); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}
