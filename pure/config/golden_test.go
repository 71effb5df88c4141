package config_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/config"
)

var update = flag.Bool("update", false, "rewrite the expected problems")

// Each archive in testdata/problems is a class of mistakes: the files to lay
// over testdata/base, and what is said about them. Its name is a sentence.
func TestMistakesAreToldWhereTheyAreAndWithAFix(t *testing.T) {
	names, err := filepath.Glob("testdata/problems/*.txtar")
	if err != nil || len(names) < 20 {
		t.Fatalf("%d archives: %v", len(names), err)
	}
	base := readTree(t, "testdata/base")
	told := map[config.Code]bool{}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			input, want, _ := strings.Cut(string(text), "-- problems --\n")
			files := maps.Clone(base)
			maps.Copy(files, archive(input))
			tree, _ := config.Parse(files)
			problems := config.Check(tree, builtin)
			for _, p := range problems {
				told[p.Code] = true
			}
			got := config.Render(problems, files)
			if *update {
				if err := os.WriteFile(name, []byte(input+"-- problems --\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if len(problems) == 0 {
				t.Error("the archive has no problem, so it tests nothing")
			}
		})
	}
	last := config.Code("")
	for _, e := range config.Codes() {
		if e.Code <= last || e.Meaning == "" || e.Fix == "" {
			t.Errorf("%s is out of order, taken twice or not explained", e.Code)
		}
		last = e.Code
		if e.Code >= config.NotAccepted && e.Code <= config.WriteUnderRead {
			continue // told by package govern, and tested there
		}
		// Told by encode_test.go, where the files are made.
		if !told[e.Code] && e.Code != config.TooLarge && e.Code != config.PathUnusable && e.Code != config.TooManyProblems {
			t.Errorf("no archive has %s: %s", e.Code, e.Meaning)
		}
	}
}

// archive parts a text at lines of the form "-- name --"; what stands before the
// first is a comment.
func archive(text string) map[string][]byte {
	files, name := map[string][]byte{}, ""
	for line := range strings.Lines(text) {
		if rest, marker := strings.CutPrefix(line, "-- "); marker && strings.HasSuffix(rest, " --\n") {
			name = strings.TrimSuffix(rest, " --\n")
			files[name] = []byte{}
		} else if name != "" {
			files[name] = append(files[name], line...)
		}
	}
	return files
}
