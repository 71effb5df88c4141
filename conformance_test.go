package sallyport

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The table of conformance is worth what its tests are: each that it names must
// be there, under that name, in that folder.
func TestEveryTestThatTheTableOfConformanceNamesExists(t *testing.T) {
	table, err := os.ReadFile("docs/reference/conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`([a-z/]+)\\.((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(string(table), -1)
	if len(named) < 60 {
		t.Errorf("the table names %d tests: it is read wrongly, or cut", len(named))
	}
	sources := map[string]string{}
	for _, one := range named {
		folder, test := one[1], one[2]
		if _, read := sources[folder]; !read {
			sources[folder] = testsOf(t, folder)
		}
		if !strings.Contains(sources[folder], "\nfunc "+test+"(") {
			t.Errorf("%s has no %s", folder, test)
		}
	}
	for _, row := range strings.Split(string(table), "\n") {
		if strings.HasPrefix(row, "| ") && !strings.HasPrefix(row, "| section") && !strings.Contains(row, ".Test") {
			t.Errorf("nothing holds us to this: %s", row)
		}
	}
}

// testsOf is the text of all test files of a folder.
func testsOf(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
