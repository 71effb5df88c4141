package job

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"sallyport/store"
)

// ErrInUse: another process keeps its imports in that directory.
var ErrInUse = errors.New("another process keeps imports in this directory")

const (
	lockName = "lock"
	nodeName = "node"
)

// folder is the directory in which one process keeps files.
type folder struct {
	path string
	node string // its own name, which stays when the process does not
	lock *os.File
}

// openFolder takes the directory for this process alone, and makes it if it is not
// there.
func openFolder(path string, random io.Reader) (*folder, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s is no directory", path)
	}
	if err := os.Chmod(path, 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(filepath.Join(path, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(lock); err != nil {
		return nil, errors.Join(ErrInUse, lock.Close())
	}
	f := &folder{path: path, lock: lock}
	if f.node, err = f.named(random); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return f, nil
}

func (f *folder) close() error { return f.lock.Close() }

var nodeNames = regexp.MustCompile(`^[A-Za-z0-9._-]{1,80}$`)

// named reads the directory's name, or gives it one that begins with the host's.
func (f *folder) named(random io.Reader) (string, error) {
	path := filepath.Join(f.path, nodeName)
	content, err := os.ReadFile(path)
	if err == nil && nodeNames.Match(content) {
		return string(content), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	raw := make([]byte, 6)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", err
	}
	host, err := os.Hostname()
	if host, _, _ = strings.Cut(host, "."); err != nil || !nodeNames.MatchString(host) || len(host) > 60 {
		host = "node"
	}
	name := host + "-" + hex.EncodeToString(raw)
	return name, writeWhole(path, []byte(name))
}

// writeWhole writes a file that is there as a whole or not at all.
func writeWhole(path string, content []byte) error {
	file, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// of is where the files of a job lie. Ids are this package's own making.
func (f *folder) of(env store.EnvironmentID, id string) string {
	return filepath.Join(f.path, strconv.FormatInt(int64(env), 10)+"."+id)
}

var jobFolders = regexp.MustCompile(`^([1-9][0-9]{0,17})\.(job_[0-9a-f]{24})$`)

// owner is whose files lie in a directory of that name.
func owner(name string) (env store.EnvironmentID, id string, ok bool) {
	parts := jobFolders.FindStringSubmatch(name)
	if parts == nil {
		return 0, "", false
	}
	n, err := strconv.ParseInt(parts[1], 10, 64)
	return store.EnvironmentID(n), parts[2], err == nil
}

// file is the path of a job's file.
func (f *folder) file(env store.EnvironmentID, id string, number uint32) string {
	return filepath.Join(f.of(env, id), strconv.FormatUint(uint64(number), 10))
}

// syncFolder makes what is listed in a directory durable, where a system knows how.
func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	_ = dir.Sync() // some systems cannot, and need not
	return dir.Close()
}
