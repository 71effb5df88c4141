package sqlite

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"sallyport/store"
)

// lockFile takes the lock that one process holds while it has the store open.
// It goes with the process, however that ends. The file stays: removing it
// would let two processes hold locks on two files of one name.
func lockFile(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(file); err != nil {
		defer file.Close()
		return nil, fmt.Errorf("%w: %w", heldBy(path), err)
	}
	if err = file.Truncate(0); err == nil {
		_, err = file.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// heldBy names the process that wrote the lock file.
func heldBy(path string) error {
	text, _ := os.ReadFile(path)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return store.ErrLocked
	}
	return fmt.Errorf("%w, %d", store.ErrLocked, pid)
}
