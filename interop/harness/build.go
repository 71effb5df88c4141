package harness

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// Build names a way to compile the binary.
type Build string

const (
	// Plain is what people get.
	Plain Build = "plain"
	// TestHooks can move its clock and name crash points (build tag testhooks).
	TestHooks Build = "testhooks"
)

// built compiles each kind at most once in a test binary.
var built = map[Build]func() (string, error){
	Plain:     sync.OnceValues(func() (string, error) { return compile(Plain) }),
	TestHooks: sync.OnceValues(func() (string, error) { return compile(TestHooks, "-tags=testhooks") }),
}

// Binary returns the path of cmd/sallyport compiled as build says.
func Binary(t testing.TB, build Build) string {
	t.Helper()
	if build == "" {
		build = Plain
	}
	name, err := built[build]()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// compile builds into bin/interop of the product's root. The result stays, so that
// the next run need not link again; a lock keeps the test binaries of several
// packages from writing it at the same time.
func compile(build Build, flags ...string) (string, error) {
	root, err := productRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "bin", "interop")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	lock, err := os.Create(filepath.Join(dir, string(build)+".lock"))
	if err != nil {
		return "", err
	}
	defer lock.Close() // and with it the lock
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "sallyport-"+string(build))
	args := append([]string{"build", "-C", root, "-trimpath", "-o", binary}, flags...)
	cmd := goCommand(append(args, "./cmd/sallyport")...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("compile cmd/sallyport: %w", err)
	}
	return binary, nil
}

// productRoot is the folder above this module. Tests run in their package's folder.
func productRoot() (string, error) {
	out, err := goCommand("env", "GOMOD").Output()
	if err != nil {
		return "", err
	}
	interop := filepath.Dir(strings.TrimSpace(string(out)))
	return filepath.Dir(interop), nil
}

// goCommand runs the go command that make was told to use.
func goCommand(args ...string) *exec.Cmd {
	name := os.Getenv("GO")
	if name == "" {
		name = "go"
	}
	return exec.Command(name, args...)
}
