package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"sallyport/pure/config"
)

// builtin are the variables that the program provides.
var builtin = map[string]string{"listen.url": "http://localhost:8080", "listen.gateway": "http://localhost:8081"}

// readTree reads a folder as the CLI does.
func readTree(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(relative)], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func harbourlight(t testing.TB) (*config.Tree, map[string][]byte) {
	t.Helper()
	files := readTree(t, "testdata/harbourlight")
	tree, problems := config.Parse(files)
	if len(problems) > 0 {
		t.Fatal(config.Render(problems, files))
	}
	return tree, files
}
