package sallyport

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// Each row is one file in an otherwise lawful house, and a part of what inspect
// must say about it; an empty want means that the file keeps the law.
var fixtures = []struct {
	name string
	file string
	code string
	want string
}{
	{"a pure package may use the listed standard library", "pure/quota/a.go", `import ("strings"; "time")`, ""},
	{"a pure package may not open sockets", "pure/quota/a.go", `import "net/http"`, "pure/quota/a.go:3: pure/quota imports net/http"},
	{"a pure package may not read files", "pure/quota/a.go", `import "os"`, "imports os"},
	{"a pure package may not be random", "pure/quota/a.go", `import "math/rand/v2"`, "imports math/rand/v2"},
	{"a pure package may not log", "pure/quota/a.go", `import "log/slog"`, "imports log/slog"},
	{"a pure package may not hold locks", "pure/quota/a.go", `import "sync"`, "imports sync"},
	{"a pure package may not act through a service", "pure/quota/a.go", `import "sallyport/service/audit"`, "pure/quota may not import service/audit"},
	{"a pure package may import another", "pure/quota/a.go", `import "sallyport/pure/config"`, ""},
	{"claims have their expression language", "pure/claim/a.go", `import "cel.dev/cel-go/cel"`, ""},
	{"what decides has not", "pure/access/a.go", `import "cel.dev/cel-go/cel"`, "imports cel.dev/cel-go/cel"},
	{"a package nested in claim shares its libraries", "pure/claim/text/a.go", `import "cel.dev/cel-go/cel"`, ""},
	{"migrate knows the formats of hashes", "pure/migrate/a.go", `import "sallyport/protocol/passhash"`, ""},
	{"another core does not", "pure/access/a.go", `import "sallyport/protocol/passhash"`, "pure/access may not import protocol/passhash"},
	{"migrate knows no other protocol", "pure/migrate/a.go", `import "sallyport/protocol/jose"`, "may not import protocol/jose"},

	{"pure code may not ask for the time", "pure/quota/a.go", "import \"time\"\nfunc f() time.Time { return time.Now() }", "pure/quota/a.go:4: pure/quota uses time.Now"},
	{"nor under another name", "pure/quota/a.go", "import clock \"time\"\nvar f = clock.Since", "uses time.Since"},
	{"pure code may count with durations", "pure/quota/a.go", "import \"time\"\nconst d = 5 * time.Second", ""},
	{"pure code may not start goroutines", "pure/quota/a.go", "func f() { go f() }", "starts a goroutine"},
	{"a test of pure code may do all that", "pure/quota/a_test.go", "import (\"net/http\"; \"time\")\nfunc f() { go f(); time.Now() }", ""},
	{"so may a package for its tests", "pure/quota/quotatest/a.go", `import ("os"; "testing")`, ""},

	{"a package table that is only read is fine", "pure/quota/a.go", "var m = map[int]int{1: 2}\nfunc f() int { return m[1] }", ""},
	{"a package map may not be written", "pure/quota/a.go", "var m = map[int]int{}\nfunc f() { m[1] = 2 }", "pure/quota/a.go:4: pure/quota changes the package variable m"},
	{"nor emptied", "service/audit/a.go", "var m = map[int]int{}\nfunc f() { clear(m) }", "changes the package variable m"},
	{"nor counted in", "service/audit/a.go", "var s struct{ n int }\nfunc f() { s.n++ }", "changes the package variable s"},
	{"a local of the same name may", "service/audit/a.go", "var m = map[int]int{}\nfunc f() { m := map[int]int{}; m[1] = len(m) }", ""},
	{"a parameter of the same name may", "service/audit/a.go", "var m int\nfunc f(m *int) { *m = 1 }", ""},
	{"the blank name holds nothing", "service/audit/a.go", "var _ = 1\nfunc f() { _ = 2 }", ""},
	{"nothing happens at import", "service/audit/a.go", "func init() {}", "has an init function"},
	{"a method may be called init", "service/audit/a.go", "type T struct{}\nfunc (T) init() {}", ""},

	{"protocol knows nothing of the house", "protocol/oauth/a.go", `import "sallyport/pure/access"`, "protocol/oauth may not import pure/access"},
	{"protocol may import protocol", "protocol/oauth/a.go", `import "sallyport/protocol/jose"`, ""},
	{"an engine imports its contract", "store/sqlite/a.go", `import ("database/sql"; "sallyport/store")`, ""},
	{"a store does not act", "store/sqlite/a.go", `import "sallyport/service/audit"`, "store/sqlite may not import service/audit"},
	{"a store speaks no protocol", "store/a.go", `import "sallyport/protocol/oauth"`, "store may not import protocol/oauth"},

	{"a service may call a listed sibling", "service/issue/a.go", `import "sallyport/service/keyring"`, ""},
	{"but no other", "service/issue/a.go", `import "sallyport/service/signin"`, "service/issue may not import service/signin"},
	{"a service has its own nested packages", "service/audit/chain/a.go", `import "sallyport/service/audit"`, ""},
	{"a service has no face", "service/issue/a.go", `import "sallyport/web/design"`, "may not import web/design"},
	{"a service speaks no SQL", "service/issue/a.go", `import "database/sql"`, "databases are spoken to in store"},
	{"a test of a service may wire its neighbours", "service/issue/a_test.go", `import "sallyport/service/signin"`, ""},
	{"a test of a service may not look up", "service/issue/a_test.go", `import "sallyport/web/login"`, "may not import web/login"},

	{"a face wears the design", "web/login/a.go", `import "sallyport/web/design"`, ""},
	{"a face asks a service", "web/login/a.go", `import "sallyport/service/signin"`, ""},
	{"a face does not borrow another's rules", "web/login/a.go", `import "sallyport/web/account"`, "web/login may not import web/account"},
	{"a face never touches the store", "web/login/a.go", `import "sallyport/store"`, "web/login may not import store"},
	{"a test of a face may build one", "web/login/a_test.go", `import "sallyport/store/sqlite"`, ""},

	{"the demo speaks only HTTP to the rest", "demo/meterman/a.go", `import "sallyport/protocol/passhash"`, "demo/meterman may not import protocol/passhash"},
	{"the demo may import itself", "demo/a.go", `import "sallyport/demo/meterman"`, ""},
	{"only cmd starts the demo", "web/portal/a.go", `import "sallyport/demo"`, "web/portal may not import demo"},
	{"cmd may start anything", "cmd/sallyport/a.go", `import ("sallyport/demo"; "sallyport/store/sqlite"; "sallyport/web/login")`, ""},
	{"the map imports nothing", "a.go", `import "sallyport/pure/access"`, ". may not import pure/access"},
	{"a name that merely begins alike is a stranger", "protocol/oauth/a.go", `import "sallyportal.example/x"`, ""},

	{"test libraries stay in tests", "service/audit/a.go", `import "testing"`, "which is for tests"},
	{"or in packages for tests", "store/storetest/a.go", `import ("testing"; "github.com/google/go-cmp/cmp")`, ""},
	{"a name must say something", "service/util/a.go", "", "package util has a name that says nothing"},
	{"everything is in a room", "lib/a.go", "", "lib is in no room of the house"},
	{"testdata is not code", "pure/quota/testdata/a.go", `import "os"`, ""},
}

