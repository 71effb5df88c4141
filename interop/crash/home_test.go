package crash

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"sallyport/demo"
	"sallyport/demo/meterman"
	"sallyport/interop/harness"
)

const (
	place     = "harbourlight/production"
	migration = "meterman"
	// crashVariable tells a test build where to die: point:n.
	crashVariable = "SALLYPORT_TEST_CRASH"
)

// home is a folder with everything that an operator has: a store with its key, a
// configuration tree, and the secrets that were shown once.
type home struct {
	dir     string
	store   string            // what --store takes
	secrets map[string]string // of applications, by client id
	cluster *cluster          // that has the store; nil for SQLite
	key     string            // path of the master key below dir; empty: beside the store
}

func (h home) tree() string { return filepath.Join(h.dir, "tree") }

// environ is what a program at home is started with, besides extra.
func (h home) environ(extra ...string) []string {
	// There are thousands of commands, each gone before it could want for memory.
	all := append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(h.dir, "state"), "GOGC=400")
	if h.key != "" {
		all = append(all, "SALLYPORT_MASTER_KEY_FILE="+filepath.Join(h.dir, h.key))
	}
	return append(all, extra...)
}

// copy gives a home of its own that is the same.
func (h home) copy(t testing.TB) home {
	t.Helper()
	dir := t.TempDir()
	err := filepath.WalkDir(h.dir, func(from string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(h.dir, from)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, name)
		switch {
		case entry.IsDir():
			return os.MkdirAll(to, 0o700)
		case !entry.Type().IsRegular():
			return nil // the socket of somebody who died
		}
		content, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		return os.WriteFile(to, content, 0o600) // keys are private
	})
	if err != nil {
		t.Fatal(err)
	}
	twin := h
	twin.dir, twin.store = dir, storeIn(dir)
	if h.cluster != nil {
		twin.store = h.cluster.copy(t, h.store)
	}
	return twin
}

func storeIn(dir string) string { return "sqlite:" + filepath.Join(dir, "data", "store.db") }

// said is how a command ended.
type said struct {
	out, err string
	code     int // -1 if it was killed
}

// try runs a command against the home's store; cut is empty or point:n.
func (h home) try(t testing.TB, cut string, args ...string) said {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), harness.Binary(t, harness.TestHooks), append(args, "--store", h.store)...)
	var out, err bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = h.dir, h.environ(crashVariable+"="+cut), &out, &err
	failure := cmd.Run()
	var exit *exec.ExitError
	if failure != nil && !errors.As(failure, &exit) {
		t.Fatal(failure)
	}
	code := cmd.ProcessState.ExitCode()
	if code < 0 && (cut == "" || !killed(cmd.ProcessState)) {
		t.Fatalf("sallyport %q: %v\n%s", args, failure, err.String())
	}
	return said{out.String(), err.String(), code}
}

