package sallyport

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
)

// ambient are the names of package time that read the machine's clock or zone, or
// wait. Values and arithmetic of package time are pure; time.LoadLocation is let
// through because the zone database is data that the binary carries.
var ambient = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Local"}

// checkPurity looks for what an import list cannot show.
func (in *inspection) checkPurity(s source) {
	clock := localName(s.ast, "time")
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			in.report(n.Pos(), "return the work as a value and let a service run it", "%s starts a goroutine", s.dir)
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && clock != "" && x.Name == clock && slices.Contains(ambient, n.Sel.Name) {
				in.report(n.Pos(), "take the instant as a time.Time parameter", "%s uses time.%s", s.dir, n.Sel.Name)
			}
		}
		return true
	})
}

// localName is the name by which file refers to the import, "" when it does not.
func localName(file *ast.File, target string) string {
	for _, spec := range file.Imports {
		if p, _ := strconv.Unquote(spec.Path.Value); p != target {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return target
	}
	return ""
}

func (in *inspection) checkInit(s source) {
	for _, d := range s.ast.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			in.report(f.Pos(), "do it in a constructor, or compute the value where it is declared", "%s has an init function", s.dir)
		}
	}
}

// packageVariables are the names declared by var at the top of the package's own
// files, test files apart.
func packageVariables(sources []source) map[string]bool {
	names := map[string]bool{}
	for _, s := range sources {
		if s.test {
			continue
		}
		for _, d := range s.ast.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR {
				continue
			}
			for _, spec := range g.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					names[name.Name] = true
				}
			}
		}
	}
	return names
}

// checkGlobals finds package variables that are written after their declaration:
// a table that is only read is fine, a hidden state is not. Writing through a
// pointer or a method is not seen.
func (in *inspection) checkGlobals(s source, globals map[string]bool) {
	written := func(e ast.Expr) {
		if id := rootIdent(e); id != nil && id.Name != "_" && globals[id.Name] && !isLocal(s.ast, id) {
			in.report(e.Pos(), "keep it in a struct made by New and hand it to who needs it",
				"%s changes the package variable %s", s.dir, id.Name)
		}
	}
	ast.Inspect(s.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, left := range n.Lhs {
					written(left)
				}
			}
		case *ast.IncDecStmt:
			written(n.X)
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.Ident); ok && len(n.Args) > 0 && (f.Name == "delete" || f.Name == "clear") {
				written(n.Args[0])
			}
		}
		return true
	})
}

// rootIdent is the variable that e is a part of: m for m[k], m.f and *m.
func rootIdent(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.IndexExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// isLocal says whether id was declared inside a function of file. The parser
// resolves names within a file; what it leaves open lives in another file of the
// package, so at its top.
func isLocal(file *ast.File, id *ast.Ident) bool {
	return id.Obj != nil && file.Scope.Lookup(id.Name) != id.Obj
}
