//go:build unix

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// listenPrivately opens a unix socket that only the owner can reach. The mask
// closes the moment between creating the socket and setting its mode; the
// server opens it before it starts anything that makes files.
func listenPrivately(path string) (net.Listener, error) {
	old := syscall.Umask(0o177)
	listener, err := net.Listen("unix", path)
	syscall.Umask(old)
	if err != nil {
		return nil, err
	}
	return listener, os.Chmod(path, 0o600)
}

// errStrangersSocket: a socket is where ours would be, and is not ours.
var errStrangersSocket = errors.New("belongs to somebody else")

// owners are the users who may have made the control socket of a store: whoever
// asks, root, and who owns the store or the directory that it lies in.
func (l location) owners() []int {
	all := []int{os.Getuid(), 0}
	for _, path := range []string{l.target, filepath.Dir(l.target)} {
		if info, err := os.Stat(path); l.engine == "sqlite" && err == nil {
			all = append(all, owner(info))
		}
	}
	return all
}

// belongs refuses what is at path unless one of these users made it. Nothing may
// be there; a link counts as who made the link.
func belongs(path string, owners []int) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !slices.Contains(owners, owner(info)):
		return fmt.Errorf("%s %w\n  fix: remove it, or set TMPDIR to a directory that only you can write to", path, errStrangersSocket)
	}
	return nil
}

// owner is the user that a file belongs to; -1 if the file system does not tell.
func owner(info fs.FileInfo) int {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(stat.Uid)
	}
	return -1
}
