package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"sallyport/store"
)

// A command that reads or changes state speaks HTTP to the management routes:
// over a unix socket to the server that holds the store, or, when none runs,
// to the same handler inside its own process with the store opened for itself.
// Either way it is one code path, and the routes are those of the network API.

// control is a connection to the management routes.
type control struct {
	client *http.Client
	base   string // scheme and host of addresses
	made   string // path of the master key, if it was made just now
	alone  bool   // whether this process holds the store itself, and no server runs
	close  func() error
}

// nearBase begins addresses where no host is needed to find the way.
const nearBase = "http://sallyport"

// socketSuffix is what the control socket's path ends in.
const socketSuffix = ".sock"

// signTime bounds the signing of checkpoints when a command ends.
const signTime = 10 * time.Second

// maxSocketPath is the longest path of a unix socket that every system accepts.
const maxSocketPath = 100

// socketPath gives the control socket of a store: beside it, or, where that
// path is too long for a socket, in the temporary directory under a name that
// is derived from it. There anybody may have put one before, to hear what
// operators say: one that nobody of this store made is an error.
func (l location) socketPath() (string, error) {
	path, err := l.beside(socketSuffix)
	if err != nil || len(path) <= maxSocketPath {
		return path, err
	}
	short := location{engine: "postgres", target: "file://" + path}
	path = filepath.Join(os.TempDir(), "sallyport-"+short.handle()+socketSuffix)
	return path, belongs(path, l.owners())
}

// lockPatience is how long a command waits for whoever holds the store: another
// command is done soon, and a starting server opens its socket soon.
const lockPatience = 5 * time.Second

// connect reaches the management routes of the installation at l.
func connect(ctx context.Context, l location) (*control, error) {
	path, err := l.socketPath()
	if err != nil {
		return nil, err
	}
	for began := time.Now(); ; {
		if live(path) {
			return connectSocket(path), nil
		}
		c, err := connectInProcess(ctx, l)
		if !errors.Is(err, store.ErrLocked) || time.Since(began) > lockPatience {
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, errStopped
		case <-time.After(lockPatience / 50):
		}
	}
}

// connectSocket speaks to the server that holds the store.
func connectSocket(path string) *control {
	transport := &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}}
	return &control{client: &http.Client{Transport: transport}, base: nearBase, close: func() error {
		transport.CloseIdleConnections()
		return nil
	}}
}

// connectInProcess opens the store and serves the management routes to itself.
func connectInProcess(ctx context.Context, l location) (*control, error) {
	i, err := openInstallation(ctx, installationOptions{location: l, log: quietLog()})
	if errors.Is(err, store.ErrLocked) {
		return nil, fmt.Errorf("%w\n  it does not answer on its control socket\n  fix: wait until it is done, or stop it", err)
	}
	if err != nil {
		return nil, err
	}
	following, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup // nobody may use the store once it is closed
	running.Go(func() { i.registry.Run(following) })
	transport := handlerTransport{i.adminHandler(), &running}
	return &control{client: &http.Client{Transport: transport}, base: nearBase, made: i.masterKey, alone: true, close: func() error {
		stop()
		running.Wait()
		return errors.Join(i.sign(context.WithoutCancel(ctx)), i.close())
	}}, nil
}

// sign vouches for what the command recorded, as a server does when it stops.
func (i *installation) sign(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, signTime)
	defer cancel()
	ids := []store.EnvironmentID{}
	for _, live := range i.registry.Environments() {
		ids = append(ids, live.ID)
	}
	return i.prover.CheckpointAll(ctx, ids)
}

// listenControl opens the control socket. Whoever holds the store holds the
// socket, so one that lies there is left from a process that died.
func listenControl(l location) (net.Listener, error) {
	path, err := l.socketPath()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if live(path) {
		return nil, fmt.Errorf("another server answers on %s", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	listener, err := listenPrivately(path)
	if err != nil {
		return nil, fmt.Errorf("opening the control socket: %w", err)
	}
	return listener, nil
}

// live tells whether somebody answers on the socket.
func live(path string) bool {
	connection, err := net.DialTimeout("unix", path, time.Second)
	if err != nil {
		return false
	}
	_ = connection.Close()
	return true
}
