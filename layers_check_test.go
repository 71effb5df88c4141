package sallyport

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// law is the rules of layers_test.go in a form that inspect can hold a tree to.
type law struct {
	module        string
	rooms         map[string]room
	tests         map[string][]string
	siblings      map[string][]string
	pureStd       []string
	pureLibraries map[string][]string
	drivers       []string
	driven        []string
	testOnly      []string
	emptyNames    []string
}

// room is one top-level folder: what it may import of the house, and whether its
// packages stand apart from each other.
type room struct {
	below []string
	apart bool
}

// violation is one broken rule, with the place and the way out.
type violation struct {
	at   token.Position
	what string
	fix  string
}

func (v violation) String() string {
	return fmt.Sprintf("%s:%d: %s\n\tfix: %s", v.at.Filename, v.at.Line, v.what, v.fix)
}

// source is one parsed file and where it stands.
type source struct {
	dir  string // slash-separated, "." for the root
	test bool
	ast  *ast.File
}

// room is the first element of the folder, "." at the root.
func (s source) room() string { return firstElements(s.dir, 1) }

// unit is the package that rules speak of, such as "service/issue"; a package
// nested in it follows its rules.
func (s source) unit() string { return firstElements(s.dir, 2) }

// forTests says whether the file serves tests only.
func (s source) forTests() bool { return s.test || strings.HasSuffix(path.Base(s.dir), "test") }

func firstElements(dir string, n int) string {
	parts := strings.Split(dir, "/")
	return strings.Join(parts[:min(n, len(parts))], "/")
}

// inspection gathers violations over one tree.
type inspection struct {
	law
	fset  *token.FileSet
	found []violation
}

// inspect parses every Go file of the root module in tree and returns what breaks
// the law, in order of place. Nested modules and testdata are not looked into.
func (l law) inspect(tree fs.FS) ([]violation, error) {
	in := &inspection{law: l, fset: token.NewFileSet()}
	packages := map[string][]source{}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return skipForeign(tree, name)
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		s, err := in.parse(tree, name)
		if err == nil {
			packages[s.dir] = append(packages[s.dir], s)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for dir, sources := range packages {
		in.checkPackage(dir, sources)
	}
	slices.SortFunc(in.found, func(a, b violation) int {
		if c := strings.Compare(a.at.Filename, b.at.Filename); c != 0 {
			return c
		}
		return a.at.Line - b.at.Line
	})
	return in.found, nil
}

// skipForeign keeps the walk out of folders that hold no package of this module.
func skipForeign(tree fs.FS, dir string) error {
	if dir == "." {
		return nil
	}
	base := path.Base(dir)
	if base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return fs.SkipDir
	}
	if _, err := fs.Stat(tree, path.Join(dir, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

func (in *inspection) parse(tree fs.FS, name string) (source, error) {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return source{}, err
	}
	file, err := parser.ParseFile(in.fset, name, text, parser.ParseComments)
	if err != nil {
		return source{}, err
	}
	return source{dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), ast: file}, nil
}

func (in *inspection) report(pos token.Pos, fix, format string, args ...any) {
	in.found = append(in.found, violation{at: in.fset.Position(pos), what: fmt.Sprintf(format, args...), fix: fix})
}

func (in *inspection) checkPackage(dir string, sources []source) {
	first := sources[0]
	if dir != "." {
		if _, known := in.rooms[first.room()]; !known {
			in.report(first.ast.Package, "move it into a room of doc.go", "%s is in no room of the house", dir)
			return
		}
	}
	if slices.Contains(in.emptyNames, path.Base(dir)) {
		in.report(first.ast.Name.Pos(), "name it for what it provides, or put each function beside its one caller",
			"package %s has a name that says nothing", path.Base(dir))
	}
	in.checkComment(dir, sources)
	globals := packageVariables(sources)
	for _, s := range sources {
		for _, spec := range s.ast.Imports {
			in.checkImport(s, spec)
		}
		if s.test {
			continue
		}
		in.checkGlobals(s, globals)
		in.checkInit(s)
		if s.room() == "pure" {
			in.checkPurity(s)
		}
	}
}

func (in *inspection) checkComment(dir string, sources []source) {
	tested := slices.IndexFunc(sources, func(s source) bool { return !s.test })
	if tested < 0 {
		return
	}
	for _, s := range sources {
		doc := s.ast.Doc.Text()
		if !s.test && (strings.HasPrefix(doc, "Package ") || strings.HasPrefix(doc, "Command ")) {
			return
		}
	}
	in.report(sources[tested].ast.Name.Pos(), "begin doc.go with \"// Package NAME ...\": what it owns, what not, who calls it",
		"%s has no package comment", dir)
}

func (in *inspection) checkImport(s source, spec *ast.ImportSpec) {
	target, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return // the parser accepted it, so the compiler will say
	}
	if hasPathPrefix(target, in.module) {
		in.checkArrow(s, spec, strings.TrimPrefix(strings.TrimPrefix(target, in.module), "/"))
		return
	}
	if s.test {
		return
	}
	if !s.forTests() && hasAnyPrefix(target, in.testOnly) {
		in.report(spec.Pos(), "move the code into a _test.go file or a package named …test", "%s imports %s, which is for tests", s.dir, target)
	}
	if s.room() != "store" && s.room() != "cmd" && !slices.Contains(in.driven, s.dir) && hasAnyPrefix(target, in.drivers) {
		in.report(spec.Pos(), "ask for it through an interface of package store", "%s imports %s: databases are spoken to in store", s.dir, target)
	}
	if s.room() != "pure" || s.forTests() || slices.Contains(in.pureStd, target) || hasAnyPrefix(target, in.pureLibraries[s.unit()]) {
		return
	}
	in.report(spec.Pos(), "take what it gives as a value; a library without side effects may be listed in layers_test.go",
		"%s imports %s, which pure may not", s.dir, target)
}

// checkArrow holds an import within the house to its direction.
func (in *inspection) checkArrow(s source, spec *ast.ImportSpec, target string) {
	if s.dir == "." && s.test {
		return
	}
	here := in.rooms[s.room()]
	allowed := append(slices.Clone(here.below), in.siblings[s.unit()]...)
	if here.apart {
		allowed = append(allowed, s.unit())
	} else if s.dir != "." {
		allowed = append(allowed, s.room())
	}
	if s.test {
		allowed = append(allowed, in.tests[s.room()]...)
	}
	if !hasAnyPrefix(target, allowed) {
		in.report(spec.Pos(), "declare the small interface that "+s.dir+" needs and let cmd plug it in, or move the code to the lower room",
			"%s may not import %s", s.dir, target)
	}
}

func hasPathPrefix(p, prefix string) bool {
	return p == prefix || strings.HasPrefix(p, strings.TrimSuffix(prefix, "/")+"/")
}

func hasAnyPrefix(p string, prefixes []string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return hasPathPrefix(p, prefix) })
}
