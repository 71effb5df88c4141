package harness

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"slices"
	"testing"
)

// Said is how a command ended.
type Said struct {
	Out, Err string
	Code     int
}

// Try runs a command of the binary against the server's store, in the server's
// folder.
func (s *Server) Try(t testing.TB, args ...string) Said {
	t.Helper()
	if !slices.Contains(args, "--store") {
		args = append(args, "--store", s.StoreFlag)
	}
	cmd := exec.CommandContext(t.Context(), s.binary, args...)
	var out, err bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = s.Dir, s.env, &out, &err
	failure := cmd.Run()
	var exit *exec.ExitError
	if failure != nil && !errors.As(failure, &exit) {
		t.Fatal(failure)
	}
	return Said{out.String(), err.String(), cmd.ProcessState.ExitCode()}
}

// Run is Try for a command that must succeed. It returns standard output.
func (s *Server) Run(t testing.TB, args ...string) string {
	t.Helper()
	said := s.Try(t, args...)
	if said.Code != 0 {
		t.Fatalf("sallyport %q: exit code %d\n%s%s", args, said.Code, said.Out, said.Err)
	}
	return said.Out
}

// RunJSON is Run with --json and decodes the answer into v.
func (s *Server) RunJSON(t testing.TB, v any, args ...string) {
	t.Helper()
	out := s.Run(t, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), v); err != nil {
		t.Fatalf("sallyport %q: %v\n%s", args, err, out)
	}
}

// Initialise writes the tree that `sallyport init` gives a new tenant.
func Initialise(t testing.TB, dir, tenant string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), Binary(t, Plain), "init", dir, "--tenant", tenant)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("sallyport init: %v\n%s", err, out)
	}
}
