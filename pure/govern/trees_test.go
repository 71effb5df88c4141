package govern_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sallyport/pure/config"
	"sallyport/pure/govern"
)

// builtin are the variables that a process would know.
var builtin = map[string]string{"listen.url": "http://localhost:8080", "listen.gateway": "http://localhost:8081"}

// files reads a directory below the repository's root, as the command does.
func files(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = content
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// What we give people to begin with keeps to what we ask of them.
func TestOurOwnTreesAreGoverned(t *testing.T) {
	for _, dir := range []string{"../../demo/harbourlight", "../../cmd/sallyport/starter", "../config/testdata/harbourlight"} {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			all := files(t, dir)
			for name, content := range all { // the demo writes the addresses of its own servers here
				all[name] = []byte(strings.ReplaceAll(string(content), "variables: {}",
					`variables: {my-account-url: "http://localhost:1", billing-url: "http://localhost:2", meterman-url: "http://localhost:3", post-url: "http://localhost:4"}`))
			}
			tree, _ := config.Parse(all)
			if problems := govern.Check(tree, builtin); len(problems) > 0 {
				t.Error(config.Render(problems, all))
			}
		})
	}
}
