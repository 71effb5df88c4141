package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// mapping is one stretch of the address space, as proc_pid_smaps(5) tells of it.
type mapping struct {
	start, end uintptr
	writable   bool
	path       string
	own        bool // it holds pages that are in no file
}

// unmapProgram takes the pages of the program's code and constants out of memory's
// account of this process. Only stretches that nobody can write to and that hold
// nothing but what the file holds are given back: those alone come back as they were.
// Where the system does not tell, nothing happens.
func unmapProgram() {
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer f.Close()
	for _, m := range mappingsOf(f) {
		if m.path == program && !m.writable && !m.own {
			// What fails leaves the pages where they are, and nothing depends on it.
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED)
		}
	}
}

// mappingsOf reads what it understands of smaps, and nothing behind a line that it
// does not.
func mappingsOf(r io.Reader) []mapping {
	var all []mapping
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		fields := bytes.Fields(lines.Bytes())
		if len(fields) == 0 {
			continue
		}
		if !bytes.HasSuffix(fields[0], []byte(":")) {
			m, ok := parseMapping(lines.Text())
			if !ok {
				return nil
			}
			all = append(all, m)
			continue
		}
		switch string(fields[0]) {
		case "Anonymous:", "Swap:": // a dirty page may be the file's, which has yet to reach the disk
			if len(all) > 0 && (len(fields) < 2 || string(fields[1]) != "0") {
				all[len(all)-1].own = true
			}
		}
	}
	if lines.Err() != nil {
		return nil
	}
	return all
}

// parseMapping reads the first line of a stretch:
// start-end perms offset device inode path.
func parseMapping(line string) (mapping, bool) {
	const parts = 6
	fields := strings.Fields(line)
	if len(fields) < parts-1 {
		return mapping{}, false
	}
	from, to, found := strings.Cut(fields[0], "-")
	start, err := strconv.ParseUint(from, 16, strconv.IntSize)
	if err != nil || !found {
		return mapping{}, false
	}
	end, err := strconv.ParseUint(to, 16, strconv.IntSize)
	if err != nil || end < start {
		return mapping{}, false
	}
	m := mapping{start: uintptr(start), end: uintptr(end), writable: strings.Contains(fields[1], "w")}
	if len(fields) >= parts {
		_, m.path, _ = strings.Cut(line, fields[parts-1])
		m.path = fields[parts-1] + m.path
	}
	return m, true
}
