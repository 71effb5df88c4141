package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"sallyport/service/operator"
	"sallyport/web/admin"
)

// Parts of the reference are written by the code that they describe, between
// two marks. They are rewritten by:
//
//	go test ./cmd/sallyport -run Generated -update

var update = flag.Bool("update", false, "rewrite the generated parts of the documents")

const (
	beginGenerated = "<!-- generated: go test ./cmd/sallyport -run Generated -update -->\n"
	endGenerated   = "<!-- end of what is generated -->\n"
)

func TestGeneratedReferenceIsFresh(t *testing.T) {
	t.Setenv("SALLYPORT_STORE", "")
	t.Setenv(environmentVariable, "")
	for path, write := range map[string]func(*testing.T) string{
		"docs/reference/cli.md":            commandReference,
		"docs/reference/error-codes.md":    codeReference,
		"docs/reference/management-api.md": routeReference,
	} {
		t.Run(path, func(t *testing.T) {
			file := filepath.Join(root, path)
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			before, rest, begun := strings.Cut(string(content), beginGenerated)
			is, after, ended := strings.Cut(rest, endGenerated)
			if !begun || !ended {
				t.Fatal("the marks of the generated part are missing")
			}
			should := "\n" + write(t) + "\n"
			if *update {
				whole := before + beginGenerated + should + endGenerated + after
				if err := os.WriteFile(file, []byte(whole), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(should, is); diff != "" {
				t.Errorf("not fresh: run go test ./cmd/sallyport -run Generated -update\n%s", diff)
			}
		})
	}
}

// commandReference describes every command that does something.
func commandReference(*testing.T) string {
	var b strings.Builder
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, below := range c.Commands() {
			walk(below)
		}
		if !c.HasParent() || c.Hidden || c.HasSubCommands() {
			return
		}
		fmt.Fprintf(&b, "## %s\n\n%s.\n\n", c.CommandPath(), strings.TrimSuffix(c.Short, "."))
		about := c.UseLine()
		if c.Long != "" {
			about += "\n\n" + c.Long
		}
		fmt.Fprintf(&b, "```text\n%s\n```\n\n", about)
		if c.Example != "" {
			fmt.Fprintf(&b, "```sh\n%s\n```\n\n", unindented(c.Example))
		}
		if flags := unindented(c.Flags().FlagUsages()); flags != "" {
			fmt.Fprintf(&b, "```text\n%s```\n\n", flags)
		}
	}
	walk(newRoot(streams{}))
	return strings.TrimSuffix(b.String(), "\n")
}

func unindented(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimPrefix(lines[i], "  ")
	}
	return strings.Join(lines, "\n")
}

// codeReference lists every code, by its number.
func codeReference(*testing.T) string {
	var b strings.Builder
	b.WriteString("| code | meaning | fix |\n|---|---|---|\n")
	for _, e := range explanations() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", e.Code, cell(e.Meaning), cell(e.Fix))
	}
	return b.String()
}

func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ", "*", `\*`).Replace(text)
}

// routeReference lists the management routes from their own description.
func routeReference(t *testing.T) string {
	i, err := openInstallation(t.Context(), installationOptions{
		location: location{"sqlite", filepath.Join(t.TempDir(), "docs.db")}, log: quietLog(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer i.close()
	answer := httptest.NewRecorder()
	i.adminHandler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, admin.Prefix+"/openapi.json", nil))
	var document struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
			Summary     string `json:"summary"`
			Action      string `json:"x-sallyport-action"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		short := strings.Replace(strings.TrimPrefix(path, admin.Prefix), "/environments/{tenant}/{environment}/", "…/", 1)
		for _, method := range slices.Sorted(maps.Keys(document.Paths[path])) {
			o := document.Paths[path][method]
			scope := strings.TrimPrefix(admin.ScopeOf(operator.Action(o.Action)), "sallyport.")
			rows = append(rows, fmt.Sprintf("| `%s %s` | %s | `%s` | %s |", strings.ToUpper(method), short, o.OperationID, scope, cell(o.Summary)))
		}
	}
	return "| route | operation | scope `sallyport.` | what it does |\n|---|---|---|---|\n" + strings.Join(rows, "\n") + "\n\n" + roleReference()
}

// roleReference tells which roles allow which scope.
func roleReference() string {
	var b strings.Builder
	b.WriteString("| scope `sallyport.` |")
	for _, role := range operator.Roles() {
		fmt.Fprintf(&b, " %s |", role)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(operator.Roles())) + "\n")
	for _, action := range operator.Actions() {
		fmt.Fprintf(&b, "| `%s` |", strings.TrimPrefix(admin.ScopeOf(action), "sallyport."))
		for _, role := range operator.Roles() {
			o := operator.Operator{Roles: []operator.Holding{{Role: role}}}
			b.WriteString(map[bool]string{true: " yes |", false: " |"}[o.May(action, operator.Place{})])
		}
		b.WriteString("\n")
	}
	return b.String()
}
