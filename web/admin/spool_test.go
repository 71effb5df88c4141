package admin

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// watched looks into dir whenever it is read from.
type watched struct {
	io.Reader
	dir string
	t   *testing.T
}

func (w watched) Read(p []byte) (int, error) {
	left, err := os.ReadDir(w.dir)
	if err != nil || len(left) > 0 {
		w.t.Errorf("a process that dies now leaves %v behind (%v)", left, err)
	}
	return w.Reader.Read(p)
}

func TestAnExportHasNoNameWhileItIsKept(t *testing.T) {
	dir, export := t.TempDir(), bytes.Repeat([]byte("somebody's details"), 10_000)
	file, size, err := spool(dir, watched{bytes.NewReader(export), dir, t})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	kept := make([]byte, size)
	if _, err := file.ReadAt(kept, 0); err != nil || !bytes.Equal(kept, export) {
		t.Errorf("of %d bytes, %d were kept (%v)", len(export), size, err)
	}
}

func TestADiskThatCannotKeepAnExportIsToldFromACallerWhoWentAway(t *testing.T) {
	var disk *fs.PathError
	if _, _, err := spool(filepath.Join(t.TempDir(), "missing"), bytes.NewReader(nil)); !errors.As(err, &disk) {
		t.Errorf("of a disk, the error is %v", err)
	}
	if _, _, err := spool(t.TempDir(), io.MultiReader(bytes.NewReader([]byte("half")), gone{})); errors.As(err, &disk) || err == nil {
		t.Errorf("of a caller, the error is %v", err)
	}
}

type gone struct{}

func (gone) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
