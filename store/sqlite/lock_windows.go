package sqlite

import (
	"os"

	"golang.org/x/sys/windows"
)

// tryLock locks one byte far behind the text: locks are mandatory here, and
// the text must stay readable.
func tryLock(file *os.File) error {
	behind := windows.Overlapped{Offset: 1 << 30}
	return windows.LockFileEx(windows.Handle(file.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &behind)
}
