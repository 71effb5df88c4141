package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The temporary directory is everybody's: a socket that lies in wait there must
// not be taken for the server's.
func TestASocketOfAStrangerIsNotSpokenTo(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	deep := location{"sqlite", filepath.Join(t.TempDir(), strings.Repeat("d", maxSocketPath), "sallyport.db")}
	path, err := deep.socketPath()
	if err != nil || filepath.Dir(path) != os.Getenv("TMPDIR") {
		t.Fatalf("the socket of a store with a long path is %s, %v; want it in the temporary directory", path, err)
	}
	if len(path) > maxSocketPath {
		t.Skipf("the temporary directory's own path is too long for a socket: %s", path)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := deep.socketPath(); err != nil {
		t.Errorf("our own socket gives %v", err)
	}
	if err := belongs(path, []int{os.Getuid() + 1}); !errors.Is(err, errStrangersSocket) {
		t.Errorf("a stranger's socket gives %v, want it refused", err)
	}
	link := path + "-link"
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := belongs(link, []int{os.Getuid() + 1}); !errors.Is(err, errStrangersSocket) {
		t.Errorf("a stranger's link gives %v, want it refused", err)
	}
	if err := belongs(path+"-none", nil); err != nil {
		t.Errorf("no socket gives %v", err)
	}
}
