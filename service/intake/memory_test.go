package intake

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"sallyport/pure/migrate"
)

// generated writes a file line by line.
func generated(t *testing.T, name string, lines int, line func(int) string) Source {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	out := bufio.NewWriter(file)
	for i := range lines {
		fmt.Fprintln(out, line(i))
	}
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		t.Fatal(err)
	}
	return Source{Name: name, Reader: file, Size: size}
}

// Two files of 200,000 rows in different orders are surveyed and joined in a memory
// that does not grow with them: the filter for duplicates, one run of the sort, and
// next to nothing else.
func TestTwoLargeFilesAreJoinedInLittleMemory(t *testing.T) {
	const rows = 200_000
	plan := auth0Plan(t)
	req := Request{
		Plan: plan, Source: generated(t, "users", rows, userLine),
		Joined: map[migrate.Input]Source{migrate.HashesInput: generated(t, "hashes", rows, func(i int) string {
			return hashLine((i*7919+13)%rows, hashNumber(i))
		})},
	}
	s := New(Config{Scratch: t.TempDir(), sortRoom: sortRoom / 16}) // thirteen runs, as of three million rows
	var most uint64
	look := func() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	}
	req.Progress = func(Progress) { look() }
	v := &survey{keys: s.newKeyHashes()}
	defer v.close()
	if _, err := s.count(t.Context(), req, v, false); err != nil {
		t.Fatal(err)
	}
	stream := v.stream(req.Source, v.first)
	for n := 0; ; n++ {
		record, err := stream.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = stream.join(&record)
		}
		if err != nil {
			t.Fatal(err)
		}
		if o := migrate.Map(plan, record); o.Verdict() != migrate.Accept || o.Hash == nil {
			t.Fatalf("record %d is %s", n, told(o))
		}
		if n%10_000 == 0 {
			look()
		}
	}
	if v.count != rows || v.beside[0].file == nil {
		t.Errorf("%d records, on disk %v", v.count, v.beside[0].file != nil)
	}
	t.Logf("at most %d MiB of heap in use", most>>20)
	if most > 100<<20 {
		t.Errorf("%d MiB of heap in use", most>>20)
	}
}
