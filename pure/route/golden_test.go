package route_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/route"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// The golden files hold a document, then this line, then what it compiles to. A
// first line "# public: a b" is the catalogue's list of public operations,
// "# base: /x" its base path, "# schemes: a b" its accepted schemes.
const divider = "=== compiles to ===\n"

func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			document, want, _ := strings.Cut(string(content), divider)
			table, problems := route.Compile("story", []byte(document), directives(document))
			if (table == nil) != route.Refused(problems) {
				t.Errorf("table %v, refused %v", table != nil, route.Refused(problems))
			}
			got := render(table, problems)
			if *update {
				if err := os.WriteFile(file, []byte(document+divider+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func directives(document string) route.Options {
	options := route.Options{Public: map[route.OperationID]bool{}}
	for line := range strings.Lines(document) {
		key, value, found := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "# ")), ": ")
		if !found || !strings.HasPrefix(line, "# ") {
			break
		}
		switch key {
		case "base":
			options.BasePath = value
		case "schemes":
			options.Schemes = strings.Fields(value)
		case "public":
			for _, id := range strings.Fields(value) {
				options.Public[route.OperationID(id)] = true
			}
		}
	}
	return options
}

func render(table *route.Table, problems []route.Problem) string {
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintln(&b, p)
	}
	if table == nil {
		return b.String() + "refused\n"
	}
	for _, o := range table.Operations() {
		fmt.Fprintf(&b, "%s %s is %s: %s\n", o.Method, o.Template, o.ID, renderSecurity(o.Security))
	}
	for _, p := range route.Lint(table) {
		fmt.Fprintf(&b, "lint: %s\n", p)
	}
	return b.String()
}

func renderSecurity(s route.Security) string {
	var parts []string
	if s.Public {
		parts = append(parts, "public")
	}
	for _, set := range s.Alternatives {
		var names []string
		for _, scope := range set {
			names = append(names, string(scope))
		}
		parts = append(parts, strings.Join(names, " and "))
	}
	text := strings.Join(parts, ", or ")
	for _, key := range s.Keys {
		text += fmt.Sprintf(" (key in %s %s)", key.In, key.Key)
	}
	return text
}
