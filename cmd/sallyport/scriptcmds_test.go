package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// exits runs a command and wants exactly this exit code:
//
//	exits 3 sallyport apply tree --yes
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARGUMENT...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// edit replaces text that must be there:
//
//	edit tree/servers.yaml 'access: 10m' 'access: 5m'
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	path := ts.MkAbs(args[0])
	content, err := os.ReadFile(path)
	ts.Check(err)
	if !strings.Contains(string(content), args[1]) {
		ts.Fatalf("%s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(path, []byte(strings.ReplaceAll(string(content), args[1], args[2])), 0o644))
}

// await waits for a file that a server writes when it answers.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(ts.MkAbs(args[0])); err == nil {
			return
		}
	}
	ts.Fatalf("%s did not appear", args[0])
}

// setup opens the link that the last command printed, as who VISITOR_NAME is,
// and remembers the server as SERVER.
func setup(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: setup")
	}
	link := strings.TrimSpace(ts.ReadFile("stdout"))
	at, _, _ := strings.Cut(link, "/console/")
	ts.Setenv("SERVER", at)
	ts.Check(ts.Exec("visit", link))
}

// ownersonly wants every file of a kind to be for its owner alone:
//
//	ownersonly login
func ownersonly(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: ownersonly KIND")
	}
	found, err := filepath.Glob(filepath.Join(ts.Getenv("XDG_STATE_HOME"), "sallyport", args[0]+"-*.json"))
	ts.Check(err)
	if len(found) == 0 {
		ts.Fatalf("there is none")
	}
	for _, path := range found {
		info, err := os.Stat(path)
		ts.Check(err)
		if info.Mode().Perm() != 0o600 {
			ts.Fatalf("%s has mode %v", path, info.Mode())
		}
	}
}

// until runs a command that goes on by itself, and stops it when it has written
// a line that matches:
//
//	until 'customer.searched' sallyport audit tail
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN COMMAND ARGUMENT...")
	}
	pattern, err := regexp.Compile(args[0])
	ts.Check(err)
	var program string
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if program = filepath.Join(dir, args[1]); exec.Command("test", "-x", program).Run() == nil {
			break
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, program, args[2:]...)
	c.Dir = ts.MkAbs(".")
	for _, name := range []string{"HOME", "PATH", "TMPDIR", "XDG_STATE_HOME", "SALLYPORT_STORE", "SALLYPORT_SERVER", "NO_COLOR"} {
		c.Env = append(c.Env, name+"="+ts.Getenv(name))
	}
	out, err := c.StdoutPipe()
	ts.Check(err)
	ts.Check(c.Start())
	found := false
	for lines := bufio.NewScanner(out); !found && lines.Scan(); {
		found = pattern.MatchString(lines.Text())
	}
	_ = c.Process.Signal(os.Interrupt)
	_, _ = io.Copy(io.Discard, out)
	_ = c.Wait()
	if !found {
		ts.Fatalf("no line matches %q", args[0])
	}
	if code := c.ProcessState.ExitCode(); code != exitStopped {
		ts.Fatalf("stopped with exit code %d", code)
	}
}
