package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/config"
)

// The documents are part of the product: these tests hold them to the code, so
// that a command, a key or a member that changes takes its sentence along.

const root = "../.."

// documents reads every document for people, by path below root.
func documents(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	read := func(path string) {
		content, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		found[path] = string(content)
	}
	for _, path := range []string{"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"} {
		read(path)
	}
	err := fs.WalkDir(os.DirFS(root), "docs", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Ext(path) == ".md" {
			read(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var (
	links    = regexp.MustCompile(`!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"`)
	headings = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	unlinked = regexp.MustCompile("[^a-z0-9 _-]")
)

func TestEveryLinkInTheDocumentsLeadsSomewhere(t *testing.T) {
	all := documents(t)
	for path, text := range all {
		for _, found := range links.FindAllStringSubmatch(text, -1) {
			target, anchor, _ := strings.Cut(found[1]+found[2], "#")
			if strings.Contains(target, ":") {
				continue // elsewhere, or a mail address
			}
			file := path
			if target != "" {
				file = filepath.ToSlash(filepath.Join(filepath.Dir(path), target))
				if _, err := os.Stat(filepath.Join(root, file)); err != nil {
					t.Errorf("%s: link to %s, which is not there", path, found[1]+found[2])
					continue
				}
			}
			if anchor != "" && !slices.Contains(anchors(all[file]), anchor) {
				t.Errorf("%s: %s has no heading %q", path, file, anchor)
			}
		}
	}
}

// anchors are the headings of a document as links spell them.
func anchors(text string) []string {
	var found []string
	for _, heading := range headings.FindAllStringSubmatch(text, -1) {
		plain := unlinked.ReplaceAllString(strings.ToLower(heading[1]), "")
		found = append(found, strings.ReplaceAll(plain, " ", "-"))
	}
	return found
}

func TestEveryDocumentIsReachedFromTheReadme(t *testing.T) {
	all := documents(t)
	seen := map[string]bool{}
	for next := []string{"README.md"}; len(next) > 0; next = next[1:] {
		path := next[0]
		if seen[path] {
			continue
		}
		seen[path] = true
		for _, found := range links.FindAllStringSubmatch(all[path], -1) {
			target, _, _ := strings.Cut(found[1], "#")
			target = filepath.ToSlash(filepath.Join(filepath.Dir(path), target))
			for document := range all { // a folder's listing is its index
				if document == target || filepath.Dir(document) == target {
					next = append(next, document)
				}
			}
		}
	}
	for path := range all {
		if !seen[path] {
			t.Errorf("nobody finds %s: link to it from a document that is found", path)
		}
	}
}

// The README leads to two lists of documents, which between them name all.
func TestEveryDocumentIsTwoClicksFromTheReadme(t *testing.T) {
	all := documents(t)
	for path := range all {
		index := "docs/README.md"
		if strings.HasPrefix(path, "docs/design/") {
			index = "docs/design/README.md"
		}
		link, err := filepath.Rel(filepath.Dir(index), path)
		if err != nil {
			t.Fatal(err)
		}
		if filepath.Dir(path) != "." && path != index && !strings.Contains(all[index], "]("+filepath.ToSlash(link)+")") {
			t.Errorf("%s does not list %s", index, path)
		}
	}
	for _, index := range []string{"docs/README.md", "docs/design/README.md"} {
		if !strings.Contains(all["README.md"], "]("+index+")") {
			t.Errorf("README.md does not lead to %s", index)
		}
	}
}

func TestEveryCommandInTheDocumentsExists(t *testing.T) {
	for path, text := range documents(t) {
		for _, line := range commandLines(text) {
			if problem := checkCommand(line); problem != "" {
				t.Errorf("%s: %s\n\t%s", path, problem, line)
			}
		}
	}
}

// commandLines gives the lines in blocks of shell that run this program.
func commandLines(text string) []string {
	var found []string
	code := false
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if strings.HasPrefix(line, "```") {
			code = line == "```sh"
			continue
		}
		for strings.HasSuffix(line, `\`) && i+1 < len(lines) {
			i++
			line = strings.TrimSuffix(line, `\`) + strings.TrimSpace(lines[i])
		}
		line = strings.Replace(line, "go run ./cmd/sallyport ", "sallyport ", 1)
		if _, call, runs := strings.Cut(line, "$(sallyport "); runs {
			line = "sallyport " + call
		}
		if code && strings.HasPrefix(line, "sallyport ") {
			found = append(found, line)
		}
	}
	return found
}

// checkCommand tells what is wrong with a command line, up to its first pipe.
func checkCommand(line string) string {
	line = regexp.MustCompile(`'[^']*'|"[^"]*"`).ReplaceAllString(line, "QUOTED")
	line = regexp.MustCompile(`( [|>&;#]|\)).*`).ReplaceAllString(line, "")
	args := strings.Fields(line)[1:]
	command, _, err := newRoot(streams{}).Find(args)
	if err != nil {
		return err.Error()
	}
	if command.HasAvailableSubCommands() && len(args) > 1 && !strings.HasPrefix(args[1], "-") {
		return "no such command"
	}
	for _, arg := range args {
		name, _, _ := strings.Cut(arg, "=")
		long, isLong := strings.CutPrefix(name, "--")
		short, isShort := strings.CutPrefix(name, "-")
		switch {
		case name == "--help":
		case isLong && command.Flags().Lookup(long) == nil:
			return "no flag " + name
		case !isLong && isShort && len(short) == 1 && command.Flags().ShorthandLookup(short) == nil:
			return "no flag " + name
		}
	}
	return ""
}

func TestTheReferenceOfConfigurationHasEveryKeyOfEveryObject(t *testing.T) {
	text := documents(t)["docs/reference/configuration.md"]
	for name, keys := range configurationKeys(t) {
		_, section, found := strings.Cut(text, "<!-- "+name+" -->")
		if !found {
			t.Errorf("no table for %s", name)
			continue
		}
		section, _, _ = strings.Cut(section, "<!-- ")
		var told []string
		for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_]+)` ").FindAllStringSubmatch(section, -1) {
			told = append(told, row[1])
		}
		slices.Sort(told)
		if diff := cmp.Diff(keys, told); diff != "" {
			t.Errorf("keys of %s (-code +document):\n%s", name, diff)
		}
	}
}

// configurationKeys are the YAML keys of each struct of package config that has any.
func configurationKeys(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "pure/config/*.go"))
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string][]string{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				if own := keysOf(spec); len(own) > 0 {
					keys[spec.Name.Name] = own
				}
			}
			return true
		})
	}
	return keys
}

// keysOf are the YAML keys of a struct, sorted; none if the type is something else.
func keysOf(spec *ast.TypeSpec) (keys []string) {
	structure, ok := spec.Type.(*ast.StructType)
	if !ok {
		return nil
	}
	for _, field := range structure.Fields.List {
		if field.Tag == nil {
			continue
		}
		name, tagged := reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Lookup("yaml")
		if tagged && name != ",inline" && name != "-" {
			keys = append(keys, name)
		}
	}
	slices.Sort(keys)
	return keys
}

// exampleAPI is the document of the examples' API.
const exampleAPI = `openapi: 3.1.0
info: {title: Billing, version: "1"}
components:
  securitySchemes:
    apps:
      type: oauth2
      flows: {authorizationCode: {authorizationUrl: /authorize, tokenUrl: /token, scopes: {billing.read.bill: See your bills}}}
paths:
  /status:
    get: {operationId: serviceStatus, security: [], responses: {"200": {description: Up}}}
  /bills:
    get: {operationId: bills, security: [{apps: [billing.read.bill]}], responses: {"200": {description: Bills}}}
`

func TestTheExamplesOfTheReferenceAreAValidTree(t *testing.T) {
	var objects []string
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(documents(t)["docs/reference/configuration.md"], -1)
	for _, block := range blocks {
		objects = append(objects, block[1])
	}
	files := map[string][]byte{
		"tree.yaml":            []byte(strings.Join(objects, "---\n")),
		"billing.openapi.yaml": []byte(exampleAPI),
		"acme.svg":             []byte(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>`),
	}
	tree, problems := config.Parse(files)
	if problems = append(problems, config.Check(tree, standInVariables())...); len(problems) > 0 {
		t.Errorf("problems:\n%s", config.Render(problems, files))
	}
}

func TestTheReferenceOfTheReadyFileHasEveryMember(t *testing.T) {
	text := documents(t)["docs/reference/ready-file.md"]
	for _, object := range []reflect.Type{reflect.TypeFor[ready](), reflect.TypeFor[readyPerson](), reflect.TypeFor[readyApplication]()} {
		for i := range object.NumField() {
			name, _, _ := strings.Cut(object.Field(i).Tag.Get("json"), ",")
			if !strings.Contains(text, "| `"+name+"` ") {
				t.Errorf("the member %q of %s is not described", name, object.Name())
			}
		}
	}
}
