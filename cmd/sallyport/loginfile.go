package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// keptLogin is what a sign-in at a server left on this machine. Whoever has it is
// the operator until it ends, so it lies in a file for its owner alone.
type keptLogin struct {
	Server   server    `json:"server"`
	Issuer   string    `json:"issuer"`
	Token    string    `json:"token_endpoint"`
	Revoke   string    `json:"revocation_endpoint"`
	Refresh  string    `json:"refresh_token"`
	Access   string    `json:"access_token"`
	Expires  time.Time `json:"expires"` // of the access token
	Username string    `json:"username,omitempty"`
}

// loginFile is where the login at a server is kept.
type loginFile struct{ path string }

// loginFileOf gives the file for a server, below $XDG_STATE_HOME/sallyport. Its
// name tells nobody which servers somebody manages.
func loginFileOf(s server) (loginFile, error) {
	base := os.Getenv("XDG_STATE_HOME")
	if base == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return loginFile{}, fmt.Errorf("no place to keep a login: set XDG_STATE_HOME: %w", err)
		}
		base = filepath.Join(home, ".local", "state")
	}
	sum := sha256.Sum256([]byte(s))
	return loginFile{filepath.Join(base, "sallyport", "login-"+hex.EncodeToString(sum[:8])+".json")}, nil
}

// read gives the login; fs.ErrNotExist. One that others can read is not used:
// somebody may have read it.
func (f loginFile) read() (keptLogin, error) {
	var l keptLogin
	info, err := os.Stat(f.path)
	if err != nil {
		return l, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return l, fmt.Errorf("%s can be read by others\n  fix: sallyport logout, then sallyport login", f.path)
	}
	content, err := os.ReadFile(f.path)
	if err != nil {
		return l, err
	}
	if err := json.Unmarshal(content, &l); err != nil {
		return l, fmt.Errorf("%s is damaged\n  fix: sallyport logout, then sallyport login", f.path)
	}
	return l, nil
}

// write replaces the login as a whole.
func (f loginFile) write(l keptLogin) error {
	content, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if err := writePrivately(f.path, string(content)+"\n"); err != nil {
		return fmt.Errorf("keeping the login: %w", err)
	}
	return nil
}

// forget removes the login; that there is none is no error.
func (f loginFile) forget() error {
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forgetting the login: %w", err)
	}
	return nil
}

// lockEvery is how often a command that waits for another looks again.
const lockEvery = 20 * time.Millisecond

// alone runs do while no other command changes the login. A refresh token works
// once; two commands that both used it would end the login.
func (f loginFile) alone(ctx context.Context, do func() error) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(f.path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer file.Close() // and with it the lock
	for {
		locked, err := tryLock(file)
		if err != nil {
			return fmt.Errorf("locking the login: %w", err)
		}
		if locked {
			return do()
		}
		select {
		case <-ctx.Done():
			return errStopped
		case <-time.After(lockEvery):
		}
	}
}
