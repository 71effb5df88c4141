package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"sallyport/service/keyring"
)

// Where the master key may come from besides the file beside the store.
const (
	masterKeyVariable     = "SALLYPORT_MASTER_KEY"      // the key set itself
	masterKeyFileVariable = "SALLYPORT_MASTER_KEY_FILE" // a file that holds it
)

// openMaster finds the master key, or makes one, in a file of mode 0600 beside
// the store, if there is none yet. made is that file's path if so.
func openMaster(l location) (master *keyring.Master, made string, err error) {
	if encoded := os.Getenv(masterKeyVariable); encoded != "" {
		master, err = keyring.OpenMaster([]byte(encoded))
		return master, "", err
	}
	path := os.Getenv(masterKeyFileVariable)
	if path == "" {
		if path, err = l.beside(".key"); err != nil {
			return nil, "", err
		}
	}
	encoded, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && os.Getenv(masterKeyFileVariable) == "" {
		master, err = makeMaster(path)
		return master, path, err
	}
	if err != nil {
		return nil, "", fmt.Errorf("reading the master key: %w", err)
	}
	if err := private(path); err != nil {
		return nil, "", err
	}
	master, err = keyring.OpenMaster(encoded)
	return master, "", err
}

// makeMaster writes a fresh key and syncs it before anything is sealed with it.
// It never overwrites: a lost key would lose everything that it sealed.
func makeMaster(path string) (*keyring.Master, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	var encoded bytes.Buffer
	master, err := keyring.GenerateMaster(&encoded)
	if err != nil {
		return nil, err
	}
	return master, writeNew(path, encoded.Bytes())
}

// writeNew writes a file of mode 0600 that must not exist, durably.
func writeNew(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	return errors.Join(err, file.Sync(), file.Close(), syncDir(filepath.Dir(path)))
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// private refuses a key file that others may read.
func private(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("%s can be read by others (mode %o): chmod 600 it", path, info.Mode().Perm())
	}
	return nil
}
