//go:build unix

package job

import (
	"os"

	"golang.org/x/sys/unix"
)

func tryLock(file *os.File) error { return unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
