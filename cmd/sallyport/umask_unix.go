//go:build unix

package main

import (
	"net"
	"os"
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