// inFixture is the source of file: a package comment on line 1, the clause on line
// 2, the row's code from line 3.
func inFixture(file, code string) *fstest.MapFile {
	name := filepath.Base(filepath.Dir(file))
	if name == "." {
		name = "sallyport"
	}
	return &fstest.MapFile{Data: []byte("// Package " + name + " is a fixture.\npackage " + name + "\n" + code + "\n")}
}

func TestTheLawIsHeld(t *testing.T) {
	for _, f := range fixtures {
		t.Run(f.name, func(t *testing.T) {
			found, err := house.inspect(fstest.MapFS{f.file: inFixture(f.file, f.code)})
			if err != nil {
				t.Fatal(err)
			}
			if f.want == "" {
				if len(found) > 0 {
					t.Fatalf("lawful code was refused: %v", found)
				}
				return
			}
			if len(found) != 1 || !strings.Contains(found[0].String(), f.want) || found[0].fix == "" {
				t.Fatalf("got %v, want one violation saying %q and a way out", found, f.want)
			}
		})
	}
}

func TestAWriteInOneFileToATableOfAnotherIsSeen(t *testing.T) {
	found, err := house.inspect(fstest.MapFS{
		"pure/quota/a.go": inFixture("pure/quota/a.go", "var m = map[int]int{}"),
		"pure/quota/b.go": inFixture("pure/quota/b.go", "func f() { m[1] = 2 }"),
	})
	if err != nil || len(found) != 1 || found[0].at.Filename != "pure/quota/b.go" {
		t.Fatalf("got %v, %v", found, err)
	}
}

func TestAPackageNeedsAComment(t *testing.T) {
	found, err := house.inspect(fstest.MapFS{"pure/quota/a.go": {Data: []byte("package quota\n")}})
	if err != nil || len(found) != 1 || !strings.Contains(found[0].what, "no package comment") {
		t.Fatalf("got %v, %v", found, err)
	}
}

func TestNestedModulesHaveTheirOwnLaw(t *testing.T) {
	found, err := house.inspect(fstest.MapFS{
		"interop/go.mod": {Data: []byte("module sallyport/interop\n")},
		"interop/a.go":   {Data: []byte("package interop\n")},
	})
	if err != nil || len(found) != 0 {
		t.Fatalf("got %v, %v", found, err)
	}
}

func TestCodeThatDoesNotParseIsAnError(t *testing.T) {
	if _, err := house.inspect(fstest.MapFS{"pure/quota/a.go": {Data: []byte("package")}}); err == nil {
		t.Fatal("want an error")
	}
}

// The map in doc.go and the table agree on the rooms.
func TestTheMapNamesEveryRoom(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for room := range house.rooms {
		if !strings.Contains(string(text), " "+room) {
			t.Errorf("doc.go does not show %s", room)
		}
	}
}