// killed says whether a process ended as by kill -9.
func killed(state *os.ProcessState) bool {
	status, ok := state.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// run is try for a command that must succeed, or end with one of other exit codes.
func (h home) run(t testing.TB, args ...string) string {
	t.Helper()
	return h.ends(t, h.try(t, "", args...), args, 0)
}

func (h home) ends(t testing.TB, how said, args []string, codes ...int) string {
	t.Helper()
	if !slices.Contains(codes, how.code) {
		t.Fatalf("sallyport %q: exit code %d, want one of %v\n%s%s", args, how.code, codes, how.out, how.err)
	}
	return how.out
}

// ask is run with --json, and decodes the answer.
func ask[T any](t testing.TB, h home, args ...string) T {
	t.Helper()
	var answer T
	args = append(args, "--json")
	if out := h.run(t, args...); json.Unmarshal([]byte(out), &answer) != nil {
		t.Fatalf("sallyport %q answered:\n%s", args, out)
	}
	return answer
}

// soundLedger proves the audit ledger of the environment and of the installation.
func (h home) soundLedger(t testing.TB) {
	t.Helper()
	for _, env := range []string{place, "system/system"} {
		how := h.try(t, "", "audit", "verify", "--env", env)
		if how.code != 0 {
			t.Errorf("audit verify of %s: exit code %d\n%s%s", env, how.code, how.out, how.err)
		}
	}
}

// furnish makes a home with the first revision of Harbourlight's tree, secrets for its
// applications, and no customers. Its store is the first database of c, or SQLite.
func furnish(t testing.TB, c *cluster) home {
	t.Helper()
	dir := t.TempDir()
	if c == nil {
		return furnishAt(t, home{dir: dir, store: storeIn(dir)})
	}
	h := furnishAt(t, home{dir: dir, store: c.dsn(firstDatabase), cluster: c})
	// A copy has another address, under which it would look for its key elsewhere.
	keys, err := filepath.Glob(filepath.Join(dir, "state", "sallyport", "*", "sallyport.key"))
	if err != nil || len(keys) != 1 {
		t.Fatalf("the master keys are %v (%v)", keys, err)
	}
	h.key, _ = filepath.Rel(dir, keys[0]) // it lies below
	return h
}

func furnishAt(t testing.TB, h home) home {
	t.Helper()
	h.secrets = map[string]string{}
	writeTree(t, h.tree())
	h.run(t, "env", "create", place)
	h.run(t, "apply", h.tree(), "--yes")
	for _, application := range []string{harness.MyAccount, harness.PayRight} {
		h.secrets[application] = strings.TrimSpace(h.run(t, "apps", "rotate", application))
	}
	return h
}

// writeTree writes Harbourlight's configuration, with addresses where nobody answers.
func writeTree(t testing.TB, dir string) {
	t.Helper()
	l, err := demo.Listen("127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	files, err := l.Tree()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), protection.ReplaceAll(content, nil), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// protection is the line by which an environment takes changes only with the approval
// of a second person: here there is none, and what is cut is the change.
var protection = regexp.MustCompile(`(?m)^ +protected: true.*\n`)

// amend replaces a text of the tree that occurs in it just once.
func (h home) amend(t testing.TB, file, from, to string) {
	t.Helper()
	path := filepath.Join(h.tree(), file)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(content), from); n != 1 {
		t.Fatalf("%s holds %q %d times", file, from, n)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(content), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// export writes an export of MeterMan with rows records at home: the first of its
// file, or, if it is to be troubled, everybody whose record has a flaw, such as an
// address that two share, and then the first.
func (h home) export(t testing.TB, rows int, troubled bool) string {
	t.Helper()
	lines := strings.SplitAfter(string(meterman.Export()), "\r\n")
	heading, lines := lines[0], lines[1:len(lines)-1]
	picked := map[int]bool{}
	if troubled {
		picked = flawed(lines)
	}
	for i := 0; len(picked) < rows; i++ {
		picked[i] = true
	}
	var text strings.Builder
	text.WriteString(heading)
	for _, i := range slices.Sorted(maps.Keys(picked)) {
		text.WriteString(lines[i])
	}
	file := filepath.Join(h.dir, "export.csv")
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// flawed picks the records of an export that share an address or have a broken hash.
func flawed(lines []string) map[int]bool {
	const email, hash, salt = 2, 9, 10
	owner, picked := map[string]int{}, map[int]bool{}
	for i, line := range lines {
		columns := strings.Split(line, ",")
		first, shared := owner[columns[email]]
		if shared && columns[email] != "" {
			picked[first], picked[i] = true, true
		}
		owner[columns[email]] = i
		if len(columns[hash]) != 40 || columns[salt] == "" {
			picked[i] = true
		}
	}
	return picked
}

// people imports the first customers of the export, among them Dana.
func (h home) people(t testing.TB, rows int) {
	t.Helper()
	h.run(t, "migrate", "run", migration, "--file", h.export(t, rows, false))
}
